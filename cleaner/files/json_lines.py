"""Read and write JSON Lines (`.jsonl`, `.ndjson`, plain or with `.gz` or `.zst`) row by row.

JSON goes through the standard library, which keeps whole numbers of any size; zstd through Arrow.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from cleaner.errors import InputError
from cleaner.files.conversion import format_record, infer_schema, make_records
from cleaner.files.rows import BATCH_ROWS, Batch, Change, Origin, RecordWriter, import_arrow
from cleaner.text import BATCH_BYTES

_SURROGATE = re.compile("[\ud800-\udfff]")


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
        with self._open_raw(path) as raw, self._unpack(raw) as file:
            for number, line in enumerate(_lines(file, self.compression), 1):
                if rows and (size + len(line) > BATCH_BYTES or len(rows) == BATCH_ROWS):
                    yield _json_batch(texts, reasons, number, rows, raw.tell())
                    rows, texts, reasons, size = [], [], {}, 0
                record, reason = _read_record(line.removeprefix(b"\xef\xbb\xbf"), field)
                rows.append((line, record))
                texts.append(record[field] if record is not None and not reason else None)
                if reason:
                    reasons[number] = reason
                size += len(line)
            if rows:
                yield _json_batch(texts, reasons, number + 1, rows, raw.tell())

    def _open_raw(self, path: str) -> Any:
        if self.compression == "zst":
            return import_arrow().OSFile(path)
        return open(path, "rb")  # noqa: PTH123

    def _unpack(self, raw: Any) -> Any:
        if self.compression == "zst":
            return io.BufferedReader(import_arrow().CompressedInputStream(raw, "zstd"))
        return gzip.GzipFile(fileobj=raw) if self.compression else nullcontext(raw)

    def schema(self, path: str, field: str, *, skips: bool) -> Any:
        """Read all rows to find types that hold them; errors as `read` and `infer_schema`."""
        return infer_schema(self.read(path, field), field, skips=skips)

    @contextmanager
    def write(self, path: str, origin: Origin) -> Iterator[RecordWriter]:  # noqa: ARG002
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
    texts: list[str | None], reasons: dict[int, str], end: int, rows: list[Any], position: int
) -> Batch:
    names = [record.keys() if record else () for _, record in rows]
    return Batch(texts, reasons, range(end - len(rows), end), rows, names, position)


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
    """Read one line: the object, and why it has no text."""
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
        return record, f"has no field {field!r} (fields: {names:.200}); see --text-field"
    if not isinstance(record[field], str):
        found = "null" if record[field] is None else type(record[field]).__name__
        return record, f"field {field!r} is {found}, not a text"
    return record, ""


class _JsonWriter:
    def __init__(self, file: Any) -> None:
        self._file = file

    def add(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Write rows; a line without new values stays as it is, to the byte."""
        if not isinstance(batch.rows, list):
            self._add_table(batch, changes)
            return
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

    def _add_table(self, batch: Batch, changes: Sequence[Change]) -> None:
        lines = [
            format_record({**record, **change.fields}, number).encode() + b"\n"
            for number, record, change in zip(
                batch.numbers, make_records(batch), changes, strict=True
            )
            if change.is_kept
        ]
        self._file.write(b"".join(lines))
