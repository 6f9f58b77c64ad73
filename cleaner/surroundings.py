"""Say where a line stands: place, layout, neighbouring text, repeats and shared vocabulary.

Everything here is known before any line has been judged; "good" lines are those that look like a
paragraph of running text by themselves (features.py).
"""

from __future__ import annotations

import numpy as np

from cleaner.characters import Hashes, Ints, Kind
from cleaner.features import LINE_FEATURES
from cleaner.rows import Flags, Floats, Rows, Words, log_count, window_sums

# Distances in lines saturate here (RESEARCH: farther makes no difference).
_FAR = 50
_GOOD_WIDTHS = (1, 2, 4, 8, 16)
_MEAN_WIDTHS = (2, 4, 8)
_MEAN_OF = ("log_words", "capital_share", "ends_sentence", "function_share", "open_middle")
_BLANK_LIMIT = 3
# Of all pairs of tokens, those whose hash ends in these bits stand for the line when near repeats
# are looked for: a quarter of the work, and the same pairs in every copy.
_SAMPLE_MASK = np.uint64(3)
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
}


def surrounding_features(rows: Rows, words: Words, line: Floats, good: Flags) -> Floats:
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
    _fill_runs(place, rows, by_name)
    _fill_repeats(place, rows, words, by_name)
    _fill_cohesion(place, rows, words, by_name, good)
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
    counts = good.astype(np.float32)
    for width in _GOOD_WIDTHS:
        before, after = window_sums(counts, width)
        np.multiply(before, np.float32(1 / width), out=place[f"good_before_{width}"])
        np.multiply(after, np.float32(1 / width), out=place[f"good_after_{width}"])
    before, after = distances(rows, good)
    place["good_distance_before"][:] = before
    place["good_distance_after"][:] = after
    np.minimum(before, after, out=place["good_distance_near"])
    np.maximum(before, after, out=place["good_distance_far"])
    place["between_good"][:] = (before <= 1.1) & (after <= 1.1)  # at most two lines away
    occupied = np.zeros(rows.n_rows, np.float32)
    occupied[rows.row] = 1
    for width in _MEAN_WIDTHS:
        scales = [1 / np.maximum(n, 1) for n in window_sums(occupied, width)]
        for name in _MEAN_OF:
            column = line[name] * occupied
            for side, sums, scale in zip(
                ("before", "after"), window_sums(column, width), scales, strict=True
            ):
                np.multiply(sums, scale, out=place[f"{name}_{side}_{width}"])


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


def line_hashes(words: Words) -> Hashes:
    """Hash of each row's tokens in order: uint64 array (n_rows,), 0 in empty rows."""
    hashes = np.zeros(len(words.n_tokens), np.uint64)
    occupied = np.flatnonzero(words.n_tokens)
    if occupied.size:
        mixed = words.tokens.hashes * np.uint64(3) + words.pairs
        hashes[occupied] = np.add.reduceat(mixed, words.start[occupied])
    return hashes


class Slots:
    """A small table for each document, addressed by hash: finding equal keys without sorting.

    A table has eight times as many slots as the document has keys. Where two keys fall into one
    slot, one of them may be missed; that is rare, and depends on nothing but the document.
    """

    def __init__(self, keys: Hashes, document: Ints, n_documents: int) -> None:
        n_keys = np.bincount(document, minlength=n_documents)
        bits = np.ceil(np.log2(np.maximum(n_keys, 1))).astype(np.int64) + 3
        sizes = np.left_shift(1, bits)
        offsets = np.cumsum(sizes) - sizes
        self._keys = keys
        self._n_slots = int(sizes.sum())
        shifts = (64 - bits).astype(np.uint64)[document]
        self._slot: Ints = (keys >> shifts).view(np.int64) + offsets[document]

    def occurrences(self) -> Ints:
        """Count how often each key occurs: int64 array (n_keys,)."""
        return np.bincount(self._slot, minlength=self._n_slots)[self._slot]

    def ends(self, among: Ints) -> tuple[Ints, Ints]:
        """Find the first and the last occurrence of each key among some keys.

        Parameters
        ----------
        among : int64 array, ascending
            Numbers of keys.

        Returns
        -------
        two int64 arrays (n_keys,)
            Numbers of keys; -1 where there is none.
        """
        found = []
        for order in (among[::-1], among):
            table = np.full(self._n_slots, -1, np.int32)
            table[self._slot[order]] = order
            number = table[self._slot].astype(np.int64)
            number[self._keys[number] != self._keys] = -1
            found.append(number)
        return found[0], found[1]

    def shared(self, row: Ints, supporting: Flags) -> Flags:
        """Tell of each key whether it stands in a supporting row other than its own.

        Parameters
        ----------
        row : int64 array (n_keys,), ascending
        supporting : bool array (n_keys,), the key's row is a supporting row
        """
        first, last = self.ends(np.flatnonzero(supporting))
        shared: Flags = (first >= 0) & (row[first] != row)
        shared |= (last >= 0) & (row[last] != row)
        return shared


def _fill_repeats(
    place: dict[str, Floats], rows: Rows, words: Words, line: dict[str, Floats]
) -> None:
    row, document = rows.row, rows.document
    long = line["log_words"][row] >= log_count(np.array(_REPEAT_WORDS))
    slots = Slots(line_hashes(words)[row], document, len(rows.first))
    number = np.arange(len(row))
    first, last = slots.ends(number)
    repeated = (first >= 0) & (first != last)
    place["repeated"][row] = repeated
    place["repeated_later"][row] = repeated & (first != number)
    place["repeated_long"][row] = repeated & long

    sample = np.flatnonzero((words.pairs != 0) & ((words.pairs & _SAMPLE_MASK) == 0))
    in_row = words.row[sample]
    found = Slots(words.pairs[sample], document_of_rows(rows)[in_row], len(rows.first)).shared(
        in_row, np.ones(len(sample), bool)
    )
    n_sampled = np.bincount(in_row, minlength=rows.n_rows)
    share = np.bincount(in_row, found, rows.n_rows) / np.maximum(n_sampled, 1)
    place["near_repeat"][:] = share
    place["near_repeat_long"][row] = share[row] * long


def document_of_rows(rows: Rows) -> Ints:
    """Document of every row, empty rows too (they get that of any neighbour)."""
    document = np.zeros(rows.n_rows, np.int64)
    document[rows.row] = rows.document
    return document


def cohesion(rows: Rows, words: Words, supporting: Flags) -> tuple[Floats, Floats]:
    """Share of a line's content words, and of its names, that stand in other supporting rows.

    Rare words weigh more: log(1 + lines of the document / occurrences), as in RESEARCH.md.

    Parameters
    ----------
    supporting : bool array (n_rows,)

    Returns
    -------
    two float32 arrays (n_rows,)
        From 0 to 1. Lines without content words have 0, lines without names .5.
    """
    at = np.flatnonzero(words.is_content)
    row = words.row[at]
    document = document_of_rows(rows)[row]
    slots = Slots(words.tokens.hashes[at], document, len(rows.first))
    shared = slots.shared(row, supporting[row])
    weight = log_count(rows.n_lines[document] // slots.occurrences())
    total = np.bincount(row, weight, rows.n_rows)
    part = np.bincount(row, weight * shared, rows.n_rows)
    return (part / np.maximum(total, 1e-9)).astype(np.float32), _names(words, at, shared)


def _names(words: Words, content: Ints, shared: Flags) -> Floats:
    """Share of capitalised words, the first of a line apart, that are shared."""
    is_name = words.tokens.kinds[content] == Kind.UPPER
    is_name &= content != words.start[words.row[content]]
    name_row = words.row[content[is_name]]
    n_rows = len(words.n_tokens)
    n_names = np.bincount(name_row, minlength=n_rows)
    n_shared = np.bincount(name_row, shared[is_name], n_rows)
    return np.where(n_names > 0, n_shared / np.maximum(n_names, 1), 0.5).astype(np.float32)


def _fill_cohesion(
    place: dict[str, Floats], rows: Rows, words: Words, line: dict[str, Floats], good: Flags
) -> None:
    shared, names = cohesion(rows, words, good)
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
    for name, value in values.items():
        place[name][row] = value
