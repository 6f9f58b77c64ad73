"""Read and write files of records, JSON Lines or Parquet, a batch of rows at a time.

JSON Lines (`.jsonl`, `.ndjson`, plain or with `.gz` or `.zst`) come through the standard library,
which keeps whole numbers of any size; zstd and Parquet through Arrow, the extra `records`.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import IO, Any, NamedTuple, Protocol

import numpy as np

from cleaner.errors import InputError, MissingExtraError, OutputError
from cleaner.text import BATCH_BYTES

# What is cleaned in a directory beside text files.
RECORD_PATTERNS = ("*.jsonl", "*.jsonl.gz", "*.jsonl.zst", "*.ndjson", "*.ndjson.gz",
                   "*.ndjson.zst", "*.parquet")  # fmt: skip
_JSON_NAME = re.compile(r"\.(?:jsonl|ndjson)(?:\.(gz|zst))?$", re.IGNORECASE)
_PARQUET_NAME = re.compile(r"\.parquet$", re.IGNORECASE)
_ROW = re.compile(r"(.+):([0-9]{1,12})", re.DOTALL)
_BATCH_ROWS = 256
# Rows that are gathered before they are written as one group, in bytes of Arrow's memory.
_GROUP_BYTES = 32 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file, in order.

    Attributes
    ----------
    texts
        The text of each row; None where there is none.
    reasons
        Why a row has no text, by its number in the file, from 1.
    numbers
        The number of each row in the file.
    rows
        The rows as their file has them.
    """

    texts: Sequence[str | None]
    reasons: Mapping[int, str]
    numbers: Sequence[int]
    rows: Any


class Change(NamedTuple):
    """What becomes of a row."""

    fields: Mapping[str, Any]  # new values by name; none for a row that stays as it is
    is_kept: bool = True


class RecordFormat(Protocol):
    """How one kind of file is read and written."""

    def read(self, path: str, field: str) -> Iterator[Batch]:
        """Give the rows of a file and, of each, the text in the field."""

    def write(self, path: str, like: str) -> AbstractContextManager[RecordWriter]:
        """Open a new file for the changed rows of another one."""


class RecordWriter(Protocol):
    """Takes the rows of a file with their changes."""

    def add(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Write rows; each change belongs to one row of the batch."""


def record_format(path: str) -> RecordFormat | None:
    """Tell by its name what kind of records a file holds; None for any other file.

    Examples
    --------
    >>> record_format("a.jsonl.zst"), record_format("a.txt")
    (JsonLines(compression='zst'), None)
    """
    name = os.path.basename(path)  # noqa: PTH119
    if match := _JSON_NAME.search(name):
        return JsonLines((match[1] or "").lower())
    return Parquet() if _PARQUET_NAME.search(name) else None


def check_formats(source: str, target: str) -> None:
    """Refuse what is not the same kind of file on both sides.

    Raises
    ------
    OutputError
        If one is JSON Lines and the other Parquet, or one holds records and the other text.

    Examples
    --------
    >>> check_formats("a.jsonl", "b.jsonl.gz")
    """
    kinds = [type(record_format(path)).__name__ for path in (source, target)]
    names = {"NoneType": "text", "JsonLines": "JSON Lines", "Parquet": "Parquet"}
    if kinds[0] != kinds[1]:
        raise OutputError(
            f"OUTPUT {target} would be {names[kinds[1]]} by its name, but INPUT {source} is"
            f" {names[kinds[0]]}; give it the same ending (only .gz and .zst may differ)"
        )


def read_row(path: str, field: str) -> str | None:
    """Read the text of one row, "FILE:NUMBER" from 1; None if that is not what the path says.

    In JSON Lines the number is that of the line.

    Raises
    ------
    InputError
        If there is no such row, or it has no text.
    MissingExtraError
        If Arrow is needed and not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.jsonl").write_bytes(b'{"text": "It rained."}')
    ...     read_row(f"{directory}/a.jsonl:1", "text")
    'It rained.'
    """
    match = _ROW.fullmatch(path)
    reader = record_format(match[1]) if match else None
    if match is None or reader is None or os.path.lexists(path):
        return None
    name, number = match[1], int(match[2])
    last = 0
    try:
        for batch in reader.read(name, field):
            last = batch.numbers[-1]
            if number in batch.reasons:
                raise InputError(f"{name}: row {number} {batch.reasons[number]}")
            if batch.numbers[0] <= number <= last:
                text = batch.texts[number - batch.numbers[0]]
                if text is not None:
                    return text
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    raise InputError(f"{name}: there is no row {number} with a text; its last row is {last}")


# --- JSON Lines ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line; compression is "", "gz" or "zst"."""

    compression: str = ""

    def read(self, path: str, field: str) -> Iterator[Batch]:
        """Give the rows of a file; blank lines are rows without a text and without a reason.

        Raises
        ------
        InputError
            If the file is damaged.
        OSError
            If it cannot be read.
        MissingExtraError
            For zstd, if Arrow is not installed.
        """
        rows: list[tuple[bytes, dict[str, Any] | None]] = []
        texts: list[str | None] = []
        reasons: dict[int, str] = {}
        size = number = 0
        with self._open(path) as file:
            for number, line in enumerate(_lines(file, self.compression), 1):
                if rows and (size + len(line) > BATCH_BYTES or len(rows) == _BATCH_ROWS):
                    yield _json_batch(texts, reasons, number, rows)
                    rows, texts, reasons, size = [], [], {}, 0
                record, reason = _read_record(line.removeprefix(b"\xef\xbb\xbf"), field)
                rows.append((line, record))
                texts.append(record[field] if record else None)
                if reason:
                    reasons[number] = reason
                size += len(line)
        if rows:
            yield _json_batch(texts, reasons, number + 1, rows)

    def _open(self, path: str) -> Any:
        if self.compression == "zst":
            return io.BufferedReader(import_arrow().input_stream(path, compression="zstd"))
        if self.compression == "gz":
            return gzip.open(path)
        return open(path, "rb")  # noqa: PTH123

    @contextmanager
    def write(self, path: str, like: str) -> Iterator[RecordWriter]:  # noqa: ARG002
        """Open a new file, compressed as its name says; the same rows give the same bytes."""
        if self.compression == "zst":
            with import_arrow().output_stream(path, compression="zstd") as stream:
                yield _JsonWriter(stream)
        else:
            with open(path, "wb") as file:  # noqa: PTH123
                if self.compression:
                    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                        yield _JsonWriter(packed)
                else:
                    yield _JsonWriter(file)


def _json_batch(
    texts: list[str | None], reasons: dict[int, str], end: int, rows: list[Any]
) -> Batch:
    return Batch(texts, reasons, range(end - len(rows), end), rows)


def _lines(file: Any, compression: str) -> Iterator[bytes]:
    try:
        yield from file
    except (EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise InputError(
            f"the compressed data ({compression}) is cut short or damaged; fetch the file again"
        ) from error


def _read_record(line: bytes, field: str) -> tuple[dict[str, Any] | None, str]:
    """Read one line: the object if it has a text, or else why it has none."""
    if not line.strip():
        return None, ""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, f"is not JSON: {error!s:.100}"
    if not isinstance(record, dict):
        return None, f"is {type(record).__name__}, not an object"
    if field not in record:
        names = ", ".join(map(repr, list(record)[:8])) or "none"
        return None, f"has no field {field!r} (fields: {names:.200}); see --text-field"
    if not isinstance(record[field], str):
        found = "null" if record[field] is None else type(record[field]).__name__
        return None, f"field {field!r} is {found}, not a text"
    return record, ""


class _JsonWriter:
    def __init__(self, file: Any) -> None:
        self._file = file

    def add(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Write rows; one without new values stays as it is, to the byte."""
        lines = []
        for (line, record), change in zip(batch.rows, changes, strict=True):
            if not change.is_kept:
                continue
            if change.fields:
                text = json.dumps({**(record or {}), **change.fields}, ensure_ascii=False)
                if _SURROGATE.search(text):  # which UTF-8 cannot hold
                    text = json.dumps({**(record or {}), **change.fields})
                lines.append(text.encode() + b"\n")
            else:
                lines.append(line if line.endswith(b"\n") else line + b"\n")
        self._file.write(b"".join(lines))


# --- Parquet ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parquet:
    """A table, one document a row."""

    def read(self, path: str, field: str) -> Iterator[Batch]:
        """Give the rows of a file.

        Raises
        ------
        InputError
            If the file is damaged, or has no such column of texts.
        OSError
            If it cannot be read.
        MissingExtraError
            If Arrow is not installed.
        """
        arrow = import_arrow()
        with open(path, "rb") as file:  # noqa: PTH123
            try:
                table = _open_parquet(file)
                _check_column(table.schema_arrow, field)
                number = 1
                for rows in table.iter_batches(batch_size=_BATCH_ROWS):
                    texts = rows.column(field).to_pylist()
                    numbers = range(number, number + len(texts))
                    missing = [n for n, text in zip(numbers, texts, strict=True) if text is None]
                    reasons = dict.fromkeys(missing, f"field {field!r} is null, not a text")
                    yield Batch(texts, reasons, numbers, rows)
                    number += len(texts)
            except (arrow.ArrowException, OSError) as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise InputError(
                    f"not a Parquet file, or a damaged one ({error!s:.100}); fetch it again"
                ) from error

    @contextmanager
    def write(self, path: str, like: str) -> Iterator[RecordWriter]:
        """Open a new file, compressed as the other one is."""
        with open(like, "rb") as file:  # noqa: PTH123
            table = _open_parquet(file)
            groups = table.metadata.num_row_groups
            packed = table.metadata.row_group(0).column(0).compression if groups else "SNAPPY"
            packed = "NONE" if packed == "UNCOMPRESSED" else packed
            writer = _ParquetWriter(path, packed, table.schema_arrow.empty_table())
        try:
            yield writer
            writer.flush()
        finally:
            writer.close()


def _open_parquet(file: IO[bytes]) -> Any:
    import_arrow()
    from pyarrow import parquet

    return parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)


def _check_column(schema: Any, field: str) -> None:
    from pyarrow import types

    places = schema.get_all_field_indices(field)
    if len(places) != 1:
        names = ", ".join(map(repr, schema.names[:8])) or "none"
        which = "no column" if not places else "several columns"
        raise InputError(f"{which} {field!r} (columns: {names:.200}); see --text-field")
    kind = schema.field(field).type
    kind = kind.value_type if types.is_dictionary(kind) else kind
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise InputError(f"column {field!r} is of type {kind}, not of texts; see --text-field")


class _ParquetWriter:
    """Gathers rows to groups of some size; the first ones decide on the columns."""

    def __init__(self, path: str, compression: str, empty: Any) -> None:
        self._path = path
        self._compression = compression
        self._empty = empty  # a table of the input's columns, for a file of no rows
        self._writer: Any = None
        self._tables: list[Any] = []

    def add(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Write rows; where a row has no new values, new columns are null there."""
        arrow = import_arrow()
        table = arrow.Table.from_batches([batch.rows])
        for name in dict.fromkeys(name for change in changes for name in change.fields):
            table = _set_column(table, name, [change.fields for change in changes])
        table = _keep_rows(table, [change.is_kept for change in changes])
        if self._tables:  # a batch in which no row had a text lacks the new columns
            wanted = max((self._tables[0], table), key=lambda one: one.num_columns).schema
            self._tables = [_fit(one, wanted) for one in self._tables]
            table = _fit(table, wanted)
        self._tables.append(table)
        if sum(one.nbytes for one in self._tables) > _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered as one group of rows."""
        from pyarrow import parquet

        arrow = import_arrow()
        table = arrow.concat_tables(self._tables) if self._tables else self._empty
        if self._writer is None:
            self._writer = parquet.ParquetWriter(
                self._path, table.schema, compression=self._compression
            )
        if table.num_rows:
            self._writer.write_table(_fit(table, self._writer.schema))
        self._tables = []

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _keep_rows(table: Any, is_kept: Sequence[bool]) -> Any:
    """Leave rows out. By slices: Arrow cannot filter every type of column."""
    if all(is_kept):
        return table
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_kept, [False]))))
    slices = [table.slice(start, end - start) for start, end in edges.reshape(-1, 2).tolist()]
    return import_arrow().concat_tables(slices) if slices else table.slice(0, 0)


def _set_column(table: Any, name: str, fields: Sequence[Mapping[str, Any]]) -> Any:
    """Replace values in a column, or add it; rows without a value keep theirs."""
    arrow = import_arrow()
    place = table.schema.get_field_index(name)
    old = table.column(place).to_pylist() if place >= 0 else [None] * table.num_rows
    values = [of_row.get(name, before) for of_row, before in zip(fields, old, strict=True)]
    if place < 0:
        kinds = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
        kind = next(kinds[type(value)] for value in values if value is not None)
        return table.append_column(arrow.field(name, kind), arrow.array(values, kind))
    field = table.schema.field(place)
    return table.set_column(place, field, arrow.array(values, field.type))


def _fit(table: Any, schema: Any) -> Any:
    """Add the columns that a table lacks, with nulls."""
    arrow = import_arrow()
    for field in schema:
        if field.name not in table.schema.names:
            table = table.append_column(field, arrow.nulls(table.num_rows, field.type))
    return table


def import_arrow() -> Any:
    """Give the module pyarrow.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError(
            "Parquet and zstd need Arrow: pip install 'clean-news[records]'"
        ) from error
    return pyarrow
