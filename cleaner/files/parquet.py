"""Read and write Parquet tables through Arrow, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from cleaner.errors import CleanerError, InputError
from cleaner.files.rows import BATCH_ROWS, Batch, Change, RecordWriter, import_arrow

# Rows that are gathered before they are written as one group, in bytes of Arrow's memory.
_GROUP_BYTES = 32 << 20


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
        import_arrow()
        with open(path, "rb") as file:  # noqa: PTH123
            try:
                table = _open_parquet(file)
                _check_column(table.schema_arrow, field)
                number = 1
                for rows in table.iter_batches(batch_size=BATCH_ROWS):
                    texts = rows.column(field).to_pylist()
                    numbers = range(number, number + len(texts))
                    missing = [n for n, text in zip(numbers, texts, strict=True) if text is None]
                    reasons = dict.fromkeys(missing, f"field {field!r} is null, not a text")
                    names = [rows.schema.names] * len(texts)
                    yield Batch(texts, reasons, numbers, rows, names)
                    number += len(texts)
            except (CleanerError, GeneratorExit):
                raise
            except Exception as error:  # Arrow has many kinds, UnicodeDecodeError among them
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
