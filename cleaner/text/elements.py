"""Name the open elements of a page that is being read, and tell where a line in them stands."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Cells of a table, elements that begin and end a line, and those with space around them: what
# browsers show so. All others are inline.
CELL, BLOCK, SPACED = 1, 2, 3
KINDS = {
    **dict.fromkeys(["td", "th"], CELL),
    **dict.fromkeys([
        "address", "article", "aside", "body", "br", "caption", "center", "dd", "details",
        "dialog", "dir", "div", "dt", "fieldset", "figcaption", "footer", "form", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "optgroup", "option",
        "search", "section", "summary", "tbody", "tfoot", "thead", "tr",
    ], BLOCK),
    **dict.fromkeys([
        "blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre",
        "table", "title", "ul",
    ], SPACED),
}  # fmt: skip
# Inline elements of which a line's share is told.
_SHARES = {
    "a": "a", "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em",
    "small": "small", "button": "button",
}  # fmt: skip
SHOWN_SHARES = tuple(dict.fromkeys(_SHARES.values()))
# What is told of a line that is all inside some of them, by their bits.
WHOLE = [
    " ".join(f"{share}=100" for n, share in enumerate(SHOWN_SHARES) if bits >> n & 1)
    for bits in range(1 << len(SHOWN_SHARES))
]
_BIT = {tag: 1 << SHOWN_SHARES.index(share) for tag, share in _SHARES.items()}
# Attributes that say what an element is for, beside id and class.
_ATTRIBUTES = ("role", "itemprop", "itemtype", "name", "data-component", "data-testid")
_TOLD = frozenset([*_ATTRIBUTES, "style", "hidden", "aria-hidden"])
_NAME = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80  # characters of an attribute
# What is known from page to page must be short: a class may have as many megabytes as a page.
_LONGEST_KNOWN = 1 << 10  # characters of an attribute
# Of the blocks around a line, so many of the nearest are told, and of inline elements.
_DEEPEST = 16
_INLINE = 4
# Elements that parsers add.
_IMPLIED = frozenset(["html", "tbody"])
_START = re.compile(r"\s*\+?([0-9]{1,9})\s*")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class Frame:
    """An open element of a page that is being read."""

    # What is told of it: its name, and those of the blocks around it with its own.
    name = ""
    blocks: str | None = None
    n_blocks = 0
    address: str | None = None  # of a link
    spans: tuple[tuple[str, str], ...] | None = None  # its marks in Markdown, see markdown.py
    line = 0  # number of the last line that is known to stand in it
    n_items = 0  # of a list, so far, and those that the count begins after
    number = 0  # of an item in its list

    def __init__(self, node: LexborNode | None, tag: str, above: Frame | None, kind: int) -> None:
        self.node = node
        self.tag = tag
        self.above = above
        self.kind = kind
        if above is None:
            self.depth = self.shares = 0  # bits of the inline elements around the text in it
            self.is_pre = False
            self.blocks = ""
        else:
            self.depth = above.depth + 1
            self.shares = above.shares | _BIT[tag] if tag in _BIT else above.shares
            self.is_pre = above.is_pre or tag == "pre"
            if tag == "li":
                self.number = above.n_items
            elif tag == "ol" and node is not None:
                self.n_items = _first_number(node) - 1

    def find_address(self) -> str:
        """Give the address that a link leads to, or ""."""
        if self.address is None:
            attributes = self.node.attributes if self.node else {}
            self.address = (attributes.get("href") or "").strip()
        return self.address

    def let_go(self) -> None:
        """Keep what is told of it and those around it, but no nodes: each holds a whole tree."""
        one: Frame | None = self
        while one is not None:
            _name(one)
            if one.tag == "a":
                one.find_address()
            one.node, one = None, one.above


def _first_number(node: LexborNode) -> int:
    """Give the number of the first item of a list; those that Markdown does not have are 1."""
    start = _START.fullmatch(node.attributes.get("start") or "")
    return int(start[1]) if start else 1


def describe_line(frame: Frame, shares: str) -> str:
    """Tell the blocks around a line, the inline elements that hold all of it, and its shares."""
    inline: list[str] = []
    while not frame.kind and frame.above is not None:
        inline.append(frame.name or _name(frame))
        frame = frame.above
    blocks = _blocks(frame) if frame.blocks is None else frame.blocks
    if not inline:
        return f"{blocks}||{shares}"
    return f"{blocks}|{' '.join(reversed(inline[:_INLINE]))}|{shares}"


def _blocks(frame: Frame) -> str:
    """Name the elements around a block, outermost first, and the block."""
    untold = []
    one = frame
    while one.blocks is None and one.above is not None:
        untold.append(one)
        one = one.above
    blocks, n_blocks = one.blocks or "", one.n_blocks
    for one in reversed(untold):
        if one.tag not in _IMPLIED:
            blocks = f"{blocks} {_name(one)}" if blocks else _name(one)
            n_blocks += 1
            if n_blocks > _DEEPEST:
                blocks = blocks.partition(" ")[2]
                n_blocks -= 1
        one.blocks, one.n_blocks = blocks, n_blocks
    return blocks


def _name(frame: Frame) -> str:
    """Name an element: its tag, id, classes and what else says what it is for."""
    if frame.name or frame.node is None:
        return frame.name
    attributes: Mapping[str, Any] = frame.node.attributes
    name = frame.tag[:_LONGEST_NAME] if frame.tag.isalnum() else _clean(frame.tag)
    if attributes:
        if value := attributes.get("id"):
            name += f"#{_clean(value)}"
        if value := attributes.get("class"):
            name += _name_classes(value)
        if not _TOLD.isdisjoint(attributes):
            for attribute in _ATTRIBUTES:
                if value := attributes.get(attribute):
                    name += f"[{attribute}={_clean(value.rpartition('/')[2])}]"
            style = attributes.get("style")
            hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
            if hidden or (style and _HIDDEN.search(style)):
                name += "[hidden]"
    frame.name = name
    return name


def _name_classes(value: str) -> str:
    name = _name_known if len(value) <= _LONGEST_KNOWN else _name_unknown
    return name(value)


def _name_unknown(value: str) -> str:
    return f".{_clean('.'.join(value.split()))}"


# Pages have many elements of one class.
_name_known = functools.lru_cache(maxsize=1 << 12)(_name_unknown)


def _clean(value: str) -> str:
    return _NAME.sub("", value[:_LONGEST_NAME])
