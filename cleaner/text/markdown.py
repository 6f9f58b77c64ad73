"""Write a line of HTML as Markdown (CommonMark): headings, lists, quotations, emphasis, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.text.markup import Frame

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
# What Markdown would take for a heading, an item or a quotation at the start of a line.
_STARTS = re.compile(r"^(#{1,6}(?=\s)|[-+](?=\s)|=+$|-+$)|^(\d+)([.)])(?=\s)")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "code": "`"}
_ADDRESS = re.compile(r"[^\s<>()\"]{1,2000}")
_LISTS = ("ul", "ol", "menu")


def write_markdown(pieces: Sequence[tuple[str, Frame]]) -> str:
    """Write the pieces of a line, each with the element that it stands in."""
    block = pieces[0][1]
    while not block.is_block and block.above is not None:
        block = block.above
    text = ""
    open_marks: list[tuple[str, str]] = []  # what begins and what ends each span
    for piece, frame in pieces:
        wanted = _spans(frame)
        shared = 0
        while shared < min(len(wanted), len(open_marks)) and wanted[shared] == open_marks[shared]:
            shared += 1
        text = _close(text, open_marks[shared:])
        open_marks = wanted
        plain = " ".join(piece.split())
        if not plain:
            open_marks = open_marks[:shared]
            text += " " if piece else ""
            continue
        text += " " if piece[:1].isspace() else ""
        text += "".join(begin for begin, _ in wanted[shared:])
        text += plain if wanted and wanted[-1][0] == "`" else _SPECIAL.sub(r"\\\1", plain)
        text += " " if piece[-1:].isspace() else ""
    text = " ".join(_close(text, open_marks).split())
    return _prefix(block) + _STARTS.sub(_escape_start, text)


def _spans(frame: Frame) -> list[tuple[str, str]]:
    """Give the marks of the inline elements around a piece, outermost first."""
    spans: list[tuple[str, str]] = []
    one: Frame | None = frame
    while one is not None and not one.is_block:
        if mark := _MARKS.get(one.tag):
            spans.append((mark, mark))
        elif one.tag == "a" and one.node is not None:
            address = (one.node.attributes.get("href") or "").strip()
            if _ADDRESS.fullmatch(address) and not address.lower().startswith("javascript:"):
                spans.append(("[", f"]({address})"))
        one = one.above
    return list(dict.fromkeys(reversed(spans)))


def _close(text: str, spans: Sequence[tuple[str, str]]) -> str:
    """End spans before the white space that ends the text: marks behind a space are none."""
    if not spans:
        return text
    bare = text.rstrip()
    return bare + "".join(end for _, end in reversed(spans)) + text[len(bare) :]


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
