"""Read HTML pages from files, plain or compressed."""

from __future__ import annotations

import io

from cleaner.errors import InputError
from cleaner.files.decoding import decode_html
from cleaner.files.names import is_html, kind_and_packing
from cleaner.files.packing import telling_damage, unpack
from cleaner.files.text_file import naming_file, read_bytes, read_text
from cleaner.text import PageLines, read_html

# More is no page: half a million pages have 50 MB at most, and the parser takes ten times that.
LARGEST_PAGE = 64 << 20


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
    _, packing = kind_and_packing(path)
    with telling_damage(packing):  # unpacked, it may have any size
        data = unpack(io.BytesIO(data), packing).read(LARGEST_PAGE + 1)
    if len(data) > LARGEST_PAGE:
        raise InputError(f"more than {LARGEST_PAGE:,} bytes of HTML: no page has so many")
    return decode_html(data)


def read_page_file(path: str) -> str:
    """Read an HTML page, as `read_html_file`, with the path in every error.

    Raises
    ------
    InputError
        If it cannot be read, is binary, damaged, or larger than any page.
    """
    with naming_file(path):
        return read_html_file(path)


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
