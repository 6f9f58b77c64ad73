"""Lay out the lines of documents: where they stand, and the tokens in each.

Every non-blank line is a *row*. Documents follow one another with a margin of empty rows between
them, so that neighbours and windows are plain slices and never need to know where a document
ends: an empty row adds nothing to a sum. A column is an array (n_rows,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cleaner.text.arrays import Bytes, Flags, Floats, Hashes, Ints
from cleaner.text.batch import normalise_line_ends
from cleaner.text.hashing import mix_pair
from cleaner.text.tokens import PADDING, Kind, Tokens, classify_bytes, find_tokens
from cleaner.text.vocabulary import vocabulary

# Rows between documents; the widest window reaches this far.
MARGIN = 16
# Counts and distances beyond this are taken as this. Logarithms come from a table: the same bits
# on every machine.
_LOG_LIMIT = 4096
_LOG = np.log1p(np.arange(_LOG_LIMIT + 1)).astype(np.float32)
# Bytes from which a word that is no function word is a content word.
_CONTENT_BYTES = 3


class Lines(NamedTuple):
    """The layout of a batch of documents; everything that is known of its lines without a model."""

    data: bytes  # a newline, all lines each with a newline, NUL padding
    line_starts: Ints  # (n_source_lines,), byte offsets; blank lines are lines too
    line_ends: Ints  # (n_source_lines,), byte offsets of the newlines
    document_starts: Ints  # (n_documents + 1,), numbers of source lines; the last is their number

    n_rows: int
    occupied: Floats  # (n_rows,), 1 for a line, 0 for an empty row
    owner: Ints  # (n_rows,), document; a margin belongs to the document after it
    number: Ints  # (n,), number of each non-blank line among the source lines, from 0
    row: Ints  # (n,), its row; ascending
    document: Ints  # (n,)
    first_row: Ints  # (n_documents,), row of the first line of each document
    n_lines: Ints  # (n_documents,), non-blank lines of each document

    byte_kinds: Bytes  # (len(data),)
    tokens: Tokens  # (n_tokens,) each
    token_row: Ints  # (n_tokens,), ascending
    document_tokens: Ints  # (n_documents + 1,), number of the first token; the last is n_tokens
    line_token: Ints  # (n,), number of each line's first token
    first_token: Ints  # (n_rows,), the same for each row; 0 where the row is empty
    n_tokens: Ints  # (n_rows,), tokens in the row
    pairs: Hashes  # (n_tokens,), hash of a token and the next one of its line; 0 at line ends
    known: Ints  # (n_known,), numbers of the tokens that are cues or function words
    cue: Ints  # (n_known,), their entries in vocabulary().words
    is_function: Flags  # (n_tokens,), function word of the document's main language
    is_content: Flags  # (n_tokens,), word of some length that is no function word
    line_hashes: Hashes  # (n,), of each line's tokens in order
    language: Ints  # (n_documents,), entry in vocabulary().languages; the last means unknown
    markup: Sequence[str] = ()  # of every source line (see markup.py), if it is known

    def count_by_document(self, tokens: Ints) -> Ints:
        """Count some tokens, given by their numbers in order, by document."""
        return _count_between(self.document_tokens, tokens)


def _count_between(bounds: Ints, numbers: Ints) -> Ints:
    """Count ascending numbers between each bound and the next."""
    return np.diff(np.searchsorted(numbers, bounds))


def log_count(values: Ints | Bytes) -> Floats:
    """Natural logarithm of 1 + a count.

    Examples
    --------
    >>> log_count(np.array([0, 1]))
    array([0.       , 0.6931472], dtype=float32)
    """
    # Values out of range take the nearest entry.
    return _LOG.take(values, mode="clip")


def lay_out_lines(contents: Sequence[bytes], markup: Sequence[Sequence[str]] = ()) -> Lines:
    r"""Find the lines of documents, their rows and their tokens.

    Parameters
    ----------
    contents : sequence of bytes
        UTF-8, one document each, with any line ends.
    markup : sequence of sequences of str, optional
        Of each document, one for each of its lines (see markup.py).

    Examples
    --------
    >>> lines = lay_out_lines([b"one\ntwo", b"", b"three\n"])
    >>> [lines.data[s:e] for s, e in zip(lines.line_starts, lines.line_ends)]
    [b'one', b'two', b'', b'three', b'']
    >>> lines.document_starts.tolist(), lines.n_lines.tolist(), lines.number.tolist()
    ([0, 2, 3, 5], [2, 0, 1], [0, 1, 3])
    """
    buffer = _join(contents)
    kinds = classify_bytes(buffer["data"])
    tokens = find_tokens(buffer["data"], kinds)
    bounds = np.append(np.searchsorted(tokens.starts, buffer["line_starts"]), len(tokens.starts))
    per_line = np.diff(bounds)
    number = np.flatnonzero(per_line)
    rows = _place_lines(number, buffer["document_starts"])
    return Lines(
        **buffer,
        **rows,
        byte_kinds=kinds,
        tokens=tokens,
        **_place_tokens(
            rows,
            tokens,
            bounds.take(buffer["document_starts"]),
            bounds.take(number),
            per_line.take(number),
        ),
        # A document without lines is one blank line.
        markup=[of_line for of_document in markup for of_line in of_document or ("",)],
    )


def restore_lines(lines: Lines, contents: Sequence[bytes]) -> Lines:
    r"""Give back the whole lines to the layout of documents whose long lines had been cut.

    What else is known of the lines stays as it is; tokens are those of the cut lines.

    Examples
    --------
    >>> lines = restore_lines(lay_out_lines([b"one"]), [b"one two"])
    >>> lines.data[lines.line_starts[0] : lines.line_ends[0]]
    b'one two'
    """
    return lines._replace(**_join(contents))


def _join(contents: Sequence[bytes]) -> dict[str, Any]:
    """Lay documents one after another in one buffer: fields of `Lines`."""
    documents = [normalise_line_ends(content) for content in contents]
    data = b"\n" + b"\n".join(documents) + b"\n" + b"\0" * PADDING
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    ends = np.cumsum([0, *(len(document) + 1 for document in documents)])
    starts = np.searchsorted(newlines, ends)
    n_lines = int(starts[-1])
    return {
        "data": data,
        "line_starts": newlines[:n_lines] + 1,
        "line_ends": newlines[1 : n_lines + 1],
        "document_starts": starts,
    }


def _place_lines(number: Ints, document_starts: Ints) -> dict[str, Any]:
    """Give each line a row, leaving margins around documents: fields of `Lines`."""
    cuts = np.searchsorted(number, document_starts)
    count = np.diff(cuts)
    documents = np.arange(len(count))
    document = np.repeat(documents, count)
    row = np.arange(len(number)) + MARGIN * (document + 1)
    n_rows = len(number) + MARGIN * (len(count) + 1)
    occupied = np.zeros(n_rows, np.float32)
    occupied[row] = 1
    owner = np.zeros(n_rows, np.int64)
    owner[: n_rows - MARGIN] = np.repeat(documents, count + MARGIN)
    owner[n_rows - MARGIN :] = max(len(count) - 1, 0)
    return {
        "n_rows": n_rows,
        "occupied": occupied,
        "owner": owner,
        "number": number,
        "row": row,
        "document": document,
        "first_row": cuts[:-1] + MARGIN * (documents + 1),
        "n_lines": count,
    }


def _place_tokens(
    rows: dict[str, Any],
    tokens: Tokens,
    document_tokens: Ints,
    line_token: Ints,
    per_line: Ints,
) -> dict[str, Any]:
    """Find out about tokens what depends on their line and document: fields of `Lines`."""
    first_token, n_tokens = np.zeros((2, rows["n_rows"]), np.int64)
    first_token[rows["row"]], n_tokens[rows["row"]] = line_token, per_line
    token_row = np.repeat(rows["row"], per_line)
    pairs = np.empty_like(tokens.hashes)
    mix_pair(tokens.hashes[:-1], tokens.hashes[1:], out=pairs[:-1])
    pairs[line_token + per_line - 1] = 0
    known, cue = vocabulary().words.find(tokens.hashes)
    n_known = _count_between(document_tokens, known)
    language = _main_language(cue, n_known)
    word_languages = vocabulary().word_languages
    is_function = np.zeros(len(token_row), bool)
    entry = cue * word_languages.shape[1] + np.repeat(language, n_known)
    is_function[known] = word_languages.take(entry)
    is_content = (tokens.kinds <= Kind.LETTER) & (tokens.kinds != Kind.DIGIT)
    is_content &= tokens.lengths >= _CONTENT_BYTES
    is_content &= ~is_function
    is_content |= tokens.kinds == Kind.IDEOGRAPH
    return {
        "token_row": token_row,
        "document_tokens": document_tokens,
        "line_token": line_token,
        "first_token": first_token,
        "n_tokens": n_tokens,
        "pairs": pairs,
        "known": known,
        "cue": cue,
        "is_function": is_function,
        "is_content": is_content,
        "line_hashes": _hash_lines(tokens.hashes, pairs, line_token),
        "language": language,
    }


def _main_language(cue: Ints, n_known: Ints) -> Ints:
    """Find the language whose function words are commonest in each document.

    Parameters
    ----------
    cue : int64 array (n,)
        Entries of words that are known, one document after another.
    n_known : int64 array (n_documents,)
        How many there are in each.
    """
    table = vocabulary()
    n_documents = len(n_known)
    n_words, n_languages = table.word_languages.shape
    counts = np.bincount(cue + np.repeat(np.arange(n_documents) * n_words, n_known))
    found = np.flatnonzero(counts > 0)
    of_document, word = np.divmod(found, n_words)
    # A word counts once for each of its languages.
    n_entries = table.n_of_word.take(word)
    entry = np.repeat(table.first_of_word.take(word) - np.cumsum(n_entries) + n_entries, n_entries)
    entry += np.arange(len(entry))
    place = np.repeat(of_document * n_languages, n_entries)
    place += table.of_words.take(entry)
    weight = np.repeat(counts.take(found), n_entries)
    hits = np.bincount(place, weight, n_documents * n_languages)
    hits = hits.reshape(n_documents, n_languages)
    language: Ints = np.where(hits.any(axis=1), hits.argmax(axis=1), n_languages - 1)
    return language


def _hash_lines(hashes: Hashes, pairs: Hashes, line_token: Ints) -> Hashes:
    """Hash the tokens of each line in order: uint64 array (n,)."""
    if not line_token.size:
        return np.zeros(0, np.uint64)
    mixed = hashes * np.uint64(3)
    mixed += pairs
    return np.add.reduceat(mixed, line_token)
