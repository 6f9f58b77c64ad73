"""Match two token sequences: find the runs of equal tokens they share, in the order of both.

Runs are found by their four-token shingles and accepted longest first, so that a teaser that
repeats an article's first paragraph never wins over the paragraph in its place: there the run
goes on into the second paragraph.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections.abc import Container, Sequence
from typing import NamedTuple

# Shortest run that counts, in tokens: shorter ones are common phrases ("at the end of").
SHINGLE = 4
# A run that breaks the order must be this long, in tokens: annotated articles list some
# paragraphs in another order than their page shows them, but short phrases recur anywhere.
DISPLACED = 8
# Pairs of equal shingles looked at for one page: some tenths of a second. Those of the commonest
# shingles are left out first, which matters only on pages that repeat themselves without end.
MAX_PAIRS = 300_000


Shingle = tuple[str, ...]


class TokenRun(NamedTuple):
    """Equal tokens: `length` of them from `page` on in the page, from `gold` on in the article."""

    page: int
    gold: int
    length: int


def match_tokens(
    page: Sequence[str],
    gold: Sequence[str],
    page_breaks: Container[int] = (),
    gold_breaks: Container[int] = (),
) -> list[int]:
    """Match the tokens of a page with those of an article.

    Parameters
    ----------
    page, gold
        Tokens in order, from `split_tokens`.
    page_breaks, gold_breaks
        Places of the tokens that begin a line of the page and a paragraph of the article. Where
        tokens match in two places equally well, the match changes over at breaks.

    Returns
    -------
    list of int
        For every page token the index of its gold token, or -1. No gold token is given twice.

    Examples
    --------
    >>> match_tokens("menu rain fell all night menu".split(), "rain fell all night".split())
    [-1, 0, 1, 2, 3, -1]
    """
    gold_at = [-1] * len(page)
    taken = bytearray(len(gold))
    runs = find_runs(page, gold)
    in_order = _accept_in_order(runs)
    for place in range(1, len(in_order)):
        before, after = in_order[place - 1 : place + 1]
        shift = _best_shift(page, gold, (before, after), (page_breaks, gold_breaks))
        in_order[place - 1] = before._replace(length=before.length + shift)
        in_order[place] = TokenRun(after.page + shift, after.gold + shift, after.length - shift)
    for run in in_order:
        if run.length >= SHINGLE:
            _mark(run, gold_at, taken)
    displaced = (run for run in runs if run.length >= DISPLACED)
    for run in sorted(displaced, key=lambda run: -run.length):
        for part in _free_parts(run, gold_at, taken):
            if part.length >= DISPLACED:
                _mark(part, gold_at, taken)
    return gold_at


def _best_shift(
    page: Sequence[str],
    gold: Sequence[str],
    runs: tuple[TokenRun, TokenRun],
    breaks: tuple[Container[int], Container[int]],
) -> int:
    """Find by how many tokens to move the border of two runs that follow each other in gold.

    A quotation set large between two paragraphs matches as the end of the run above it and as
    the beginning of the run below; the better border is the one where both begin a line.
    """
    before, after = runs
    page_breaks, gold_breaks = breaks
    end = before.page + before.length
    gap = after.page - end
    if before.gold + before.length != after.gold or gap == 0:
        return 0
    low = high = 0
    while (
        -low < min(gap, before.length - 1)
        and page[after.page + low - 1] == gold[after.gold + low - 1]
    ):
        low -= 1
    while high < min(gap, after.length - 1) and page[end + high] == gold[after.gold + high]:
        high += 1

    def breaks_at(shift: int) -> tuple[int, int]:
        kept = (end + shift in page_breaks) + (after.page + shift in page_breaks)
        return kept + (after.gold + shift in gold_breaks), -abs(shift)

    return max(range(low, high + 1), key=breaks_at)


def find_runs(page: Sequence[str], gold: Sequence[str]) -> list[TokenRun]:
    """Find the maximal runs of at least four equal tokens, in any order, sorted by page place.

    Examples
    --------
    >>> find_runs("x a b c d e y".split(), "a b c d e".split())
    [TokenRun(page=1, gold=0, length=5)]
    """
    runs: list[TokenRun] = []
    end_on_diagonal: dict[int, int] = {}
    for i, j in _equal_shingles(page, gold):
        if i < end_on_diagonal.get(i - j, 0):
            continue
        run = _extend(page, gold, i, j)
        end_on_diagonal[i - j] = run.page + run.length
        runs.append(run)
    return runs


def _equal_shingles(page: Sequence[str], gold: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the places of equal shingles, sorted; at most MAX_PAIRS, rare shingles first."""
    gold_places: dict[Shingle, list[int]] = {}
    for place, shingle in enumerate(_shingles(gold)):
        gold_places.setdefault(shingle, []).append(place)
    page_places: dict[Shingle, list[int]] = {}
    for place, shingle in enumerate(_shingles(page)):
        if shingle in gold_places:
            page_places.setdefault(shingle, []).append(place)
    rarest_first = sorted(
        (len(places) * len(gold_places[shingle]), places[0], shingle)
        for shingle, places in page_places.items()
    )
    pairs: list[tuple[int, int]] = []
    for count, _, shingle in rarest_first:
        if len(pairs) + count > MAX_PAIRS:
            break
        pairs += [(i, j) for i in page_places[shingle] for j in gold_places[shingle]]
    return sorted(pairs)


def _shingles(tokens: Sequence[str]) -> zip[Shingle]:
    return zip(*(tokens[k:] for k in range(SHINGLE)), strict=False)


def _extend(page: Sequence[str], gold: Sequence[str], i: int, j: int) -> TokenRun:
    """Extend a pair of equal shingles to the maximal run around it."""
    start = 0
    while i > start and j > start and page[i - start - 1] == gold[j - start - 1]:
        start += 1
    end = SHINGLE
    while i + end < len(page) and j + end < len(gold) and page[i + end] == gold[j + end]:
        end += 1
    return TokenRun(i - start, j - start, start + end)


def _accept_in_order(runs: Sequence[TokenRun]) -> list[TokenRun]:
    """Accept runs longest first, cut where they overlap or would break the order of either side.

    Returns
    -------
    list of TokenRun
        In the order of the page and of the article.
    """
    waiting = [(-run.length, run.page, run.gold) for run in runs]
    heapq.heapify(waiting)
    accepted: list[TokenRun] = []
    while waiting:
        minus_length, page, gold = heapq.heappop(waiting)
        run = TokenRun(page, gold, -minus_length)
        place = bisect_right(accepted, run)
        head = tail = 0
        if place > 0:
            head = max(0, _overlap(accepted[place - 1], run))
        if place < len(accepted):
            tail = max(0, _overlap(run, accepted[place]))
        rest = run.length - head - tail
        if rest == run.length:
            insort(accepted, run)
        elif rest > 0:
            heapq.heappush(waiting, (-rest, page + head, gold + head))
    return accepted


def _overlap(before: TokenRun, after: TokenRun) -> int:
    """Tokens to cut so that `before` ends where `after` begins, on both sides."""
    return max(before.page + before.length - after.page, before.gold + before.length - after.gold)


def _free_parts(run: TokenRun, gold_at: Sequence[int], taken: bytearray) -> list[TokenRun]:
    """Cut a run to the parts where neither page tokens nor article tokens are matched yet."""
    parts: list[TokenRun] = []
    start = 0
    for k in range(run.length + 1):
        if k < run.length and gold_at[run.page + k] < 0 and not taken[run.gold + k]:
            continue
        if k > start:
            parts.append(TokenRun(run.page + start, run.gold + start, k - start))
        start = k + 1
    return parts


def _mark(run: TokenRun, gold_at: list[int], taken: bytearray) -> None:
    gold_at[run.page : run.page + run.length] = range(run.gold, run.gold + run.length)
    taken[run.gold : run.gold + run.length] = b"\1" * run.length
