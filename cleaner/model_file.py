"""Write a model to one file of named arrays and a JSON header, and read it back without pickle."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.columns import FEATURES, PASS_1, PASS_2
from cleaner.errors import ModelError, OutputError
from cleaner.lexical import N_COLUMNS
from cleaner.model import Model, Pass
from cleaner.scaling import EXACT, LIMIT, Scaling
from cleaner.trees import N_CODES, N_LEAVES, N_QUESTIONS, Trees

FORMAT = "clean-news model"
FORMAT_VERSION = 1
SUFFIX = ".npz"
# No model of this format is larger; a foreign file is not read into memory to find out.
_LARGEST_BYTES = 64 << 20
_MOST_TREES = 10_000
_HEADER = "header"
# Date of the entries in the file: the same model gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def save_model(model: Model, path: str | Path) -> None:
    """Write a model file, atomically; the same model gives the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.partial")
    try:
        temporary.write_bytes(_encode(model))
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{target}: the model cannot be written: {error.strerror}") from error


def _encode(model: Model) -> bytes:
    header = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "name": model.name,
        "features": list(FEATURES),
        "columns": [str(column) for column in PASS_2],
        "lexical_intercept": model.lexical_intercept,
        "intercepts": [model.first.intercept, model.second.intercept],
        "calibration": list(model.calibration),
        "threshold": model.threshold,
        "provenance": model.provenance,
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True, indent=1)
    arrays = {_HEADER: np.frombuffer(text.encode(), np.uint8), **_arrays(model)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue(), compresslevel=9)
    return buffer.getvalue()


def _arrays(model: Model) -> dict[str, NDArray[Any]]:
    return {
        "lexical_weights": model.lexical_weights,
        "mean": model.scaling.mean,
        "deviation": model.scaling.deviation,
        "first_weights": model.first.weights,
        "second_weights": model.second.weights,
        "tree_columns": model.trees.columns,
        "tree_bounds": model.trees.bounds,
        "tree_leaves": model.trees.leaves,
        "tree_weights": model.tree_weights,
    }


def find_model(name_or_path: str | Path) -> Path:
    """Find a model file by path, or a shipped model by name.

    Shipped models lie in the package of an installed wheel, and in models/ beside the package in
    a checkout or an editable install.

    Raises
    ------
    ModelError
        If there is no such file; names what was looked for and which models are shipped.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    folders = [Path(str(files("cleaner"))) / "models", Path(__file__).parent.parent / "models"]
    candidates = [path, path.with_name(path.name + SUFFIX)]
    if len(path.parts) == 1:
        candidates += [folder / f"{path.name}{SUFFIX}" for folder in folders]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    shipped = sorted({found.stem for folder in folders for found in folder.glob(f"*{SUFFIX}")})
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise ModelError(
        f"no model {str(name_or_path)!r}: looked for {looked}. "
        f"Shipped models: {', '.join(shipped) or 'none'}; or give the path of a model file."
    )


def load_model(name_or_path: str | Path = "news") -> Model:
    """Read a model by path or shipped name. Loading executes nothing.

    Raises
    ------
    ModelError
        If the file is missing, damaged, foreign, or made by a newer version.
    """
    path = find_model(name_or_path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ModelError(
                f"{path}: {path.stat().st_size:,} bytes is no clean-news model; "
                f"they have at most {_LARGEST_BYTES:,}"
            )
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = _read_arrays(archive, path)
    except OSError as error:
        raise ModelError(f"{path}: the model cannot be read: {error.strerror or error}") from error
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise ModelError(
            f"{path}: this is no clean-news model file, or it is damaged ({error}); "
            "copy it again, or train it again with `clean-news train`"
        ) from error
    header = _read_header(arrays.pop(_HEADER), path)
    model = _assemble(header, arrays, path)
    _check(model, path)
    return model


def _read_arrays(archive: Any, path: Path) -> dict[str, NDArray[Any]]:
    sizes = [info.file_size for info in archive.zip.infolist()]
    if sum(sizes) > _LARGEST_BYTES:
        raise ModelError(f"{path}: unpacks to {sum(sizes):,} bytes, more than any model")
    if _HEADER not in archive.files:
        raise ModelError(
            f"{path}: has no clean-news header; expected a file made by `clean-news train`"
        )
    return {name: archive[name] for name in archive.files}


def _read_header(array: NDArray[Any], path: Path) -> dict[str, Any]:
    try:
        header = json.loads(array.tobytes().decode())
    except ValueError as error:
        raise ModelError(f"{path}: the header is damaged: {error}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ModelError(f"{path}: the header does not say {FORMAT!r}")
    version = header.get("version")
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path}: model format {version}, but this clean-news reads format {FORMAT_VERSION}; "
            "upgrade clean-news, or train the model again"
        )
    for what, expected in (("features", [*FEATURES]), ("columns", [str(c) for c in PASS_2])):
        found = header.get(what)
        if found != expected:
            found_names = set(found) if isinstance(found, list) else set()
            differing = sorted(map(str, found_names.symmetric_difference(expected)))
            raise ModelError(
                f"{path}: its {what} are not those of this version of clean-news "
                f"(they differ in {', '.join(differing[:5]) or 'their order'}); "
                "train the model again"
            )
    return header


def _assemble(header: dict[str, Any], arrays: dict[str, NDArray[Any]], path: Path) -> Model:
    try:
        first, second = (float(value) for value in header["intercepts"])
        slope, intercept = (float(value) for value in header["calibration"])
        return Model(
            name=str(header["name"]),
            lexical_weights=arrays["lexical_weights"],
            lexical_intercept=float(header["lexical_intercept"]),
            scaling=Scaling(arrays["mean"], arrays["deviation"]),
            first=Pass(arrays["first_weights"], first),
            second=Pass(arrays["second_weights"], second),
            trees=Trees(arrays["tree_columns"], arrays["tree_bounds"], arrays["tree_leaves"]),
            tree_weights=arrays["tree_weights"],
            calibration=(slope, intercept),
            threshold=float(header["threshold"]),
            provenance=dict(header["provenance"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: the model is incomplete or damaged: {error}") from error


def _check(model: Model, path: Path) -> None:
    """Refuse arrays of another type or shape, and numbers that no training could give."""
    n_trees = len(model.trees.columns)
    expected: dict[str, tuple[tuple[int, ...], Any]] = {
        "lexical_weights": ((N_COLUMNS,), np.int16),
        "mean": ((len(FEATURES),), np.float32),
        "deviation": ((len(FEATURES),), np.float32),
        "first_weights": ((len(PASS_1),), np.int32),
        "second_weights": ((len(PASS_2),), np.int32),
        "tree_columns": ((n_trees, N_QUESTIONS), np.int16),
        "tree_bounds": ((n_trees, N_QUESTIONS), np.int16),
        "tree_leaves": ((n_trees, N_CODES), np.uint8),
        "tree_weights": ((n_trees, N_LEAVES), np.int32),
    }
    for name, array in _arrays(model).items():
        shape, dtype = expected[name]
        if array.shape != shape or array.dtype != dtype:
            raise ModelError(
                f"{path}: {name} is {array.dtype} {array.shape}, expected "
                f"{np.dtype(dtype)} {shape}; the file is damaged or foreign"
            )
    numbers = [*model.calibration, model.lexical_intercept, model.threshold]
    numbers += [model.first.intercept, model.second.intercept]
    finite = all(np.isfinite(array).all() for array in (model.scaling.mean, numbers))
    deviation = model.scaling.deviation
    sound = (
        finite
        and bool(np.isfinite(deviation).all() and (deviation > 0).all())
        and 0 < model.threshold < 1
        and n_trees <= _MOST_TREES
        and bool(((model.trees.columns >= 0) & (model.trees.columns < len(PASS_2))).all())
        and bool((model.trees.leaves < N_LEAVES).all())
        and _sums_are_exact(model)
    )
    if not sound:
        raise ModelError(f"{path}: holds numbers that no training gives; the file is damaged")


def _sums_are_exact(model: Model) -> bool:
    """Every sum of products is exact (see scaling.py)."""
    largest = max(
        LIMIT * int(np.abs(weights.astype(np.int64)).sum())
        for weights in (model.first.weights, model.second.weights)
    )
    trees = int(np.abs(model.tree_weights.astype(np.int64)).max(axis=1, initial=0).sum())
    return max(largest, trees) < EXACT
