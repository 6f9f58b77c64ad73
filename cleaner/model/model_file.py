"""Write a model to one file of named arrays and a JSON header, and read it back without pickle.

The header names the features and columns of the model and the digest of its vocabulary, so that
whoever reads it either judges lines just as it was trained to, or refuses it. LAYOUT and HEADER
declare the file once: they are used for writing, reading and checking.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import ModelError
from cleaner.features import (
    FEATURES,
    FIRST_FEATURES,
    JUDGED_FEATURES,
    N_COLUMNS,
    N_MARKUP_COLUMNS,
    OF_MARKUP,
)
from cleaner.files import write_file
from cleaner.model.columns import LIMIT, OFFSETS, Column
from cleaner.model.linear import EXACT, Scaling
from cleaner.model.model import Model, Pass
from cleaner.model.trees import MOST_QUESTIONS, Trees
from cleaner.text import vocabulary_digest

FORMAT = "clean-news model"
FORMAT_VERSION = 3
# The shipped models: what texts, and HTML pages, are cleaned with if no other is chosen.
TEXT_MODEL, PAGE_MODEL = "news", "news-html"
SUFFIX = ".npz"
# No model of this format is larger; a foreign file is not read into memory to find out.
_LARGEST_BYTES = 64 << 20
_LARGEST_HEADER = 1 << 20  # that of `news` has 30 KB
# Training stays far within these, and scoring overflows far beyond them.
_LARGEST_NUMBER = 1e6
_LEAST_DEVIATION = 1e-7
_HEADER = "header"
# Date of the entries in the file: the same model gives the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


_MARKUP, _TREES = "markup", "trees"


class Entry(NamedTuple):
    """An array of the file."""

    dtype: type[np.generic]
    shape: tuple[str | int, ...]  # sizes, or names of lists in the header
    take: Callable[[Model], NDArray[Any]]
    part: str = ""  # that only some models have: _MARKUP or _TREES


LAYOUT: dict[str, Entry] = {
    "lexical_weights": Entry(np.int16, (N_COLUMNS,), lambda model: model.lexical_weights),
    "markup_weights": Entry(
        np.int16, (N_MARKUP_COLUMNS,), lambda model: model.markup_weights, _MARKUP
    ),
    "mean": Entry(np.float32, ("features",), lambda model: model.scaling.mean),
    "deviation": Entry(np.float32, ("features",), lambda model: model.scaling.deviation),
    "first_weights": Entry(np.int32, ("first_columns",), lambda model: model.first.weights),
    "second_weights": Entry(np.int32, ("columns",), lambda model: model.second.weights),
    "tree_features": Entry(
        np.int16, ("trees", "questions"), lambda model: model.trees.features, _TREES
    ),
    "tree_bounds": Entry(np.int8, ("trees", "questions"), lambda model: model.trees.bounds, _TREES),
    "tree_leaves": Entry(np.int8, ("trees", "leaves"), lambda model: model.trees.leaves, _TREES),
}
# What the header holds beside format and version; lists of names are those of LAYOUT's sizes.
HEADER: dict[str, Callable[[Model], Any]] = {
    "name": lambda model: model.name,
    "features": lambda model: list(model.features),
    "first_columns": lambda model: [str(column) for column in model.first.columns],
    "columns": lambda model: [str(column) for column in model.second.columns],
    "vocabulary": lambda model: model.vocabulary,
    "lexical_intercept": lambda model: model.lexical_intercept,
    "markup_intercept": lambda model: model.markup_intercept,
    "intercepts": lambda model: [model.first.intercept, model.second.intercept],
    "calibration": lambda model: list(model.calibration),
    "threshold": lambda model: model.threshold,
    "provenance": lambda model: model.provenance,
    "tree_shape": lambda model: list(model.trees.features.shape),
    "tree_band": lambda model: model.trees.band,
}
# Those that only some models have, and the part of the model that they belong to.
_OPTIONAL = {"markup_intercept": _MARKUP, "tree_shape": _TREES, "tree_band": _TREES}


def save_model(model: Model, path: str | Path) -> None:
    """Write a model file, atomically; the same model gives the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_file(str(path), _encode(model))


def _encode(model: Model) -> bytes:
    parts = _parts(model.features)
    header = {"format": FORMAT, "version": FORMAT_VERSION}
    header |= {
        name: take(model) for name, take in HEADER.items() if _OPTIONAL.get(name, "") in parts
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True, indent=1)
    arrays: dict[str, NDArray[Any]] = {_HEADER: np.frombuffer(text.encode(), np.uint8)}
    arrays |= {name: entry.take(model) for name, entry in LAYOUT.items() if entry.part in parts}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content.getvalue(), compresslevel=9)
    return buffer.getvalue()


def _parts(features: Collection[str]) -> set[str]:
    """Say which parts a model of these features has; every model has that without a name."""
    asked = {_MARKUP: OF_MARKUP, _TREES: JUDGED_FEATURES.keys()}
    return {"", *(part for part, names in asked.items() if not names.isdisjoint(features))}


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


def load_model(name_or_path: str | Path = TEXT_MODEL) -> Model:
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
            f"{path}: {size:,} bytes is not a clean-news model; those have "
            f"{_LARGEST_BYTES:,} at most"
        )
    try:
        arrays = _read_arrays(content, path)
    except ModelError:
        raise
    except Exception as error:  # zipfile and numpy raise a dozen kinds where a file is damaged
        raise ModelError(
            f"{path}: not a clean-news model file, or a damaged one ({error!s:.200}); "
            "copy it again, or train it again with `clean-news train`"
        ) from error
    header = _read_header(arrays.pop(_HEADER), path)
    parts = _parts(header["features"])
    needed = {name for name, entry in LAYOUT.items() if entry.part in parts}
    if missing := sorted(needed - arrays.keys()):
        raise ModelError(f"{path}: the model is incomplete or damaged: no {missing[0]!r}")
    model = _assemble(header, {name: arrays[name] for name in LAYOUT if name in needed}, path)
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
    if array.nbytes > _LARGEST_HEADER:
        raise ModelError(
            f"{path}: a header of {array.nbytes:,} bytes is no model's; the file is damaged"
        )
    try:
        header = json.loads(array.tobytes().decode())
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: the header is damaged: {error!s:.200}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ModelError(f"{path}: the header does not say {FORMAT!r}")
    version = header.get("version")
    if type(version) is not int or version != FORMAT_VERSION:
        raise ModelError(
            f"{path}: model format {version!r:.20}, but this clean-news reads format "
            f"{FORMAT_VERSION}; use the version that it was made with, or train it again"
        )
    for name in ("features", "columns", "first_columns"):
        names = header.get(name, [])
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise ModelError(f"{path}: its {name} are not a list of names; the file is damaged")
    parts = _parts(header.get("features", ()))
    needed = {name for name in HEADER if _OPTIONAL.get(name, "") in parts}
    if missing := sorted(needed - header.keys()):
        raise ModelError(f"{path}: the header has no {missing[0]!r}; the file is damaged")
    _check_names(header, path)
    return header


def _check_names(header: Mapping[str, Any], path: Path) -> None:
    """Refuse a model whose features, columns or vocabulary this version cannot reproduce."""
    features = header["features"]
    if unknown := [name for name in features if name not in FEATURES]:
        raise ModelError(
            f"{path}: this version of clean-news has no feature {unknown[0]!r:.60}, which the "
            "model was trained with; use the version that it was trained with, or train it again"
        )
    if header["vocabulary"] != vocabulary_digest():
        raise ModelError(
            f"{path}: trained with vocabulary {header['vocabulary']!r:.40}, but this version of "
            f"clean-news has {vocabulary_digest()!r}, in which other words are cues; use the "
            "version that it was trained with, or train it again"
        )
    stages = [-(name in FIRST_FEATURES) + (name in JUDGED_FEATURES) for name in features]
    ordered = stages == sorted(stages) and len(set(features)) == len(features)
    known = {*features} - JUDGED_FEATURES.keys()
    # Only the columns of pass 2 may be products.
    for name, known_here, factors in (
        ("first_columns", known & FIRST_FEATURES.keys(), {""}), ("columns", known, known | {""})
    ):  # fmt: skip
        columns = header[name]
        sound = len(set(columns)) == len(columns) and all(
            _is_column(column, known_here, factors) for column in columns
        )
        if not ordered or not sound:
            raise ModelError(f"{path}: its features and {name} do not fit together; it is damaged")


def _is_column(name: str, features: set[str], factors: set[str]) -> bool:
    try:
        column = Column.parse(name)
    except ValueError:
        return False
    return column.feature in features and column.offset in OFFSETS and column.times in factors


def _assemble(header: dict[str, Any], arrays: dict[str, NDArray[Any]], path: Path) -> Model:
    sizes = {name: len(header[name]) for name in ("features", "first_columns", "columns")}
    n_trees, n_questions = _tree_shape(header, path)
    sizes |= {"trees": n_trees, "questions": n_questions, "leaves": 1 << n_questions}
    for name, found in arrays.items():
        entry = LAYOUT[name]
        shape = tuple(sizes[size] if isinstance(size, str) else size for size in entry.shape)
        if found.shape != shape or found.dtype != entry.dtype:
            raise ModelError(
                f"{path}: {name} is {found.dtype} {found.shape}, expected "
                f"{np.dtype(entry.dtype)} {shape}; the file is damaged or foreign"
            )
    first, second = (_columns(header[name]) for name in ("first_columns", "columns"))
    try:
        of_first, of_second = (float(value) for value in header["intercepts"])
        slope, intercept = (float(value) for value in header["calibration"])
        return Model(
            name=str(header["name"]),
            lexical_weights=arrays["lexical_weights"],
            lexical_intercept=float(header["lexical_intercept"]),
            markup_weights=arrays.get("markup_weights", np.zeros(0, np.int16)),
            markup_intercept=float(header.get("markup_intercept", 0)),
            features=tuple(header["features"]),
            scaling=Scaling(arrays["mean"], arrays["deviation"]),
            first=Pass(first, arrays["first_weights"], of_first),
            second=Pass(second, arrays["second_weights"], of_second),
            vocabulary=header["vocabulary"],
            trees=_trees(header, arrays),
            calibration=(slope, intercept),
            threshold=float(header["threshold"]),
            provenance=dict(header["provenance"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{path}: the model is incomplete or damaged: {error!s:.200}") from error


def _tree_shape(header: Mapping[str, Any], path: Path) -> tuple[int, int]:
    if _TREES not in _parts(header["features"]):
        return 0, 0
    match header["tree_shape"]:
        case [int(trees), int(questions)] if trees > 0 and 0 < questions <= MOST_QUESTIONS:
            return trees, questions
    raise ModelError(f"{path}: its tree_shape is none; the file is damaged")


def _trees(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Trees:
    if "tree_leaves" not in arrays:
        return Trees.none()
    return Trees(
        arrays["tree_features"], arrays["tree_bounds"], arrays["tree_leaves"],
        float(header["tree_band"]),
    )  # fmt: skip


def _columns(names: list[str]) -> tuple[Column, ...]:
    return tuple(map(Column.parse, names))


def _check(model: Model, path: Path) -> None:
    """Refuse numbers that no training could give."""
    numbers = [*model.calibration, model.lexical_intercept, model.markup_intercept, model.threshold]
    numbers += [model.first.intercept, model.second.intercept, model.trees.band]
    # Written so that NaN fails.
    small = all((np.abs(some) < _LARGEST_NUMBER).all() for some in (model.scaling.mean, numbers))
    deviation, asked = model.scaling.deviation, model.trees.features
    sound = (
        small
        and bool(((deviation > _LEAST_DEVIATION) & (deviation < _LARGEST_NUMBER)).all())
        and 0 < model.threshold < 1
        and model.trees.band >= 0
        and bool(((asked >= 0) & (asked < len(model.features))).all())
        and _sums_are_exact(model)
    )
    if not sound:
        raise ModelError(f"{path}: holds numbers that no training gives; the file is damaged")


def _sums_are_exact(model: Model) -> bool:
    """Every sum of products, and of leaves, is exact (see linear.py)."""
    largest = [
        LIMIT * int(np.abs(weights.astype(np.int64)).sum())
        for weights in (model.first.weights, model.second.weights)
    ]
    return max(*largest, 128 * len(model.trees.leaves)) < EXACT
