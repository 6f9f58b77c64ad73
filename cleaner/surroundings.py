"""Say where a line stands: place, layout, neighbouring text, repeats and shared vocabulary.

Everything here is known before any line has been judged; "good" lines are those that look like a
paragraph of running text by themselves (features.py).
"""

from __future__ import annotations

import numpy as np

from cleaner.characters import Ints
from cleaner.features import LINE_FEATURES
from cleaner.overlap import Overlap, cohesion, group_keys, line_hashes, repeats
from cleaner.rows import Flags, Floats, Rows, Words, fill_means, log_count, window_counts

# Distances in lines saturate here (RESEARCH: farther makes no difference).
_FAR = 50
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
# Lines shorter than this repeat by chance.
_REPEAT_WORDS = 6

SURROUNDINGS: dict[str, str] = {
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


def surrounding_features(
    rows: Rows, words: Words, line: Floats, good: Flags, overlap: Overlap
) -> Floats:
    """Compute the features of a line's surroundings.

    Parameters
    ----------
    line : float32 array (len(LINE_FEATURES), n_rows)
        From `features.line_features`, with `good` (n_rows,).

    Returns
    -------
    float32 array (len(SURROUNDINGS), n_rows)
        In the order of `SURROUNDINGS`; values in empty rows mean nothing.
    """
    columns = np.zeros((len(SURROUNDINGS), rows.n_rows), np.float32)
    place = {name: columns[number] for number, name in enumerate(SURROUNDINGS)}
    by_name = {name: line[number] for number, name in enumerate(LINE_FEATURES)}
    _fill_places(place, rows, good)
    _fill_windows(place, rows, by_name, good)
    _fill_markers(place, rows, by_name)
    _fill_runs(place, rows, by_name)
    _fill_repeats(place, rows, words, by_name, overlap)
    _fill_cohesion(place, by_name, good, overlap)
    _fill_blanks(place, rows, by_name)
    return columns


def _fill_places(place: dict[str, Floats], rows: Rows, good: Flags) -> None:
    row, document = rows.row, rows.document
    index = row - rows.first[document]
    count = rows.n_lines[document]
    place["place"][row] = index / count
    place["from_start"][row] = log_count(index)
    place["to_end"][row] = log_count(count - 1 - index)
    place["log_lines"][row] = log_count(count)
    goods: Ints = np.concatenate((np.zeros(1, np.int64), np.cumsum(good)))
    start = goods[rows.first[document]]
    total = goods[rows.first[document] + count] - start
    before, after = goods[row] - start, total - (goods[row + 1] - start)
    share = 1 / np.maximum(total, 1)
    place["good_before_share"][row] = before * share
    place["good_after_share"][row] = after * share
    place["before_good"][row] = before == 0
    place["after_good"][row] = after == 0
    place["log_good"][row] = log_count(total)
    place["good_share"][row] = total / count


def distances(rows: Rows, flags: Flags) -> tuple[Floats, Floats]:
    """Lines to the previous and to the next flagged row of the same document, up to 50.

    Returns
    -------
    two float32 arrays (n_rows,)
        Natural logarithm of the distance; a neighbour is 0.
    """
    n = rows.n_rows
    at = np.flatnonzero(flags)
    previous = np.full(n, -_FAR, np.int64)
    following = np.full(n, n + _FAR, np.int64)
    if at.size:
        number = np.cumsum(flags)
        reach = np.concatenate((np.array([-n - _FAR]), at, np.array([2 * n + _FAR])))
        previous = reach[number - flags]
        following = reach[number + 1]
    place = np.arange(n)
    first = np.full(n, n, np.int64)
    last = np.full(n, -1, np.int64)
    first[rows.row] = rows.first[rows.document]
    last[rows.row] = (rows.first + rows.n_lines)[rows.document]
    back = np.where(previous >= first, np.minimum(place - previous, _FAR), _FAR)
    on = np.where(following < last, np.minimum(following - place, _FAR), _FAR)
    return log_count(back - 1), log_count(on - 1)


def _fill_windows(
    place: dict[str, Floats], rows: Rows, line: dict[str, Floats], good: Flags
) -> None:
    counts = window_counts(rows.occupied, _GOOD_WIDTHS)
    fill_means(place, "good", good.astype(np.float32), counts)
    for name in _MEAN_OF:
        fill_means(place, name, line[name] * rows.occupied, {k: counts[k] for k in _MEAN_WIDTHS})
    before, after = distances(rows, good)
    place["good_distance_before"][:] = before
    place["good_distance_after"][:] = after
    np.minimum(before, after, out=place["good_distance_near"])
    np.maximum(before, after, out=place["good_distance_far"])
    place["between_good"][:] = (before <= 1.1) & (after <= 1.1)  # at most two lines away


def _fill_markers(place: dict[str, Floats], rows: Rows, line: dict[str, Floats]) -> None:
    """Measure how far lines lie behind a line that heads a section of clutter."""
    short = line["log_words"] <= log_count(np.array(_MARKER_WORDS))
    for marker in _MARKERS:
        cued = (line[f"{marker}_words"] > 0) | (line[f"{marker}_phrase"] > 0)
        before, after = distances(rows, short & cued)
        place[f"since_{marker}"][:] = before
        place[f"until_{marker}"][:] = after
        place[f"past_{marker}"][:] = before < log_count(np.array(_FAR - 1))


def _fill_runs(place: dict[str, Floats], rows: Rows, line: dict[str, Floats]) -> None:
    """Measure runs of lines alike in length (within a factor of 1.6) and in how they end."""
    row, document = rows.row, rows.document
    length, ends = line["log_words"][row], line["ends_sentence"][row]
    changes = np.ones(len(row), bool)
    changes[1:] = (
        (np.abs(np.diff(length)) >= 0.5) | (ends[1:] != ends[:-1]) | (document[1:] != document[:-1])
    )
    number = np.cumsum(changes) - 1
    run = log_count(np.bincount(number)[number] - 1)
    place["run"][row] = run
    place["run_open"][row] = run * (1 - ends)
    place["run_sentence"][row] = run * ends


def _fill_repeats(
    place: dict[str, Floats], rows: Rows, words: Words, line: dict[str, Floats], overlap: Overlap
) -> None:
    row = rows.row
    long = line["log_words"][row] >= log_count(np.array(_REPEAT_WORDS))
    group = group_keys(line_hashes(words)[row], rows.document, len(rows.first))
    repeated = np.bincount(group, minlength=len(group))[group] > 1
    place["repeated"][row] = repeated
    place["repeated_later"][row] = group != np.arange(len(group))
    place["repeated_long"][row] = repeated & long
    share, _ = repeats(overlap, rows.occupied > 0)
    place["near_repeat"][:] = share
    place["near_repeat_long"][row] = share[row] * long


def _fill_cohesion(
    place: dict[str, Floats], line: dict[str, Floats], good: Flags, overlap: Overlap
) -> None:
    shared, names = cohesion(overlap, good)
    long = line["log_words"] >= log_count(np.array(_REPEAT_WORDS))
    place["cohesion"][:] = shared
    place["cohesion_long"][:] = shared * long
    place["cohesion_sentence"][:] = shared * line["ends_sentence"]
    place["cohesion_open"][:] = shared * (1 - line["ends_sentence"])
    place["names"][:] = names
    place["names_long"][:] = names * long


def _fill_blanks(place: dict[str, Floats], rows: Rows, line: dict[str, Floats]) -> None:
    """Blank lines around a line, the document's habit, and the block between blank lines."""
    row, document = rows.row, rows.document
    before = np.full(len(row), _BLANK_LIMIT, np.int64)
    before[1:] = np.diff(rows.line) - 1
    start = np.flatnonzero(np.diff(document, prepend=-1))
    before[start] = _BLANK_LIMIT
    before = np.minimum(before, _BLANK_LIMIT)
    after = np.append(before[1:], _BLANK_LIMIT)
    is_before, is_after = before > 0, after > 0
    inner = is_before.copy()
    inner[start] = False
    n_inner = np.maximum(rows.n_lines - 1, 1)
    habit = (np.bincount(document, inner, len(rows.n_lines)) / n_inner)[document]
    block = np.cumsum(is_before) - 1
    size = np.bincount(block)
    n_words = np.bincount(block, line["words"][row])
    values = {
        "blank_before": before,
        "blank_after": after,
        "no_blank_before": before == 0,
        "no_blank_after": after == 0,
        "one_blank_before": before == 1,
        "one_blank_after": after == 1,
        "blank_habit": habit,
        "blank_before_unusual": is_before * (1 - habit),
        "joined_before_unusual": ~is_before * habit,
        "blank_after_unusual": is_after * (1 - habit),
        "joined_after_unusual": ~is_after * habit,
        "log_block": log_count(size[block]),
        "log_block_words": log_count(n_words.astype(np.int64)[block]),
        "block_words_mean": log_count((n_words / size).astype(np.int64)[block]),
        "alone": is_before & is_after,
        "big_block_spaced": (size[block] >= 4) * habit,
    }
    for what in ("credit_line", "date_short", "call_to_action_short"):
        marked = np.bincount(block, line[what][row]) > 0
        values["block_" + what.removesuffix("_line").removesuffix("_short")] = marked[block]
    for name, value in values.items():
        place[name][row] = value
