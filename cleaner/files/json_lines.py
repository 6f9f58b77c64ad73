"""Read and write JSON Lines (`.jsonl`, `.ndjson`, plain or with `.gz` or `.zst`) row by row.

New values are put into the line where the old ones stood, so that all others stay as they were
written: no library that reads JSON and writes it again keeps every number (1e400, 0.10, -0).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from cleaner.files.conversion import format_record, infer_schema, make_records
from cleaner.files.packing import import_arrow, telling_damage, unpack
from cleaner.files.rows import BATCH_ROWS, Batch, Change, Origin, WriteRows
from cleaner.text import BATCH_BYTES

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


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
                record, reason = _read_record(line, field)
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
        record = json.loads(_decode(line))
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
    for (line, _), change in zip(batch.rows, changes, strict=True):
        if change:
            line = _set_values(_decode(line), change).encode("utf-8", "surrogatepass")
        if change is not None:
            yield line if line.endswith(b"\n") else line + b"\n"


def _decode(line: bytes) -> str:
    return line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogatepass")


def _set_values(line: str, change: Mapping[str, Any]) -> str:
    """Set fields of the object in a line, and add those it lacks; the rest stays as it is.

    Examples
    --------
    >>> _set_values('{"id":1e400,"text":"a"}', {"text": "b", "kept_lines": 1})
    '{"id":1e400,"text":"b", "kept_lines": 1}'
    """
    values = {name: _format(value) for name, value in change.items()}
    missing = dict(values)
    pieces = []
    done = 0  # characters of the line that are in pieces
    begin = end = place = line.index("{") + 1  # the end is that of the last value
    while line[place := _skip_space(line, place)] != "}":
        name, place = _DECODER.raw_decode(line, place)
        colon = _skip_space(line, place)
        start = _skip_space(line, colon + 1)
        _, end = _DECODER.raw_decode(line, start)
        if name in values:
            pieces += [line[done:start], values[name]]
            missing.pop(name, None)
            done = end
        place = _skip_space(line, end)
        place += line[place] == ","
    added = [f"{_format(name)}: {value}" for name, value in missing.items()]
    before = ", " if added and end > begin else ""
    return "".join([*pieces, line[done:end], before, ", ".join(added), line[end:]])


def _skip_space(line: str, place: int) -> int:
    match = _SPACE.match(line, place)
    assert match
    return match.end()


def _format(value: Any) -> str:
    """Write JSON, with escapes only if UTF-8 cannot hold the text."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if _SURROGATE.search(text) else text
