"""Read the HTML pages of a WARC archive (ISO 28500), one record a page, as rows."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from cleaner.errors import InputError, OutputError, needing
from cleaner.files.decoding import decode_html
from cleaner.files.html_file import LARGEST_PAGE
from cleaner.files.http_body import decode_body
from cleaner.files.names import kind_and_packing
from cleaner.files.packing import import_arrow, unpack
from cleaner.files.rows import Batch, Origin, WriteRows

_HTML_TYPES = frozenset(["text/html", "application/xhtml+xml"])
_FIELDS = ("url", "crawled")  # of a row
_BATCH_CHARACTERS = 4 << 20  # unpacked
_Http = tuple[str, str, str]  # transfer and content encoding, charset; "" where there is none


def read(path: str, field: str) -> Iterator[Batch]:  # noqa: ARG001
    """Give the pages: their HTML as text, and as row a record of address and date.

    Raises
    ------
    InputError
        If the file is no archive, or a damaged one.
    OSError
        If it cannot be read.
    MissingExtraError
        If fastwarc is not installed.
    """
    rows: list[tuple[bytes, dict[str, Any]]] = []
    texts: list[str | None] = []
    reasons: dict[int, str] = {}
    number = size = position = 0
    for number, (fields, data, http, position) in enumerate(_pages(path), 1):
        text, reason = _decode(data, http)
        size += len(text or "")
        if rows and size > _BATCH_CHARACTERS:
            numbers = range(number - len(rows), number)
            yield Batch(texts, reasons, numbers, rows, [_FIELDS] * len(rows), position)
            rows, texts, reasons, size = [], [], {}, len(text or "")
        if reason:
            reasons[number] = f"({fields['url']}) {reason}"
        texts.append(text)
        rows.append((json.dumps(fields, ensure_ascii=False).encode(), fields))
    if rows:
        numbers = range(number - len(rows) + 1, number + 1)
        yield Batch(texts, reasons, numbers, rows, [_FIELDS] * len(rows), position)


def schema(path: str, field: str, *, skips: bool) -> Any:  # noqa: ARG001
    """Give what pages have: an address and a date."""
    arrow = import_arrow()
    return arrow.schema([(name, arrow.string()) for name in _FIELDS])


def write(path: str, origin: Origin) -> AbstractContextManager[WriteRows]:  # noqa: ARG001
    """Refuse: clean text is no answer of a web server."""
    raise OutputError(f"clean text is not written as WARC: give {path} the ending .jsonl")


def _pages(path: str) -> Iterator[tuple[dict[str, Any], bytes, _Http, int]]:
    """Give fields, body, what HTTP says of it, and how far in the file a page reaches."""
    with needing("reading WARC needs more packages", "html"):
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    found = False
    # Through Python's gzip, which tells of a file that is cut short.
    _, packing = kind_and_packing(path)
    with (
        open(path, "rb") as raw,  # noqa: PTH123
        unpack(raw, packing) as file,
    ):
        try:
            for record in ArchiveIterator(file, parse_http=True):
                found = True
                kind = str(record.http_content_type or "").partition(",")[0].strip().lower()
                if record.record_type != WarcRecordType.response or kind not in _HTML_TYPES:
                    continue
                headers = record.headers
                fields = {
                    "url": (headers.get("WARC-Target-URI") or "").strip("<>"),
                    "crawled": headers.get("WARC-Date") or "",
                }
                size = record.content_length
                data = record.reader.read(LARGEST_PAGE)
                if len(data) < min(size, LARGEST_PAGE):
                    raise EOFError(f"{fields['url']} is cut short")
                http = (
                    record.http_headers.get("Transfer-Encoding") or "",
                    record.http_headers.get("Content-Encoding") or "",
                    str(record.http_charset or "").partition(",")[0].strip(" '\""),
                )
                yield fields, data, http, raw.tell()
        except (OSError, EOFError, RuntimeError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise InputError(f"a damaged WARC file ({error!s:.100}); fetch it again") from error
    if not found:
        raise InputError("not a WARC file, or an empty one")


def _decode(data: bytes, http: _Http) -> tuple[str | None, str]:
    transfer, content, charset = http
    try:
        data = decode_body(data, transfer, content, LARGEST_PAGE)
        if len(data) >= LARGEST_PAGE:
            return None, f"has more than {LARGEST_PAGE:,} bytes"
        return decode_html(data, charset), ""
    except InputError as error:
        return None, str(error)
