"""Label the lines of a page text by matching them with the article's own text.

A line is body if most of its tokens match, in order, tokens of the article. Paragraphs too short
to be matched by themselves ("Analysis") are looked for beside lines that are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from cleaner.gold.matching import SHINGLE, match_tokens
from cleaner.labelled import Label
from cleaner.text import split_tokens

# Share of a line's tokens that must match to make the line body.
BODY_SHARE = 0.6
# A short paragraph is looked for within this many lines (blank ones not counted) of a matched one.
NEAR_LINES = 10


class LineMatch(NamedTuple):
    """How a line fits the article: its tokens, how many are aligned, and to which paragraph.

    `paragraph` is the index of the gold paragraph that holds most of the aligned tokens, or -1.
    """

    tokens: int
    aligned: int
    paragraph: int

    @property
    def is_body(self) -> bool:
        """Whether enough of the line's tokens are aligned."""
        return self.tokens > 0 and self.aligned >= BODY_SHARE * self.tokens


def label_of(match: LineMatch) -> Label | None:
    """Turn a line's match into its label: None without tokens.

    Examples
    --------
    >>> label_of(LineMatch(tokens=10, aligned=6, paragraph=0))
    'body'
    """
    if match.tokens == 0:
        return None
    return "body" if match.is_body else "clutter"


def align_lines(lines: Sequence[str], gold: Sequence[str]) -> list[LineMatch]:
    """Align page lines with the article's paragraphs.

    Examples
    --------
    >>> align_lines(["Rain fell all night here. Photo: AP"], ["Snow.", "Rain fell all night here."])
    [LineMatch(tokens=7, aligned=5, paragraph=1)]
    """
    page = _Tokens(lines)
    article = _Tokens(gold)
    gold_at = match_tokens(page.tokens, article.tokens, page.breaks, article.breaks)
    _place_short_paragraphs(page, article, gold_at)
    return [_match_line(page.span(number), gold_at, article) for number in range(len(lines))]


class _Tokens:
    """The tokens of a sequence of texts, and which text each belongs to."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.tokens: list[str] = []
        self.unit_of: list[int] = []
        self.starts: list[int] = [0]
        for number, text in enumerate(texts):
            found = split_tokens(text)
            self.tokens += found
            self.unit_of += [number] * len(found)
            self.starts.append(len(self.tokens))

    @property
    def breaks(self) -> frozenset[int]:
        return frozenset(self.starts)

    def span(self, unit: int) -> range:
        return range(self.starts[unit], self.starts[unit + 1])

    @property
    def n_units(self) -> int:
        return len(self.starts) - 1

    def unit(self, number: int) -> tuple[str, ...]:
        return tuple(self.tokens[self.starts[number] : self.starts[number + 1]])


def _place_short_paragraphs(page: _Tokens, article: _Tokens, gold_at: list[int]) -> None:
    """Align paragraphs too short for a run with equal lines near what is already aligned."""
    short = [n for n in range(article.n_units) if 0 < len(article.span(n)) < SHINGLE]
    equal_lines: dict[tuple[str, ...], list[int]] = {article.unit(n): [] for n in short}
    for line in range(page.n_units):
        if page.unit(line) in equal_lines:
            equal_lines[page.unit(line)].append(line)
    first, last = _aligned_lines(page, article, gold_at)
    rank = list(accumulate(bool(page.span(line)) for line in range(page.n_units)))
    before = -1
    for number in range(article.n_units):
        lines = equal_lines.get(article.unit(number))
        if lines and number not in last:
            choice = _nearest_between(before, first[number], lines, rank)
            if choice is not None and all(gold_at[place] < 0 for place in page.span(choice)):
                for place, gold in zip(page.span(choice), article.span(number), strict=True):
                    gold_at[place] = gold
                last[number] = choice
        before = last.get(number, before)


def _nearest_between(
    before: int, after: int, lines: Sequence[int], rank: Sequence[int]
) -> int | None:
    """Choose from sorted `lines` the one near `before` (-1: none) or `after` (len(rank): none)."""
    distances: dict[int, int] = {}
    following = bisect_right(lines, before)
    if before >= 0 and following < len(lines) and lines[following] < after:
        distances[lines[following]] = rank[lines[following]] - rank[before]
    preceding = bisect_left(lines, after) - 1
    if after < len(rank) and preceding >= 0 and lines[preceding] > before:
        distance = rank[after] - rank[lines[preceding]]
        distances[lines[preceding]] = min(distance, distances.get(lines[preceding], distance))
    nearest = min(distances, key=lambda line: distances[line], default=None)
    return nearest if nearest is not None and distances[nearest] <= NEAR_LINES else None


def _aligned_lines(
    page: _Tokens, article: _Tokens, gold_at: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """Find where the page's lines take up the article's paragraphs.

    Returns, for every paragraph, the first line of it or of the next aligned paragraph (the
    number of lines if there is none); and the last line of every aligned paragraph.
    """
    first_of: dict[int, int] = {}
    last: dict[int, int] = {}
    for place, gold in enumerate(gold_at):
        if gold >= 0:
            paragraph = article.unit_of[gold]
            first_of.setdefault(paragraph, page.unit_of[place])
            last[paragraph] = page.unit_of[place]
    first: list[int] = []
    after = page.n_units
    for number in reversed(range(article.n_units)):
        after = first_of.get(number, after)
        first.append(after)
    return first[::-1], last


def _match_line(span: range, gold_at: Sequence[int], article: _Tokens) -> LineMatch:
    counts: dict[int, int] = {}
    for place in span:
        if gold_at[place] >= 0:
            paragraph = article.unit_of[gold_at[place]]
            counts[paragraph] = counts.get(paragraph, 0) + 1
    main = max(counts, key=lambda paragraph: counts[paragraph], default=-1)
    return LineMatch(len(span), sum(counts.values()), main)
