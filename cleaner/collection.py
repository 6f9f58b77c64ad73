"""Count in how many documents of a folder each line occurs, and lower the log-odds of such lines.

Lines are one if their tokens are, whatever the case and the digits: "Page 1 of 9", "page 3 of 7".
This is the one place where documents influence each other, and only those who ask for it get it:
`clean-news --collection`, or a Collection that is given to `Cleaner.clean_many`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.model import Scored
from cleaner.text import (
    Hashes,
    Ints,
    Lines,
    encode_text,
    group_contents,
    lay_out_lines,
    log_count,
    mix_pair,
    shorten_lines,
    split_content,
)

Cells = NDArray[np.uint16]

# A line is counted in one cell of each row, a folder's lines apart from another's; 32 MB in all.
# Up to three million lines of documents hardly any line shares all four cells with others.
N_ROWS = 4
_CELL_BITS = 22
N_CELLS = 1 << _CELL_BITS
_LARGEST_COUNT = np.iinfo(np.uint16).max
_PARTS = 64  # of a row, where its median is looked for
# Odd numbers that take a hash to its cell of each row: the constants of xxHash64 (Collet 2012).
_MULTIPLIERS = np.array(
    [0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)

# Twice may be a story that was sent twice.
FEWEST_OCCURRENCES = 3
# A line in n documents loses so much log-odds, times ln n. Logistic regressions of the labels on
# log-odds and ln n (tests/benchmarks/collection.py, 2026-11-24) gave 1.1 with the shipped model,
# which knew the pages, and 7.4 with one that did not; for shorter lines, .3 and 1.4: subheadings
# and cells of tables recur as well. Chosen nearer to the former: background paragraphs recur in
# follow-up stories.
RATE = 2.0
SHORT_RATE = 0.25
FEWEST_TOKENS = 4


class Company(NamedTuple):
    """What documents are judged with."""

    collection: Collection
    folders: Sequence[str]  # of each document


class Collection:
    r"""Counts in how many documents of its folder each line occurs: a count-min sketch.

    Its size does not depend on the number of documents, nor its content on their order. Counts
    are at most too high by chance where lines share all their cells (Cormode and
    Muthukrishnan 2005); in collections so large that every cell is shared, what is usual in a cell
    is taken off first, and rare repeats are overlooked.

    Examples
    --------
    >>> from cleaner.cleaning import Cleaner
    >>> pages = [f"Story {n} is about {n} boats.\n\nAll rights reserved." for n in range(9)]
    >>> collection = Collection()
    >>> collection.count(pages)
    >>> cleaned = list(Cleaner.load().clean_many(pages, collection))
    """

    def __init__(self, cells: Cells | None = None) -> None:
        """Start with nothing counted, or with the counts of another one.

        Parameters
        ----------
        cells : uint16 array (N_ROWS, N_CELLS)
            The `cells` of the other one; only `add` and `count` write on them.
        """
        self.cells: Cells = np.zeros((N_ROWS, N_CELLS), np.uint16) if cells is None else cells
        self._usual: list[int] | None = None  # of each row, see _find_usual

    def count(self, texts: Iterable[str]) -> None:
        """Count the lines of texts, each text once: the first of two passes. Memory stays flat."""
        for group in group_contents(encode_text(text) for text in texts):
            self.add(distinct_lines(group, [""] * len(group)))

    def add(self, lines: Hashes) -> None:
        """Count lines, given by `distinct_lines`, once for each time they are given."""
        self._usual = None
        for row, places in zip(self.cells, _find_places(lines), strict=True):
            place, count = np.unique(places, return_counts=True)
            row[place] = np.minimum(row[place] + count, _LARGEST_COUNT)

    def to_bytes(self) -> memoryview:
        """Give the cells as `read_cells` reads them, without a copy."""
        return self.cells.data.cast("B")

    def occurrences(self, lines: Hashes) -> Ints:
        """Tell in how many documents lines (uint64 array) occur: int64 array (n_lines,)."""
        if self._usual is None:
            self._usual = [_find_usual(row) for row in self.cells]
        found = [
            row.take(places).astype(np.int64) - usual
            for row, places, usual in zip(self.cells, _find_places(lines), self._usual, strict=True)
        ]
        fewest: Ints = np.min(found, axis=0)
        return np.maximum(fewest, 0)


def read_cells(path: str) -> Collection:
    """Take the counts of another process from a file that holds nothing but its cells.

    They are read as they are needed, into memory that processes share.

    Examples
    --------
    >>> from cleaner.files import lend_file
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with lend_file(directory, Collection().to_bytes()) as path:
    ...         read_cells(path).occurrences(np.zeros(1, np.uint64)).tolist()
    [0]
    """
    return Collection(np.memmap(path, np.uint16, "r", shape=(N_ROWS, N_CELLS)))


def _find_places(lines: Hashes) -> Hashes:
    """Cell of each line in each row: uint64 array (N_ROWS, n_lines)."""
    places: Hashes = lines * _MULTIPLIERS[:, None]
    places >>= np.uint64(64 - _CELL_BITS)
    return places


def _find_usual(row: Cells) -> int:
    """Find what a cell holds of lines that meet there by chance; 0 unless most cells are taken.

    It is the median cell, and the spread that chance gives it. A part is counted at a time: a
    copy would double the memory.
    """
    cells_with = np.zeros(_LARGEST_COUNT + 1, np.int64)
    for part in np.split(row, _PARTS):
        cells_with += np.bincount(part, minlength=len(cells_with))
    median = int(np.searchsorted(np.cumsum(cells_with), row.size // 2, side="right"))
    return median + math.isqrt(median)


def distinct_lines(contents: Sequence[bytes], folders: Sequence[str]) -> Hashes:
    r"""Hash the different lines of each document, by their tokens and the document's folder.

    Parameters
    ----------
    contents : sequence of bytes
        UTF-8 documents of one batch.
    folders : sequence of str
        Of each document.

    Returns
    -------
    uint64 array (n_lines,)
        Each line of a document once, blank ones left out; in no particular order.

    Examples
    --------
    >>> len(distinct_lines([b"Share!\n\nshare\nIt rained.", b"Share"], ["a", "b"]))
    4
    """
    parts = [split_content(content) for content in contents]
    if all(len(of_one) == 1 for of_one in parts):
        lines, document = _hash_batch(contents, folders)
        order = np.lexsort((lines, document))
        lines, document = lines[order], document[order]
        first = np.ones(len(lines), bool)
        first[1:] = (lines[1:] != lines[:-1]) | (document[1:] != document[:-1])
        return lines[first]
    hashes = [
        np.unique(np.concatenate([_hash_batch([part], [folder])[0] for part in of_one]))
        for of_one, folder in zip(parts, folders, strict=True)
    ]
    return np.concatenate(hashes)


def _hash_batch(contents: Sequence[bytes], folders: Sequence[str]) -> tuple[Hashes, Ints]:
    lines = lay_out_lines([shorten_lines(content) for content in contents])
    return folder_lines(lines, folders), lines.document


def folder_lines(lines: Lines, folders: Sequence[str]) -> Hashes:
    """Hash lines with the folders of their documents: uint64 array (n,), in the order of rows."""
    hash_of = {folder: _hash_folder(folder) for folder in set(folders)}
    of_document = np.array([hash_of[folder] for folder in folders], np.uint64)
    return mix_pair(lines.line_hashes, of_document.take(lines.document))


def _hash_folder(folder: str) -> int:
    return int.from_bytes(blake2b(encode_text(folder), digest_size=8).digest(), "little")


def lower_recurring(scored: Scored, occurrences: Ints, least_log_odds: np.float32) -> Scored:
    """Lower the log-odds of lines that recur, but in copies of a story.

    A document is a copy if more than half of the lines that it would keep, short ones aside,
    recur. Its lines are judged as if it were alone.

    Parameters
    ----------
    scored : Scored
    occurrences : int64 array (n,)
        Documents with the same line, from `Collection.occurrences`, in the order of the rows.
    least_log_odds : float32
        Of lines that are kept.
    """
    lines = scored.lines
    log_odds = scored.log_odds[lines.row]
    is_long = lines.n_tokens[lines.row] >= FEWEST_TOKENS
    recurs = occurrences >= FEWEST_OCCURRENCES
    kept = is_long & (log_odds >= least_log_odds)
    n_kept = np.bincount(lines.document, kept, len(lines.first_row))
    is_copy = 2 * np.bincount(lines.document, kept & recurs, len(lines.first_row)) > n_kept
    lowered = recurs & ~is_copy[lines.document]
    rate = np.where(is_long, np.float32(RATE), np.float32(SHORT_RATE))
    changed = scored.log_odds.copy()
    changed[lines.row] = log_odds - np.where(
        lowered, rate * log_count(occurrences - 1), np.float32(0)
    )
    return scored._replace(log_odds=changed)
