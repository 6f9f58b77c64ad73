"""Say where a line stands: place, layout, neighbouring text, repeats and shared vocabulary.

Everything here is known before any line has been judged; "good" lines are those that look like a
paragraph of running text by themselves (line.py).
"""

from __future__ import annotations

import numpy as np

from cleaner.features.line import LINE_FEATURES
from cleaner.features.naming import (
    AROUND,
    ARTICLE,
    BLANKS,
    HEADS,
    PLACE,
    SHARED,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
from cleaner.features.overlap import Overlap, cohesion, repeats, shared_names, shared_words
from cleaner.features.windows import (
    FAR_LINES,
    inverse_counts,
    lines_since,
    lines_until,
    window_means,
)
from cleaner.text import Flags, Lines, group_keys, log_count

_WIDTHS = (4,)
_MEAN_OF = ("log_words", "call_to_action")
# Short lines with these cues head a section: comments, related stories, appeals.
_HEADS = ("comment", "call_to_action", "appeal", "biography", "related", "note")
_PAST = ("comment", "biography")  # of these, what follows is clutter to the end
_HEAD_WORDS = 8
_BLANK_LIMIT = 3
# A run ends where the logarithms of the lengths in words differ by so much.
_OTHER_LENGTH = 0.5
# Lines shorter than this repeat by chance.
_REPEAT_WORDS = 6
# A document with no more lines of running text has little of it.
_FEW_GOOD = 4

PAGE_FEATURES: dict[str, Feature] = {
    **group_features(
        PLACE,
        {
            "place": "place in the document",
            "from_start": "lines before it",
            "to_end": "lines after it",
            "log_lines": "length of the document in lines",
            "good_before_share": "share of running text before it",
            "good_after_share": "share of running text after it",
            "before_good": "before all running text",
            "after_good": "after all running text",
            "good_distance_before": "distance to the last line of running text",
            "good_distance_after": "distance to the next line of running text",
            "good_distance_far": "distance to running text on the farther side",
            "gap_lines": "lines between the running text around it",
        },
    ),
    **group_features(
        ARTICLE,
        {
            "log_good": "amount of running text in the document",
            "few_good": "document with little running text",
            "few_good_long": "document with little running text, more than ten words",
            "few_good_sentence": "document with little running text, ends like a sentence",
            "log_longest": "length of the longest line of the document",
            "below_longest": "shorter than the longest line of the document",
        },
    ),
    **group_features(
        AROUND,
        {
            "good_before_4": "running text in the 4 lines before",
            "good_after_4": "running text in the 4 lines after",
            **{
                f"{name}_{side}_4": f"{LINE_FEATURES[name].meaning}: mean of 4 lines {side}"
                for name in _MEAN_OF
                for side in ("before", "after")
            },
            "run_open": "run of similar lines that do not end a sentence",
            "run_sentence": "run of similar lines that end a sentence",
            "run_between_short": "run of similar short lines between lines of running text",
            "introduced": "after a line that ends with a colon, no running text between",
        },
    ),
    **group_features(
        HEADS,
        {
            "headed": "after a section head that no running text follows before it",
            **{f"past_{head}": f"after a short line with {head} cues" for head in _PAST},
        },
    ),
    **group_features(
        SHARED,
        {
            "repeated": "repeated in the document",
            "repeated_long": "repeated, six words or more",
            "near_repeat": "shares phrases with other lines",
            "cohesion_sentence": "ends a sentence and shares words with the running text",
            "cohesion_open": "no end of sentence, shares words with the running text",
            "names": "shares names with the running text",
        },
    ),
    **group_features(
        BLANKS,
        {
            "blank_before": "blank lines before it",
            "blank_after": "blank lines after it",
            "no_blank_before": "no blank line before it",
            "no_blank_after": "no blank line after it",
            "one_blank_before": "one blank line before it",
            "one_blank_after": "one blank line after it",
            "joined_before_unusual": "no blank line before it where the document has many",
            "log_block": "lines of its block",
            "alone": "blank lines on both sides",
        },
    ),
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
        **_runs(lines, line, good),
        **_documents(lines, line, good),
        **_repeats(lines, line, overlap),
        **_cohesion(line, good, overlap),
        **_blanks(lines),
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
    }


def _documents(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    """Measure lines against the document they stand in."""
    owner = lines.owner
    some = np.flatnonzero(lines.n_lines)
    longest = np.zeros(len(lines.first_row), np.float32)
    length = line["log_words"] * lines.occupied
    longest[some] = np.maximum.reduceat(length, lines.first_row[some])
    few = np.bincount(owner[good], minlength=len(lines.n_lines)).take(owner) <= _FEW_GOOD
    return {
        "log_longest": longest.take(owner),
        "below_longest": longest.take(owner) - length,
        "few_good": few,
        "few_good_sentence": few * line["ends_sentence"],
        "few_good_long": few * line["words_over_10"],
    }


def _windows(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    columns = {name: line[name] * lines.occupied for name in _MEAN_OF}
    columns["good"] = good.astype(np.float32)
    return window_means(columns, inverse_counts(lines.occupied, _WIDTHS))


def _distances(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    """Measure how far lines lie from running text, and whether a section head stands above."""
    short = line["log_words"] <= log_count(np.array(_HEAD_WORDS))
    heads = {head: short & (line[head] > 0) for head in _HEADS}
    some_head = np.logical_or.reduce(list(heads.values()))
    flags = [good, line["ends_colon"] > 0, some_head, *(heads[head] for head in _PAST)]
    since_good, since_colon, nearest, *since_past = lines_since(lines, np.array(flags))
    before, after = log_count(since_good), log_count(lines_until(lines, good))
    values: dict[str, Values] = {
        "good_distance_before": before,
        "good_distance_after": after,
        "good_distance_far": np.maximum(before, after),
        "gap_lines": np.where(good, 0, before + after),
        "introduced": (since_colon <= since_good) & (since_colon < FAR_LINES),
        "headed": (nearest < since_good) & (nearest < FAR_LINES),
    }
    for head, since in zip(_PAST, since_past, strict=True):
        values[f"past_{head}"] = since < FAR_LINES
    return values


def _runs(lines: Lines, line: Columns, good: Flags) -> dict[str, Values]:
    """Measure runs of lines alike in length (within a factor of 1.6) and in how they end."""
    length, ends, occupied = line["log_words"], line["ends_sentence"], lines.occupied
    changes = np.ones(lines.n_rows, bool)
    changes[1:] = (
        (np.abs(length[1:] - length[:-1]) >= _OTHER_LENGTH)
        | (ends[1:] != ends[:-1])
        | (occupied[1:] != occupied[:-1])
    )
    starts = np.flatnonzero(changes)
    sizes = np.diff(starts, append=lines.n_rows)
    run = log_count(np.repeat(sizes, sizes) - 1)
    beside = np.zeros(lines.n_rows + 2, bool)
    beside[1:-1] = good
    between = np.repeat(beside[starts] & beside[starts + sizes + 1], sizes) & ~good
    return {
        "run_open": run * ~ends,
        "run_sentence": run * ends,
        "run_between_short": run * between * (length <= log_count(np.array(_HEAD_WORDS))),
    }


def _repeats(lines: Lines, line: Columns, overlap: Overlap) -> dict[str, Values]:
    long = line["log_words"] >= log_count(np.array(_REPEAT_WORDS))
    group = group_keys(lines.line_hashes, lines.n_lines)
    repeated = np.zeros(lines.n_rows, bool)
    repeated[lines.row] = np.bincount(group, minlength=len(group)).take(group) > 1
    return {
        "repeated": repeated,
        "repeated_long": repeated & long,
        "near_repeat": repeats(overlap, lines.occupied > 0),
    }


def _cohesion(line: Columns, good: Flags, overlap: Overlap) -> dict[str, Values]:
    words = shared_words(overlap, good)
    shared = cohesion(overlap, words)
    return {
        "cohesion_sentence": shared * line["ends_sentence"],
        "cohesion_open": shared * ~line["ends_sentence"],
        "names": shared_names(overlap, words),
    }


def _blanks(lines: Lines) -> dict[str, Values]:
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
    is_before, is_after = before > 0, after > 0
    starts = np.flatnonzero(is_before)
    block = np.cumsum(is_before) - 1
    size = np.add.reduceat(lines.occupied, starts, dtype=np.float64).astype(np.int64)
    return {
        "blank_before": before,
        "blank_after": after,
        "no_blank_before": before == 0,
        "no_blank_after": after == 0,
        "one_blank_before": before == 1,
        "one_blank_after": after == 1,
        "joined_before_unusual": ~is_before * habit,
        "log_block": log_count(size).take(block),
        "alone": is_before & is_after,
    }
