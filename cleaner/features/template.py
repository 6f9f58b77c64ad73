"""Say what the markup of a line tells, and what other lines in its place of the template tell.

Before anything is judged, it is known how many lines, words and links stand in a place; after
pass 1, how much of the article does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.features.markup import LEVELS, PLACES, TAGS, MarkupPlaces, segment_sums
from cleaner.features.naming import (
    MARKUP,
    TEMPLATE,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
from cleaner.features.stacked import on_grid
from cleaner.features.windows import shift_rows
from cleaner.text import Floats, Ints, Lines, log_count

Doubles = NDArray[np.float64]
_LIMIT = 6  # of log-odds by markup or words
_WEIGHT_UNIT = 256  # of whole-number weights in sums
_PRIOR = 2  # line weights that the whole document counts for in the mean of a place


def _at_places(**meanings: str) -> dict[str, str]:
    """Say what features mean at every place of a template."""
    return {
        f"{name}_{number}": f"{meaning}, {place}"
        for number, place in enumerate(PLACES)
        for name, meaning in meanings.items()
    }


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
            **{f"in_{name}": f"{words}, by its tag" for name, (_, words) in TAGS.items()},
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
            **_at_places(
                place_lines="lines",
                place_words="words",
                place_lexical="words of the other lines",
                place_links="share of links",
            ),
            "place_markup": "same place as before or after",
            "headlines_before": "main headlines before it",
            "headlines_after": "main headlines after it",
        },
    ),
}
STACKED_MARKUP_FEATURES: dict[str, Feature] = group_features(
    TEMPLATE,
    {
        **_at_places(
            place_body="share of its other lines that is body",
            place_mass="share of the article that stands in it",
        ),
        "shares_path": "share of its path that it has in common with the article",
    },
)


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
    names = ("markup", *(f"markup_{level}" for level in LEVELS))
    values: dict[str, Values] = dict(zip(names, odds, strict=True))
    values["markup_before"] = shift_rows(odds[0], -1)
    values["markup_after"] = shift_rows(odds[0], 1)
    of_dense = [*(f"in_{name}" for name in TAGS), "link_share", "strong_share", "em_share"]
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
    probability = (1 / (1 + np.exp(-on_grid(log_odds)))).astype(np.float32)
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


def _line_weight(lines: Lines) -> Doubles:
    """Whole-number weights: sums are exact in any order."""
    weight: Doubles = np.rint(np.sqrt(lines.n_tokens[lines.row] + 1) * _WEIGHT_UNIT)
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


def _weigh(lines: Lines, column: Values) -> tuple[Doubles, Doubles]:
    """Weigh a column (n,), and give the mean of each line's document the weight of the prior."""
    weight = _line_weight(lines)
    values = np.rint(column[lines.row] * _WEIGHT_UNIT) * weight
    n_documents = len(lines.n_lines)
    mean = np.bincount(lines.document, values, n_documents) / np.maximum(
        np.bincount(lines.document, weight, n_documents), 1
    )
    return values, (_PRIOR * _WEIGHT_UNIT * mean)[lines.document]


def _sums_of_others(group: Ints, values: Doubles) -> Doubles:
    """Sum values over the other lines of each line's group."""
    sums: Doubles = np.bincount(group, values)[group] - values
    return sums


def _mean_of_others(group: Ints, weights: Doubles, weighed: tuple[Doubles, Doubles]) -> Doubles:
    """Average a column over the other lines of a group, drawn to the mean of the document.

    Parameters
    ----------
    weights : float64 array (n,)
        Those of the other lines, in sum.
    """
    values, prior = weighed
    mean = _sums_of_others(group, values) + prior
    mean /= weights + _PRIOR * _WEIGHT_UNIT
    return mean / _WEIGHT_UNIT


def _shared_path(lines: Lines, places: MarkupPlaces, words: Doubles) -> Values:
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
    n_shared = segment_sums(of_line == of_best, bounds)
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
