"""Turn pass-1 log-odds into what a line's surroundings say once every line has been judged.

Log-odds are rounded to a grid and sums are whole numbers, so that a document has the same
context, to the bit, alone and in any batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.characters import Ints
from cleaner.overlap import Overlap, cohesion, repeats
from cleaner.rows import Floats, Rows, fill_means, log_count, shift_rows, window_counts
from cleaner.surroundings import distances

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
_LENGTH_CLASSES = np.array([2, 5, 10, 20, 40])
# How much the whole document counts in a style's mean, in line weights.
_STYLE_PRIOR = 2

CONTEXT: dict[str, str] = {
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


class Judged(NamedTuple):
    """What is known of a batch when pass 1 has judged it."""

    rows: Rows
    n_tokens: Ints  # (n_rows,)
    overlap: Overlap
    line: dict[str, Floats]  # line features by name
    surroundings: dict[str, Floats]  # surroundings by name
    odds: Floats  # (n_rows,), log-odds of pass 1; values in empty rows mean nothing


def context_features(judged: Judged) -> Floats:
    """Compute the context of every line.

    Returns
    -------
    float32 array (len(CONTEXT), n_rows)
        In the order of `CONTEXT`; values in empty rows mean nothing.
    """
    rows, line = judged.rows, judged.line
    columns = np.zeros((len(CONTEXT), rows.n_rows), np.float32)
    place = {name: columns[number] for number, name in enumerate(CONTEXT)}
    step = np.rint(np.clip(judged.odds, -_LIMIT, _LIMIT) * _STEPS).astype(np.int64)
    step += _LIMIT * _STEPS
    probability = _PROBABILITY[step] * rows.occupied
    rounded = np.where(rows.occupied > 0, _GRID[step], np.float32(-_LIMIT))
    n_words = line["words"].astype(np.int64)
    place["odds"][:], place["probability"][:] = rounded, probability
    _fill_neighbours(place, rounded, probability, n_words)
    _fill_windows(place, rows, probability, judged.n_tokens)
    _fill_mass(place, rows, probability, judged.n_tokens)
    _fill_segments(place, rows, rounded, probability, judged.n_tokens)
    _fill_runs(place, rows, rounded, judged.n_tokens)
    _fill_support(place, rows, judged.overlap, probability, n_words)
    _fill_styles(place, rows, line, judged.surroundings, probability)
    return columns


def _fill_neighbours(
    place: dict[str, Floats], odds: Floats, probability: Floats, n_words: Ints
) -> None:
    above = odds + np.float32(_LIMIT)
    for k in _NEIGHBOURS:
        for side, offset in (("before", -k), ("after", k)):
            place[f"odds_{side}_{k}"][:] = shift_rows(above, offset)
            place[f"probability_{side}_{k}"][:] = shift_rows(probability, offset)
    left, right = place["probability_before_1"], place["probability_after_1"]
    left_2, right_2 = place["probability_before_2"], place["probability_after_2"]
    short = (n_words <= _SUPPORT_WORDS).astype(np.float32)
    np.minimum(left, right, out=place["both_neighbours"])
    np.maximum(left, right, out=place["either_neighbour"])
    np.multiply(left, right, out=place["neighbours_product"])
    place["near_both"][:] = np.maximum(left, left_2) * np.maximum(right, right_2)
    place["both_neighbours_short"][:] = place["both_neighbours"] * short
    place["both_neighbours_long"][:] = place["both_neighbours"] * (1 - short)
    place["either_neighbour_short"][:] = place["either_neighbour"] * short


def _fill_windows(
    place: dict[str, Floats], rows: Rows, probability: Floats, n_tokens: Ints
) -> None:
    fill_means(place, "body_lines", probability, window_counts(rows.occupied, _WIDTHS))
    weight = n_tokens.astype(np.float32)
    shares = window_counts(weight, _WIDTHS)
    fill_means(place, "body_words", probability * weight, shares)


def _fill_mass(place: dict[str, Floats], rows: Rows, probability: Floats, n_tokens: Ints) -> None:
    """How the body is spread over the document."""
    row, document = rows.row, rows.document
    mass = np.rint(probability * np.float32(_WEIGHT_UNIT)).astype(np.int64) * n_tokens
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(mass)))
    start = sums[rows.first[document]]
    total = sums[rows.first[document] + rows.n_lines[document]] - start
    before, after = sums[row] - start, total - (sums[row + 1] - start)
    place["body_before"][row] = before / (total + _WEIGHT_UNIT)
    place["body_after"][row] = after / (total + _WEIGHT_UNIT)
    place["log_body"][row] = log_count(total // _WEIGHT_UNIT)
    n_all = np.bincount(document, n_tokens[row], len(rows.n_lines))[document]
    place["body_share"][row] = total / (_WEIGHT_UNIT * (n_all + 1))
    some = np.flatnonzero(rows.n_lines)
    surest = np.zeros(len(rows.n_lines), np.float32)
    if some.size:
        first_line = np.cumsum(rows.n_lines) - rows.n_lines
        surest[some] = np.maximum.reduceat(probability[row], first_line[some])
    place["surest"][row] = surest[document]


def _fill_segments(
    place: dict[str, Floats], rows: Rows, odds: Floats, probability: Floats, n_tokens: Ints
) -> None:
    """Find the stretch of lines with the greatest sum of evidence, for three ways to weigh it."""
    row = rows.row
    index = np.arange(len(row))
    tokens = n_tokens[row]
    log_words, own = log_count(tokens), odds[row]
    lean = probability[row] - np.float32(0.5)
    evidence = {
        "roots": lean * np.sqrt(tokens.astype(np.float32) + 1),
        "logs": np.clip(own, -3, 3) * log_words,
        "words": (lean + np.float32(0.2)) * (tokens + 1).astype(np.float32),
    }
    for segment in _SEGMENTS:
        start, end = best_segments(rows, np.rint(evidence[segment] * _WEIGHT_UNIT).astype(np.int64))
        start, end = start[rows.document], end[rows.document]
        inside = ((index >= start) & (index <= end)).astype(np.float32)
        outside = 1 - inside
        values = {
            "inside": inside,
            "ahead": log_count(np.maximum(start - index, 0)),
            "past": log_count(np.maximum(index - end, 0)),
            "inside_odds": inside * own,
            "outside_odds": outside * own,
            "inside_words": inside * log_words,
            "outside_words": outside * log_words,
            "inside_start": inside * log_count(np.maximum(index - start, 0)),
            "inside_end": inside * log_count(np.maximum(end - index, 0)),
        }
        for name, value in values.items():
            place[f"{name}_{segment}"][row] = value


def best_segments(rows: Rows, evidence: Ints) -> tuple[Ints, Ints]:
    """Find each document's stretch of lines with the greatest sum (Kadane's problem).

    Parameters
    ----------
    evidence : int64 array (n,)
        One whole number for each line, in the order of `rows.row`.

    Returns
    -------
    two int64 arrays (n_documents,)
        First and last line of the stretch, as positions in `rows.row`; (0, -1) without lines.
    """
    start = np.zeros(len(rows.n_lines), np.int64)
    end = np.full(len(rows.n_lines), -1, np.int64)
    some = np.flatnonzero(rows.n_lines)
    if not some.size:
        return start, end
    index = np.arange(len(evidence))
    sums = np.cumsum(evidence)
    before = sums - evidence
    # Sinking every document below the one before it restarts the running minimum there.
    depth = rows.document * (2 * int(np.abs(evidence).sum()) + 1)
    lowest = np.minimum.accumulate(before - depth)
    gain = sums - (lowest + depth)
    first_line = (np.cumsum(rows.n_lines) - rows.n_lines)[some]
    best = np.zeros(len(rows.n_lines), np.int64)
    best[some] = np.maximum.reduceat(gain, first_line)
    at = np.flatnonzero(gain == best[rows.document])[::-1]
    end[rows.document[at]] = at
    origin = np.maximum.accumulate(np.where(before - depth == lowest, index, 0))
    start[some] = origin[end[some]]
    return start, end


def _fill_runs(place: dict[str, Floats], rows: Rows, odds: Floats, n_tokens: Ints) -> None:
    """Measure runs of lines judged alike, and the gap of clutter between runs of body."""
    row, document = rows.row, rows.document
    best = np.full(len(rows.n_lines), -_LIMIT, np.float32)
    some = np.flatnonzero(rows.n_lines)
    starts = (np.cumsum(rows.n_lines) - rows.n_lines)[some]
    likely = np.where(n_tokens[row] >= _SUPPORT_WORDS, odds[row], np.float32(-_LIMIT))
    best[some] = np.maximum.reduceat(likely, starts)
    place["below_best"][row] = odds[row] - best[document]

    body = odds[row] > 0
    changes = np.ones(len(row), bool)
    changes[1:] = (body[1:] != body[:-1]) | (document[1:] != document[:-1])
    run = np.cumsum(changes) - 1
    n_words = np.bincount(run, n_tokens[row]).astype(np.int64)
    of_document = document[changes]
    is_body = body[changes]
    before = np.zeros(len(n_words), np.int64)
    after = np.zeros(len(n_words), np.int64)
    same = of_document[1:] == of_document[:-1]
    before[1:] = np.where(same, n_words[:-1], 0)
    after[:-1] = np.where(same, n_words[1:], 0)
    place["run_lines"][row] = log_count(np.bincount(run)[run])
    place["run_words"][row] = log_count(n_words[run])
    place["run_words_body"][row] = log_count(np.where(is_body, n_words, 0)[run])
    place["run_words_before"][row] = log_count(before[run])
    place["run_words_after"][row] = log_count(after[run])
    place["gap_before"][row] = log_count(np.where(is_body, before, 0)[run])
    place["gap_after"][row] = log_count(np.where(is_body, after, 0)[run])


def _fill_support(
    place: dict[str, Floats], rows: Rows, overlap: Overlap, probability: Floats, n_words: Ints
) -> None:
    """Distances to confident body lines, and words and phrases shared with them."""
    long = n_words >= _SUPPORT_WORDS
    before, after = distances(rows, (probability > _CONFIDENT) & long)
    place["confident_before"][:] = before
    place["confident_after"][:] = after
    np.maximum(before, after, out=place["confident_far"])
    np.minimum(before, after, out=place["confident_near"])
    place["between_confident"][:] = (before <= 0) & (after <= 0)
    supporting = (probability > 0.5) & long
    shared, names = cohesion(overlap, supporting)
    longer = (n_words >= 6).astype(np.float32)
    place["body_cohesion"][:] = shared
    place["body_names"][:] = names
    place["body_cohesion_long"][:] = shared * longer
    place["body_names_long"][:] = names * longer
    place["body_cohesion_likely"][:] = shared * probability
    place["body_cohesion_unlikely"][:] = shared * (1 - probability)
    place["body_repeat"][:], place["body_repeat_later"][:] = repeats(overlap, supporting)


def _fill_styles(
    place: dict[str, Floats],
    rows: Rows,
    line: dict[str, Floats],
    blank: dict[str, Floats],
    probability: Floats,
) -> None:
    """How likely the document's other lines of the same layout and length are body."""
    row, document = rows.row, rows.document
    layout = np.minimum(blank["blank_before"][row], 2) * 3 + np.minimum(
        blank["blank_after"][row], 2
    )
    layout = layout.astype(np.int64)
    ends = line["ends_sentence"][row].astype(np.int64)
    length = np.digitize(line["words"][row], _LENGTH_CLASSES)
    signatures = (
        layout,
        layout * 2 + ends,
        length * 2 + ends,
        (layout * 6 + length) * 2 + ends,
        layout * 6 + length,
    )
    weight = np.rint(np.sqrt(line["words"][row] + 1) * _WEIGHT_UNIT).astype(np.int64)
    mass = np.rint(weight * probability[row]).astype(np.int64)
    n_documents = len(rows.n_lines)
    # float64 sums of whole numbers are exact in any order.
    all_weight = np.bincount(document, weight, n_documents)
    all_mass = np.bincount(document, mass, n_documents)
    overall = (all_mass / np.maximum(all_weight, 1))[document]
    prior = _STYLE_PRIOR * _WEIGHT_UNIT
    for style, signature in zip(_STYLES, signatures, strict=True):
        key = document * 128 + signature
        of_style = np.bincount(key, weight, n_documents * 128)[key] - weight
        body = np.bincount(key, mass, n_documents * 128)[key] - mass
        place[f"style_{style}"][row] = (body + prior * overall) / (of_style + prior)
