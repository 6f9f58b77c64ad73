"""Write a model to one file of named arrays and a JSON header, and read it back without pickle."""

from __future__ import annotations

import io
import json
import math
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import ModelError
from cleaner.features import N_COLUMNS
from cleaner.files import write_file
from cleaner.model.columns import FEATURES, PASS_1, PASS_2
from cleaner.model.model import Model, Pass
from cleaner.model.scaling import EXACT, LIMIT, Scaling
from cleaner.model.trees import N_CODES, N_LEAVES, N_QUESTIONS, Trees

FORMAT = "clean-news model"
FORMAT_VERSION = 1
SUFFIX = ".npz"
# No model of this format is larger; a foreign file is not read into memory to find out.
_LARGEST_BYTES = 64 << 20
_MOST_TREES = 10_000
# Quantised features are compared with bounds as int8.
_LARGEST_BOUND = 127
# Training stays far within these, and scoring overflows far beyond them.
_LARGEST_NUMBER = 1e6
_LEAST_DEVIATION = 1e-7
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
    write_file(str(path), _encode(model))


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
            np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
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
    folders = [Path(str(files("cleaner"))) / "models", Path(__file__).parents[2] / "models"]
    candidates = [path]
    if path.name and path.suffix != SUFFIX:
        candidates.append(path.with_name(path.name + SUFFIX))
        if len(path.parts) == 1:
            candidates += [folder / f"{path.name}{SUFFIX}" for folder in folders]
    try:
        for candidate in candidates:
            if candidate.is_file():
                return candidate
    except OSError as error:
        raise ModelError(f"no model {str(name_or_path)!r}: {error.strerror}") from error
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
        size = path.stat().st_size
        content = path.read_bytes() if size <= _LARGEST_BYTES else b""
    except OSError as error:
        raise ModelError(f"{path}: the model cannot be read: {error.strerror or error}") from error
    if size > _LARGEST_BYTES:
        raise ModelError(
            f"{path}: {size:,} bytes is no clean-news model; they have at most {_LARGEST_BYTES:,}"
        )
    try:
        arrays = _read_arrays(content, path)
    except ModelError:
        raise
    except Exception as error:  # zipfile and numpy raise a dozen kinds where a file is damaged
        raise ModelError(
            f"{path}: this is no clean-news model file, or it is damaged ({error}); "
            "copy it again, or train it again with `clean-news train`"
        ) from error
    header = _read_header(arrays.pop(_HEADER), path)
    model = _assemble(header, arrays, path)
    _check(model, path)
    return model


def _read_arrays(content: bytes, path: Path) -> dict[str, NDArray[Any]]:
    """Unpack the arrays, which may not claim more than they hold."""
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        size = sum(info.file_size for info in entries.values())
        if size > _LARGEST_BYTES:
            raise ModelError(f"{path}: unpacks to {size:,} bytes, more than any model")
        if _HEADER not in entries:
            raise ModelError(
                f"{path}: has no clean-news header; expected a file made by `clean-news train`"
            )
        for name, info in entries.items():
            with archive.open(info) as entry:
                arrays[name] = _read_array(entry.read(info.file_size), name)
    return arrays


def _read_array(content: bytes, name: str) -> NDArray[Any]:
    """Read a plain array, never a pickled object: read-only, in memory that is already taken."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{name} is no array of version 1.0 of numpy's format")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
    n_bytes = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or by_column or n_bytes != len(content) - stream.tell():
        raise ValueError(f"{name} is no plain array of {n_bytes:,} bytes")
    return np.ndarray(shape, dtype, content, stream.tell())


def _read_header(array: NDArray[Any], path: Path) -> dict[str, Any]:
    try:
        header = json.loads(array.tobytes().decode())
    except (ValueError, RecursionError) as error:
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
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{path}: the model is incomplete or damaged: {error}") from error


def _check(model: Model, path: Path) -> None:
    """Refuse arrays of another type or shape, and numbers that no training could give."""
    n_trees = model.trees.columns.shape[:1]
    expected: dict[str, tuple[tuple[int, ...], Any]] = {
        "lexical_weights": ((N_COLUMNS,), np.int16),
        "mean": ((len(FEATURES),), np.float32),
        "deviation": ((len(FEATURES),), np.float32),
        "first_weights": ((len(PASS_1),), np.int32),
        "second_weights": ((len(PASS_2),), np.int32),
        "tree_columns": ((*n_trees, N_QUESTIONS), np.int16),
        "tree_bounds": ((*n_trees, N_QUESTIONS), np.int16),
        "tree_leaves": ((*n_trees, N_CODES), np.uint8),
        "tree_weights": ((*n_trees, N_LEAVES), np.int32),
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
    # Written so that NaN fails.
    small = all((np.abs(some) < _LARGEST_NUMBER).all() for some in (model.scaling.mean, numbers))
    deviation = model.scaling.deviation
    sound = (
        small
        and bool(((deviation > _LEAST_DEVIATION) & (deviation < _LARGEST_NUMBER)).all())
        and 0 < model.threshold < 1
        and n_trees[0] <= _MOST_TREES
        and bool(((model.trees.columns >= 0) & (model.trees.columns < len(PASS_2))).all())
        and bool((np.abs(model.trees.bounds.astype(np.int32)) <= _LARGEST_BOUND).all())
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
