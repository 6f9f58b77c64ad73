"""Turn HTML into the lines that a reader sees, each with where it stands in the markup.

The markup of a line is one string: the blocks around it, the inline elements that hold all of it,
and how much of it is link or emphasis, parted by bars::

    body article.story div.body[itemprop=articleBody] p|em|a=12 em=100

So a labelled line keeps its markup without the page, and whatever is learnt from markup is made
of these strings alone.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaner.errors import InputError, MissingExtraError
from cleaner.text.markdown import write_markdown

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# What no reader sees as text of the page.
_INVISIBLE = [
    "head", "script", "style", "noscript", "template", "textarea", "select", "datalist", "svg",
    "math", "iframe", "object", "audio", "video", "canvas",
]  # fmt: skip
# Elements that begin and end a line, and those with space around them: what browsers show so.
_BLOCKS = frozenset([
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dt", "fieldset", "figcaption", "footer", "form", "header", "hgroup", "hr", "html",
    "legend", "li", "main", "menu", "nav", "optgroup", "option", "search", "section", "summary",
    "tbody", "tfoot", "thead", "tr",
])  # fmt: skip
_SPACED = frozenset([
    "blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table",
    "title", "ul",
])  # fmt: skip
_CELLS = frozenset(["td", "th"])
_ALL_BLOCKS = _BLOCKS | _SPACED | _CELLS
# Side by side without a space between them, they still read as several words.
_APART = frozenset(["a", "button", "label", "input", "img"])
# Inline elements of which a line's share is told.
_SHARES = {
    "a": "a", "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em",
    "small": "small", "button": "button",
}  # fmt: skip
_SHOWN_SHARES = tuple(dict.fromkeys(_SHARES.values()))
# What is told of a line that is all inside some of them, by their bits.
_WHOLE = [
    " ".join(f"{share}=100" for n, share in enumerate(_SHOWN_SHARES) if bits >> n & 1)
    for bits in range(1 << len(_SHOWN_SHARES))
]
_BIT = {tag: 1 << _SHOWN_SHARES.index(share) for tag, share in _SHARES.items()}
# Attributes that say what an element is for, beside id and class.
_ATTRIBUTES = ("role", "itemprop", "itemtype", "name", "data-component", "data-testid")
_TOLD = frozenset([*_ATTRIBUTES, "style", "hidden", "aria-hidden"])
_NAME = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80  # characters of an attribute
# Of the blocks around a line, so many of the nearest are told, and of inline elements.
_DEEPEST = 16
_INLINE = 4
# Elements that parsers add.
_IMPLIED = frozenset(["html", "tbody"])
# The parser looks through all elements around each one, and through all attributes for each one.
_DEEPEST_NESTING = 2000
_MOST_ATTRIBUTES = 2000
# What a parser leaves out where it does not belong makes it copy the text before, if it has an
# attribute: in pages of very many tags, such elements lose theirs.
_MANY_TAGS = 20_000
_CELL = re.compile(
    r"<(td|th|tr|tbody|thead|tfoot|caption|colgroup|col|html|body|head|frameset|frame)\s"
    r"(?:\"[^\"]*+\"|'[^']*+'|[^'\">])*+>",
    re.I,
)
# Of the choices of a list that allows one, it looks at all whenever another is read: 21,000 took it
# three seconds, on a real page. A list that allows several is left out just the same.
_MANY_OPTIONS = 2000
_SELECT = re.compile(rb"<select(?=[\s/>])", re.I)
_QUOTED = re.compile(r"\"[^\"]*\"?|'[^']*'?")
_LONG_TAG_BYTES = 10_000
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG_TAG_BYTES},}}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing, or that the next one of their kind ends.
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")
_SHALLOW = frozenset([
    "a", "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
    "meta", "option", "p", "param", "script", "source", "tbody", "td", "tfoot", "th", "thead",
    "tr", "track", "wbr",
])  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class PageLines(NamedTuple):
    """The lines of a page, blank ones among them, and the markup of each ("" if it is blank)."""

    lines: Sequence[str]
    markup: Sequence[str]
    markdown: Sequence[str] = ()  # the same lines as Markdown, if asked for

    @property
    def text(self) -> str:
        """The page as a text."""
        return "\n".join(self.lines)


class Frame:
    """An open element of a page that is being read."""

    __slots__ = (
        "above", "blocks", "depth", "is_block", "is_pre", "n_blocks", "n_items", "name", "node",
        "number", "shares", "tag",
    )  # fmt: skip

    def __init__(
        self, node: LexborNode | None, tag: str, above: Frame | None, *, is_pre: bool
    ) -> None:
        self.node = node
        self.tag = tag
        self.above = above
        self.depth: int = above.depth + 1 if above else 0
        # Bits of the inline elements around the text in it.
        self.shares: int = (above.shares if above else 0) | _BIT.get(tag, 0)
        self.is_pre = is_pre
        # Whether it begins and ends a line, or is a cell of a table.
        self.is_block = tag in _ALL_BLOCKS
        self.name = ""  # once told
        # What is told of the elements around it and of itself, once told; and of how many.
        self.blocks: str | None = None if above else ""
        self.n_blocks = 0
        self.n_items = 0  # of a list, so far
        self.number = 0  # of an item in its list


@dataclass(slots=True)
class _Page:
    """What has been read of a page so far."""

    lines: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    markdown: list[str] | None = None
    pieces: list[tuple[str, Frame]] = field(default_factory=list)
    gap: bool = False  # a blank line is due before the next line
    # Lines of equal markup share one string: a page of a million of them has few.
    told: dict[str, str] = field(default_factory=dict)

    def end_line(self, *, spaced: bool = False) -> None:
        if pieces := self.pieces:
            text = pieces[0][0] if len(pieces) == 1 else "".join([piece for piece, _ in pieces])
            text = " ".join(text.split())
            if text:
                if self.gap and self.lines:
                    self.lines.append("")
                    self.markup.append("")
                    if self.markdown is not None:
                        self.markdown.append("")
                self.lines.append(text)
                markup = _describe(pieces)
                self.markup.append(self.told.setdefault(markup, markup))
                if self.markdown is not None:
                    self.markdown.append(write_markdown(pieces))
                self.gap = False
            pieces.clear()
        self.gap |= spaced


def read_html(html: str, *, markdown: bool = False) -> PageLines:
    """Find the lines of an HTML page as a browser would show them, in the order of the source.

    Blocks begin and end a line, ``<br>`` ends one, inline elements never do. There is a blank
    line around paragraphs, headings, lists, quotations, figures and tables. White space within a
    line is collapsed. What is never shown (scripts, styles, the head) is left out; what may be
    hidden is not, but its markup says so.

    Parameters
    ----------
    html : str
        A page or a part of one; whatever is not HTML is read as a browser reads it.
    markdown : bool
        Give every line as Markdown, too.

    Raises
    ------
    InputError
        If the parser cannot stand it.
    MissingExtraError
        If selectolax is not installed.

    Examples
    --------
    >>> page = read_html("<div class='story'><h1>Rain</h1><p>It <b>rained</b>.<br>A lot.</div>")
    >>> page.lines
    ['Rain', '', 'It rained.', 'A lot.']
    >>> page.markup[2]
    'body div.story p||strong=67'
    """
    page = _Page(markdown=[] if markdown else None)
    is_text = _ANY_TAG.search(html) is None
    above = Frame(None, "", None, is_pre=is_text)
    last = ""  # tag of the element that has just ended, if nothing came after it
    node = _parse(html)
    while node is not None:
        tag = node.tag or ""
        child = None
        if tag == "-text":
            _add_text(page, node.text_content or "", above)
            last = ""
        elif tag[:1] not in "-!_":
            if tag in _APART and last in _APART:
                page.pieces.append((" ", above))
            frame = Frame(node, tag, above, is_pre=above.is_pre or tag == "pre")
            if tag == "li":
                above.n_items += 1
                frame.number = above.n_items
            if frame.is_block or tag == "br":
                _enter(frame, page)
            last = ""
            child = node.child
            if child is None:
                last = tag
                if frame.is_block:
                    _leave(frame, page)
            else:
                above = frame
        # What comes next is a child, or what follows the innermost element that is not at its end.
        following = node.next if child is None else child
        while following is None and above.above is not None and above.node is not None:
            last = above.tag
            if above.is_block:
                _leave(above, page)
            following, above = above.node.next, above.above
        node = following
    return PageLines(page.lines, page.markup, page.markdown or ())


def _parse(html: str) -> LexborNode | None:
    """Parse a page, without what is invisible: its outermost element."""
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise MissingExtraError(
            "reading HTML needs more packages: pip install 'clean-news[html]'"
        ) from error
    data = html.encode("utf-8", "replace")
    _check(html, data)
    n_signs = html.count("<")
    if n_signs > _MANY_TAGS:
        data = _CELL.sub(r"<\1>", html).encode("utf-8", "replace")
    if n_signs > _MANY_OPTIONS and data.lower().count(b"<option") > _MANY_OPTIONS:
        data = _SELECT.sub(rb"<select multiple", data)
    try:
        parser = LexborHTMLParser(data)
        parser.strip_tags(_INVISIBLE)
        return parser.root
    except Exception as error:  # the parser's own kinds
        raise InputError(f"cannot be read as HTML: {error!s:.200}") from error


def _check(html: str, data: bytes) -> None:
    """Refuse what the parser takes quadratic time for: no page is like that.

    Parameters
    ----------
    data : bytes
        The same page in UTF-8.

    Raises
    ------
    InputError
        If elements are nested far too deep, or one has thousands of attributes.
    """
    signs = np.frombuffer(data + b" ", np.uint8)
    at = np.flatnonzero((signs == ord("<")) | (signs == ord(">")))
    is_tag = signs[at] == ord("<")
    after = signs[at + 1][is_tag]
    closes = after == ord("/")
    opens = ((after | 0x20) >= ord("a")) & ((after | 0x20) <= ord("z"))
    if int(np.cumsum(opens.astype(np.int64) - closes).max(initial=0)) > _DEEPEST_NESTING:
        depth = deepest = 0
        for match in _TAG.finditer(html):
            if match[2].lower() not in _SHALLOW:
                depth = max(depth - 1, 0) if match[1] else depth + 1
                deepest = max(deepest, depth)
        if deepest > _DEEPEST_NESTING:
            raise InputError(f"elements are nested {deepest:,} deep: no page is like that")
    if not (np.diff(at, append=len(data))[is_tag][opens] > _LONG_TAG_BYTES).any():
        return
    for match in _LONG_TAG.finditer(html):
        if len(_QUOTED.sub("", match.group()).split()) > _MOST_ATTRIBUTES:
            raise InputError("an element has thousands of attributes: no page is like that")


def _enter(frame: Frame, page: _Page) -> None:
    """Begin a block, or break a line."""
    if frame.tag in _CELLS:
        page.pieces.append((" ", frame))
    elif page.pieces or frame.tag in _SPACED:
        page.end_line(spaced=frame.tag in _SPACED)


def _leave(frame: Frame, page: _Page) -> None:
    """End a block."""
    if frame.tag not in _CELLS and (page.pieces or frame.tag in _SPACED):
        page.end_line(spaced=frame.tag in _SPACED)


def _add_text(page: _Page, text: str, frame: Frame) -> None:
    if frame.is_pre and "\n" in text:
        first, *rest = text.split("\n")
        page.pieces.append((first, frame))
        for line in rest:
            page.end_line()
            page.gap |= not line.strip()
            page.pieces.append((line, frame))
    elif page.pieces or not text.isspace():
        page.pieces.append((text, frame))


def _describe(pieces: list[tuple[str, Frame]]) -> str:
    """Tell the markup of the line that is made of these pieces."""
    if len(pieces) == 1:  # as most lines are
        frame = pieces[0][1]
        return _join(frame, _WHOLE[frame.shares])
    counts = [(len("".join(text.split())), frame) for text, frame in pieces]
    shown = [(n, frame) for n, frame in counts if n]
    common = shown[0][1]
    for _, other in shown[1:]:
        common = _common(common, other)
    total = sum([n for n, _ in shown])
    bits = functools.reduce(operator.or_, [one.shares for _, one in shown])
    shares = []
    for number, share in enumerate(_SHOWN_SHARES if bits else ()):
        inside = sum([n for n, one in shown if one.shares >> number & 1])
        if inside:
            shares.append(f"{share}={round(100 * inside / total)}")
    return _join(common, " ".join(shares))


def _join(frame: Frame, shares: str) -> str:
    """Tell the blocks around a line, the inline elements that hold all of it, and its shares."""
    inline: list[str] = []
    while not frame.is_block and frame.above is not None:
        inline.append(frame.name or _name(frame))
        frame = frame.above
    blocks = _blocks(frame) if frame.blocks is None else frame.blocks
    if not inline:
        return f"{blocks}||{shares}"
    return f"{blocks}|{' '.join(reversed(inline[:_INLINE]))}|{shares}"


def _common(one: Frame, other: Frame) -> Frame:
    """Find the innermost element that both are in."""
    while one is not other:
        if one.depth >= other.depth and one.above is not None:
            one = one.above
        elif other.above is not None:
            other = other.above
    return one


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
    name = frame.tag if frame.tag.isalnum() else _clean(frame.tag)
    if attributes:
        if value := attributes.get("id"):
            name += f"#{_clean(value)}"
        if value := attributes.get("class"):
            name += f".{_clean('.'.join(value.split()))}"
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


def _clean(value: str) -> str:
    return _NAME.sub("", value[:_LONGEST_NAME])
