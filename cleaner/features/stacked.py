"""Turn pass-1 log-odds into what a line's surroundings say once every line has been judged.

Log-odds are rounded to a grid and sums are whole numbers, so that a document has the same
stacked features, to the bit, alone and in any batch.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.naming import (
    AROUND,
    ARTICLE,
    CUES,
    SHARED,
    WORDS,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
from cleaner.features.overlap import Overlap, cohesion, shared_words
from cleaner.features.windows import inverse_counts, neighbour_values, shift_rows, window_means
from cleaner.text import Floats, Ints, Lines, log_count

# Log-odds are clipped to ±8 (a probability of .0003) and rounded to 1/32.
_LIMIT = 8
_STEPS = 32
_GRID = (np.arange(-_LIMIT * _STEPS, _LIMIT * _STEPS + 1) / _STEPS).astype(np.float32)
_PROBABILITY = (1 / (1 + np.exp(-_GRID.astype(np.float64)))).astype(np.float32)
# Whole-number weights of a line in sums are in units of 1/256.
_WEIGHT_UNIT = 256
# A line supports others if it is likely body and long enough to be a sentence.
_SUPPORT_TOKENS = 8
_NEIGHBOURS = (1, 2)
_WIDTHS = (4, 16)
_SIDES = ("before", "after")
_SEGMENTS = ("words", "logs")
# Styles of lines.
_STYLES = ("layout_end", "length_end")
# No blank line, one, or more on either side.
_LAYOUTS = 9
# Class of a length in tokens, which is 120 at most.
_LENGTH_CLASS = np.digitize(np.arange(121), [2, 5, 10, 20, 40])
_LENGTHS = 6
# Weight of a line by its length in tokens, up to the longest that has a class.
_STYLE_WEIGHT = np.rint(np.sqrt(np.arange(len(_LENGTH_CLASS)) + 1) * _WEIGHT_UNIT)
# How much the whole document counts in a style's mean, in line weights.
_STYLE_PRIOR = 2
# Cues that speak against a line in the middle of an article.
_CUES = ("related_start", "note_start", "caption_start", "call_to_action_start")

STACKED_FEATURES: dict[str, Feature] = {
    **group_features(
        AROUND,
        {
            **{
                f"odds_{side}_{k}": f"line {k} {side} it is body"
                for k in _NEIGHBOURS
                for side in _SIDES
            },
            "both_neighbours_short": "short line between body lines",
            **{
                f"body_lines_{side}_{width}": f"body lines in the {width} lines {side}"
                for width in _WIDTHS
                for side in _SIDES
            },
        },
    ),
    **group_features(WORDS, {"lexical_between": "its words, between body lines"}),
    **group_features(CUES, {"cue_between": "starts with a cue, between body lines"}),
    **group_features(
        SHARED,
        {
            "cohesion_between": "shares words with the running text, between body lines",
            "body_cohesion_unlikely": "shares words with the article, unlikely body",
        },
    ),
    **group_features(
        ARTICLE,
        {
            "own_share": "its own share of the body",
            "body_before": "share of the body before it",
            "surest": "surest body line of the document",
            "below_best": "less sure than the surest body line of the document",
            "inside": "inside the main stretch of body",
            **{
                f"{what}_{segment}": f"{words} (weighed by {segment})"
                for segment in _SEGMENTS
                for what, words in (
                    ("ahead", "distance to the main stretch of body"),
                    ("past", "distance from the end of the main stretch of body"),
                    ("inside_start", "lines since the start of the main stretch"),
                    ("inside_end", "lines to the end of the main stretch"),
                )
            },
            **{
                f"style_{style}": f"lines of the same {style.replace('_', ' and ')} are body"
                for style in _STYLES
            },
        },
    ),
}


def stacked_features(lines: Lines, overlap: Overlap, columns: Columns, log_odds: Floats) -> Columns:
    """Compute what pass 1 says of every line and of those around it.

    Parameters
    ----------
    columns : Columns
        Line and page features, and those of hashed words.
    log_odds : float32 array (n_rows,)
        Of pass 1; values in empty rows mean nothing.

    Returns
    -------
    Columns
        Those of `STACKED_FEATURES`; values in empty rows mean nothing.
    """
    step = _grid_steps(log_odds)
    probability = _PROBABILITY.take(step) * lines.occupied
    odds = np.where(lines.occupied > 0, _GRID.take(step), np.float32(-_LIMIT))
    n_tokens = lines.n_tokens
    values: dict[str, Values] = {
        **_neighbours(odds, probability, n_tokens),
        **_between(columns, probability),
        **window_means({"body_lines": probability}, inverse_counts(lines.occupied, _WIDTHS)),
        **_mass(lines, odds, probability, n_tokens),
        **_segments(lines, odds, probability, n_tokens),
        **_support(overlap, probability, n_tokens),
        **_styles(lines, columns, probability),
    }
    return name_columns(STACKED_FEATURES, values)


def on_grid(log_odds: Floats) -> Floats:
    """Clip log-odds and round them, so that their sums are exact in any batch."""
    return _GRID.take(_grid_steps(log_odds))


def _grid_steps(log_odds: Floats) -> Ints:
    steps = np.rint(np.clip(log_odds, -_LIMIT, _LIMIT) * _STEPS).astype(np.int64)
    return steps + _LIMIT * _STEPS


def _neighbours(odds: Floats, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    # Beyond the ends of a document, neighbours are as unlikely as can be.
    above = odds + np.float32(_LIMIT)
    values = neighbour_values("odds", above, _NEIGHBOURS)
    left, right = shift_rows(probability, -1), shift_rows(probability, 1)
    both = np.minimum(left, right)
    return {
        **values,
        "both_neighbours_short": both * (n_tokens <= _SUPPORT_TOKENS),
    }


def _near_both(probability: Floats) -> Floats:
    """Body within two lines on both sides, as a product."""
    left = np.maximum(shift_rows(probability, -1), shift_rows(probability, -2))
    right = np.maximum(shift_rows(probability, 1), shift_rows(probability, 2))
    return left * right


def _between(columns: Columns, probability: Floats) -> dict[str, Values]:
    """Give what counts more in a line that stands between body lines."""
    between = _near_both(probability)
    return {
        "lexical_between": columns["lexical"] * between,
        "cue_between": np.max([columns[name] for name in _CUES], axis=0) * between,
        "cohesion_between": (columns["cohesion_sentence"] + columns["cohesion_open"]) * between,
    }


def _mass(lines: Lines, odds: Floats, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    """Measure how the body is spread over the document, and how sure its surest line is."""
    owner = lines.owner
    sums = np.zeros(lines.n_rows + 1, np.int64)
    mass = np.rint(probability * np.float32(_WEIGHT_UNIT)).astype(np.int64)
    np.multiply(mass, n_tokens, out=sums[1:])
    np.cumsum(sums, out=sums)
    start = sums[lines.first_row]
    total = sums[lines.first_row + lines.n_lines] - start
    whole = (total + _WEIGHT_UNIT).take(owner)
    likely = np.where(n_tokens >= _SUPPORT_TOKENS, odds, np.float32(-_LIMIT))
    return {
        "own_share": (sums[1:] - sums[:-1]) / whole,
        "body_before": (sums[:-1] - start.take(owner)) / whole,
        "surest": _greatest(lines, probability).take(owner),
        "below_best": odds - _greatest(lines, likely).take(owner),
    }


def _greatest(lines: Lines, column: Floats) -> Floats:
    """Find the greatest value of each document: float32 array (n_documents,), 0 without lines.

    Parameters
    ----------
    column : float32 array (n_rows,)
        No greater in empty rows than in lines.
    """
    greatest = np.zeros(len(lines.first_row), np.float32)
    some = np.flatnonzero(lines.n_lines)
    greatest[some] = np.maximum.reduceat(column, lines.first_row[some])
    return greatest


def _segments(lines: Lines, odds: Floats, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    """Find the stretch of lines with the greatest sum of evidence, for two ways to weigh it."""
    index = np.arange(lines.n_rows)
    log_words = log_count(n_tokens)
    lean = probability - np.float32(0.5)
    evidence = {
        "words": (lean + np.float32(0.2)) * (n_tokens + 1).astype(np.float32),
        "logs": np.clip(odds, -3, 3) * log_words,
    }
    stacked = np.rint(np.array(list(evidence.values())) * _WEIGHT_UNIT).astype(np.int64)
    starts, ends = best_segments(lines, stacked)
    values: dict[str, Values] = {}
    for segment, start, end in zip(evidence, starts, ends, strict=True):
        since = index - start.take(lines.owner)
        until = end.take(lines.owner) - index
        is_ahead, is_past = since < 0, until < 0
        inside = (~(is_ahead | is_past)).astype(np.float32)
        to_start, to_end = log_count(np.abs(since)), log_count(np.abs(until))
        values |= {
            f"ahead_{segment}": to_start * is_ahead,
            f"past_{segment}": to_end * is_past,
            f"inside_start_{segment}": to_start * inside,
            f"inside_end_{segment}": to_end * inside,
        }
        # That by words is the first.
        values.setdefault("inside", inside)
    return values


def best_segments(lines: Lines, evidence: Ints) -> tuple[Ints, Ints]:
    """Find each document's stretch of lines with the greatest sum (Kadane's problem).

    Parameters
    ----------
    evidence : int64 array (n_kinds, n_rows)
        A whole number for each line; several kinds of evidence at once.

    Returns
    -------
    two int64 arrays (n_kinds, n_documents)
        First and last row of the stretch; (0, -1) without lines.
    """
    n_kinds = len(evidence)
    start = np.zeros((n_kinds, len(lines.first_row)), np.int64)
    end = np.full((n_kinds, len(lines.first_row)), -1, np.int64)
    some = np.flatnonzero(lines.n_lines)
    if not some.size:
        return start, end
    is_line = lines.occupied > 0
    evidence = evidence * is_line
    sums = np.cumsum(evidence, axis=1)
    before = sums - evidence
    # Sinking every document below the one before it restarts the running minimum there.
    depth = lines.owner * (2 * np.abs(evidence).sum(axis=1, keepdims=True) + 1)
    before -= depth
    lowest = np.minimum.accumulate(before, axis=1)
    gain = sums - depth - lowest
    # No stretch ends in an empty row.
    np.copyto(gain, np.iinfo(np.int64).min, where=~is_line)
    best = np.zeros(start.shape, np.int64)
    best[:, some] = np.maximum.reduceat(gain, lines.first_row[some], axis=1)
    # Of several best ends the first one stays: it is written last.
    for of_kind, is_best in zip(end, gain == best.take(lines.owner, axis=1), strict=True):
        at = np.flatnonzero(is_best)[::-1]
        of_kind[lines.owner[at]] = at
    # A stretch starts where the sums before it were lowest last.
    for origins, of_kind, is_lowest in zip(start, end, before == lowest, strict=True):
        at = np.flatnonzero(is_lowest)
        origins[some] = at[np.searchsorted(at, of_kind[some], side="right") - 1]
    return start, end


def _support(overlap: Overlap, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    """Measure what lines share with body lines."""
    shared = shared_words(overlap, (probability > 0.5) & (n_tokens >= _SUPPORT_TOKENS))
    return {
        "body_cohesion_unlikely": cohesion(overlap, shared) * (1 - probability),
    }


def _styles(lines: Lines, columns: Columns, probability: Floats) -> dict[str, Values]:
    """How likely the document's other lines of the same layout and length are body."""
    owner, n_documents = lines.owner, len(lines.n_lines)
    words = np.minimum(lines.n_tokens, len(_LENGTH_CLASS) - 1)
    layout = np.minimum(columns["blank_before"], 2) * 3 + np.minimum(columns["blank_after"], 2)
    weight = _STYLE_WEIGHT.take(words) * lines.occupied
    mass = np.rint(weight * probability)
    # float64 sums of whole numbers are exact in any order.
    all_weight, all_mass = (np.bincount(owner, of_line, n_documents) for of_line in (weight, mass))
    prior = _STYLE_PRIOR * _WEIGHT_UNIT
    overall = (prior * (all_mass / np.maximum(all_weight, 1))).take(owner)
    classes = (
        owner * _LAYOUTS + layout.astype(np.int64),
        owner * _LENGTHS + _LENGTH_CLASS.take(words),
    )
    values: dict[str, Values] = {}
    for style, of_class in zip(_STYLES, classes, strict=True):
        key = of_class * 2 + (columns["ends_sentence"] > 0)
        of_style, body = (np.bincount(key, of_line).take(key) for of_line in (weight, mass))
        values[f"style_{style}"] = (body - mass + overall) / (of_style - weight + prior)
    return values
