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
    n_rows = lines.n_rows
    content = np.flatnonzero(lines.is_content)
    row = lines.token_row.take(content)
    n_content = lines.count_by_document(content)
    group = group_keys(lines.tokens.hashes.take(content), n_content)
    occurrences = np.bincount(group, minlength=len(group)).take(group)
    # float64 quotients of whole numbers round down to the right one.
    weight = log_count((np.repeat(lines.n_lines, n_content) / occurrences).astype(np.int64))
    is_name = lines.tokens.kinds.take(content) == Kind.UPPER
    is_name &= content != lines.first_token.take(row)
    # What occurs once is shared with nothing: it counts here and is left out from then on.
    shared = np.flatnonzero(occurrences > 1)

    phrase = np.flatnonzero((lines.pairs & _SAMPLE_MASK) == 0)
    pairs = lines.pairs.take(phrase)
    inner = np.flatnonzero(pairs > 0)  # not from one line to the next
    phrase, pairs = phrase.take(inner), pairs.take(inner)
    phrase_row = lines.token_row.take(phrase)
    phrase_group = group_keys(pairs, lines.count_by_document(phrase))
    is_repeated = np.bincount(phrase_group, minlength=len(phrase_group)) > 1
    repeated = np.flatnonzero(is_repeated.take(phrase_group))
    return Overlap(
        n_rows,
        row.take(shared),
        group.take(shared),
        weight.take(shared),
        np.maximum(np.bincount(row, weight, n_rows), 1e-9),
        np.flatnonzero(is_name.take(shared)),
        np.bincount(row.take(np.flatnonzero(is_name)), minlength=n_rows),
        phrase_row.take(repeated),
        phrase_group.take(repeated),
        np.maximum(np.bincount(phrase_row, minlength=n_rows), 1),
    )


def _stand_elsewhere(group: Ints, row: Ints, supporting: Flags) -> Flags:
    """Tell if the key of each entry stands in a supporting row other than its own."""
    at = np.flatnonzero(supporting.take(row))
    there, key = row.take(at), group.take(at)
    size = int(group.max(initial=-1)) + 1
    # First and last supporting row of each key: of several values for one place, the last stays.
    first = np.full(size, -1, np.int64)
    last = np.full(size, -1, np.int64)
    last[key] = there
    first[key[::-1]] = there[::-1]
    # The only one, -1 if there is none, and -2 if there are several.
    only = np.where(first == last, first, -2).take(group)
    elsewhere: Flags = (only != row) & (only != -1)
    return elsewhere


def shared_words(overlap: Overlap, supporting: Flags) -> Flags:
    """Tell which content words stand in other supporting rows: bool array (n_content,).

    Parameters
    ----------
    supporting : bool array (n_rows,)
    """
    return _stand_elsewhere(overlap.word_group, overlap.word_row, supporting)


def cohesion(overlap: Overlap, shared: Flags) -> Floats:
    """Share of a line's content words that stand in other supporting rows.

    Parameters
    ----------
    shared : bool array (n_content,)
        From `shared_words`.

    Returns
    -------
    float32 array (n_rows,)
        From 0 to 1; rare words weigh more. Lines without content words have 0.
    """
    at = np.flatnonzero(shared)
    row, weight = overlap.word_row.take(at), overlap.word_weight.take(at)
    share = np.bincount(row, weight, overlap.n_rows) / overlap.row_weight
    return share.astype(np.float32)


def shared_names(overlap: Overlap, shared: Flags) -> Floats:
    """Share of a line's names that stand in other supporting rows, as `cohesion`; .5 without."""
    at = overlap.name.take(np.flatnonzero(shared.take(overlap.name)))
    n_shared = np.bincount(overlap.word_row.take(at), minlength=overlap.n_rows)
    share = np.where(overlap.n_names > 0, n_shared / np.maximum(overlap.n_names, 1), 0.5)
    return share.astype(np.float32)


def repeats(overlap: Overlap, supporting: Flags) -> Floats:
    """Share of a line's phrases that stand in other supporting rows: float32 array (n_rows,)."""
    row = overlap.phrase_row
    elsewhere = np.flatnonzero(_stand_elsewhere(overlap.phrase_group, row, supporting))
    shared = np.bincount(row.take(elsewhere), minlength=overlap.n_rows)
    share: Floats = (shared / overlap.n_phrases).astype(np.float32)
    return share
