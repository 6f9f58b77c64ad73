"""Turn the markup of each line (text/markup.py) into columns: its words, and the page's template.

A place in a template is a path of tags, ids and classes without their numbers. Of every line it
is known what the other lines in the same place say: before anything is judged by their words, and
then by what pass 1 takes for body.
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

from cleaner.features.naming import (
    MARKUP,
    TEMPLATE,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
from cleaner.features.windows import shift_rows
from cleaner.text import Flags, Floats, Hashes, Ints, Lines, hash_text, log_count, salt_hash

MARKUP_BITS = 16
N_MARKUP_COLUMNS = 1 << MARKUP_BITS
# One unit of a stored weight, in log-odds.
WEIGHT_UNIT = 1 / 256
_LIMIT = 6
# The words of a line's own element, of the one around it, and of all further out are in spaces
# of their own.
_LEVELS = ("own", "parent", "above")
MARKUP_LEVELS = len(_LEVELS)
# Places in a template: where the line stands, the block around it, and one more out.
_PLACES = ("same place", "block around it", "next block out", "third block out")
_SHARES = ("a", "strong", "em")
_TAGS = {
    "paragraph": ("p", "paragraph"),
    "heading": ("h1 h2 h3 h4 h5 h6", "heading"),
    "list_item": ("li dd dt", "list item"),
    "table": ("td th tr table", "table row"),
    "quotation": ("blockquote", "quotation"),
}
_TAG_SETS = [frozenset(names.split()) for names, _ in _TAGS.values()]
_WEIGHT_UNIT = 256  # of whole-number weights in sums
_PRIOR = 2  # line weights that the whole document counts for in the mean of a place

MARKUP_FEATURES: dict[str, Feature] = {
    **group_features(
        MARKUP,
        {
            "markup": "words of its markup",
            "markup_own": "words of its own element",
            "markup_parent": "words of the element around it",
            "markup_above": "words of the elements further out",
            "markup_before": "words of the markup of the line before",
            "markup_after": "words of the markup of the line after",
            **{f"in_{name}": f"{words}, by its tag" for name, (_, words) in _TAGS.items()},
            "link_share": "share of it that is link",
            "strong_share": "share of it that is bold",
            "em_share": "share of it that is italic",
            "hidden": "in an element that may be hidden",
            "markup_depth": "elements around it",
        },
    ),
    **group_features(
        TEMPLATE,
        {
            **{
                f"{what}_{number}": f"{words}, {place}"
                for number, place in enumerate(_PLACES)
                for what, words in (
                    ("place_lines", "lines"),
                    ("place_words", "words"),
                    ("place_lexical", "words of the other lines"),
                    ("place_links", "share of links"),
                )
            },
            "place_markup": "same place as before or after",
            "headlines_before": "main headlines before it",
            "headlines_after": "main headlines after it",
        },
    ),
}
STACKED_MARKUP_FEATURES: dict[str, Feature] = group_features(
    TEMPLATE,
    {
        **{
            f"{what}_{number}": f"{words}, {place}"
            for number, place in enumerate(_PLACES)
            for what, words in (
                ("place_body", "share of its other lines that is body"),
                ("place_mass", "share of the article that stands in it"),
            )
        },
        "shares_path": "share of its path that it has in common with the article",
    },
)

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
    n_words = _segment_sums(np.diff(word_starts)[elements], starts[::MARKUP_LEVELS])
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
            _column(_LEVELS[level], word) for word in _element_name_words(parts.plain[number])
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
    places = np.empty((len(count), len(_PLACES)), np.int64)
    for number in range(len(_PLACES)):
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
    is_hidden = _segment_sums(flags[:, -1], parts.starts) > 0
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
        of_share[name] = int(value) if value.isdecimal() and len(value) < 4 else 0
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
    of_elements = _segment_sums(weights.take(places.columns), places.word_starts)
    sums = _segment_sums(of_elements[places.elements], places.starts)
    by_level = sums.reshape(-1, MARKUP_LEVELS).T * WEIGHT_UNIT
    by_level = by_level / np.sqrt(places.n_entries)
    values = np.concatenate((by_level.sum(axis=0, keepdims=True), by_level)) + intercept
    odds[:, places.row] = values[:, places.of_line]
    return odds


def _segment_sums(values: NDArray[Any], bounds: Ints) -> Ints:
    """Sum whole numbers between bounds: int64 array (len(bounds) - 1,)."""
    sums = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return np.diff(sums[bounds])


def markup_features(lines: Lines, places: MarkupPlaces, odds: Floats, lexical: Floats) -> Columns:
    """Compute what the markup of a line says, and what the template of its page does.

    Parameters
    ----------
    odds : float32 array (4, n_rows)
        From `markup_log_odds`.
    lexical : float32 array (n_rows,)
        Log-odds by words alone.

    Returns
    -------
    Columns
        Those of `MARKUP_FEATURES`; values in empty rows mean nothing.
    """
    odds = np.clip(odds, -_LIMIT, _LIMIT)
    names = ("markup", *(f"markup_{level}" for level in _LEVELS))
    values: dict[str, Values] = dict(zip(names, odds, strict=True))
    values["markup_before"] = shift_rows(odds[0], -1)
    values["markup_after"] = shift_rows(odds[0], 1)
    of_dense = [*(f"in_{name}" for name in _TAGS), "link_share", "strong_share", "em_share"]
    dense = np.zeros((len(of_dense) + 3, lines.n_rows), np.float32)
    if places.row.size:
        dense[:, places.row] = places.dense.T[:, places.of_line]
    values |= dict(zip((*of_dense, "hidden", "markup_depth", "in_headline"), dense, strict=True))
    own = np.clip(lexical, -_LIMIT, _LIMIT)
    links = values["link_share"]
    weighed = _weigh(lines, own), _weigh(lines, links)
    weight, n_tokens = _line_weight(lines), lines.n_tokens[lines.row]
    for number, group in enumerate(_groups(lines, places)):
        of_others = _sums_of_others(group, weight)
        of_words, of_links = (_mean_of_others(group, of_others, one) for one in weighed)
        values |= _spread(
            lines,
            {
                f"place_lines_{number}": log_count(np.bincount(group))[group],
                f"place_words_{number}": np.log1p(np.bincount(group, n_tokens))[group],
                f"place_lexical_{number}": of_words,
                f"place_links_{number}": of_links,
            },
        )
    first = np.zeros(lines.n_rows, np.int64)
    first[lines.row] = places.places[places.of_line, 0] if places.row.size else 0
    same = np.zeros(lines.n_rows, np.float32)
    same[1:] += (first[1:] == first[:-1]) * lines.occupied[:-1]
    same[:-1] += (first[1:] == first[:-1]) * lines.occupied[1:]
    values["place_markup"] = same * lines.occupied
    values |= _headlines(lines, values["in_headline"])
    del values["in_headline"]
    return name_columns(MARKUP_FEATURES, values)


def stacked_markup_features(lines: Lines, places: MarkupPlaces, log_odds: Floats) -> Columns:
    """Compute how much of what pass 1 takes for body stands in the same place.

    Parameters
    ----------
    log_odds : float32 array (n_rows,)
        Of pass 1.

    Returns
    -------
    Columns
        Those of `STACKED_MARKUP_FEATURES`; values in empty rows mean nothing.
    """
    steps = np.rint(np.clip(log_odds, -8, 8) * 32)
    probability = (1 / (1 + np.exp(-steps / 32))).astype(np.float32)
    values: dict[str, Values] = {}
    words = np.rint(lines.n_tokens[lines.row] * probability[lines.row] * _WEIGHT_UNIT)
    n_documents = len(lines.n_lines)
    all_words = np.bincount(lines.document, words, n_documents) + _WEIGHT_UNIT
    weight, weighed = _line_weight(lines), _weigh(lines, probability)
    whole = all_words[lines.document]
    for number, group in enumerate(_groups(lines, places)):
        of_others = _sums_of_others(group, weight)
        values |= _spread(
            lines,
            {
                f"place_body_{number}": _mean_of_others(group, of_others, weighed),
                f"place_mass_{number}": _sums_of_others(group, words) / whole,
            },
        )
    values["shares_path"] = _shared_path(lines, places, words)
    return name_columns(STACKED_MARKUP_FEATURES, values)


def _headlines(lines: Lines, is_headline: Values) -> dict[str, Values]:
    """Count the main headlines before and after each line."""
    sums = np.cumsum(is_headline * lines.occupied)
    start = np.concatenate(([0], sums))[lines.first_row]
    end = sums[np.maximum(lines.first_row + lines.n_lines - 1, 0)]
    before = sums - start[lines.owner]
    return {
        "headlines_before": log_count(np.rint(before).astype(np.int64)),
        "headlines_after": log_count(np.rint(end[lines.owner] - sums).astype(np.int64)),
    }


def _line_weight(lines: Lines) -> NDArray[np.float64]:
    """Whole-number weights: sums are exact in any order."""
    weight: NDArray[np.float64] = np.rint(np.sqrt(lines.n_tokens[lines.row] + 1) * _WEIGHT_UNIT)
    return weight


def _groups(lines: Lines, places: MarkupPlaces) -> list[Ints]:
    """Give lines in the same place of a template one number: arrays (n,) by level."""
    n_places = int(places.places.max(initial=0)) + 1
    groups = []
    for numbers in places.places.T:
        combined = lines.document * n_places + numbers[places.of_line]
        _, group = np.unique(combined, return_inverse=True)
        groups.append(group)
    return groups


class _Weighed(NamedTuple):
    """A column of lines, weighed."""

    values: NDArray[np.float64]  # (n,)
    prior: NDArray[np.float64]  # (n,), mean of the line's document, with the weight of the prior


def _weigh(lines: Lines, column: Values) -> _Weighed:
    weight = _line_weight(lines)
    values = np.rint(column[lines.row] * _WEIGHT_UNIT) * weight
    n_documents = len(lines.n_lines)
    mean = np.bincount(lines.document, values, n_documents) / np.maximum(
        np.bincount(lines.document, weight, n_documents), 1
    )
    return _Weighed(values, (_PRIOR * _WEIGHT_UNIT * mean)[lines.document])


def _sums_of_others(group: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum values over the other lines of each line's group."""
    sums: NDArray[np.float64] = np.bincount(group, values)[group] - values
    return sums


def _mean_of_others(
    group: Ints, weights: NDArray[np.float64], column: _Weighed
) -> NDArray[np.float64]:
    """Average a column over the other lines of a group, drawn to the mean of the document.

    Parameters
    ----------
    weights : float64 array (n,)
        Those of the other lines, in sum.
    """
    mean = _sums_of_others(group, column.values) + column.prior
    mean /= weights + _PRIOR * _WEIGHT_UNIT
    return mean / _WEIGHT_UNIT


def _shared_path(lines: Lines, places: MarkupPlaces, words: NDArray[np.float64]) -> Values:
    """Share of the elements around a line that are around most of the article, too."""
    shared = np.zeros(lines.n_rows, np.float32)
    if not places.row.size:
        return shared
    n_distinct = len(places.places)
    keys, first, inverse = np.unique(
        lines.document * n_distinct + places.of_line, return_index=True, return_inverse=True
    )
    document, number = keys // n_distinct, keys % n_distinct
    # Of several markups that hold as much of the article, the first in the document counts.
    order = np.lexsort((first, -np.bincount(inverse, words), document))
    best = number[order[np.searchsorted(document[order], document)]]
    length = np.diff(places.path_starts)
    n_common = np.minimum(length[number], length[best])
    pair = np.repeat(np.arange(len(keys)), n_common)
    bounds = np.append(0, np.cumsum(n_common))
    depth = np.arange(bounds[-1]) - bounds[pair]
    of_line, of_best = (
        places.paths[places.path_starts[one][pair] + depth] for one in (number, best)
    )
    n_shared = _segment_sums(of_line == of_best, bounds)
    share = n_shared / np.maximum(np.maximum(length[number], length[best]), 1)
    shared[lines.row] = share.astype(np.float32)[inverse]
    return shared


def _spread(lines: Lines, values: dict[str, Values]) -> dict[str, Values]:
    """Lay values of the lines (n,) out over the rows."""
    spread = {}
    for name, value in values.items():
        column = np.zeros(lines.n_rows, np.float32)
        column[lines.row] = value
        spread[name] = column
    return spread
