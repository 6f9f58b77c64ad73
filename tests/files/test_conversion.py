"""Rows of JSON become tables and tables rows of JSON: every value is the same, or refused."""

import datetime
import decimal
import json
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, ipc, parquet

from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import Origin, record_format

TABLES = ["parquet", "arrow", "feather"]


def convert(source: Path, target: Path, *, skips: bool = False, change: Any = str.upper) -> None:
    reader, writer_of = record_format(str(source)), record_format(str(target))
    assert reader
    assert writer_of
    with writer_of.write(str(target), Origin(str(source), reader, "text", skips)) as write:
        for batch in reader.read(str(source), "text"):
            changes = [
                (None if skips else {}) if text is None else {"text": change(text)}
                for text in batch.texts
            ]
            write(batch, changes)


def write_lines(path: Path, *records: Any) -> Path:
    lines = (one if isinstance(one, str) else json.dumps(one) for one in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_table(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    return feather.read_table(path)


# --- JSON Lines into tables -------------------------------------------------------------------

names = st.text("abc", min_size=1, max_size=2)
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text("xü", max_size=3)
nested = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3)
    ),
    max_leaves=5,
)


def without_null(value: Any) -> Any:
    """In a table, a field that is not there and one that is null are the same; True is not 1."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return {name: without_null(one) for name, one in value.items() if one is not None}
    return [without_null(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("ending", TABLES)
def test_json_comes_back_from_a_table_as_it_was_or_is_refused(tmp_path: Path, ending: str) -> None:
    refused: list[str] = []

    @given(st.lists(st.dictionaries(names, nested, max_size=3), max_size=4))
    def check(records: list[dict[str, Any]]) -> None:
        records = [{**record, "text": f"t{n}"} for n, record in enumerate(records)]
        source = write_lines(tmp_path / "a.jsonl", *records)
        try:
            convert(source, tmp_path / f"b.{ending}")
        except CleanerError as error:
            refused.append(str(error))
            return
        convert(tmp_path / f"b.{ending}", tmp_path / "c.jsonl", change=str.lower)
        assert without_null(read_lines(tmp_path / "c.jsonl")) == without_null(records)

    check()
    assert all("row " in reason or "child" in reason for reason in refused)


@pytest.mark.parametrize("ending", TABLES)
def test_types_are_found_in_all_rows(tmp_path: Path, ending: str) -> None:
    """Also in the last of so many that they are no single batch."""
    first: list[dict[str, Any]] = [
        {"id": n, "text": f"a{n}", "tags": [], "by": None, "at": {"x": 1}} for n in range(600)
    ]
    last = {"id": 1.5, "text": "b", "tags": ["x"], "by": "Ann", "at": {"y": True}, "new": 7}
    convert(write_lines(tmp_path / "a.jsonl", *first, last), tmp_path / f"b.{ending}")
    table = read_table(tmp_path / f"b.{ending}")
    kinds = {field.name: str(field.type).replace("element", "item") for field in table.schema}
    assert kinds == {
        "id": "double", "text": "string", "tags": "list<item: string>", "by": "string",
        "at": "struct<x: int64, y: bool>", "new": "int64",
    }  # fmt: skip
    assert table["text"].to_pylist() == [f"A{n}" for n in range(600)] + ["B"]
    assert table.slice(599).to_pylist() == [
        {**first[-1], "text": "A599", "at": {"x": 1, "y": None}, "new": None},
        {**last, "text": "B", "at": {"x": None, "y": True}},
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x", "row 302 does not fit into the table: Unable to merge: Field id has incompatible"),
        (True, "row 302 does not fit into the table: Unable to merge: Field id has incompatible"),
        ([1], "row 302 does not fit into the table: Unable to merge: Field id has incompatible"),
        (
            2**63,
            "row 302 does not fit into the table: field 'id': a whole number of more than 64 bits",
        ),
        ([1, "x"], "row 302 does not fit into the table: field 'id': Could not convert 'x'"),
        ([{"x": [1.5, False]}], "row 302 does not fit .* field 'id': true or false among numbers"),
        ({str(n): 1 for n in range(1000)}, "row 302 does not fit .* more than 1,000 fields"),
    ],
)
def test_the_row_that_does_not_fit_is_named(tmp_path: Path, value: Any, reason: str) -> None:
    rows = [{"id": None if isinstance(value, dict) else n, "text": "a"} for n in range(300)]
    source = write_lines(tmp_path / "a.jsonl", *rows, "", {"id": value, "text": "a"})
    with pytest.raises(InputError, match=reason) as error:
        convert(source, tmp_path / "b.parquet")
    assert "give OUTPUT the ending .jsonl" in str(error.value)


def test_numbers_and_texts_that_a_table_would_change_are_refused(tmp_path: Path) -> None:
    source = write_lines(
        tmp_path / "a.jsonl", {"id": 0.5, "text": "a"}, {"id": 2**53 + 1, "text": ""}
    )
    with pytest.raises(InputError, match=r"row 2 does not fit .* outside of the range exactly"):
        convert(source, tmp_path / "b.parquet")
    source = write_lines(tmp_path / "a.jsonl", {"text": "a"}, {"by": "\ud800", "text": "a"})
    with pytest.raises(InputError, match=r"row 2 does not fit .* half a character"):
        convert(source, tmp_path / "b.parquet")
    source = write_lines(tmp_path / "a.jsonl", {"text": "a"}, {"text": "\ud800"})
    with pytest.raises(InputError, match=r"row 2 does not fit .* half a character"):
        convert(source, tmp_path / "b.parquet")
    source = write_lines(tmp_path / "a.jsonl", {"text": "a", "by": {}})
    with pytest.raises(OutputError, match=r"a Parquet file: Cannot write struct .* no child field"):
        convert(source, tmp_path / "b.parquet")
    convert(source, tmp_path / "b.arrow")
    assert read_table(tmp_path / "b.arrow").to_pylist() == [{"text": "A", "by": {}}]


def test_a_column_of_another_type_does_not_take_the_text(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": ["a"], "n": [1]}), tmp_path / "a.parquet")
    reader = record_format("a.parquet")
    assert reader
    origin = Origin(str(tmp_path / "a.parquet"), reader, "text")
    [batch] = reader.read(str(tmp_path / "a.parquet"), "text")
    with reader.write(str(tmp_path / "b.parquet"), origin) as write:
        with pytest.raises(InputError, match=r"column 'n' is of type int64, .* see --output-field"):
            write(batch, [{"n": "x"}])
        write(batch, [{"text": "x"}])


def test_rows_without_a_text_are_kept_where_a_table_can(tmp_path: Path) -> None:
    objects = [{"text": "a", "n": 1}, {"n": 2}, "", {"text": None, "n": 3}]
    convert(write_lines(tmp_path / "a.jsonl", *objects), tmp_path / "b.parquet")
    assert read_table(tmp_path / "b.parquet").to_pylist() == [
        {"text": "A", "n": 1}, {"text": None, "n": 2}, {"text": None, "n": 3},
    ]  # fmt: skip
    for bad, reason in (
        ("{", "row 5 is not JSON"),
        ("[1]", "row 5 is list"),
        ({"text": 5}, "row 5"),
    ):
        source = write_lines(tmp_path / "a.jsonl", *objects, bad)
        with pytest.raises(InputError, match=reason):
            convert(source, tmp_path / "b.parquet")
        convert(source, tmp_path / "c.parquet", skips=True)
        assert read_table(tmp_path / "c.parquet").to_pylist() == [{"text": "A", "n": 1}]


@pytest.mark.parametrize("ending", TABLES)
def test_an_empty_file_has_the_column_of_texts(tmp_path: Path, ending: str) -> None:
    convert(write_lines(tmp_path / "a.jsonl", "", ""), tmp_path / f"b.{ending}")
    table = read_table(tmp_path / f"b.{ending}")
    assert (table.num_rows, table.schema.names) == (0, ["text"])


def test_parquet_is_packed_with_zstd(tmp_path: Path) -> None:
    convert(write_lines(tmp_path / "a.jsonl", {"text": "a"}), tmp_path / "b.parquet")
    metadata = parquet.ParquetFile(tmp_path / "b.parquet").metadata
    assert metadata.row_group(0).column(0).compression == "ZSTD"


# --- tables into JSON Lines -------------------------------------------------------------------


def test_columns_that_json_has_keep_their_values(tmp_path: Path) -> None:
    columns = {
        "text": pa.array(["a", None, "ü"], pa.large_string()),
        "id": pa.array([2**64 - 1, 0, None], pa.uint64()),
        "share": pa.array([0.1, 1e300, None]),
        "small": pa.array([0.5, 0.1, None], pa.float32()),
        "yes": pa.array([True, False, None]),
        "nothing": pa.nulls(3),
        "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
        "tags": pa.array([["x", None], [], None], pa.large_list(pa.string())),
        "pair": pa.array([[1, 2], [3, 4], None], pa.list_(pa.int8(), 2)),
        "at": pa.array([{"x": [1], "y": "z"}, None, {"x": None, "y": ""}]),
    }
    table = pa.table(columns)
    parquet.write_table(table, tmp_path / "a.parquet")
    convert(tmp_path / "a.parquet", tmp_path / "b.jsonl.gz")
    convert(tmp_path / "b.jsonl.gz", tmp_path / "c.jsonl", change=str.lower)
    expected = table.to_pylist()
    assert read_lines(tmp_path / "c.jsonl") == expected
    assert [list(row) for row in read_lines(tmp_path / "c.jsonl")] == [list(columns)] * 3


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (datetime.datetime(2026, 11, 27), "timestamp"),
        (datetime.date(2026, 11, 27), "date32"),
        (datetime.timedelta(1), "duration"),
        (decimal.Decimal("1.5"), "decimal128"),
        (b"bytes", "binary"),
        ([{"x": b"bytes"}], "binary"),
    ],
)
def test_columns_that_json_has_not_are_refused(tmp_path: Path, value: Any, kind: str) -> None:
    parquet.write_table(pa.table({"text": ["a"], "when": [value]}), tmp_path / "a.parquet")
    with pytest.raises(
        InputError, match=f"column 'when' is of type {kind}.*, which JSON does not have"
    ):
        convert(tmp_path / "a.parquet", tmp_path / "b.jsonl")


def test_maps_and_doubled_names_are_refused(tmp_path: Path) -> None:
    maps = pa.array([[("x", 1)]], pa.map_(pa.string(), pa.int64()))
    parquet.write_table(pa.table({"text": ["a"], "m": maps}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="column 'm' is of type map"):
        convert(tmp_path / "a.parquet", tmp_path / "b.jsonl")
    twice = pa.table([["a"], [1], [2]], names=["text", "n", "n"])
    parquet.write_table(twice, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="several columns have the same name"):
        convert(tmp_path / "a.parquet", tmp_path / "b.jsonl")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, float("-inf")]])
def test_numbers_that_json_has_not_are_refused_by_row(tmp_path: Path, value: Any) -> None:
    empty: Any = [] if isinstance(value, list) else None
    rows = pa.table({"text": ["a"] * 301, "n": [empty] * 300 + [value]})
    parquet.write_table(rows, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="row 301: column 'n' holds NaN or infinity"):
        convert(tmp_path / "a.parquet", tmp_path / "b.jsonl")


# --- Arrow ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_stream", [False, True])
def test_arrow_comes_back_as_it_was(tmp_path: Path, is_stream: bool) -> None:
    table = pa.table(
        {
            "text": [f"a{n}" if n % 7 else None for n in range(700)],
            "when": pa.array(range(700), pa.timestamp("us", "UTC")),
            "kind": pa.array(["x", "y"] * 350).dictionary_encode(),
        }
    ).replace_schema_metadata({"made": "by hand"})
    new = ipc.new_stream if is_stream else ipc.new_file
    with new(str(tmp_path / "a.arrow"), table.schema) as writer:
        writer.write_table(table)
    convert(tmp_path / "a.arrow", tmp_path / "b.arrow")
    opened = ipc.open_stream if is_stream else ipc.open_file
    after = opened(
        str(tmp_path / "b.arrow") if not is_stream else (tmp_path / "b.arrow").read_bytes()
    )
    found = after.read_all()
    assert found.schema.equals(table.schema, check_metadata=True)
    assert found.drop(["text"]) == table.drop(["text"])
    assert found["text"].to_pylist() == [t and t.upper() for t in table["text"].to_pylist()]


def test_arrow_and_parquet_become_each_other(tmp_path: Path) -> None:
    table = pa.table({"text": ["a", "b"], "when": pa.array([1, 2], pa.timestamp("us", "UTC"))})
    parquet.write_table(table, tmp_path / "a.parquet")
    convert(tmp_path / "a.parquet", tmp_path / "b.arrow")
    convert(tmp_path / "b.arrow", tmp_path / "c.parquet", change=str.lower)
    assert parquet.read_table(tmp_path / "c.parquet") == table


@pytest.mark.parametrize("is_stream", [False, True])
def test_damaged_arrow_ends_no_process(tmp_path: Path, is_stream: bool) -> None:
    """Without checks, one in twenty of these reads past its end."""
    table = pa.table(
        {
            "text": [f"text {n}" if n % 5 else None for n in range(60)],
            "tags": [["x", None]] * 60,
            "kind": pa.array(["a", "b"] * 30).dictionary_encode(),
            "at": [{"a": 1, "b": "x"}] * 60,
        }
    )
    path = tmp_path / "a.arrow"
    with (ipc.new_stream if is_stream else ipc.new_file)(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=20)
    whole, draw, refused = path.read_bytes(), Random(1), 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 5)):
            damaged[draw.randrange(len(damaged))] = draw.choice([0, 255, draw.randrange(256)])
        path.write_bytes(damaged)
        try:
            convert(path, tmp_path / "b.parquet")
        except CleanerError:
            refused += 1
    assert 0 < refused < 400


def test_a_stream_that_is_cut_between_two_batches_is_refused(tmp_path: Path) -> None:
    table = pa.table({"text": ["a"] * 60})
    path = tmp_path / "a.arrow"
    with ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=20)
    path.write_bytes(path.read_bytes()[:-8])
    assert ipc.open_stream(path.read_bytes()).read_all() == table, "Arrow misses nothing"
    with pytest.raises(InputError, match="an Arrow stream without its end: cut short"):
        convert(path, tmp_path / "b.parquet")


@pytest.mark.parametrize("cut", [0, 6, 100, -9])
def test_arrow_that_is_damaged_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.arrow"
    feather.write_feather(pa.table({"text": ["a"] * 50}), str(path))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"not an Arrow file, or a damaged one|cut short"):
        convert(path, tmp_path / "b.arrow")
