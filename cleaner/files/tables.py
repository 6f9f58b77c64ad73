"""Read and write tables, Parquet and Arrow's own files, a batch of rows at a time."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files.conversion import make_table
from cleaner.files.decoding import decode_html
from cleaner.files.packing import import_arrow
from cleaner.files.rows import BATCH_ROWS, Batch, Change, Origin, WriteRows

# Rows that are gathered before they are written as one group, in bytes of Arrow's memory.
_GROUP_BYTES = 32 << 20
# Of a batch, at most, unless one row has more. Rows that are read at once take memory all at once.
_BATCH_BYTES = 8 << 20
_READ_ROWS = 16
_ARROW_FILE = b"ARROW1"  # how it begins; a stream begins otherwise
_STREAM_END = bytes([*[255] * 4, *[0] * 4])

# The schema of a file, and its batches with how far each reaches, in bytes.
_Opened = tuple[Any, Iterator[tuple[Any, int]]]


@dataclass(frozen=True, slots=True)
class Table:
    """A format of tables, with one document a row.

    Attributes
    ----------
    name
        With its article, for messages.
    open_table
        Opens the table in a binary file.
    open_new
        Gives Arrow's writer of tables for a path, a schema and the origin of the rows.
    """

    name: str
    open_table: Callable[[IO[bytes]], _Opened]
    open_new: Callable[[str, Any, Origin], Any]

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
        import_arrow()
        with open(path, "rb") as file:  # noqa: PTH123
            try:
                schema, batches = self.open_table(file)
                _check_column(schema, field)
                number = 1
                for rows, position in _regroup(batches):
                    values = rows.column(field).to_pylist()
                    numbers = range(number, number + len(values))
                    texts, reasons = _take_texts(values, number, field)
                    names = [rows.schema.names] * len(texts)
                    yield Batch(texts, reasons, numbers, rows, names, position)
                    number += len(texts)
            except (CleanerError, GeneratorExit):
                raise
            except Exception as error:  # Arrow has many kinds, UnicodeDecodeError among them
                # A damaged file names places that are none.
                if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                    raise
                raise InputError(
                    f"not {self.name} file, or a damaged one ({error!s:.100}); fetch it again"
                ) from error

    def schema(self, path: str, field: str, *, skips: bool) -> Any:  # noqa: ARG002
        """Give the schema of a file; `read` has checked it."""
        import_arrow()
        with open(path, "rb") as file:  # noqa: PTH123
            return self.open_table(file)[0]

    @contextmanager
    def write(self, path: str, origin: Origin) -> Iterator[WriteRows]:
        """Open a new file, as the other one is compressed if it is of the same format."""
        writer = _TableWriter(self, path, origin)
        try:
            yield writer.add
            writer.flush()
        finally:
            writer.close()


def _open_parquet(file: IO[bytes]) -> _Opened:
    table = _read_parquet(file)
    size = os.fstat(file.fileno()).st_size
    return table.schema_arrow, _parquet_batches(table, size)


def _read_parquet(file: IO[bytes]) -> Any:
    from pyarrow import parquet

    return parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)


def _open_new_parquet(path: str, schema: Any, origin: Origin) -> Any:
    """Compress as the origin is; with zstd if it is no Parquet."""
    from pyarrow import parquet

    packed = "ZSTD"
    if origin.reader == PARQUET:
        with open(origin.path, "rb") as file:  # noqa: PTH123
            metadata = _read_parquet(file).metadata
            groups = metadata.num_row_groups
            packed = metadata.row_group(0).column(0).compression if groups else "SNAPPY"
    return parquet.ParquetWriter(
        path, schema, compression="NONE" if packed == "UNCOMPRESSED" else packed
    )


def _open_arrow(file: IO[bytes]) -> _Opened:
    from pyarrow import ipc

    if not _is_arrow_file(file):
        file.seek(max(os.fstat(file.fileno()).st_size - len(_STREAM_END), 0))
        if file.read() != _STREAM_END:  # Arrow takes a stream that is cut short for a whole one
            raise InputError("an Arrow stream without its end: cut short; fetch it again")
        file.seek(0)
        stream = ipc.open_stream(file)
        return stream.schema, _slices(stream, file)
    whole = ipc.open_file(file)
    return whole.schema, _slices(map(whole.get_batch, range(whole.num_record_batches)), file)


def _open_new_arrow(path: str, schema: Any, origin: Origin) -> Any:
    """Write a stream if the origin is one, else a file."""
    from pyarrow import ipc

    if origin.reader == ARROW:
        with open(origin.path, "rb") as file:  # noqa: PTH123
            if not _is_arrow_file(file):
                return ipc.new_stream(path, schema)
    return ipc.new_file(path, schema)


PARQUET = Table("a Parquet", _open_parquet, _open_new_parquet)
# A file or a stream of Arrow IPC, which is Feather too.
ARROW = Table("an Arrow", _open_arrow, _open_new_arrow)


def _is_arrow_file(file: IO[bytes]) -> bool:
    begin = file.read(len(_ARROW_FILE))
    file.seek(0)
    return begin == _ARROW_FILE


def _parquet_batches(table: Any, size: int) -> Iterator[tuple[Any, int]]:
    done = 0  # rows
    for batch in table.iter_batches(batch_size=_READ_ROWS):
        done += batch.num_rows
        yield batch, size * done // table.metadata.num_rows


def _slices(batches: Iterator[Any], file: IO[bytes]) -> Iterator[tuple[Any, int]]:
    """Divide batches that are as large as whoever wrote them liked.

    They are checked, as Arrow reads past the end of damaged ones, which ends the process.
    """
    for batch in batches:
        batch.validate(full=True)
        for start in range(0, batch.num_rows, _READ_ROWS):
            yield batch.slice(start, _READ_ROWS), file.tell()


def _regroup(batches: Iterator[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    """Put batches together to tables of bounded rows and bytes, or divide them."""
    make_table = import_arrow().Table.from_batches
    waiting: list[Any] = []
    n_rows = n_bytes = position = 0
    for whole, end in batches:
        for batch in _divide(whole):
            n_rows += batch.num_rows
            n_bytes += batch.nbytes
            if waiting and (n_rows > BATCH_ROWS or n_bytes > _BATCH_BYTES):
                yield make_table(waiting), position
                waiting, n_rows, n_bytes = [], batch.num_rows, batch.nbytes
            waiting.append(batch)
        position = end
    if waiting:
        yield make_table(waiting), position


def _divide(batch: Any) -> Iterator[Any]:
    """Divide a batch of too many bytes, down to its rows."""
    half = batch.num_rows // 2
    if not half or batch.nbytes <= _BATCH_BYTES:
        yield batch
    else:
        yield from _divide(batch.slice(0, half))
        yield from _divide(batch.slice(half))


def _check_column(schema: Any, field: str) -> None:
    from pyarrow import types

    places = schema.get_all_field_indices(field)
    if len(places) != 1:
        names = ", ".join(map(repr, schema.names[:8])) or "none"
        which = "no column" if not places else "several columns"
        raise InputError(f"{which} {field!r} (columns: {names:.200}); see --text-field")
    kind = schema.field(field).type
    kind = kind.value_type if types.is_dictionary(kind) else kind
    texts = (types.is_string, types.is_large_string, types.is_string_view,
             types.is_binary, types.is_large_binary, types.is_binary_view)  # fmt: skip
    if not any(is_such(kind) for is_such in texts):
        raise InputError(f"column {field!r} is of type {kind}, not text; see --text-field")


def _take_texts(
    values: Sequence[str | bytes | None], first: int, field: str
) -> tuple[list[str | None], dict[int, str]]:
    """Decode values that are bytes, and say, by number, why a row has no text."""
    texts: list[str | None] = []
    reasons = {}
    for number, value in enumerate(values, first):
        if value is None:
            reasons[number] = f"has no text in field {field!r}, but null"
        try:
            texts.append(decode_html(value) if isinstance(value, bytes) else value)
        except InputError as error:
            reasons[number] = str(error)
            texts.append(None)
    return texts, reasons


class _TableWriter:
    """Gathers rows to groups of some size."""

    def __init__(self, form: Table, path: str, origin: Origin) -> None:
        self._form = form
        self._path = path
        self._origin = origin
        self._schema: Any = None  # of the origin
        self._writer: Any = None
        self._tables: list[Any] = []
        self._size = 0  # bytes of these

    def add(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Write rows; where a row has no new values, new columns are null there."""
        if isinstance(batch.rows, list):
            table, changes = make_table(batch, changes, self._find_schema())
        else:
            table = batch.rows
        table = self._set_columns(table, [change or {} for change in changes])
        table = _keep_rows(table, [change is not None for change in changes])
        self._tables.append(table)
        self._size += table.nbytes
        if self._size > _GROUP_BYTES:
            self.flush()

    def _set_columns(self, table: Any, fields: Sequence[Mapping[str, Any]]) -> Any:
        """Set new values, and have all new columns, also where no row has a value for them."""
        found = {name: type(value) for of_row in fields for name, value in of_row.items()}
        for name, kind in {**found, **self._origin.new_fields}.items():
            place = table.schema.get_field_index(name)
            if name in found or place < 0 or table.schema.types[place] == import_arrow().null():
                table = _set_column(table, name, kind, fields)
        return table

    def _find_schema(self) -> Any:
        if self._schema is None:
            self._schema = self._origin.schema()
        return self._schema

    def flush(self) -> None:
        """Write what was gathered as one group of rows."""
        if self._writer is not None and not self._tables:
            return
        arrow = import_arrow()
        tables = self._tables or [self._set_columns(self._find_schema().empty_table(), [])]
        try:
            table = arrow.concat_tables(tables)
            if self._form == ARROW:  # whose files have one dictionary a column
                table = table.unify_dictionaries()
            if self._writer is None:
                self._writer = self._form.open_new(self._path, table.schema, self._origin)
            if table.num_rows:
                self._writer.write_table(table)
        except arrow.ArrowException as error:
            raise OutputError(
                f"cannot write this table as {self._form.name} file: {error!s:.200}; give OUTPUT"
                " another ending"
            ) from error
        self._tables, self._size = [], 0

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


def _set_column(table: Any, name: str, kind: type, fields: Sequence[Mapping[str, Any]]) -> Any:
    """Replace values in a column, or add it; rows without a value keep theirs."""
    arrow = import_arrow()
    place = table.schema.get_field_index(name)
    old = table.column(place).to_pylist() if place >= 0 else [None] * table.num_rows
    values = [of_row.get(name, before) for of_row, before in zip(fields, old, strict=True)]
    kinds = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    field = arrow.field(name, kinds[kind]) if place < 0 else table.schema.field(place)
    if field.type == arrow.null():  # nothing but null so far
        field = arrow.field(name, kinds[kind])
    try:
        column = arrow.array(values, field.type)
    except arrow.ArrowException as error:
        raise InputError(
            f"column {name!r:.100} is of type {field.type}, into which a new value does not go"
            f" ({error!s:.100}); see --output-field"
        ) from error
    if place < 0:
        return table.append_column(field, column)
    return table.set_column(place, field, column)
