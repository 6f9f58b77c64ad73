"""Find the lines of a document that share words, phrases, or everything."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.text import Flags, Floats, Ints, Kind, Lines, group_keys, log_count

# Of all pairs of tokens, those whose hash ends in these bits stand for the line when near repeats
# are looked for: a quarter of the work, and the same pairs in every copy.
_SAMPLE_MASK = np.uint64(3)


class Overlap(NamedTuple):
    """The content words and phrases that occur more than once in their document."""

    n_rows: int
    word_row: Ints  # (n_content,), ascending
    word_group: Ints  # (n_content,), from `group_keys`
    word_weight: Floats  # (n_content,), log(1 + lines of the document / occurrences)
    row_weight: np.ndarray[tuple[int], np.dtype[np.float64]]  # (n_rows,), of all content words
    name: Ints  # numbers of the content words that are names: capitalised, not first in the line
    n_names: Ints  # (n_rows,), of all names
    phrase_row: Ints  # (n_phrases,), ascending; sampled pairs of tokens
    phrase_group: Ints  # (n_phrases,)
    n_phrases: Ints  # (n_rows,), of all sampled pairs; at least 1


def prepare_overlap(lines: Lines) -> Overlap:
    """Prepare the content words and phrases of every document."""
    n_rows, n_documents = lines.n_rows, len(lines.first_row)
    content = np.flatnonzero(lines.is_content)
    row = lines.token_row.take(content)
    document = lines.owner.take(row)
    group = group_keys(lines.tokens.hashes.take(content), document, n_documents)
    occurrences = np.bincount(group, minlength=len(group)).take(group)
    # float64 quotients of whole numbers round down to the right one.
    weight = log_count((lines.n_lines.take(document) / occurrences).astype(np.int64))
    is_name = lines.tokens.kinds.take(content) == Kind.UPPER
    is_name &= content != lines.first_token.take(row)
    # What occurs once is shared with nothing: it counts here and is left out from then on.
    shared = np.flatnonzero(occurrences > 1)

    phrase = np.flatnonzero((lines.pairs & _SAMPLE_MASK) == 0)
    phrase = phrase[lines.pairs[phrase] != 0]
    phrase_row = lines.token_row.take(phrase)
    phrase_group = group_keys(lines.pairs.take(phrase), lines.owner.take(phrase_row), n_documents)
    is_repeated = np.bincount(phrase_group, minlength=len(phrase_group)) > 1
    repeated = np.flatnonzero(is_repeated.take(phrase_group))
    return Overlap(
        n_rows,
        row.take(shared),
        group.take(shared),
        weight.take(shared),
        np.maximum(np.bincount(row, weight, n_rows), 1e-9),
        np.flatnonzero(is_name[shared]),
        np.bincount(row[np.flatnonzero(is_name)], minlength=n_rows),
        phrase_row[repeated],
        phrase_group[repeated],
        np.maximum(np.bincount(phrase_row, minlength=n_rows), 1),
    )


def _supporting_rows(group: Ints, row: Ints, supporting: Flags) -> tuple[Ints, Ints]:
    """First and last supporting row in which the key of each entry stands; -1 if none."""
    at = np.flatnonzero(supporting.take(row))
    size = int(group.max(initial=-1)) + 1
    first = np.full(size, -1, np.int64)
    last = np.full(size, -1, np.int64)
    # Of several values for one place, the last one stays.
    last[group.take(at)] = row.take(at)
    backwards = at[::-1]
    first[group.take(backwards)] = row.take(backwards)
    return first.take(group), last.take(group)


def cohesion(overlap: Overlap, supporting: Flags) -> tuple[Floats, Floats]:
    """Share of a line's content words, and of its names, that stand in other supporting rows.

    Parameters
    ----------
    supporting : bool array (n_rows,)

    Returns
    -------
    two float32 arrays (n_rows,)
        From 0 to 1; rare words weigh more. Lines without content words have 0, lines without
        names .5.
    """
    row, n_rows = overlap.word_row, overlap.n_rows
    first, last = _supporting_rows(overlap.word_group, row, supporting)
    shared = (first >= 0) & ((first != row) | (last != row))
    at = np.flatnonzero(shared)
    weight = overlap.word_weight.take(at)
    words = np.bincount(row.take(at), weight, n_rows) / overlap.row_weight
    named = overlap.name[shared[overlap.name]]
    n_shared = np.bincount(row[named], minlength=n_rows)
    names = np.where(overlap.n_names > 0, n_shared / np.maximum(overlap.n_names, 1), 0.5)
    return words.astype(np.float32), names.astype(np.float32)


def repeats(overlap: Overlap, supporting: Flags) -> Floats:
    """Share of a line's phrases that stand in other supporting rows: float32 array (n_rows,)."""
    row = overlap.phrase_row
    first, last = _supporting_rows(overlap.phrase_group, row, supporting)
    elsewhere = (first >= 0) & ((first != row) | (last != row))
    shared = np.bincount(row[np.flatnonzero(elsewhere)], minlength=overlap.n_rows)
    share: Floats = (shared / overlap.n_phrases).astype(np.float32)
    return share
