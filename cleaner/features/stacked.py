"""Turn pass-1 log-odds into what a line's surroundings say once every line has been judged.

Log-odds are rounded to a grid and sums are whole numbers, so that a document has the same
stacked features, to the bit, alone and in any batch.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.naming import Columns, Values, name_columns
from cleaner.features.overlap import Overlap, cohesion, repeats
from cleaner.features.windows import distances, inverse_counts, shift_rows, window_means
from cleaner.text import Floats, Ints, Lines, log_count

# Log-odds are clipped to ±8 (a probability of .0003) and rounded to 1/32.
_LIMIT = 8
_STEPS = 32
_GRID = (np.arange(-_LIMIT * _STEPS, _LIMIT * _STEPS + 1) / _STEPS).astype(np.float32)
_PROBABILITY = (1 / (1 + np.exp(-_GRID.astype(np.float64)))).astype(np.float32)
# Whole-number weights of a line in sums are in units of 1/256.
_WEIGHT_UNIT = 256
# A line supports others if it is likely body and long enough to be a sentence.
_SUPPORT_WORDS = 8
_CONFIDENT = 0.7
_NEIGHBOURS = (1, 2, 3, 4, 5, 6)
_WIDTHS = (2, 4, 8, 16)
_SIDES = ("before", "after")
_SEGMENTS = ("roots", "logs", "words")
_STYLES = ("layout", "layout_end", "length_end", "layout_length_end", "layout_length")
# Class of a length in lines, which is 120 at most.
_LENGTH_CLASS = np.digitize(np.arange(121), [2, 5, 10, 20, 40])
# How much the whole document counts in a style's mean, in line weights.
_STYLE_PRIOR = 2
# Room for every signature of a style.
_SIGNATURES = 128

STACKED_FEATURES: dict[str, str] = {
    "odds": "judged by itself and its neighbours",
    "probability": "probability by itself and its neighbours",
    **{f"odds_{side}_{k}": f"line {k} {side} it is body" for k in _NEIGHBOURS for side in _SIDES},
    **{
        f"probability_{side}_{k}": f"line {k} {side} it is body, probability"
        for k in _NEIGHBOURS
        for side in _SIDES
    },
    "both_neighbours": "both neighbours are body",
    "either_neighbour": "a neighbour is body",
    "neighbours_product": "both neighbours are body, product",
    "near_both": "body within two lines on both sides",
    "both_neighbours_short": "short line between body lines",
    "both_neighbours_long": "longer line between body lines",
    "either_neighbour_short": "short line beside a body line",
    **{
        f"{what}_{side}_{width}": f"body {unit} in the {width} lines {side}"
        for what, unit in (("body_words", "words"), ("body_lines", "lines"))
        for width in _WIDTHS
        for side in _SIDES
    },
    "body_before": "share of the body before it",
    "body_after": "share of the body after it",
    "log_body": "length of the body",
    "body_share": "share of body in the document",
    "surest": "surest body line of the document",
    "confident_before": "distance to the last confident body line",
    "confident_after": "distance to the next confident body line",
    "confident_far": "distance to confident body on the farther side",
    "confident_near": "distance to confident body on the nearer side",
    "between_confident": "between confident body lines",
    **{
        f"{what}_{segment}": f"{words} (weighed by {segment})"
        for segment in _SEGMENTS
        for what, words in (
            ("inside", "inside the main stretch of body"),
            ("ahead", "distance to the main stretch of body"),
            ("past", "distance from the end of the main stretch of body"),
            ("inside_odds", "inside the main stretch, own judgement"),
            ("outside_odds", "outside the main stretch, own judgement"),
            ("inside_words", "inside the main stretch, length"),
            ("outside_words", "outside the main stretch, length"),
            ("inside_start", "lines since the start of the main stretch"),
            ("inside_end", "lines to the end of the main stretch"),
        )
    },
    "below_best": "less sure than the surest body line of the document",
    "run_lines": "lines of its run of body or clutter",
    "run_words": "words of its run of body or clutter",
    "run_words_body": "words of its run, if body",
    "run_words_before": "words of the run before its own",
    "run_words_after": "words of the run after its own",
    "gap_before": "words of clutter since the body before it",
    "gap_after": "words of clutter until the body after it",
    "body_cohesion": "shares words with the article",
    "body_names": "shares names with the article",
    "body_cohesion_long": "shares words with the article, six words or more",
    "body_names_long": "shares names with the article, six words or more",
    "body_cohesion_likely": "shares words with the article, likely body",
    "body_cohesion_unlikely": "shares words with the article, unlikely body",
    "body_repeat": "repeats phrases of the article",
    "body_repeat_later": "repeats earlier phrases of the article",
    **{
        f"style_{style}": f"lines of the same {style.replace('_', ' and ')} are body"
        for style in _STYLES
    },
}


def stacked_features(lines: Lines, overlap: Overlap, columns: Columns, log_odds: Floats) -> Columns:
    """Compute what pass 1 says of every line and of those around it.

    Parameters
    ----------
    columns : Columns
        Line and page features.
    log_odds : float32 array (n_rows,)
        Of pass 1; values in empty rows mean nothing.

    Returns
    -------
    Columns
        Those of `STACKED_FEATURES`; values in empty rows mean nothing.
    """
    step = np.rint(np.clip(log_odds, -_LIMIT, _LIMIT) * _STEPS).astype(np.int64)
    step += _LIMIT * _STEPS
    probability = _PROBABILITY.take(step) * lines.occupied
    odds = np.where(lines.occupied > 0, _GRID.take(step), np.float32(-_LIMIT))
    n_words, n_tokens = columns["words"], lines.n_tokens
    values: dict[str, Values] = {
        "odds": odds,
        "probability": probability,
        **_neighbours(odds, probability, n_words),
        **_windows(lines, probability, n_tokens),
        **_mass(lines, probability, n_tokens),
        **_segments(lines, odds, probability, n_tokens),
        **_runs(lines, odds, n_tokens),
        **_support(lines, overlap, probability, n_words),
        **_styles(lines, columns, probability),
    }
    return name_columns(STACKED_FEATURES, values)


def _neighbours(odds: Floats, probability: Floats, n_words: Floats) -> dict[str, Values]:
    # Beyond the ends of a document, neighbours are as unlikely as can be.
    above = odds + np.float32(_LIMIT)
    values: dict[str, Values] = {}
    for k in _NEIGHBOURS:
        for side, offset in (("before", -k), ("after", k)):
            values[f"odds_{side}_{k}"] = shift_rows(above, offset)
            values[f"probability_{side}_{k}"] = shift_rows(probability, offset)
    left, right = values["probability_before_1"], values["probability_after_1"]
    left_2, right_2 = values["probability_before_2"], values["probability_after_2"]
    short = (n_words <= _SUPPORT_WORDS).astype(np.float32)
    both, either = np.minimum(left, right), np.maximum(left, right)
    return {
        **values,
        "both_neighbours": both,
        "either_neighbour": either,
        "neighbours_product": left * right,
        "near_both": np.maximum(left, left_2) * np.maximum(right, right_2),
        "both_neighbours_short": both * short,
        "both_neighbours_long": both * (1 - short),
        "either_neighbour_short": either * short,
    }


def _windows(lines: Lines, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    weight = n_tokens.astype(np.float32)
    words = window_means({"body_words": probability * weight}, inverse_counts(weight, _WIDTHS))
    inverse = inverse_counts(lines.occupied, _WIDTHS)
    return words | window_means({"body_lines": probability}, inverse)


def _mass(lines: Lines, probability: Floats, n_tokens: Ints) -> dict[str, Values]:
    """How the body is spread over the document."""
    owner = lines.owner
    sums, n_sums = np.zeros((2, lines.n_rows + 1), np.int64)
    mass = np.rint(probability * np.float32(_WEIGHT_UNIT)).astype(np.int64)
    np.multiply(mass, n_tokens, out=sums[1:])
    np.cumsum(sums, out=sums)
    np.cumsum(n_tokens, out=n_sums[1:])
    stops = lines.first_row + lines.n_lines
    start, total = sums[lines.first_row], sums[stops] - sums[lines.first_row]
    n_all = n_sums[stops] - n_sums[lines.first_row]
    whole = (total + _WEIGHT_UNIT).take(owner)
    return {
        "body_before": (sums[:-1] - start.take(owner)) / whole,
        "body_after": ((start + total).take(owner) - sums[1:]) / whole,
        "log_body": log_count(total // _WEIGHT_UNIT).take(owner),
        "body_share": (total / (_WEIGHT_UNIT * (n_all + 1))).take(owner),
        "surest": _greatest(lines, probability).take(owner),
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
    """Find the stretch of lines with the greatest sum of evidence, for three ways to weigh it."""
    index = np.arange(lines.n_rows)
    log_words = log_count(n_tokens)
    lean = probability - np.float32(0.5)
    evidence = {
        "roots": lean * np.sqrt(n_tokens.astype(np.float32) + 1),
        "logs": np.clip(odds, -3, 3) * log_words,
        "words": (lean + np.float32(0.2)) * (n_tokens + 1).astype(np.float32),
    }
    stacked = np.rint(np.array(list(evidence.values())) * _WEIGHT_UNIT).astype(np.int64)
    starts, ends = best_segments(lines, stacked)
    values: dict[str, Values] = {}
    for segment, start, end in zip(evidence, starts, ends, strict=True):
        since = index - start.take(lines.owner)
        until = end.take(lines.owner) - index
        inside = ((since >= 0) & (until >= 0)).astype(np.float32)
        outside = 1 - inside
        values |= {
            f"inside_{segment}": inside,
            f"ahead_{segment}": log_count(-since),
            f"past_{segment}": log_count(-until),
            f"inside_odds_{segment}": inside * odds,
            f"outside_odds_{segment}": outside * odds,
            f"inside_words_{segment}": inside * log_words,
            f"outside_words_{segment}": outside * log_words,
            f"inside_start_{segment}": inside * log_count(since),
            f"inside_end_{segment}": inside * log_count(until),
        }
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
    n_kinds, n_rows = evidence.shape
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
    index = np.arange(n_rows)
    origin = np.maximum.accumulate(np.where(before == lowest, index, 0), axis=1)
    # Of several best ends the first one stays: it is written last.
    for of_kind, is_best in zip(end, gain == best.take(lines.owner, axis=1), strict=True):
        at = np.flatnonzero(is_best)[::-1]
        of_kind[lines.owner[at]] = at
    start[:, some] = np.take_along_axis(origin, end[:, some], axis=1)
    return start, end


def _runs(lines: Lines, odds: Floats, n_tokens: Ints) -> dict[str, Values]:
    """Measure runs of lines judged alike, and the gap of clutter between runs of body."""
    likely = np.where(n_tokens >= _SUPPORT_WORDS, odds, np.float32(-_LIMIT))
    below_best = odds - _greatest(lines, likely).take(lines.owner)

    # Margins are runs of no words.
    state = (odds > 0) + 2 * (lines.occupied > 0)
    changes = np.ones(lines.n_rows, bool)
    np.not_equal(state[1:], state[:-1], out=changes[1:])
    starts = np.flatnonzero(changes)
    sizes = np.diff(starts, append=lines.n_rows)
    n_words = np.add.reduceat(n_tokens, starts)
    before, after = np.zeros((2, len(starts)), np.int64)
    before[1:], after[:-1] = n_words[:-1], n_words[1:]
    is_body = odds[starts] > 0
    of_run = {
        "run_lines": sizes,
        "run_words": n_words,
        "run_words_body": np.where(is_body, n_words, 0),
        "run_words_before": before,
        "run_words_after": after,
        "gap_before": np.where(is_body, before, 0),
        "gap_after": np.where(is_body, after, 0),
    }
    run = np.repeat(np.arange(len(starts)), sizes)
    return {"below_best": below_best} | {
        name: log_count(value).take(run) for name, value in of_run.items()
    }


def _support(
    lines: Lines, overlap: Overlap, probability: Floats, n_words: Floats
) -> dict[str, Values]:
    """Distances to confident body lines, and words and phrases shared with them."""
    long = n_words >= _SUPPORT_WORDS
    before, after = distances(lines, (probability > _CONFIDENT) & long)
    far = np.maximum(before, after)
    supporting = (probability > 0.5) & long
    shared, names = cohesion(overlap, supporting)
    repeated, repeated_later = repeats(overlap, supporting)
    longer = (n_words >= 6).astype(np.float32)
    return {
        "confident_before": before,
        "confident_after": after,
        "confident_far": far,
        "confident_near": np.minimum(before, after),
        "between_confident": far <= 0,
        "body_cohesion": shared,
        "body_names": names,
        "body_cohesion_long": shared * longer,
        "body_names_long": names * longer,
        "body_cohesion_likely": shared * probability,
        "body_cohesion_unlikely": shared * (1 - probability),
        "body_repeat": repeated,
        "body_repeat_later": repeated_later,
    }


def _styles(lines: Lines, columns: Columns, probability: Floats) -> dict[str, Values]:
    """How likely the document's other lines of the same layout and length are body."""
    owner, n_documents = lines.owner, len(lines.n_lines)
    words = columns["words"]
    layout = np.minimum(columns["blank_before"], 2) * 3 + np.minimum(columns["blank_after"], 2)
    layout = layout.astype(np.int64)
    ends = columns["ends_sentence"].astype(np.int64)
    length = _LENGTH_CLASS.take(words.astype(np.int64))
    signatures = {
        "layout": layout,
        "layout_end": layout * 2 + ends,
        "length_end": length * 2 + ends,
        "layout_length_end": (layout * 6 + length) * 2 + ends,
        "layout_length": layout * 6 + length,
    }
    weight = (np.rint(np.sqrt(words + 1) * _WEIGHT_UNIT) * lines.occupied).astype(np.float64)
    mass = np.rint(weight * probability)
    # float64 sums of whole numbers are exact in any order.
    all_weight = np.bincount(owner, weight, n_documents)
    all_mass = np.bincount(owner, mass, n_documents)
    prior = _STYLE_PRIOR * _WEIGHT_UNIT
    overall = (prior * (all_mass / np.maximum(all_weight, 1))).take(owner)
    values: dict[str, Values] = {}
    for style, signature in signatures.items():
        key = signature + _SIGNATURES * owner
        of_style = np.bincount(key, weight, n_documents * _SIGNATURES).take(key) - weight
        body = np.bincount(key, mass, n_documents * _SIGNATURES).take(key) - mass
        values[f"style_{style}"] = (body + overall) / (of_style + prior)
    return values
