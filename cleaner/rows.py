"""Lay out the non-blank lines of a batch as rows with margins, and their tokens as words.

Every non-blank line is a *row*. Documents follow one another with a margin of empty rows between
them, so that neighbours and windows are plain slices and never need to know where a document
ends: an empty row adds nothing to a sum. A column is an array (n_rows,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.batch import Batch
from cleaner.characters import (
    Bytes,
    Hashes,
    Ints,
    Kind,
    Tokens,
    classify_bytes,
    find_tokens,
    mix_pair,
)
from cleaner.cues import vocabulary

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

# Rows between documents; the widest window reaches this far.
MARGIN = 16
# Counts and distances beyond this are taken as this. Logarithms come from a table: the same bits
# on every machine.
_LOG_LIMIT = 4096
_LOG = np.log1p(np.arange(_LOG_LIMIT + 1)).astype(np.float32)
# Bytes from which a word that is no function word is a content word.
_CONTENT_BYTES = 3


class Rows(NamedTuple):
    """Where the non-blank lines stand."""

    n_rows: int
    occupied: Floats  # (n_rows,), 1 for a line, 0 for an empty row
    line: Ints  # (n,), line number in the batch, from 0
    row: Ints  # (n,), ascending
    document: Ints  # (n,)
    first: Ints  # (n_documents,), row of the first line of each document
    n_lines: Ints  # (n_documents,), non-blank lines of each document


class Words(NamedTuple):
    """The tokens of a batch and the rows they stand in."""

    tokens: Tokens
    kinds: Bytes  # kinds of all bytes of the batch
    row: Ints  # (n_tokens,), ascending
    start: Ints  # (n_rows,), number of the row's first token; 0 where the row is empty
    n_tokens: Ints  # (n_rows,), tokens in the row
    pairs: Hashes  # (n_tokens,), hash of a token and the next one of its line; 0 at line ends
    cue: NDArray[np.int16]  # (n_tokens,), entry in vocabulary().words, 0 if none
    is_function: Flags  # (n_tokens,), function word of the document's main language
    is_content: Flags  # (n_tokens,), word of some length that is no function word
    language: Ints  # (n_documents,), entry in vocabulary().languages; the last means unknown


def log_count(values: Ints) -> Floats:
    """Natural logarithm of 1 + a count.

    Examples
    --------
    >>> log_count(np.array([0, 1]))
    array([0.       , 0.6931472], dtype=float32)
    """
    return _LOG[np.minimum(values, _LOG_LIMIT)]


def shift_rows(column: Floats, offset: int) -> Floats:
    """Give each row the value of the row `offset` further on.

    Examples
    --------
    >>> shift_rows(np.array([1, 2, 3], np.float32), 1).tolist()
    [2.0, 3.0, 0.0]
    """
    shifted = np.zeros_like(column)
    if offset > 0:
        shifted[:-offset] = column[offset:]
    elif offset < 0:
        shifted[-offset:] = column[:offset]
    else:
        shifted[:] = column
    return shifted


def forward_sums(column: Floats, widths: tuple[int, ...]) -> dict[int, Floats]:
    """Sum each row and the rows after it, `width` rows in all, for widths 1, 2, 4, … up to MARGIN.

    Sums grow by doubling, so a row's result depends on nothing but the rows in its window and
    has the same bits in every batch.

    Examples
    --------
    >>> sums = forward_sums(np.array([1, 2, 3, 4], np.float32), (1, 2))
    >>> sums[2].tolist()
    [3.0, 5.0, 7.0, 4.0]
    """
    sums = {1: column}
    width = 1
    while width < widths[-1]:
        doubled = sums[width].copy()
        doubled[:-width] += sums[width][width:]
        width *= 2
        sums[width] = doubled
    return {width: sums[width] for width in widths}


def window_counts(occupied: Floats, widths: tuple[int, ...]) -> dict[int, tuple[Floats, Floats]]:
    """One over the number of lines in the windows before and after each row (at least one).

    Returns
    -------
    dict of two float32 arrays (n_rows,) for each width
    """
    counts = {}
    for width, sums in forward_sums(occupied, widths).items():
        inverse = np.reciprocal(np.maximum(sums, np.float32(1)))
        counts[width] = shift_rows(inverse, -width), shift_rows(inverse, 1)
    return counts


def fill_means(
    place: dict[str, Floats],
    name: str,
    column: Floats,
    counts: dict[int, tuple[Floats, Floats]],
) -> None:
    """Fill the columns `name_before_width` and `name_after_width` with means over windows.

    Parameters
    ----------
    column : float32 array (n_rows,)
        0 in empty rows.
    counts : dict
        From `window_counts`; its widths are filled.
    """
    for width, sums in forward_sums(column, tuple(counts)).items():
        before, after = counts[width]
        np.multiply(sums[:-width], before[width:], out=place[f"{name}_before_{width}"][width:])
        np.multiply(sums[1:], after[:-1], out=place[f"{name}_after_{width}"][:-1])


def lay_out_rows(batch: Batch) -> tuple[Rows, Words]:
    """Find the non-blank lines (those with a token), their rows and their words."""
    kinds = classify_bytes(batch.data)
    tokens = find_tokens(batch.data, kinds)
    bounds = np.searchsorted(tokens.starts, batch.line_starts)
    bounds = np.append(bounds, len(tokens.starts))
    per_line = np.diff(bounds)
    line = np.flatnonzero(per_line)
    per_line = per_line[line]
    documents = np.searchsorted(line, batch.document_starts)
    count = np.diff(documents)
    document = np.repeat(np.arange(len(count)), count)
    first = documents[:-1] + MARGIN * (np.arange(len(count)) + 1)
    row = np.arange(len(line)) + MARGIN * (document + 1)
    n_rows = len(line) + MARGIN * (len(count) + 1)
    occupied = np.zeros(n_rows, np.float32)
    occupied[row] = 1
    rows = Rows(n_rows, occupied, line, row, document, first, count)
    start = np.zeros(rows.n_rows, np.int64)
    in_row = np.zeros(rows.n_rows, np.int64)
    start[row], in_row[row] = bounds[line], per_line

    pairs = np.zeros_like(tokens.hashes)
    pairs[:-1] = mix_pair(tokens.hashes[:-1], tokens.hashes[1:])
    pairs[bounds[line + 1] - 1] = 0
    cue = vocabulary().words.find(tokens.hashes)
    known = np.flatnonzero(cue)
    known_document = np.repeat(document, per_line)[known]
    language = _main_language(cue[known], known_document, len(count))
    is_function = np.zeros(len(cue), bool)
    is_function[known] = vocabulary().word_languages[cue[known], language[known_document]] > 0
    is_content = (tokens.kinds <= Kind.LETTER) & (tokens.kinds != Kind.DIGIT)
    is_content &= tokens.lengths >= _CONTENT_BYTES
    is_content &= ~is_function
    is_content |= tokens.kinds == Kind.IDEOGRAPH
    token_row = np.repeat(row, per_line)
    return rows, Words(
        tokens, kinds, token_row, start, in_row, pairs, cue, is_function, is_content, language
    )


def _main_language(cue: NDArray[np.int16], document: Ints, n_documents: int) -> Ints:
    """Find the language whose function words are commonest in each document."""
    languages = vocabulary().word_languages
    n_words, n_languages = languages.shape
    counts = np.bincount(document * n_words + cue, minlength=n_documents * n_words)
    # Counts of words times 0 or 1: whole numbers, so the sums are exact in any order.
    hits = counts.reshape(n_documents, n_words).astype(np.float32) @ languages
    language: Ints = np.where(hits.max(axis=1) > 0, hits.argmax(axis=1), n_languages - 1)
    return language
