"""Say where a line stands: place, layout, neighbouring text, repeats and shared vocabulary.

Everything here is known before any line has been judged; "good" lines are those that look like a
paragraph of running text by themselves (line.py).
"""

from __future__ import annotations

import numpy as np

from cleaner.features.line import LINE_FEATURES
from cleaner.features.naming import Columns, Values, name_columns
from cleaner.features.overlap import Overlap, cohesion, repeats
from cleaner.features.windows import (
    FAR_LINES,
    distances,
    inverse_counts,
    run_sizes,
    window_means,
)
from cleaner.text import Flags, Lines, group_keys, line_hashes, log_count

_GOOD_WIDTHS = (1, 2, 4, 8, 16)
_MEAN_WIDTHS = (2, 4, 8)
_MEAN_OF = (
    "log_words", "capital_share", "ends_sentence", "function_share", "open_middle",
    "date_short", "call_to_action_short",
)  # fmt: skip
# Short lines with these cues head a section: comments, related stories, appeals.
_MARKERS = ("comment", "call_to_action", "appeal", "biography")
_MARKER_WORDS = 8
_BLANK_LIMIT = 3
# Lines of running text within this distance (as a logarithm) on both sides: two lines at most.
_BETWEEN = 1.1
# A run ends where the logarithms of the lengths in words differ by so much.
_OTHER_LENGTH = 0.5
# What a line anywhere in a block says of the block.
_BLOCK_MARKS = {
    "block_credit": "credit_line",
    "block_date": "date_short",
    "block_call_to_action": "call_to_action_short",
}
# Lines shorter than this repeat by chance.
_REPEAT_WORDS = 6

PAGE_FEATURES: dict[str, str] = {
    "place": "place in the document",
    "from_start": "lines before it",
    "to_end": "lines after it",
    "good_before_share": "share of running text before it",
    "good_after_share": "share of running text after it",
    "before_good": "before all running text",
    "after_good": "after all running text",
    "log_lines": "length of the document in lines",
    "log_good": "amount of running text in the document",
    "good_share": "share of running text in the document",
    **{
        f"good_{side}_{width}": f"running text in the {width} lines {side}"
        for width in _GOOD_WIDTHS
        for side in ("before", "after")
    },
    "good_distance_before": "distance to the last line of running text",
    "good_distance_after": "distance to the next line of running text",
    "good_distance_near": "distance to running text on the nearer side",
    "good_distance_far": "distance to running text on the farther side",
    "between_good": "between lines of running text",
    **{
        f"{name}_{side}_{width}": f"{LINE_FEATURES[name]}: mean of {width} lines {side}"
        for width in _MEAN_WIDTHS
        for name in _MEAN_OF
        for side in ("before", "after")
    },
    **{
        f"{what}_{marker}": f"{words} a line that says {marker.replace('_', ' ')}"
        for marker in _MARKERS
        for what, words in (("since", "distance from"), ("until", "distance to"), ("past", "after"))
    },
    "run": "run of similar lines",
    "run_open": "run of similar lines that do not end a sentence",
    "run_sentence": "run of similar lines that end a sentence",
    "repeated": "repeated in the document",
    "repeated_later": "repeats an earlier line",
    "repeated_long": "repeated, six words or more",
    "near_repeat": "shares phrases with other lines",
    "near_repeat_long": "shares phrases with other lines, six words or more",
    "cohesion": "shares words with the running text",
    "cohesion_long": "shares words with the running text, six words or more",
    "cohesion_sentence": "ends a sentence and shares words with the running text",
    "cohesion_open": "no end of sentence, shares words with the running text",
    "names": "shares names with the running text",
    "names_long": "shares names with the running text, six words or more",
    "blank_before": "blank lines before it",
    "blank_after": "blank lines after it",
    "no_blank_before": "no blank line before it",
    "no_blank_after": "no blank line after it",
    "one_blank_before": "one blank line before it",
    "one_blank_after": "one blank line after it",
    "blank_habit": "share of lines with a blank line before them in the document",
    "blank_before_unusual": "blank line before it where the document has few",
    "joined_before_unusual": "no blank line before it where the document has many",
    "blank_after_unusual": "blank line after it where the document has few",
    "joined_after_unusual": "no blank line after it where the document has many",
    "log_block": "lines of its block",
    "log_block_words": "words of its block",
    "block_words_mean": "mean words in the lines of its block",
    "alone": "blank lines on both sides",
    "big_block_spaced": "block of four lines or more in a document with blank lines",
    "block_credit": "photo credit in its block",
    "block_date": "short line with a date in its block",
    "block_call_to_action": "short call to action in its block",
}


def page_features(lines: Lines, line: Columns, good: Flags, overlap: Overlap) -> Columns:
    """Compute the features of a line's page around it.

    Parameters
    ----------
    line : Columns
        From `line_features`, with `good` (n_rows,).

    Returns
    -------
    Columns
        Those of `PAGE_FEATURES`; values in empty rows mean nothing.
    """
    values: dict[str, Values] = {
        **_places(lines, good),
        **_windows(lines, line, good),
        **_distances(lines, line, good),
        **_runs(lines, line),
        **_repeats(lines, line, overlap),
        **_cohesion(line, good, overlap),
        **_blanks(lines, line),
    }
    return name_columns(PAGE_FEATURES, values)


def _places(lines: Lines, good: Flags) -> dict[str, Values]:
    owner, count = lines.owner, np.maximum(lines.n_lines, 1)
    index = np.arange(lines.n_rows) - lines.first_row.take(owner)
    n_lines = count.take(owner)
    goods = np.zeros(lines.n_rows + 1, np.int64)
    np.cumsum(good, out=goods[1:])
    start = goods[lines.first_row]
    total = goods[lines.first_row + lines.n_lines] - start
    before, after = goods[:-1] - start.take(owner), (start + total).take(owner) - goods[1:]
    share = (1 / np.maximum(total, 1)).take(owner)
    return {
        "place": index / n_lines,
        "from_start": log_count(index),
        "to_end": log_count(n_lines - 1 - index),
        "log_lines": log_count(n_lines),
        "good_before_share": before * share,
        "good_after_share": after * share,
        "before_good": before == 0,
        "after_good": after == 0,
        "log_good": log_count(total).take(owner),
        "good_share": (total / count).take(owner),
    }


def _windows(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    inverse = inverse_counts(lines.occupied, _GOOD_WIDTHS)
    means = window_means({"good": good.astype(np.float32)}, inverse)
    of_lines = {name: line[name] * lines.occupied for name in _MEAN_OF}
    return means | window_means(of_lines, {width: inverse[width] for width in _MEAN_WIDTHS})


def _distances(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    """Measure how far lines lie from running text and from lines that head clutter."""
    short = line["log_words"] <= log_count(np.array(_MARKER_WORDS))
    cued = [
        short & ((line[f"{marker}_words"] > 0) | (line[f"{marker}_phrase"] > 0))
        for marker in _MARKERS
    ]
    before, after = distances(lines, np.array([good, *cued]))
    far = np.maximum(before[0], after[0])
    values: dict[str, Values] = {
        "good_distance_before": before[0],
        "good_distance_after": after[0],
        "good_distance_near": np.minimum(before[0], after[0]),
        "good_distance_far": far,
        "between_good": far <= _BETWEEN,
    }
    for number, marker in enumerate(_MARKERS, 1):
        values[f"since_{marker}"] = before[number]
        values[f"until_{marker}"] = after[number]
        values[f"past_{marker}"] = before[number] < log_count(np.array(FAR_LINES - 1))
    return values


def _runs(lines: Lines, line: Columns) -> dict[str, Values]:
    """Measure runs of lines alike in length (within a factor of 1.6) and in how they end."""
    length, ends, occupied = line["log_words"], line["ends_sentence"], lines.occupied
    changes = np.ones(lines.n_rows, bool)
    changes[1:] = (
        (np.abs(length[1:] - length[:-1]) >= _OTHER_LENGTH)
        | (ends[1:] != ends[:-1])
        | (occupied[1:] != occupied[:-1])
    )
    run = log_count(run_sizes(changes) - 1)
    return {"run": run, "run_open": run * (1 - ends), "run_sentence": run * ends}


def _repeats(lines: Lines, line: Columns, overlap: Overlap) -> dict[str, Values]:
    long = line["log_words"] >= log_count(np.array(_REPEAT_WORDS))
    group = group_keys(line_hashes(lines), lines.document, len(lines.first_row))
    repeated, later = np.zeros((2, lines.n_rows), bool)
    repeated[lines.row] = np.bincount(group, minlength=len(group)).take(group) > 1
    later[lines.row] = group != np.arange(len(group))
    share, _ = repeats(overlap, lines.occupied > 0)
    return {
        "repeated": repeated,
        "repeated_later": later,
        "repeated_long": repeated & long,
        "near_repeat": share,
        "near_repeat_long": share * long,
    }


def _cohesion(line: Columns, good: Flags, overlap: Overlap) -> dict[str, Values]:
    shared, names = cohesion(overlap, good)
    long = line["log_words"] >= log_count(np.array(_REPEAT_WORDS))
    return {
        "cohesion": shared,
        "cohesion_long": shared * long,
        "cohesion_sentence": shared * line["ends_sentence"],
        "cohesion_open": shared * (1 - line["ends_sentence"]),
        "names": names,
        "names_long": names * long,
    }


def _blanks(lines: Lines, line: Columns) -> dict[str, Values]:
    """Blank lines around a line, the document's habit, and the block between blank lines."""
    owner = lines.owner
    # Empty rows look like part of the block before them, without lines or words.
    before, after = np.zeros((2, lines.n_rows), np.int64)
    before[lines.row[1:]] = np.minimum(np.diff(lines.number) - 1, _BLANK_LIMIT)
    after[:-1] = before[1:]
    is_inner = before > 0
    some = np.flatnonzero(lines.n_lines)
    firsts = lines.first_row[some]
    is_inner[firsts] = False
    n_inner = np.bincount(owner[is_inner], minlength=len(lines.n_lines))
    before[firsts] = after[firsts + lines.n_lines[some] - 1] = _BLANK_LIMIT
    habit = (n_inner / np.maximum(lines.n_lines - 1, 1)).take(owner)
    unlike = 1 - habit
    is_before, is_after = before > 0, after > 0
    starts = np.flatnonzero(is_before)
    block = np.cumsum(is_before) - 1
    size = np.add.reduceat(lines.occupied, starts, dtype=np.float64).astype(np.int64)
    n_words = np.add.reduceat(line["words"], starts, dtype=np.float64).astype(np.int64)
    values: dict[str, Values] = {
        "blank_before": before,
        "blank_after": after,
        "no_blank_before": before == 0,
        "no_blank_after": after == 0,
        "one_blank_before": before == 1,
        "one_blank_after": after == 1,
        "blank_habit": habit,
        "blank_before_unusual": is_before * unlike,
        "joined_before_unusual": ~is_before * habit,
        "blank_after_unusual": is_after * unlike,
        "joined_after_unusual": ~is_after * habit,
        "log_block": log_count(size).take(block),
        "log_block_words": log_count(n_words).take(block),
        "block_words_mean": log_count(n_words // size).take(block),
        "alone": is_before & is_after,
        "big_block_spaced": (size >= 4).take(block) * habit,
    }
    for name, what in _BLOCK_MARKS.items():
        values[name] = (np.add.reduceat(line[what] * lines.occupied, starts) > 0).take(block)
    return values
