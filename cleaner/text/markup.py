"""Turn HTML into the lines that a reader sees, each with where it stands in the markup.

The markup of a line is one string: the blocks around it, the inline elements that hold all of it,
and how much of it is link or emphasis, parted by bars::

    body article.story div.body[itemprop=articleBody] p|em|a=12 em=100

So a labelled line keeps its markup without the page, and whatever is learnt from markup is made
of these strings alone.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cleaner.text.markdown import MarkdownLine
from cleaner.text.page_tree import PageTree, parse_html

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Cells of a table, elements that begin and end a line, and those with space around them: what
# browsers show so. All others are inline.
_CELL, _BLOCK, _SPACED = 1, 2, 3
_KINDS = {
    **dict.fromkeys(["td", "th"], _CELL),
    **dict.fromkeys([
        "address", "article", "aside", "body", "br", "caption", "center", "dd", "details",
        "dialog", "dir", "div", "dt", "fieldset", "figcaption", "footer", "form", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "optgroup", "option",
        "search", "section", "summary", "tbody", "tfoot", "thead", "tr",
    ], _BLOCK),
    **dict.fromkeys([
        "blockquote", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre",
        "table", "title", "ul",
    ], _SPACED),
}  # fmt: skip
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
# What is known from page to page must be short: a class may have as many megabytes as a page.
_LONGEST_KNOWN = 1 << 10  # characters of an attribute
# Of the blocks around a line, so many of the nearest are told, and of inline elements.
_DEEPEST = 16
_INLINE = 4
# Elements that parsers add.
_IMPLIED = frozenset(["html", "tbody"])
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Pieces of a line that are kept until they are taken together, each with the element it stands in:
# there may be a million in one line.
_MOST_PIECES = 1 << 10
# Splitting a text into words takes twenty times as much memory, so it is done bit by bit.
_TIDIED = 1 << 16  # characters
_SPACE = re.compile(r"\s+")
# Markup takes up to ten thousand times the memory of a line, if long names stand around it and no
# two lines have the same. All of a page that is worth reading takes less than a megabyte.
_MOST_TOLD = 32 << 20  # bytes


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

    # What is told of it: its name, and those of the blocks around it with its own.
    name = ""
    blocks: str | None = None
    n_blocks = 0
    address: str | None = None  # of a link
    spans: tuple[tuple[str, str], ...] | None = None  # its marks in Markdown, see markdown.py
    line = 0  # number of the last line that is known to stand in it
    n_items = 0  # of a list, so far
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


class _Line:
    """The line that is being read, but for its newest pieces."""

    def __init__(self, number: int, first: Frame, *, markdown: bool) -> None:
        self.number = number  # from 1
        self.texts: list[str] = []
        self.common: Frame | None = None  # the innermost element around all of it
        self.inside: dict[int, int] = {}  # characters by the bits of the inline elements around
        self.markdown = MarkdownLine(first) if markdown else None

    def take(self, pieces: Sequence[tuple[str, Frame]]) -> None:
        """Add pieces, each with the element that it stands in."""
        inside, number = self.inside, self.number
        for text, frame in pieces:
            if n := _count_shown(text):
                inside[frame.shares] = inside.get(frame.shares, 0) + n
                if frame.line != number:
                    self._widen(frame)
        self.texts.append("".join([text for text, _ in pieces]))
        if self.markdown is not None:
            for text, frame in pieces:
                self.markdown.add(text, frame)

    def _widen(self, frame: Frame) -> None:
        """Find the innermost element around what there was and an element."""
        common = self.common or frame
        one = frame
        # Elements that are known to be inside are marked, so that no way is gone twice.
        while one.depth > common.depth and one.line != self.number and one.above is not None:
            one.line, one = self.number, one.above
        if one.line != self.number:
            while common is not one and common.above is not None:
                if one.depth >= common.depth and one.above is not None:
                    one.line, one = self.number, one.above
                else:
                    common = common.above
        common.line = self.number
        self.common = common

    def describe(self) -> str:
        """Tell its markup; "" if it has no text."""
        if self.common is None:
            return ""
        if len(self.inside) == 1:
            return _join(self.common, _WHOLE[next(iter(self.inside))])
        total = sum(self.inside.values())
        shares = []
        for number, share in enumerate(_SHOWN_SHARES):
            inside = sum([n for bits, n in self.inside.items() if bits >> number & 1])
            if inside:
                shares.append(f"{share}={round(100 * inside / total)}")
        return _join(self.common, " ".join(shares))


class _Page:
    """What has been read of a page so far."""

    def __init__(self, *, markdown: bool) -> None:
        self.lines: list[str] = []
        self.markup: list[str] = []
        self.markdown: list[str] | None = [] if markdown else None
        # The line that is being read: its newest pieces, and what was before them.
        self.pieces: list[tuple[str, Frame]] = []
        self.line: _Line | None = None
        self._n_taken = 0
        self.gap = False  # a blank line is due before the next line
        self.last = ""  # tag of the element that has just ended, if nothing came after it
        # Lines of equal markup share one string: a page of a million of them has few.
        self._told: dict[str, str] = {"": ""}
        self._told_bytes = 0

    def add(self, text: str, frame: Frame) -> None:
        """Add a piece to the line that is being read."""
        if len(self.pieces) >= _MOST_PIECES:
            self.take_pieces()
        self.pieces.append((text, frame))

    def break_line(self, kind: int) -> None:
        """Begin or end a block of a kind."""
        if self.pieces:
            self.end_line()
        if kind == _SPACED:
            self.gap = True

    def add_preformatted(self, text: str, frame: Frame) -> None:
        """Add a text whose line ends are kept; it may go on within a line, and end within one."""
        first, *rest = text.split("\n")
        has_begun = bool(self.pieces) or self.line is not None
        self.add(first, frame)
        for line in rest:
            # Told before the gap is read, which a line with text has taken.
            is_blank = not self.end_line() and has_begun
            self.gap |= is_blank
            has_begun = True
            self.add(line, frame)

    def take_pieces(self) -> _Line:
        """Take what there is of the line that is being read together."""
        if self.line is None:
            self._n_taken += 1
            self.line = _Line(self._n_taken, self.pieces[0][1], markdown=self.markdown is not None)
        self.line.take(self.pieces)
        self.pieces.clear()
        return self.line

    def end_line(self) -> bool:
        """End the line that is being read: one more if it has any text, which is told."""
        if self.line is None and len(self.pieces) == 1 and self.markdown is None:  # as most are
            text, frame = self.pieces.pop()
            if text := _tidy(text):
                self._add_line(text, _join(frame, _WHOLE[frame.shares]))
            return bool(text)
        line = self.take_pieces()
        self.line = None
        if text := _tidy("".join(line.texts)):
            markdown = line.markdown.end() if line.markdown else ""
            self._add_line(text, line.describe(), markdown)
        return bool(text)

    def _add_line(self, text: str, markup: str, markdown: str = "") -> None:
        told = self._told.get(markup)
        if told is None:
            self._told_bytes += sys.getsizeof(markup)
            told = markup if self._told_bytes <= _MOST_TOLD else ""
            self._told[told] = told
        if self.gap and self.lines:
            self.lines.append("")
            self.markup.append("")
            if self.markdown is not None:
                self.markdown.append("")
        self.gap = False
        self.lines.append(text)
        self.markup.append(told)
        if self.markdown is not None:
            self.markdown.append(markdown)


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
    page = _Page(markdown=markdown)
    above = Frame(None, "", None, 0)
    above.is_pre = _ANY_TAG.search(html) is None
    for tree in parse_html(html):
        above = _read_tree(tree, above, page)
        if page.pieces:
            if common := page.take_pieces().common:
                common.let_go()
            page.add("", above)  # so that the line has begun
        above.let_go()
        del tree
    return PageLines(page.lines, page.markup, page.markdown or ())


def _read_tree(tree: PageTree, above: Frame, page: _Page) -> Frame:
    """Read a page or a part of one, from inside the elements that were open before.

    Returns
    -------
    Frame
        The innermost element that is open at the end.
    """
    node, above = _resume(tree.root, above, page)
    pieces, last, n_open = page.pieces, page.last, len(tree.open_tags)
    while True:
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                last = ""
                text = node.text_content or ""
                if above.is_pre and "\n" in text:
                    page.add_preformatted(text, above)
                elif pieces or not text.isspace():
                    page.add(text, above)
            elif tag[:1] not in "-!_":
                if tag in _APART and last in _APART:
                    page.add(" ", above)
                kind = _KINDS.get(tag, 0)
                if kind >= _BLOCK:
                    page.break_line(kind)
                if tag == "li":
                    above.n_items += 1
                child = node.child
                last = "" if child is not None else tag
                if child is not None or kind == _CELL or above.depth < n_open:
                    above = Frame(node, tag, above, kind)
                    if kind == _CELL:
                        page.add(" ", above)
                    node = child
                    continue
            node = node.next
        # What comes next follows the innermost element that is not at its end.
        outer = above
        while node is None and outer.node is not None and outer.above is not None:
            node, outer = outer.node.next, outer.above
        if node is None:
            break
        last = _leave(above, outer, page)
        above = outer
    page.last = last
    while above.depth > n_open and above.above is not None:
        page.last = _leave(above, above.above, page)
        above = above.above
    return above


def _leave(above: Frame, outer: Frame, page: _Page) -> str:
    """End the elements inside of an outer one; give the tag of the last."""
    last = ""
    while above is not outer and above.above is not None:
        last = above.tag
        if above.kind >= _BLOCK:
            page.break_line(above.kind)
        above = above.above
    return last


def _resume(root: LexborNode | None, above: Frame, page: _Page) -> tuple[LexborNode | None, Frame]:
    """Find the elements that were open before in the next part, and its first node in them."""
    frames: list[Frame] = []
    reached = above
    while reached.above is not None:
        frames.append(reached)
        reached = reached.above
    node = root
    for frame in reversed(frames):
        if node is None or node.tag != frame.tag:
            break
        frame.node, reached, node = node, frame, node.child
    if reached is not above:
        page.last = _leave(above, reached, page)
    return node, reached


def _tidy(text: str) -> str:
    """Collapse white space."""
    if len(text) <= _TIDIED:
        return " ".join(text.split())
    tidied = "".join([_SPACE.sub(" ", bit) for bit in _bits(text)])
    while "  " in tidied:  # where one bit ends and another one begins
        tidied = tidied.replace("  ", " ")
    return tidied.strip()


def _count_shown(text: str) -> int:
    """Count the characters that are no white space."""
    if len(text) <= _TIDIED:
        return len("".join(text.split()))
    return sum([len("".join(bit.split())) for bit in _bits(text)])


def _bits(text: str) -> Iterator[str]:
    return (text[start : start + _TIDIED] for start in range(0, len(text), _TIDIED))


def _join(frame: Frame, shares: str) -> str:
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
