"""Undo what HTTP did to the body of an answer on its way: join the chunks, and unpack it."""

from __future__ import annotations

import io
import re
import zlib

from cleaner.errors import InputError, needing
from cleaner.files.packing import unpack

# The size of a chunk, in hexadecimal, and extensions, which mean nothing here (RFC 9112, 7.1).
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_MOST_CODINGS = 5  # each of them may make a page of a few bytes
# For gzip and zlib, and for deflate without a header, which some servers send.
_ZLIB_BITS = (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS)


def decode_body(body: bytes, transfer: str, content: str, limit: int) -> bytes:
    r"""Give the body as its sender had it.

    Archives keep the headers, some of them also where they keep the body decoded: a body that is
    HTML and not what its headers say stays as it is.

    Parameters
    ----------
    body : bytes
    transfer, content : str
        The headers Transfer-Encoding and Content-Encoding (RFC 9112, 6.1; RFC 9110, 8.4).
    limit : int
        Bytes of the result, at most; the rest is cut off.

    Raises
    ------
    InputError
        If the body is cut short or damaged, or packed in an unknown way or too often.
    MissingExtraError
        If it is packed with brotli or zstd, whose package is not installed.

    Examples
    --------
    >>> decode_body(b"3\r\n<p>\r\n3;x=1\r\nIt \r\n0\r\n\r\n", "chunked", "", 100)
    b'<p>It '
    """
    if "chunked" in transfer.lower():
        body = _join_chunks(body)
    codings = content.lower().split(",")
    if len(codings) > _MOST_CODINGS:
        raise InputError(f"is packed {len(codings)} times, of which no server has use")
    for coding in reversed(codings):
        try:
            body = _unpack(body, coding.strip(), limit)
        except InputError:
            if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                raise
    return body


def _join_chunks(body: bytes) -> bytes:
    """Join chunks up to the last one, or up to what is no chunk, and that as it is."""
    pieces: list[bytes] = []
    place = 0
    while match := _CHUNK.match(body, place):
        size = int(match[1], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(body[match.end() : match.end() + size])
        place = match.end() + size + len(b"\r\n")
    return b"".join([*pieces, body[place:]])


def _unpack(body: bytes, coding: str, limit: int) -> bytes:
    if coding in ("", "identity") or not body:
        return body
    if coding in ("gzip", "x-gzip", "deflate"):
        return _inflate(body, limit)
    if coding == "br":
        return _unpack_brotli(body, limit)
    if coding == "zstd":
        try:
            data: bytes = unpack(io.BytesIO(body), "zst").read(limit)
        except OSError as error:
            raise _damaged(coding) from error
        return data
    raise InputError(f"is packed as {coding[:40]!r}, which is not known")


def _inflate(body: bytes, limit: int) -> bytes:
    for bits in _ZLIB_BITS:
        reader = zlib.decompressobj(bits)
        try:
            data = reader.decompress(body, limit)
        except zlib.error:
            continue
        if reader.eof or len(data) == limit:
            return data
    raise _damaged("gzip or deflate")


def _unpack_brotli(body: bytes, limit: int) -> bytes:
    with needing("pages packed with brotli need one more package", "html"):
        import brotli
    reader = brotli.Decompressor()
    try:
        data: bytes = reader.process(body, output_buffer_limit=limit)[:limit]
    except brotli.error as error:
        raise _damaged("brotli") from error
    if not reader.is_finished() and len(data) < limit:
        raise _damaged("brotli")
    return data


def _damaged(coding: str) -> InputError:
    return InputError(f"is packed ({coding}), and cut short or damaged")
