"""Models survive the round trip; anything else is refused with a ModelError, and never executed."""

import dataclasses
import io
import json
import os
import pickle
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import ModelError, OutputError
from cleaner.features import FEATURES, FIRST_FEATURES, JUDGED_FEATURES, TEXT_FEATURES, Feature
from cleaner.model import (
    STEPS,
    WEIGHT_UNIT,
    Column,
    Model,
    Pass,
    Scaling,
    Trees,
    find_model,
    load_model,
    raw_features,
    save_model,
)
from cleaner.text import lay_out_lines

# Files that stay small: with nothing in the lexical weights, a model packs to a few KB.
Entries = dict[str, bytes]


@pytest.fixture(scope="module")
def small_model(random_model: Model) -> Model:
    return dataclasses.replace(
        random_model,
        lexical_weights=np.zeros_like(random_model.lexical_weights),
        provenance={"languages": {"de": 3, "en": 4}, "note": "Zürich"},
    )


@pytest.fixture(scope="module")
def saved(small_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "small.npz"
    save_model(small_model, path)
    return path


@pytest.fixture(scope="module")
def entries(saved: Path) -> Entries:
    with zipfile.ZipFile(saved) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def write(path: Path, entries: Entries) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def array_bytes(array: Any, *, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), allow_pickle=allow_pickle)
    return stream.getvalue()


def with_header(entries: Entries, change: Callable[[dict[str, Any]], Any]) -> Entries:
    header = json.loads(np.load(io.BytesIO(entries["header.npy"])).tobytes())
    change(header)
    text = json.dumps(header).encode()
    return {**entries, "header.npy": array_bytes(np.frombuffer(text, np.uint8))}


def same_models(one: Model, other: Model) -> bool:
    fields = [(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(Model)]
    return all(_same(left, right) for left, right in fields)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and np.array_equal(one, other))
    if isinstance(one, tuple):
        return all(map(_same, one, other))
    return bool(one == other)


def test_what_is_saved_is_loaded(small_model: Model, saved: Path) -> None:
    assert same_models(load_model(saved), small_model)
    assert same_models(load_model(str(saved)), small_model)
    # The suffix may be left out.
    assert same_models(load_model(saved.with_suffix("")), small_model)


def test_a_model_without_trees(small_model: Model, saved: Path) -> None:
    """Its file says nothing of any, and it is none the wiser for features that only trees see."""
    n_left = len(small_model.features) - len(JUDGED_FEATURES)
    scaling = small_model.scaling.part(slice(n_left))
    features = small_model.features[:n_left]
    assert JUDGED_FEATURES.keys().isdisjoint(features)
    model = dataclasses.replace(small_model, trees=Trees.none(), features=features, scaling=scaling)
    path = saved.with_name("without.npz")
    save_model(model, path)
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "tree" in name]
        assert b"tree" not in archive.read("header.npy")
    assert same_models(load_model(path), model)
    path.unlink()


def test_the_same_model_gives_the_same_bytes(small_model: Model, saved: Path) -> None:
    again = saved.with_name("again.npz")
    save_model(load_model(saved), again)
    save_model(load_model(again), again)
    assert again.read_bytes() == saved.read_bytes()
    assert sorted(path.name for path in saved.parent.iterdir()) == ["again.npz", "small.npz"]


def test_any_program_can_read_the_arrays(saved: Path) -> None:
    with np.load(saved, allow_pickle=False) as archive:
        header = json.loads(archive["header"].tobytes())
    assert header["version"] == 3


def test_a_loaded_model_cannot_be_changed(saved: Path) -> None:
    model = load_model(saved)
    for array in (model.lexical_weights, model.second.weights, model.scaling.mean):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("where", ["a-file/model.npz", "a-folder"])
def test_a_place_that_cannot_be_written_to(small_model: Model, tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").write_text("x")
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        save_model(small_model, tmp_path / where)


@pytest.mark.parametrize(
    "name",
    ["no-such-model", "", ".", "..", "/", "a/b/c", "x" * 5000, "a\0b", "~", "\ud800"],
)
def test_models_that_are_not_there(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no model"):
        load_model(name)


def test_a_missing_model_names_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=re.escape(str(tmp_path / "other.npz"))):
        find_model(tmp_path / "other")
    with pytest.raises(ModelError, match=r"Shipped models: .*news"):
        find_model("othr")
    with pytest.raises(ModelError, match=r"looked for othr\.npz\. Shipped"):
        find_model("othr.npz")


def test_a_folder_of_the_name_of_a_shipped_model_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    assert find_model("news").name == "news.npz"


def test_every_truncation_is_refused(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    path = tmp_path / "cut.npz"
    for length in [*range(0, len(content), 97), *range(len(content) - 99, len(content))]:
        path.write_bytes(content[:length])
        with pytest.raises(ModelError, match=re.escape(str(path))):
            load_model(path)


def refused_or_unchanged(path: Path, original: Model) -> None:
    """Not every byte of a zip file matters: its dates do not."""
    try:
        model = load_model(path)
    except ModelError as error:
        assert str(path) in str(error)  # noqa: PT017
    else:
        assert same_models(model, original)


def test_damage_at_any_byte_is_refused_or_harmless(
    small_model: Model, saved: Path, tmp_path: Path
) -> None:
    content = bytearray(saved.read_bytes())
    path = tmp_path / "damaged.npz"
    # Every byte of the zip's directory and of the first local header; the data in steps.
    directory = content.rindex(b"lexical_weights.npy") - 200
    places = [*range(100), *range(100, directory, 151), *range(directory, len(content))]
    for place in places:
        value = content[place]
        content[place] = value ^ (1 << place % 8)
        path.write_bytes(content)
        refused_or_unchanged(path, small_model)
        content[place] = value


@settings(max_examples=60)
@given(data=st.data())
def test_damaged_headers_of_arrays_are_refused_or_harmless(
    small_model: Model, entries: Entries, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """The zip's checksums are right here: only our own checks stand."""
    name = data.draw(st.sampled_from(sorted(entries)))
    content = bytearray(entries[name])
    at = data.draw(st.integers(0, 127))
    content[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "array.npz"
    refused_or_unchanged(write(path, {**entries, name: bytes(content)}), small_model)


@settings(max_examples=60)
@given(data=st.data())
def test_damaged_json_is_refused_or_loads_cleanly(
    entries: Entries, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    content = bytearray(entries["header.npy"])
    content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "json.npz"
    write(path, {**entries, "header.npy": bytes(content)})
    try:
        assert isinstance(load_model(path), Model)  # a letter of a name, or a digit
    except ModelError as error:
        assert str(path) in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x03\x04", b"\x93NUMPY", pickle.dumps({"model": 1}), b"{}", b"\0" * 5000],
)
def test_foreign_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=re.escape(str(path))):
        load_model(path)


def test_foreign_arrays(tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ModelError, match="no clean-news header"):
        load_model(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(ModelError, match="not a clean-news model"):
        load_model(path.with_suffix(".npy"))
    write(path, {"header.npy": b"not an array", "other/": b""})
    with pytest.raises(ModelError, match="damaged"):
        load_model(path)


class Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("name", ["header.npy", "mean.npy", "second_weights.npy", "extra.npy"])
def test_pickled_objects_are_never_executed(entries: Entries, tmp_path: Path, name: str) -> None:
    mark = tmp_path / "executed"
    trap = array_bytes(np.array([Trap(mark)], object), allow_pickle=True)
    for content in (trap, pickle.dumps(Trap(mark))):
        path = write(tmp_path / "trap.npz", {**entries, name: content})
        with pytest.raises(ModelError):
            load_model(path)
        assert not mark.exists()
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ModelError):
        load_model(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "another format", "does not say"),
        ("version", 4, "reads format 3"),
        ("version", True, "model format True"),
        ("features", [], "do not fit"),
        ("features", {"words": 1}, "list of names"),
        ("columns", ["log_words"], "second_weights"),
        ("version", 3.0, "model format"),
        ("features", [[1]], "list of names"),
        ("columns", ["words", {}], "list of names"),
        ("columns", ["words[+4]"], "do not fit"),
        ("columns", ["log_words*moon_phase"], "do not fit"),
        ("columns", ["log_words[-1]*place"], "do not fit"),
        ("first_columns", ["log_words*place"], "do not fit"),
        ("first_columns", ["odds"], "do not fit"),
        ("first_columns", ["words", "words"], "do not fit"),
        ("vocabulary", "0123456789abcdef", "other words are cues"),
        ("threshold", 0, "no training gives"),
        ("threshold", 1.5, "no training gives"),
        ("threshold", float("nan"), "no training gives"),
        ("threshold", "high", "damaged"),
        ("calibration", [1.0], "damaged"),
        ("calibration", [float("inf"), 0], "no training gives"),
        ("calibration", [1e300, 0], "no training gives"),
        ("calibration", [10**400, 0], "damaged"),
        ("intercepts", None, "damaged"),
        ("intercepts", [float("nan"), 0.0], "no training gives"),
        ("lexical_intercept", [], "damaged"),
        ("provenance", 5, "damaged"),
        ("tree_shape", [40], "tree_shape"),
        ("tree_shape", [40, 30], "tree_shape"),
        ("tree_shape", [-1, 3], "tree_shape"),
        ("tree_shape", [0, 3], "tree_shape"),
        ("tree_shape", [40, 0], "tree_shape"),
        ("tree_shape", {}, "tree_shape"),
        ("tree_shape", [10**400, 3], "tree_features"),
        ("tree_shape", [40, 2], "tree_features"),
        ("tree_band", -1, "no training gives"),
        ("tree_band", float("nan"), "no training gives"),
        ("tree_band", "wide", "damaged"),
    ],
)
def test_headers_that_are_refused(
    entries: Entries, tmp_path: Path, key: str, value: Any, message: str
) -> None:
    changed = with_header(entries, lambda header: header.update({key: value}))
    with pytest.raises(ModelError, match=message) as caught:
        load_model(write(tmp_path / "model.npz", changed))
    assert str(tmp_path / "model.npz") in str(caught.value)


def test_a_header_that_lacks_something_is_refused(entries: Entries, tmp_path: Path) -> None:
    header = json.loads(np.load(io.BytesIO(entries["header.npy"])).tobytes())
    assert len(header) > 10
    for name in header:
        left = {key: value for key, value in header.items() if key != name}
        content = np.frombuffer(json.dumps(left).encode(), np.uint8)
        changed = {**entries, "header.npy": array_bytes(content)}
        with pytest.raises(ModelError, match=f"{name}|clean-news model") as caught:
            load_model(write(tmp_path / "model.npz", changed))
        assert str(tmp_path / "model.npz") in str(caught.value)


def test_the_order_of_features_matters(entries: Entries, tmp_path: Path) -> None:
    changed = with_header(entries, lambda header: header["features"].reverse())
    with pytest.raises(ModelError, match="do not fit together"):
        load_model(write(tmp_path / "model.npz", changed))


@pytest.mark.parametrize("key", ["threshold", "calibration", "intercepts", "provenance", "name"])
def test_missing_keys(entries: Entries, tmp_path: Path, key: str) -> None:
    changed = with_header(entries, lambda header: header.pop(key))
    with pytest.raises(ModelError, match=key):
        load_model(write(tmp_path / "model.npz", changed))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"9" * 100_000, b'{"format": 1}'),
        b"[" + b"[]," * 10_000_000 + b"[]]",
    ],
)
def test_headers_that_are_no_header(entries: Entries, tmp_path: Path, text: bytes) -> None:
    changed = {**entries, "header.npy": array_bytes(np.frombuffer(text, np.uint8))}
    with pytest.raises(ModelError, match="header") as caught:
        load_model(write(tmp_path / "model.npz", changed))
    assert len(str(caught.value)) < 1000


ARRAYS = [
    "lexical_weights", "mean", "deviation", "first_weights", "second_weights",
    "tree_features", "tree_bounds", "tree_leaves",
]  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[..., :-1],
        lambda a: a[None],
        lambda a: a.reshape(-1)[0],
        lambda a: a.astype(np.float64),
        lambda a: a.astype(a.dtype.newbyteorder(">")),
        lambda a: a.astype("S4"),
        lambda a: np.zeros(a.shape, [("x", a.dtype)]),
    ],
    ids=["shorter", "deeper", "one number", "float64", "other byte order", "bytes", "records"],
)
def test_arrays_of_another_shape_or_type(
    entries: Entries, tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    array = np.load(io.BytesIO(entries[f"{name}.npy"]))
    changed = {**entries, f"{name}.npy": array_bytes(change(array))}
    path = write(tmp_path / "model.npz", changed)
    if change(array).dtype == array.dtype and change(array).shape == array.shape:
        pytest.skip("one byte has no order")
    with pytest.raises(ModelError, match=name):
        load_model(path)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_missing(entries: Entries, tmp_path: Path, name: str) -> None:
    changed = {key: content for key, content in entries.items() if key != f"{name}.npy"}
    with pytest.raises(ModelError, match=name):
        load_model(write(tmp_path / "model.npz", changed))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean", np.nan), ("mean", np.inf), ("mean", 3e38), ("deviation", 0), ("deviation", -1),
        ("deviation", np.nan), ("deviation", np.inf), ("deviation", 1e-40),
        ("first_weights", 2**31 - 1), ("second_weights", -(2**31)),
        ("tree_features", -1), ("tree_features", len(TEXT_FEATURES)),
    ],
)  # fmt: skip
def test_numbers_that_no_training_gives(
    entries: Entries, tmp_path: Path, name: str, value: float
) -> None:
    array = np.load(io.BytesIO(entries[f"{name}.npy"]))
    array.reshape(-1)[-1] = value
    path = write(tmp_path / "model.npz", {**entries, f"{name}.npy": array_bytes(array)})
    with pytest.raises(ModelError, match="no training gives"):
        load_model(path)


def test_zip_bombs_are_not_unpacked(entries: Entries, tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    write(path, {**entries, "mean.npy": array_bytes(np.zeros(100 << 20, np.uint8))})
    with pytest.raises(ModelError, match="unpacks to"):
        load_model(path)


def test_an_array_that_claims_to_be_huge_is_refused(entries: Entries, tmp_path: Path) -> None:
    """Without taking the memory first: 8 TB of zeros."""
    stream = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    np.lib.format.write_array_header_1_0(stream, header)
    for content in (stream.getvalue(), stream.getvalue() + b"\0" * 800):
        path = write(tmp_path / "model.npz", {**entries, "mean.npy": content})
        with pytest.raises(ModelError, match="mean"):
            load_model(path)


def test_a_size_that_lies_is_refused(entries: Entries, tmp_path: Path) -> None:
    """The zip's directory says less than there is."""
    path = write(tmp_path / "model.npz", entries)
    content = bytearray(path.read_bytes())
    # "Central directory entry": the uncompressed size stands 24 bytes in.
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    with pytest.raises(ModelError):
        load_model(path)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.npz"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse
    with pytest.raises(ModelError, match="is not a clean-news model"):
        load_model(path)


def test_encrypted_entries_are_refused(entries: Entries, tmp_path: Path) -> None:
    path = write(tmp_path / "model.npz", entries)
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(ModelError):
        load_model(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_model_that_may_not_be_read(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "closed.npz"
    path.write_bytes(saved.read_bytes())
    path.chmod(0)
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(path)


def test_a_feature_that_this_version_lacks_is_named(entries: Entries, tmp_path: Path) -> None:
    def rename(header: dict[str, Any]) -> None:
        header["features"][3] = "moon_phase"

    path = write(tmp_path / "model.npz", with_header(entries, rename))
    with pytest.raises(ModelError, match="has no feature 'moon_phase'"):
        load_model(path)


def test_a_new_feature_refuses_no_model(
    small_model: Model, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a model does not name is none of its business."""
    lines = lay_out_lines([b"Home\n\nIt rained all night, the council said on Monday.\n\nShare"])
    before = load_model(saved).score(lines).log_odds
    for table in (FEATURES, FIRST_FEATURES):
        monkeypatch.setitem(table, "moon_phase", Feature("phase of the moon", "its words"))

    def more_features(*arguments: Any) -> Any:
        columns = raw_features(*arguments)
        return {"moon_phase": columns["log_words"] * 3, **columns}

    monkeypatch.setattr("cleaner.model.model.raw_features", more_features)
    assert load_model(saved).score(lines).log_odds.tobytes() == before.tobytes()


def test_a_model_may_use_few_features(small_model: Model, tmp_path: Path) -> None:
    """Of every family some, in another order; it judges by these alone."""
    features = ("ends_colon", "log_words", "odds_after_1")
    columns = tuple(map(Column.parse, ("log_words", "ends_colon", "log_words[+1]")))
    few = dataclasses.replace(
        small_model,
        features=features,
        scaling=Scaling(np.zeros(3, np.float32), np.ones(3, np.float32)),
        first=Pass(columns, np.array([100, 0, 0], np.int32), 0.0),
        second=Pass(
            (*columns, Column.parse("odds_after_1")), np.array([0, 0, 500, 0], np.int32), 0.0
        ),
        calibration=(1.0, 0.0),
    )
    save_model(few, tmp_path / "few.npz")
    loaded = load_model(tmp_path / "few.npz")
    scored = loaded.score(lay_out_lines([b"one\none two three\none two"]))
    odds = scored.log_odds[scored.lines.row] / (500 * WEIGHT_UNIT * STEPS)
    assert odds.tolist() == pytest.approx([np.log(4), np.log(3), 0], abs=1 / STEPS)


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_older_format_is_refused(
    entries: Entries, tmp_path: Path, version: int
) -> None:
    path = write(tmp_path / "model.npz", with_header(entries, lambda h: h.update(version=version)))
    with pytest.raises(ModelError, match="use the version that it was made with, or train"):
        load_model(path)
