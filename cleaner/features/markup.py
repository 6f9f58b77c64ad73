"""Take the markup of each line (text/markup.py) apart: its words, and its place in the template.

A place in a template is a path of tags, ids and classes without their numbers.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.text import Flags, Floats, Hashes, Ints, Lines, hash_text, salt_hash

MARKUP_BITS = 16
N_MARKUP_COLUMNS = 1 << MARKUP_BITS
# One unit of a stored weight, in log-odds.
WEIGHT_UNIT = 1 / 256
# The words of a line's own element, of the one around it, and of all further out are in spaces
# of their own.
LEVELS = ("own", "parent", "above")
MARKUP_LEVELS = len(LEVELS)
# Places in a template: where the line stands, the block around it, and one more out.
PLACES = ("same place", "block around it", "next block out", "third block out")
_SHARES = ("a", "strong", "em")
TAGS = {
    "paragraph": ("p", "paragraph"),
    "heading": ("h1 h2 h3 h4 h5 h6", "heading"),
    "list_item": ("li dd dt", "list item"),
    "table": ("td th tr table", "table row"),
    "quotation": ("blockquote", "quotation"),
}
_TAG_SETS = [frozenset(names.split()) for names, _ in TAGS.values()]

_TOKENS = re.compile(r"[#.\[\]]+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|0+")
_NUMBERS = re.compile(r"\d+")
_HIDDEN = "[hidden]"
_PATH_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, an odd number


class MarkupPlaces(NamedTuple):
    """What the markup of lines is made of; strings are looked at once for all lines alike."""

    row: Ints  # (n,), rows of the lines
    of_line: Ints  # (n,), number of its markup among the distinct ones
    starts: Ints  # (n_distinct * MARKUP_LEVELS + 1,), where the elements of each level begin
    elements: Ints  # (n_elements,), numbers of distinct elements at a level
    word_starts: Ints  # (n_elements_distinct + 1,), where the words of each begin
    columns: Ints  # (n_words,), of a matrix whose entries are all 1
    n_entries: Ints  # (n_distinct,), words of all elements of each
    dense: Floats  # (n_distinct, n_dense)
    places: Ints  # (n_distinct, n_places), numbers of the places in the template
    paths: Hashes  # (n_blocks,), of the elements around each, without numbers, up to each of them
    path_starts: Ints  # (n_distinct + 1,), where the path of each begins


def markup_places(lines: Lines) -> MarkupPlaces:
    """Find the columns and places of every line."""
    markup = lines.markup
    of_lines = [markup[line] for line in lines.number.tolist()]
    numbers = {one: number for number, one in enumerate(dict.fromkeys(of_lines))}
    of_line = np.fromiter(map(numbers.__getitem__, of_lines), np.int64, len(of_lines))
    parts = _take_apart(numbers)
    starts, elements, level = _order_elements(parts)
    word_starts, columns, elements = _element_words(parts, elements, level)
    n_words = segment_sums(np.diff(word_starts)[elements], starts[::MARKUP_LEVELS])
    paths, path_starts, places = _find_places(parts)
    return MarkupPlaces(
        lines.row,
        of_line,
        starts,
        elements,
        word_starts,
        columns,
        np.maximum(n_words, 1),
        _dense_features(parts),
        places,
        paths,
        path_starts,
    )


class _Parts(NamedTuple):
    """The distinct strings of markup of a batch, taken apart."""

    plain: list[str]  # distinct names of elements, without the numbers in them
    of_name: Ints  # (n_names,), place of each name, without its numbers, among those
    flags: Flags  # (n_names, n_tag_sets + 2), of each name: in which sets its tag is; h1; hidden
    told: Ints  # (n_told,), numbers of the names in each: of blocks, then of inline elements
    starts: Ints  # (n_distinct + 1,), where the names of each begin
    n_blocks: Ints  # (n_distinct,)
    inline: Ints  # (n_distinct,), number of its first inline element
    shares: list[list[float]]  # (n_distinct, n_shares)


def _take_apart(markup: Iterable[str]) -> _Parts:
    names, plain = (defaultdict[str, int](itertools.count().__next__) for _ in range(2))
    told: list[int] = []
    starts, n_blocks, of_inline = [0], [], []
    inlines: dict[str, int] = {}
    shares: list[list[float]] = []
    known: dict[str, list[float]] = {}
    for one in markup:
        blocks, _, rest = one.partition("|")
        inline, _, of_shares = rest.partition("|")
        told += map(names.__getitem__, blocks.split())
        n_blocks.append(len(told) - starts[-1])
        told += map(names.__getitem__, inline.split())
        starts.append(len(told))
        of_inline.append(inlines.setdefault(inline.partition(" ")[0], len(inlines)))
        shares.append(known.get(of_shares) or known.setdefault(of_shares, _take_shares(of_shares)))
    told_numbers, bounds, n_around, first_inline = (
        np.array(one, np.int64) for one in (told, starts, n_blocks, of_inline)
    )
    of_name = np.array([plain[_NUMBERS.sub("0", name)] for name in names], np.int64)
    flags = np.array([_flags(name) for name in names], bool).reshape(-1, len(_TAG_SETS) + 2)
    return _Parts([*plain], of_name, flags, told_numbers, bounds, n_around, first_inline, shares)


def _flags(name: str) -> tuple[bool, ...]:
    tag = _TOKENS.split(name, maxsplit=1)[0]  # with its number: h1 is not h2
    return (*(tag in some for some in _TAG_SETS), tag == "h1", _HIDDEN in name)


def _order_elements(parts: _Parts) -> tuple[Ints, Ints, Ints]:
    """Order the elements of each markup by level: own, parent, and those further out.

    Returns
    -------
    starts : int64 array (n_distinct * MARKUP_LEVELS + 1,)
        Where the elements of each level begin.
    names, levels : int64 arrays (n_told,)
    """
    count = np.diff(parts.starts)
    starts = np.repeat(parts.starts[:-1], count)
    depth = np.arange(len(parts.told)) - starts
    from_end = np.repeat(count, count) - 1 - depth
    n_near = MARKUP_LEVELS - 1
    order = starts + np.where(from_end < n_near, from_end, depth + n_near)
    names, levels = np.empty((2, len(order)), np.int64)
    names[order] = parts.told
    levels[order] = np.minimum(from_end, n_near)
    bounds = np.minimum(np.arange(MARKUP_LEVELS), count[:, None]) + parts.starts[:-1, None]
    return np.append(bounds.ravel(), len(order)), names, levels


def _element_words(parts: _Parts, elements: Ints, levels: Ints) -> tuple[Ints, Ints, Ints]:
    """Find the columns of the words of each element at a level.

    Returns
    -------
    word_starts : int64 array (n_elements_distinct + 1,)
    columns : int64 array (n_words,)
    elements : int64 array (n_elements,)
        Numbers of distinct elements at a level.
    """
    n_plain = len(parts.plain)
    keys = parts.of_name[elements] + levels * n_plain
    is_met = np.zeros(MARKUP_LEVELS * n_plain, bool)
    is_met[keys] = True
    starts = [0]
    columns: list[int] = []
    for key in np.flatnonzero(is_met).tolist():
        level, number = divmod(key, n_plain)
        columns += [
            _column(LEVELS[level], word) for word in _element_name_words(parts.plain[number])
        ]
        starts.append(len(columns))
    numbers = np.cumsum(is_met) - 1
    return np.array(starts, np.int64), np.array(columns, np.int64), numbers[keys]


def _find_places(parts: _Parts) -> tuple[Hashes, Ints, Ints]:
    """Find the paths of elements around lines, and number the places at their ends.

    Returns
    -------
    paths : uint64 array (n_blocks,)
        Hash of the elements up to each. Two paths of one hash are taken for one: of a billion
        pairs, hardly one is.
    path_starts : int64 array (n_distinct + 1,)
    places : int64 array (n_distinct, n_places)
    """
    count, starts = parts.n_blocks, np.append(0, np.cumsum(parts.n_blocks))
    depth = np.arange(starts[-1]) - np.repeat(starts[:-1], count)
    told = parts.told[np.repeat(parts.starts[:-1], count) + depth]
    plain = parts.of_name[told].astype(np.uint64)
    powers = np.full(int(count.max(initial=0)), _PATH_FACTOR)
    terms = salt_hash(plain, 1) * np.multiply.accumulate(powers)[depth]
    sums = np.append(np.uint64(0), np.cumsum(terms, dtype=np.uint64))
    paths = sums[1:] - np.repeat(sums[starts[:-1]], count)
    places = np.empty((len(count), len(PLACES)), np.int64)
    for number in range(len(PLACES)):
        ends = np.maximum(count - number, 0) + starts[:-1]
        _, places[:, number] = np.unique(sums[ends] - sums[starts[:-1]], return_inverse=True)
    same = places[:, 0] * (parts.inline.max(initial=0) + 1) + parts.inline
    _, places[:, 0] = np.unique(same, return_inverse=True)
    return paths, starts, places


def _dense_features(parts: _Parts) -> Floats:
    """Tell tags, shares and depth: float32 array (n_distinct, n_dense)."""
    flags = parts.flags[parts.told]
    starts, ends = parts.starts[:-1], parts.starts[1:]
    near = np.zeros((len(starts), flags.shape[1]), bool)
    for back in range(1, 4):  # of a link in bold, the block is the third from the end
        some = np.flatnonzero(ends - back >= starts)
        near[some] |= flags[ends[some] - back]
    is_hidden = segment_sums(flags[:, -1], parts.starts) > 0
    shares = np.array(parts.shares, np.float32).reshape(len(starts), len(_SHARES))
    n_tags = len(_TAG_SETS)
    return np.column_stack(
        (near[:, :n_tags], shares, is_hidden, ends - starts, near[:, n_tags])
    ).astype(np.float32)


def _take_shares(shares: str) -> list[float]:
    """Read the shares of a line that are features, from 0 to 1."""
    of_share = {}
    for share in shares.split():
        name, _, value = share.partition("=")
        is_number = value.isdecimal() and len(value) < 4
        of_share[name] = min(int(value), 100) if is_number else 0
    return [of_share.get(name, 0) / 100 for name in _SHARES]


# Pages of one site have the same names, and many names are those of many sites.
@functools.lru_cache(maxsize=1 << 14)
def _element_name_words(plain: str) -> tuple[str, ...]:
    """Find the words of an element by its name without numbers: tag, names, and words in those."""
    tag, *names = _TOKENS.split(plain)
    found = {f"<{tag}>", *[f"={one.lower()}" for one in names if one]}
    # Words are found before capitals go: "articleBody" has two.
    found.update(" ".join(_WORDS.findall(plain, len(tag))).lower().split())
    return tuple(sorted(found))


@functools.lru_cache(maxsize=1 << 17)
def _column(level: str, word: str) -> int:
    return hash_text(f"{level} {word}") >> (64 - MARKUP_BITS)


def markup_log_odds(
    places: MarkupPlaces, weights: NDArray[np.int16], intercept: float, n_rows: int
) -> Floats:
    """Sum weights over the columns of each line by level, divided by the root of their number.

    Returns
    -------
    float32 array (4, n_rows)
        Log-odds that the line is body: by all words of its markup, and what the words of its own
        element, the one around it, and the others add; 0 in empty rows.
    """
    odds = np.zeros((1 + MARKUP_LEVELS, n_rows), np.float32)
    if not places.row.size:
        return odds
    of_elements = segment_sums(weights.take(places.columns), places.word_starts)
    sums = segment_sums(of_elements[places.elements], places.starts)
    by_level = sums.reshape(-1, MARKUP_LEVELS).T * WEIGHT_UNIT
    by_level = by_level / np.sqrt(places.n_entries)
    values = np.concatenate((by_level.sum(axis=0, keepdims=True), by_level)) + intercept
    odds[:, places.row] = values[:, places.of_line]
    return odds


def segment_sums(values: NDArray[Any], bounds: Ints) -> Ints:
    """Sum whole numbers between bounds: int64 array (len(bounds) - 1,)."""
    sums = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return np.diff(sums[bounds])
