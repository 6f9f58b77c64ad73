"""Files of records: rows come back in order, with every other field as it was."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from cleaner.errors import InputError, OutputError
from cleaner.files import Origin, check_formats, read_row, record_format

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def rewrite(
    source: Path,
    target: Path,
    change: Any = lambda text: {"text": text.upper()},
    **new_fields: type,
) -> None:
    reader, writer_of = record_format(str(source)), record_format(str(target))
    assert reader
    assert writer_of
    origin = Origin(str(source), reader, "text", new_fields=new_fields)
    with writer_of.write(str(target), origin) as write:
        for batch in reader.read(str(source), "text"):
            write(batch, [{} if one is None else change(one) for one in batch.texts])


def reasons(path: Path) -> dict[int, str]:
    reader = record_format(str(path))
    assert reader
    return {
        number: reason
        for batch in reader.read(str(path), "text")
        for number, reason in batch.reasons.items()
    }


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_json_lines_come_back_with_all_other_fields(tmp_path: Path, ending: str) -> None:
    @given(st.lists(st.dictionaries(st.text(), values, max_size=4), max_size=5))
    def check(records: list[dict[str, Any]]) -> None:
        records = [{**record, "text": f"a{n}"} for n, record in enumerate(records)]
        source, plain = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
        source.write_text("".join(json.dumps(one) + "\n" for one in records))
        packed = tmp_path / f"a.jsonl{ending or '.2.jsonl'}"
        rewrite(source, packed)
        rewrite(packed, plain)
        found = [json.loads(line) for line in plain.read_bytes().splitlines() if line]
        assert found == [{**one, "text": one["text"].upper()} for one in records]
        assert [list(one) for one in found] == [list(one) for one in records], "order of fields"

    check()


@given(
    st.dictionaries(st.text(), values, max_size=4).map(lambda one: {**one, "text": "a"}),
    st.sampled_from([", ", ",", " ,\t"]),
    st.sampled_from([": ", ":", "\t : "]),
    st.booleans(),
)
def test_a_new_value_is_all_that_changes_in_a_line(
    tmp_path_factory: pytest.TempPathFactory,
    record: dict[str, Any],
    comma: str,
    colon: str,
    escaped: bool,
) -> None:
    def write(record: dict[str, Any]) -> str:
        return json.dumps(record, separators=(comma, colon), ensure_ascii=escaped)

    source = tmp_path_factory.getbasetemp() / "a.jsonl"
    source.write_bytes(write(record).encode("utf-8", "surrogatepass"))
    rewrite(source, source.with_name("b.jsonl"))
    changed = source.with_name("b.jsonl").read_bytes()
    assert changed.decode("utf-8", "surrogatepass") == write({**record, "text": "A"}) + "\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"n":1e400,"text":"a","m":0.10}', '{"n":1e400,"text":"A","m":0.10, "x": 1}'),
        ('  {"text" :"a" , "n": -0 }\r', '  {"text" :"A" , "n": -0, "x": 1 }\r'),
        ('{"x": NaN, "text": "a"}', '{"x": 1, "text": "A"}'),
        ('{"text": "b", "text": "a"}', '{"text": "A", "text": "A", "x": 1}'),
        (r'{"t\u0065xt": "\u0061", "\/": "\/"}', r'{"t\u0065xt": "A", "\/": "\/", "x": 1}'),
        ('{"o": {"text": "}", "x": 2}, "text": "a"}',
         '{"o": {"text": "}", "x": 2}, "text": "A", "x": 1}'),
    ],
)  # fmt: skip
def test_values_are_set_where_they_stand(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(line.encode())
    rewrite(tmp_path / "a.jsonl", tmp_path / "b.jsonl", lambda text: {"text": text.upper(), "x": 1})
    assert (tmp_path / "b.jsonl").read_bytes() == expected.encode() + b"\n"


def test_rows_without_a_text_stay_as_they_are_to_the_byte(tmp_path: Path) -> None:
    rows = [b'{"text": "a", "n": 12345678901234567890123, "x": 1.0}', b"", b"{", b"[1]", b"\xff",
            b'{"t":  1}', b'{"text": null}', b'{"text": 5}', b'{"text": "\\ud800"}']  # fmt: skip
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join(rows))
    assert {n: reason.split(":")[0] for n, reason in reasons(tmp_path / "a.jsonl").items()} == {
        3: "is not JSON",
        4: "is list, not an object",
        5: "is not JSON",
        6: "has no field 'text' (fields",
        7: "has no text in field 'text', but null",
        8: "has no text in field 'text', but int",
    }
    rewrite(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    changed = (tmp_path / "b.jsonl").read_bytes().split(b"\n")
    assert changed[0] == b'{"text": "A", "n": 12345678901234567890123, "x": 1.0}'
    assert changed[1:8] == rows[1:8]
    assert json.loads(changed[8]) == {"text": "\ud800"}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n' * 1000)
    for ending in ("gz", "zst"):
        names = [tmp_path / f"{name}.jsonl.{ending}" for name in ("b", "other")]
        for path in names:
            rewrite(tmp_path / "a.jsonl", path)
        assert names[0].read_bytes() == names[1].read_bytes()


def test_rows_come_in_batches_of_bounded_rows_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n' * 600)  # of 14 bytes
    reader = record_format(str(path))
    assert reader

    def batches() -> list[int]:
        found = list(reader.read(str(path), "text"))
        assert [number for batch in found for number in batch.numbers] == list(range(1, 601))
        assert [batch.position for batch in found] == sorted(batch.position for batch in found)
        return [len(batch.texts) for batch in found]

    assert batches() == [256, 256, 88]
    monkeypatch.setattr("cleaner.files.json_lines.BATCH_BYTES", 14 * 10)
    assert batches() == [10] * 60
    monkeypatch.setattr("cleaner.files.json_lines.BATCH_BYTES", 1)
    assert batches() == [1] * 600


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_rows_of_tables_come_in_batches_of_bounded_rows_and_bytes(
    tmp_path: Path, name: str
) -> None:
    reader = record_format(name)
    assert reader
    for texts, sizes in (
        (["a"] * 600, [256, 256, 88]),
        (["a" * 3_000_000] * 5 + ["b"] * 20 + ["c" * 10_000_000, "d"], [2, 2, 21, 1, 1]),
    ):
        write_table(pa.table({"text": texts}), tmp_path / name)
        found = list(reader.read(str(tmp_path / name), "text"))
        assert [text for batch in found for text in batch.texts] == texts
        assert [number for batch in found for number in batch.numbers] == [
            *range(1, len(texts) + 1)
        ]
        assert [len(batch.texts) for batch in found] == sizes


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_data_that_is_cut_short_is_refused(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"text": "{n}"}}\n' for n in range(5000)))
    whole = tmp_path / f"a.jsonl.{ending}"
    rewrite(tmp_path / "a.jsonl", whole)
    data = whole.read_bytes()
    for content in (data[: len(data) // 2], data[:-3], b"nonsense", data[:40] + b"xx" + data[42:]):
        whole.write_bytes(content)
        with pytest.raises(InputError, match="cut short or damaged"):
            reasons(whole)


def test_a_window_of_two_gigabytes_is_not_called_damage(tmp_path: Path) -> None:
    frame = b"\x28\xb5\x2f\xfd\x00%c\x19\x00\x00{}\n"  # RFC 8878: one block of three bytes
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(frame % 0x88)  # 128 MB
    assert reasons(path) == {1: "has no field 'text' (fields: none); see --text-field"}
    path.write_bytes(frame % 0xA8)
    with pytest.raises(InputError, match=r"takes more than 128 MB of memory .* zstd --long=31"):
        reasons(path)


def table(n_rows: int = 700, kind: pa.DataType | None = None) -> pa.Table:
    texts = pa.array([f"a{n}" if n % 7 else None for n in range(n_rows)], pa.string())
    return pa.table(
        {
            "id": pa.array(range(n_rows), pa.uint8() if n_rows < 256 else pa.uint32()),
            "text": texts.cast(kind) if kind else texts,
            "when": pa.array(range(n_rows), pa.timestamp("us", "UTC")),
            "tags": pa.array([["x", None]] * n_rows, pa.list_(pa.string())),
        }
    ).replace_schema_metadata({"made": "by hand"})


KINDS = [None, pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", ["zstd", "none", "snappy"])
def test_parquet_comes_back_with_all_other_columns(
    tmp_path: Path, kind: pa.DataType | None, compression: str
) -> None:
    before = table(kind=kind)
    parquet.write_table(before, tmp_path / "a.parquet", compression=compression, row_group_size=99)
    before = parquet.read_table(tmp_path / "a.parquet")
    assert len(before) > 256  # more than a batch holds
    rewrite(tmp_path / "a.parquet", tmp_path / "b.parquet")
    after = parquet.read_table(tmp_path / "b.parquet")
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after.drop(["text"]) == before.drop(["text"])
    upper = [text and text.upper() for text in before["text"].to_pylist()]
    assert after["text"].to_pylist() == upper
    metadata = parquet.ParquetFile(tmp_path / "b.parquet").metadata
    expected = "UNCOMPRESSED" if compression == "none" else compression.upper()
    assert metadata.row_group(0).column(1).compression == expected


@pytest.mark.parametrize("group_bytes", [32 << 20, 100])
@pytest.mark.parametrize("source", ["a.parquet", "a.arrow", "a.jsonl"])
@pytest.mark.parametrize("target", ["b.parquet", "b.arrow"])
@pytest.mark.parametrize("n_late", [5, 0])
def test_new_columns_may_come_late_or_never(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    group_bytes: int,
    source: str,
    target: str,
    n_late: int,
) -> None:
    monkeypatch.setattr("cleaner.files.tables._GROUP_BYTES", group_bytes)
    texts = [None] * 600 + ["a"] * n_late
    whole = pa.table({"text": pa.array(texts, pa.string()), "old": pa.nulls(len(texts))})
    if source == "a.jsonl":
        rows = "".join(json.dumps(row) + "\n" for row in whole.to_pylist())
        (tmp_path / source).write_text(rows)
    else:
        write_table(whole, tmp_path / source)
    rewrite(tmp_path / source, tmp_path / target, lambda text: {"clean": text, "n": 1, "old": text},
            clean=str, n=int, old=str)  # fmt: skip
    after = read_table(tmp_path / target)
    assert after["clean"].to_pylist() == after["old"].to_pylist() == texts
    assert after["n"].to_pylist() == [None] * 600 + [1] * n_late
    assert after.schema.types == [pa.string(), pa.string(), pa.string(), pa.int64()]
    assert len(reasons(tmp_path / source)) == 600


@pytest.mark.parametrize("target", ["b.parquet", "b.arrow"])
def test_categories_stay_categories(tmp_path: Path, target: str) -> None:
    texts = pa.array([f"text {n}" for n in range(600)]).dictionary_encode()
    write_table(pa.table({"text": texts}), tmp_path / "a.arrow")
    rewrite(tmp_path / "a.arrow", tmp_path / target)
    after = read_table(tmp_path / target)
    assert after["text"].to_pylist() == [f"TEXT {n}" for n in range(600)]
    assert after.schema.field("text").type == texts.type


def write_table(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)


def read_table(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    with pa.ipc.open_file(path) as reader:
        return reader.read_all()


def test_empty_files_stay_empty(tmp_path: Path) -> None:
    parquet.write_table(table().slice(0, 0), tmp_path / "a.parquet")
    rewrite(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert parquet.read_table(tmp_path / "b.parquet") == table().slice(0, 0)
    (tmp_path / "a.jsonl").write_bytes(b"")
    rewrite(tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz")
    assert gzip.decompress((tmp_path / "b.jsonl.gz").read_bytes()) == b""


def test_parquet_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(table(), path)
    data = path.read_bytes()
    for content in (b"", b"nonsense", data[:-9], data[: len(data) // 2]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a Parquet file, or a damaged one"):
            reasons(path)
    parquet.write_table(table().drop(["text"]), path)
    with pytest.raises(InputError, match=r"no column 'text' \(columns: 'id', 'when', 'tags'\)"):
        reasons(path)
    parquet.write_table(table().drop(["text"]).rename_columns(["text", "a", "b"]), path)
    with pytest.raises(InputError, match="is of type uint32, not text"):
        reasons(path)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_texts_may_be_bytes(tmp_path: Path, kind: pa.DataType, ending: str) -> None:
    pytest.importorskip("webencodings")
    page = "<meta charset=koi8-r>Мост"
    values = [
        "Brücke – offen".encode(),
        None,
        page.encode("koi8-r"),
        b"\0\1\2",
        "Café".encode("cp1252"),
    ]
    path = tmp_path / f"a.{ending}"
    whole = pa.table({"text": pa.array(values, pa.binary()).cast(kind), "id": range(5)})
    write_table(whole, path)
    assert read_row(f"{path}:3", "text") == page
    assert {number: reason.split(":")[0] for number, reason in reasons(path).items()} == {
        2: "has no text in field 'text', but null",
        4: "binary",
    }
    rewrite(path, tmp_path / "b.parquet")
    found = parquet.read_table(tmp_path / "b.parquet")
    assert found.schema.field("id") == whole.schema.field("id")
    expected = ["BRÜCKE – OFFEN".encode(), None, page.upper().encode(), b"\0\1\2", "CAFÉ".encode()]
    assert found.column("text").to_pylist() == expected


def test_formats_are_told_by_name() -> None:
    names = ["a.JSONL", "b/a.ndjson.gz", "a.parquet", "a.arrow", "a.Feather", "a.json", "jsonl",
             "a.jsonl.txt"]  # fmt: skip
    formats = [record_format(name) for name in names]
    assert [getattr(one, "name", type(one).__name__) for one in formats] == [
        *("JsonLines", "JsonLines", "a Parquet", "an Arrow", "an Arrow"),
        *["NoneType"] * 3,
    ]
    check_formats("a.txt", "b")
    check_formats("a.jsonl", "b.ndjson.zst")
    check_formats("a.jsonl", "b.parquet")
    check_formats("a.warc.gz", "b.arrow")
    for source, target in (("a.jsonl", "b.txt"), ("a.parquet", "-"), ("a.txt", "b.jsonl")):
        with pytest.raises(OutputError, match="by its name"):
            check_formats(source, target)
    for source in ("a.jsonl", "a.warc"):
        with pytest.raises(OutputError, match=r"give OUTPUT b.warc the ending .jsonl"):
            check_formats(source, "b.warc")


def test_one_row_may_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a0"}\n\n{"page": "a2"}\n' + '{"text": "a"}\n' * 600)
    assert read_row(f"{path}:1", "text") == "a0"
    assert read_row(f"{path}:3", "page") == "a2"
    assert read_row(f"{path}:603", "text") == "a"
    for number, reason in ((2, "no row 2 with a text"), (3, "has no field"), (604, "row is 603")):
        with pytest.raises(InputError, match=reason):
            read_row(f"{path}:{number}", "text")
    with pytest.raises(InputError, match="cannot read"):
        read_row(f"{tmp_path}/missing.jsonl:1", "text")
    parquet.write_table(table(), tmp_path / "a.parquet")
    assert read_row(f"{tmp_path}/a.parquet:700", "text") == "a699"
    (tmp_path / "b.jsonl:1").write_text("a text file")
    for name in ("b.jsonl:1", "a.txt:1", "a.jsonl", "a.jsonl:x"):
        assert read_row(f"{tmp_path}/{name}", "text") is None
