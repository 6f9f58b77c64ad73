"""Turn HTML into the lines that a reader sees, each with where it stands in the markup.

The markup of a line is one string: the blocks around it, the inline elements that hold all of it,
and how much of it is link or emphasis, parted by bars::

    body article.story div.body[itemprop=articleBody] p|em|a=12 em=100

So a labelled line keeps its markup without the page, and whatever is learnt from markup is made
of these strings alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cleaner.text.elements import (
    BLOCK,
    CELL,
    KINDS,
    SHOWN_SHARES,
    SPACED,
    WHOLE,
    Frame,
    describe_line,
)
from cleaner.text.markdown import MarkdownLine
from cleaner.text.page_tree import PageTree, parse_html

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Side by side without a space between them, they still read as several words.
_APART = frozenset(["a", "button", "label", "input", "img"])
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")
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
            return describe_line(self.common, WHOLE[next(iter(self.inside))])
        total = sum(self.inside.values())
        shares = []
        for number, share in enumerate(SHOWN_SHARES):
            inside = sum([n for bits, n in self.inside.items() if bits >> number & 1])
            if inside:
                shares.append(f"{share}={round(100 * inside / total)}")
        return describe_line(self.common, " ".join(shares))


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
        if kind == SPACED:
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
                self._add_line(text, describe_line(frame, WHOLE[frame.shares]))
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
                kind = KINDS.get(tag, 0)
                if kind >= BLOCK:
                    page.break_line(kind)
                if tag == "li":
                    above.n_items += 1
                child = node.child
                last = "" if child is not None else tag
                if child is not None or kind == CELL or above.depth < n_open:
                    above = Frame(node, tag, above, kind)
                    if kind == CELL:
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
        if above.kind >= BLOCK:
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
