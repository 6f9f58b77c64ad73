"""Write a line of HTML as Markdown (CommonMark): headings, lists, quotations, emphasis, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.text.elements import Frame

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
# What Markdown would take for a heading, an item or a quotation at the start of a line.
_STARTS = re.compile(r"^(#{1,6}(?=\s)|[-+](?=\s)|=+$|-+$)|^(\d+)([.)])(?=\s)")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "code": "`"}
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
        self._text += [begin for begin, _ in wanted[shared:]]
        self._open = wanted
        self._text.append(
            plain if wanted and wanted[-1][0] == "`" else _SPECIAL.sub(r"\\\1", plain)
        )
        if piece[-1:].isspace():
            self._space()

    def end(self) -> str:
        """Give the line."""
        self._close(0)
        return self._prefix + _STARTS.sub(_escape_start, " ".join("".join(self._text).split()))

    def _space(self) -> None:
        if self._text[-1:] != [" "]:
            self._text.append(" ")

    def _close(self, shared: int) -> None:
        """End spans before the white space that ends the text: marks behind a space are none."""
        if len(self._open) > shared:
            at = len(self._text) - (self._text[-1:] == [" "])
            self._text[at:at] = [end for _, end in reversed(self._open[shared:])]
            self._open = self._open[:shared]


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
                span = ("[", f"]({address})")
        spans = one.spans = spans if span is None or span in spans else (*spans, span)
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


def _escape_start(match: re.Match[str]) -> str:
    return f"{match[2]}\\{match[3]}" if match[2] else f"\\{match[1]}"


def space_blocks(text: bytes) -> bytes:
    r"""Put a blank line between the lines of a Markdown text, but not between items of a list.

    Examples
    --------
    >>> space_blocks(b"It rained.\nIt stopped.\n- one\n- two\n")
    b'It rained.\n\nIt stopped.\n\n- one\n- two\n'
    """
    lines: list[bytes] = []
    for line in text.split(b"\n"):
        if lines and line and lines[-1] and not (_is_item(line) and _is_item(lines[-1])):
            lines.append(b"")
        lines.append(line)
    return b"\n".join(lines)


_ITEM = re.compile(rb"(?:> )?\s*(?:- |\d+\. )")


def _is_item(line: bytes) -> bool:
    return _ITEM.match(line) is not None
