"""Write a line of HTML as Markdown (CommonMark): headings, lists, quotations, emphasis, links."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.text.elements import Frame

# What is no text to Markdown: marks, and what it takes for a character reference.
_ENTITY = re.compile(r"&(?=#?\w+;)")
_SPECIAL = re.compile(rf"[\\`*_\[\]<>]|{_ENTITY.pattern}")
# What it takes for a heading, an item, a rule or a fence at the start of a line, and at the end of
# a heading for none of its text.
_STARTS = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|[-=][-=\s]*$|~~~|(\d{1,9})(?=[.)](?:\s|$))")
_HEADING_END = re.compile(r"(?<=\s)#+$")
_CODE = "`"
_EMPHASIS = ("*", "**")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "code": _CODE}
_ADDRESS = re.compile(r"[^\s<>()\"]{1,2000}")
_LISTS = ("ul", "ol", "menu")

Spans = tuple[tuple[str, str], ...]  # what begins and what ends each


class MarkdownLine:
    """A line that is written piece by piece, each with the element that it stands in."""

    def __init__(self, first: Frame) -> None:
        block = first
        while not block.kind and block.above is not None:
            block = block.above
        self._prefix = _prefix(block)
        self._text: list[str] = []
        self._open: Spans = ()
        self._begins: list[int] = []  # of open spans, places of their marks in the text
        self._closed: dict[int, tuple[int, bool]] = {}  # end and begin; whether others are around

    def add(self, piece: str, frame: Frame) -> None:
        """Write one more piece."""
        wanted = _spans(frame)
        shared = 0
        while shared < min(len(wanted), len(self._open)) and wanted[shared] == self._open[shared]:
            shared += 1
        self._close(shared)
        plain = " ".join(piece.split())
        if not plain:
            if piece:
                self._space()
            return
        if piece[:1].isspace():
            self._space()
        self._begins += range(len(self._text), len(self._text) + len(wanted) - shared)
        self._text += [begin for begin, _ in wanted[shared:]]
        self._open = wanted
        is_code = wanted and wanted[-1][0] == _CODE
        self._text.append(plain if is_code else _SPECIAL.sub(r"\\\g<0>", plain))
        if piece[-1:].isspace():
            self._space()

    def end(self) -> str:
        """Give the line."""
        self._close(0)
        for end, (begin, is_inner) in self._closed.items():
            self._mend(begin, end, is_inner=is_inner)
        text = " ".join("".join(self._text).split())
        start = _STARTS.match(text)
        if start:
            at = start.end() if start[1] else 0
            text = f"{text[:at]}\\{text[at:]}"
        if "#" in self._prefix:
            text = _HEADING_END.sub(r"\\\g<0>", text)
        return self._prefix + text

    def _space(self) -> None:
        if self._text[-1:] != [" "]:
            self._text.append(" ")

    def _close(self, shared: int) -> None:
        """End spans before the white space that ends the text: marks behind a space are none."""
        if len(self._open) <= shared:
            return
        space = [self._text.pop()] if self._text[-1] == " " else []
        for depth in range(len(self._open) - 1, shared - 1, -1):
            is_inner = any(begin in _EMPHASIS for begin, _ in self._open[:depth])
            self._closed[len(self._text)] = self._begins.pop(), is_inner
            self._text.append(self._open[depth][1])
        self._text += space
        self._open = self._open[:shared]

    def _mend(self, begin: int, end: int, *, is_inner: bool) -> None:
        """Make the marks of a span such that they are marks and nothing else is, or drop them."""
        text = self._text
        if text[begin] == _CODE:
            inside = re.findall("`+", "".join(text[begin + 1 : end]))
            if inside:
                fence = max(inside, key=len) + _CODE
                text[begin], text[end] = f"{fence} ", f" {fence}"
        elif text[begin] not in _EMPHASIS:
            if begin and text[begin - 1].endswith("!"):  # no picture
                text[begin - 1] = text[begin - 1][:-1] + r"\!"
        elif self._follows_emphasis(begin) or not (
            _is_mark(self._sign(begin, -1), self._sign(begin, 1), is_inner=is_inner)
            and _is_mark(self._sign(end, 1), self._sign(end, -1), is_inner=is_inner)
        ):
            text[begin] = text[end] = ""

    def _follows_emphasis(self, begin: int) -> bool:
        """Tell if emphasis ends where this begins: the asterisks of both would be one mark."""
        for before in range(begin - 1, -1, -1):
            piece = self._text[before]
            if piece in _EMPHASIS and before in self._closed:
                return True
            if piece not in ("", *_EMPHASIS):
                break
        return False

    def _sign(self, place: int, step: int) -> str:
        """Give the character beside a mark and others like it; "" where the line ends."""
        place += step
        while 0 <= place < len(self._text) and self._text[place] in ("", *_EMPHASIS):
            place += step
        return self._text[place][min(step, 0)] if 0 <= place < len(self._text) else ""


def _is_mark(outside: str, inside: str, *, is_inner: bool) -> bool:
    """Tell if asterisks between two characters begin or end emphasis (CommonMark 6.2).

    Within other emphasis, those within a word could do either.
    """
    if not inside or inside.isspace():
        return False
    if not outside or outside.isspace():
        return True
    is_free = unicodedata.category(inside)[0] not in "PS" and not is_inner
    return is_free or outside in string.punctuation or unicodedata.category(outside)[0] == "P"


def _spans(frame: Frame) -> Spans:
    """Give the marks of the inline elements around a piece, outermost first."""
    untold = []
    one = frame
    while one.spans is None and not one.kind and one.above is not None:
        untold.append(one)
        one = one.above
    spans = one.spans or ()
    for one in reversed(untold):
        mark = _MARKS.get(one.tag)
        span = (mark, mark) if mark else None
        if one.tag == "a":
            address = one.find_address()
            if _ADDRESS.fullmatch(address) and not address.lower().startswith("javascript:"):
                span = ("[", f"]({_ENTITY.sub('&amp;', address)})")
        # All of code is code.
        if span and span not in spans and (_CODE, _CODE) not in spans:
            spans = (*spans, span)
        one.spans = spans
    return spans


def _prefix(block: Frame) -> str:
    """Give what stands before the text of a heading, an item or a quotation."""
    prefix, depth = "", 0
    is_item = False
    one: Frame | None = block
    while one is not None:
        if one.tag == "li" and not prefix and not is_item:
            is_item = True
            prefix = f"{one.number}. " if one.above and one.above.tag == "ol" else "- "
        elif one.tag in _LISTS and is_item:
            depth += 1
        elif one.tag == "blockquote":
            return "> " + "    " * max(depth - 1, 0) + prefix
        elif len(one.tag) == 2 and one.tag[0] == "h" and one.tag[1] in "123456":
            prefix = "#" * int(one.tag[1]) + " "
        one = one.above
    return "    " * max(depth - 1, 0) + prefix


def space_blocks(text: bytes) -> bytes:
    r"""Put a blank line between the lines of a Markdown text, but not between items of a list.

    An item whose list stands in an item that was not kept moves to the left: so far to the right,
    it would be code.

    Examples
    --------
    >>> space_blocks(b"It rained.\nIt stopped.\n- one\n- two\n")
    b'It rained.\n\nIt stopped.\n\n- one\n- two\n'
    >>> space_blocks(b"It rained.\n        - one\n        - two\n")
    b'It rained.\n\n- one\n- two\n'
    """
    lines: list[bytes] = []
    depths: list[int] = []  # of the item before, and of those that it stands in
    quote = b""
    for line in text.split(b"\n"):
        item = _ITEM.match(line)
        if line and not (item and item[1] == quote):
            depths = []
        if item:
            quote, depth = item[1], len(item[2])
            depths = [*(one for one in depths if one < depth), depth]
        if lines and line and lines[-1] and not (item and _ITEM.match(lines[-1])):
            lines.append(b"")
        indent = b"    " * (len(depths) - 1)
        lines.append(quote + indent + line[item.end() :] if item else line)
    return b"\n".join(lines)


_ITEM = re.compile(rb"((?:> )?)( *)(?=- |\d+\. )")
