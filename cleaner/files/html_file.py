"""Read HTML pages from files, plain or compressed, and name the files of their clean text."""

# ruff: noqa: PTH110, PTH118
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable

from cleaner.errors import InputError
from cleaner.files.decoding import decode_html
from cleaner.files.text_file import read_bytes, read_text
from cleaner.text import PageLines, read_html

# What is cleaned in a directory beside text files and records.
HTML_PATTERNS = ("*.html", "*.htm", "*.html.gz", "*.htm.gz", "*.html.zst", "*.htm.zst")
_WARC_NAME = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)
_NAME = re.compile(r"\.html?(?:\.(gz|zst))?$", re.IGNORECASE)
# More is no page: half a million pages have 50 MB at most, and the parser takes ten times that.
LARGEST_PAGE = 64 << 20
_BLOCK = 1 << 20


def is_html(path: str) -> bool:
    """Tell by its name whether a file is an HTML page.

    Examples
    --------
    >>> is_html("page.htm.gz"), is_html("page.txt")
    (True, False)
    """
    return _NAME.search(path) is not None


def read_html_file(path: str) -> str:
    """Read an HTML page as browsers do.

    Raises
    ------
    InputError
        If it is binary, damaged, or larger than any page.
    MissingExtraError
        If the extra html (for zstd: records) is not installed.
    OSError
        If it cannot be read.
    """
    data = read_bytes(path)
    match = _NAME.search(path)
    packed = (match[1] or "").lower() if match else ""
    if packed:
        data = unpack(data, packed)
    if len(data) > LARGEST_PAGE:
        raise InputError(f"{len(data):,} bytes of HTML; a page has {LARGEST_PAGE:,} at most")
    return decode_html(data)


def read_page_file(path: str) -> str:
    """Read an HTML page, as `read_html_file`, with the path in every error.

    Raises
    ------
    InputError
        If it cannot be read, is binary, damaged, or larger than any page.
    """
    try:
        return read_html_file(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def read_lines(path: str) -> PageLines:
    """Read the lines of a text, or of an HTML page with the markup of each.

    Raises
    ------
    InputError
        If it cannot be read; see `read_text` and `read_page_file`.
    """
    if is_html(path):
        return read_html(read_page_file(path))
    return PageLines(read_text(path).split("\n"), ())


def unpack(data: bytes, packed: str) -> bytes:
    """Unpack gzip or zstd, but no more of it than a page can have.

    Raises
    ------
    InputError
        If it is damaged, cut short, or larger than any page.
    """
    try:
        read = _open_gzip(data) if packed == "gz" else _open_zstd(data)
        pieces: list[bytes] = []
        size = 0
        while size <= LARGEST_PAGE and (piece := read(_BLOCK)):
            pieces.append(piece)
            size += len(piece)
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(f"the compressed data ({packed}) is cut short or damaged") from error
    return b"".join(pieces)


def _open_gzip(data: bytes) -> Callable[[int], bytes]:
    import gzip

    return gzip.GzipFile(fileobj=io.BytesIO(data)).read


def _open_zstd(data: bytes) -> Callable[[int], bytes]:
    from cleaner.files.rows import import_arrow

    arrow = import_arrow()
    read: Callable[[int], bytes] = arrow.input_stream(
        arrow.py_buffer(data), compression="zstd"
    ).read
    return read


def output_name(directory: str, name: str) -> str:
    """Name what a file in a directory is cleaned into: pages become .txt, archives .jsonl.

    Where another file of the directory would give the same name, the page's whole name is kept:
    ``page.html.txt``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"")
    ...     output_name(directory, "a.html"), output_name(directory, "b.html")
    ('a.html.txt', 'b.txt')
    """
    match = _NAME.search(name)
    if match is None:
        return output_ending(name)
    stem = name[: match.start()]
    endings = (".txt", *(pattern[1:] for pattern in HTML_PATTERNS))
    siblings = (stem + ending for ending in endings if stem + ending != name)
    taken = any(os.path.exists(os.path.join(directory, sibling)) for sibling in siblings)
    return f"{name}.txt" if taken else f"{stem}.txt"


def output_ending(name: str) -> str:
    """Name what a file is cleaned into, where nothing is known of other files.

    Examples
    --------
    >>> output_ending("a.html"), output_ending("a.warc.gz"), output_ending("a.jsonl")
    ('a.html.txt', 'a.warc.jsonl', 'a.jsonl')
    """
    if match := _WARC_NAME.search(name):
        return f"{name[: match.start()]}.warc.jsonl"
    return f"{name}.txt" if _NAME.search(name) else name
