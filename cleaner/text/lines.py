"""Lay out the non-blank lines of a batch as rows with margins, and their tokens as words.

Every non-blank line is a *row*. Documents follow one another with a margin of empty rows between
them, so that neighbours and windows are plain slices and never need to know where a document
ends: an empty row adds nothing to a sum. A column is an array (n_rows,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.text.arrays import Bytes, Flags, Floats, Hashes, Ints
from cleaner.text.batch import Batch
from cleaner.text.hashing import mix_pair
from cleaner.text.tokens import Kind, Tokens, classify_bytes, find_tokens
from cleaner.text.vocabulary import vocabulary

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
    owner: Ints  # (n_rows,), document; a margin belongs to the document after it
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
    line_start: Ints  # (n,), number of the line's first token, in the order of Rows.row
    start: Ints  # (n_rows,), the same for each row; 0 where the row is empty
    n_tokens: Ints  # (n_rows,), tokens in the row
    pairs: Hashes  # (n_tokens,), hash of a token and the next one of its line; 0 at line ends
    known: Ints  # (n_known,), numbers of the tokens that are cues or function words
    cue: Ints  # (n_known,), their entries in vocabulary().words
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
    # Values out of range take the nearest entry.
    return _LOG.take(values, mode="clip")


def lay_out_rows(batch: Batch) -> tuple[Rows, Words]:
    """Find the non-blank lines (those with a token), their rows and their words."""
    kinds = classify_bytes(batch.data)
    tokens = find_tokens(batch.data, kinds)
    bounds = np.append(np.searchsorted(tokens.starts, batch.line_starts), len(tokens.starts))
    per_line = np.diff(bounds)
    line = np.flatnonzero(per_line)
    rows = _place_lines(line, batch.document_starts)
    return rows, _place_words(rows, tokens, kinds, bounds[line], per_line[line])


def _place_lines(line: Ints, document_starts: Ints) -> Rows:
    """Give each line a row, leaving margins around documents."""
    cuts = np.searchsorted(line, document_starts)
    count = np.diff(cuts)
    number = np.arange(len(count))
    document = np.repeat(number, count)
    row = np.arange(len(line)) + MARGIN * (document + 1)
    n_rows = len(line) + MARGIN * (len(count) + 1)
    occupied = np.zeros(n_rows, np.float32)
    occupied[row] = 1
    owner = np.zeros(n_rows, np.int64)
    owner[: n_rows - MARGIN] = np.repeat(number, count + MARGIN)
    owner[n_rows - MARGIN :] = max(len(count) - 1, 0)
    first = cuts[:-1] + MARGIN * (number + 1)
    return Rows(n_rows, occupied, owner, line, row, document, first, count)


def _place_words(
    rows: Rows, tokens: Tokens, kinds: Bytes, line_start: Ints, per_line: Ints
) -> Words:
    """Find out about tokens what depends on their line and document."""
    start = np.zeros(rows.n_rows, np.int64)
    n_tokens = np.zeros(rows.n_rows, np.int64)
    start[rows.row], n_tokens[rows.row] = line_start, per_line
    # The row of a token grows where lines start.
    token_row = np.zeros(len(tokens.starts), np.int64)
    token_row[line_start] = np.diff(rows.row, prepend=0)
    np.cumsum(token_row, out=token_row)

    pairs = np.empty_like(tokens.hashes)
    mix_pair(tokens.hashes[:-1], tokens.hashes[1:], out=pairs[:-1])
    pairs[line_start + per_line - 1] = 0
    known, cue = vocabulary().words.find(tokens.hashes)
    document = rows.owner.take(token_row.take(known))
    language = _main_language(cue, document, len(rows.first))
    word_languages = vocabulary().word_languages
    is_function = np.zeros(len(token_row), bool)
    entry = cue * word_languages.shape[1] + language.take(document)
    is_function[known] = word_languages.take(entry) > 0
    is_content = (tokens.kinds <= Kind.LETTER) & (tokens.kinds != Kind.DIGIT)
    is_content &= tokens.lengths >= _CONTENT_BYTES
    is_content &= ~is_function
    is_content |= tokens.kinds == Kind.IDEOGRAPH
    return Words(
        tokens, kinds, token_row, line_start, start, n_tokens, pairs, known, cue,
        is_function, is_content, language,
    )  # fmt: skip


def _main_language(cue: Ints, document: Ints, n_documents: int) -> Ints:
    """Find the language whose function words are commonest in each document."""
    languages = vocabulary().word_languages
    n_words, n_languages = languages.shape
    counts = np.bincount(document * n_words + cue, minlength=n_documents * n_words)
    found = np.flatnonzero(counts > 0)
    language = np.full(n_documents, n_languages - 1)
    some, starts = np.unique(found // n_words, return_index=True)
    if some.size:
        # Counts of words times 0 or 1: whole numbers, so the sums are exact in any order.
        hits = languages[found % n_words]
        hits *= counts[found, None].astype(np.float32)
        hits = np.add.reduceat(hits, starts)
        language[some] = np.where(hits.max(axis=1) > 0, hits.argmax(axis=1), n_languages - 1)
    return language


def line_hashes(words: Words) -> Hashes:
    """Hash of each line's tokens in order: uint64 array (n,), in the order of `Rows.row`."""
    if not words.line_start.size:
        return np.zeros(0, np.uint64)
    mixed = words.tokens.hashes * np.uint64(3)
    mixed += words.pairs
    hashes: Hashes = np.add.reduceat(mixed, words.line_start)
    return hashes
