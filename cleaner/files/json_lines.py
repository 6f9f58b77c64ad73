"""Read and write JSON Lines (`.jsonl`, `.ndjson`, plain or with `.gz` or `.zst`) row by row.

JSON goes through the standard library, which keeps whole numbers of any size; zstd through Arrow.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from cleaner.files.conversion import format_record, infer_schema, make_records
from cleaner.files.packing import import_arrow, telling_damage, unpack
from cleaner.files.rows import BATCH_ROWS, Batch, Change, Origin, WriteRows
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
        with (
            open(path, "rb") as raw,  # noqa: PTH123
            telling_damage(self.compression),
            unpack(raw, self.compression) as file,
        ):
            for number, line in enumerate(file, 1):
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

    def schema(self, path: str, field: str, *, skips: bool) -> Any:
        """Read all rows to find types that hold them; errors as `read` and `infer_schema`."""
        return infer_schema(self.read(path, field), field, skips=skips)

    @contextmanager
    def write(self, path: str, origin: Origin) -> Iterator[WriteRows]:  # noqa: ARG002
        """Open a new file, compressed as its name says; the same rows give the same bytes."""
        with ExitStack() as stack:
            if self.compression == "zst":
                file = stack.enter_context(import_arrow().output_stream(path, compression="zstd"))
            else:
                file = stack.enter_context(open(path, "wb"))  # noqa: PTH123
            if self.compression == "gz":
                packed = gzip.GzipFile("", "wb", fileobj=file, mtime=0)
                file = stack.enter_context(packed)
            yield lambda batch, changes: file.write(b"".join(_write_rows(batch, changes)))


def _json_batch(
    texts: list[str | None], reasons: dict[int, str], end: int, rows: list[Any], position: int
) -> Batch:
    names = [record.keys() if record else () for _, record in rows]
    return Batch(texts, reasons, range(end - len(rows), end), rows, names, position)


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
        return record, f"has no text in field {field!r}, but {found}"
    return record, ""


def _write_rows(batch: Batch, changes: Sequence[Change]) -> Iterator[bytes]:
    """Write rows as lines; a line without new values stays as it is, to the byte."""
    if not isinstance(batch.rows, list):
        records = make_records(batch)
        for number, record, change in zip(batch.numbers, records, changes, strict=True):
            if change is not None:
                yield format_record({**record, **change}, number).encode() + b"\n"
        return
    for (line, record), change in zip(batch.rows, changes, strict=True):
        if change:
            text = json.dumps({**(record or {}), **change}, ensure_ascii=False)
            if _SURROGATE.search(text):  # which UTF-8 cannot hold
                text = json.dumps({**(record or {}), **change})
            yield text.encode() + b"\n"
        elif change is not None:
            yield line if line.endswith(b"\n") else line + b"\n"
