"""Say what looks odd about the text of a file, which is cleaned nevertheless."""

from __future__ import annotations

import re

from cleaner.text import LARGEST_LINES, is_very_long, split_content

_SEVERAL_PAGES = (
    f"looks like several pages in one file, and was judged in parts of {LARGEST_LINES:,} lines or"
    " 2 MB: split it into one file per page"
)
_HTML = "looks like HTML, but was cleaned as text: give it the ending .html"

# In text, tags are rare: the page of a programmer shows a few. So HTML is what begins with a tag
# and closes one, or closes one in this many bytes; the corpus has no such page.
_TAG = re.compile(rb"\s*<(?:!doctype|!--|[a-z])[^<]*>", re.IGNORECASE)
_CLOSING_TAG = re.compile(rb"</[a-z][a-z0-9-]{0,20}\s*>", re.IGNORECASE)
_BYTES_PER_TAG = 1000
_FEWEST_TAGS = 3
_LOOKED_AT_BYTES = 1 << 16  # from the start, so that the size of the file does not matter


def find_oddities(data: bytes) -> list[str]:
    """Say what looks odd about the text of a file, and what to do.

    Parameters
    ----------
    data
        UTF-8.

    Examples
    --------
    >>> find_oddities(b"It rained.")
    []
    >>> find_oddities(b"<p>It rained.</p>")
    ['looks like HTML, but was cleaned as text: give it the ending .html']
    """
    in_parts = is_very_long(data) and len(split_content(data)) > 1
    oddities = [_SEVERAL_PAGES] if in_parts else []
    return [*oddities, _HTML] if _looks_like_html(data[:_LOOKED_AT_BYTES]) else oddities


def _looks_like_html(data: bytes) -> bool:
    if b"<" not in data:
        return False
    n_closing = sum(1 for _ in _CLOSING_TAG.finditer(data))
    if n_closing and _TAG.match(data):
        return True
    return n_closing >= _FEWEST_TAGS and n_closing * _BYTES_PER_TAG >= len(data)
