"""Parse HTML into trees: one for a page, or one after another for a page of very many tags."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaner.errors import InputError, needing

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# What no reader sees as text of the page.
_INVISIBLE = [
    "head", "script", "style", "noscript", "template", "textarea", "select", "datalist", "svg",
    "math", "iframe", "object", "audio", "video", "canvas", "noembed", "noframes",
]  # fmt: skip
# A tree takes up to 75 bytes for every byte of a page. So a page of more tags or bytes is parsed in
# parts: of 4,702 real ones, none has more than 43,000 tags or 2.3 MB.
WHOLE_TAGS = 1 << 16
WHOLE_BYTES = 3 << 20
PART_TAGS = 1 << 14
PART_BYTES = 1 << 19
_PART_END = b"<!--end of part %d-->"
_PART_ENDS = re.compile(rb"<!--end of part (\d{1,9})-->")
# Where a part cannot end (inside a comment, a script or a template, in a table but in no cell), it
# is parsed again with twice as much of the page. Beyond so many tags, it ends there all the same.
_MOST_UNPARTED = 1 << 16
# A page goes on behind its end just the same, but the end of a part there would be outside of it.
_PAGE_END = re.compile(rb"</(?:body|html)(?=[\s/>])[^<>]*+>", re.I)
_DOCTYPE = re.compile(rb"\s*+(?:<!--[^>]*+>\s*+){0,9}(<!doctype[^>]*+>)", re.I)
# The parser looks through all elements around each one, and through all attributes for each one.
_DEEPEST_NESTING = 2000
_MOST_ATTRIBUTES = 2000
# What a parser leaves out where it does not belong makes it copy the text before, if it has an
# attribute: in pages of very many tags, such elements lose theirs.
_MANY_TAGS = 20_000
_CELLS = rb"(td|th|tr|tbody|thead|tfoot|caption|colgroup|col|html|body|head|frameset|frame)\s"
# A tag without an end ends before the next one: or else all of the page would be searched for each.
_CELL = re.compile(rb"<%b(?:\"[^\"]*+\"|'[^']*+'|[^'\"<>]|<(?!%b))*+>" % (_CELLS, _CELLS), re.I)
# Of the choices of a list that allows one, it looks at all whenever another is read: 21,000 took it
# three seconds, on a real page. A list that allows several is left out just the same.
_MANY_OPTIONS = 2000
_SELECT = re.compile(rb"<select(?=[\s/>])", re.I)
_QUOTED = re.compile(rb"\"[^\"]*\"?|'[^']*'?")
_LONG_TAG_BYTES = 10_000
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}" % _LONG_TAG_BYTES)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing, or that the next one of their kind ends.
_SHALLOW = frozenset([
    b"a", b"area", b"base", b"br", b"col", b"dd", b"dt", b"embed", b"hr", b"img", b"input", b"li",
    b"link", b"meta", b"option", b"p", b"param", b"script", b"source", b"tbody", b"td", b"tfoot",
    b"th", b"thead", b"tr", b"track", b"wbr",
])  # fmt: skip
_CHECKED_BYTES = 1 << 20


class PageTree(NamedTuple):
    """A page or a part of one, without what is invisible."""

    root: LexborNode | None
    # Tags of the elements that the next part goes on in, outermost first. It has them once more.
    open_tags: tuple[str, ...] = ()


def parse_html(html: str) -> Iterator[PageTree]:
    """Parse a page as a browser does; if it has very many tags, in parts.

    A part ends before a tag. The elements that are open there are opened again for the next part,
    but not those that were closed in the wrong order (``<p><b>It</p>rained.``).

    Raises
    ------
    InputError
        If the parser cannot stand it.
    MissingExtraError
        If selectolax is not installed.

    Examples
    --------
    >>> [tree.root.html for tree in parse_html("<p>It rained.")]
    ['<html><body><p>It rained.</p></body></html>']
    """
    data = html.encode("utf-8", "replace")
    _check(data)
    n_tags = data.count(b"<")
    if n_tags <= WHOLE_TAGS and len(data) <= WHOLE_BYTES:
        yield PageTree(_strip(_parse(data, n_tags)))
    else:
        yield from _parse_parts(data, n_tags)


def _parse_parts(data: bytes, n_tags: int) -> Iterator[PageTree]:
    data = _PAGE_END.sub(b"", data)
    taken = {int(number) for number in _PART_ENDS.findall(data)}
    mark = _PART_END % next(number for number in itertools.count() if number not in taken)
    doctype = _DOCTYPE.match(data)
    opening = b""
    start, n_times = 0, 1
    while start < len(data):
        end = _find_end(data, start, n_times)
        parser = _parse(b"".join((opening, data[start:end], mark)), n_tags)
        tags: list[str] | None = []
        if end < len(data):
            tags = _open_tags(parser.root, mark.decode())
        if tags is None:
            if data.count(b"<", start, end) <= _MOST_UNPARTED:
                n_times *= 2
                continue
            tags = []
        yield PageTree(_strip(parser), tuple(takewhile(lambda tag: tag not in _INVISIBLE, tags)))
        del parser
        opening = (doctype[1] if doctype else b"") + "".join(f"<{tag}>" for tag in tags).encode()
        start, n_times = end, 1


def _find_end(data: bytes, start: int, n_times: int) -> int:
    """Find where a part ends that begins here: before a tag, after so many times its usual size."""
    end = min(start + n_times * PART_BYTES, len(data))
    while data.count(b"<", start, end) > n_times * PART_TAGS:
        end = start + (end - start) // 2
    if end == len(data):
        return end
    sign = data.rfind(b"<", start + 1, end)
    if sign < 0:
        sign = data.find(b"<", end)
    return sign if sign >= 0 else len(data)


def _open_tags(root: LexborNode | None, mark: str) -> list[str] | None:
    """Name the elements around the comment that ends a part, or None if it is no comment."""
    head = root.child if root else None
    for node in (root, head):
        tags: list[str] = []
        while node is not None:
            tag = node.tag or ""
            if tag == "-comment":
                if node.html == mark:
                    return ["html", *tags] if node is head else tags
                break
            tags.append(tag)
            node = node.last_child
    return None


def _parse(data: bytes, n_tags: int) -> LexborHTMLParser:
    """Parse a page or a part of one that has so many tags."""
    with needing("reading HTML needs more packages", "html"):
        from selectolax.lexbor import LexborHTMLParser
    if n_tags > _MANY_TAGS:
        data = _CELL.sub(rb"<\1>", data)
    if n_tags > _MANY_OPTIONS and data.lower().count(b"<option") > _MANY_OPTIONS:
        data = _SELECT.sub(rb"<select multiple", data)
    try:
        return LexborHTMLParser(data)
    except Exception as error:  # the parser's own kinds
        raise InputError(f"cannot be read as HTML: {error!s:.200}") from error


def _strip(parser: LexborHTMLParser) -> LexborNode | None:
    """Give the outermost element of a page, without what is invisible."""
    try:
        parser.strip_tags(_INVISIBLE)
        return parser.root
    except Exception as error:
        raise InputError(f"cannot be read as HTML: {error!s:.200}") from error


def _check(data: bytes) -> None:
    """Refuse what the parser takes quadratic time for: no page is like that.

    Raises
    ------
    InputError
        If elements are nested far too deep, or one has thousands of attributes.
    """
    signs = np.frombuffer(data, np.uint8)
    depth = deepest = 0
    for start in range(0, len(data), _CHECKED_BYTES):
        stop = start + _CHECKED_BYTES
        at = np.flatnonzero(signs[start:stop] == ord("<")) + start
        after = signs.take(at + 1, mode="clip")
        opens = ((after | 0x20) >= ord("a")) & ((after | 0x20) <= ord("z"))
        sums = np.cumsum(opens.astype(np.int64) - (after == ord("/"))) + depth
        if sums.size:
            sums -= np.minimum(np.minimum.accumulate(sums), 0)
            depth, deepest = int(sums[-1]), max(deepest, int(sums.max()))
        # The last tag of what is looked at may go on behind it.
        gaps = np.diff(at, append=stop + _LONG_TAG_BYTES)
        for place in at[opens & (gaps > _LONG_TAG_BYTES)].tolist():
            _check_tag(data, place)
    if deepest > _DEEPEST_NESTING:
        _check_nesting(data)


def _check_nesting(data: bytes) -> None:
    depth = deepest = 0
    for match in _TAG.finditer(data):
        if match[2].lower() not in _SHALLOW:
            depth = max(depth - 1, 0) if match[1] else depth + 1
            deepest = max(deepest, depth)
    if deepest > _DEEPEST_NESTING:
        raise InputError(f"elements are nested {deepest:,} deep: no page is like that")


def _check_tag(data: bytes, place: int) -> None:
    match = _LONG_TAG.match(data, place)
    if match and len(_QUOTED.sub(b"", match.group()).split()) > _MOST_ATTRIBUTES:
        raise InputError("an element has thousands of attributes: no page is like that")
