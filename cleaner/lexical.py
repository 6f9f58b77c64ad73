"""Turn the words of each line into columns of a hashed lexical model, and into its log-odds.

Columns are hashes of words, of pairs of words, and of the first, last and only words of a line,
each in a space of its own. Weights are whole numbers, so a line's score is the same bits in any
batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.characters import Hashes, Ints, salt_hash
from cleaner.overlap import line_hashes
from cleaner.rows import Floats, Rows, Words, fill_means, shift_rows, window_counts

COLUMN_BITS = 18
N_COLUMNS = 1 << COLUMN_BITS
# One unit of a stored weight, in log-odds.
WEIGHT_UNIT = 1 / 256
# Lines up to this many tokens are looked up whole, and their words are counted apart: "Share",
# "Read more" mean something else there than in a paragraph.
_SHORT_TOKENS = 6
# Log-odds by words alone are clipped here before neighbours see them.
_LIMIT = 6
_NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
_WIDTHS = (4, 8, 16)
_SIDES = ("before", "after")
_COLUMN_SHIFT = np.uint64(64 - COLUMN_BITS)


LEXICAL_CONTEXT: dict[str, str] = {
    "lexical": "its words",
    **{
        f"lexical{offset:+d}": f"words of the line {abs(offset)} {_SIDES[offset > 0]}"
        for offset in _NEIGHBOURS
    },
    **{
        f"lexical_{side}_{width}": f"words of the {width} lines {side}"
        for width in _WIDTHS
        for side in _SIDES
    },
}


class Places(NamedTuple):
    """The columns of the lines, as a sparse matrix whose entries are all 1."""

    columns: list[Ints]  # arrays of column numbers
    rows: list[Ints]  # arrays of the same lengths: the rows they belong to
    n_entries: Ints  # (n_rows,)


def _column(hashes: Hashes, salt: int = 0) -> Ints:
    mixed = salt_hash(hashes, salt) if salt else hashes
    return (mixed >> _COLUMN_SHIFT).view(np.int64)


def lexical_places(rows: Rows, words: Words) -> Places:
    """Find the columns of every line."""
    hashes, pairs, row = words.tokens.hashes, words.pairs, rows.row
    first = words.start[row]
    count = words.n_tokens[row]
    last = first + count - 1
    second = np.minimum(first + 1, last)
    last_but_one = np.maximum(last - 1, first)
    is_pair = np.flatnonzero(pairs)
    short = count <= _SHORT_TOKENS
    in_short = np.flatnonzero(words.n_tokens[words.row] <= _SHORT_TOKENS)
    parts = [
        (_column(hashes), words.row),
        (_column(pairs[is_pair]), words.row[is_pair]),
        (_column(hashes[first], 1), row),
        (_column(hashes[second], 2), row),
        (_column(hashes[last], 3), row),
        (_column(hashes[last_but_one], 4), row),
        (_column(pairs[first], 5), row),
        (_column(pairs[last_but_one], 6), row),
        (_column(line_hashes(words)[row[short]], 7), row[short]),
        (_column(hashes[in_short], 8), words.row[in_short]),
    ]
    n_entries = np.zeros(rows.n_rows, np.int64)
    n_entries[row] = 2 * count - 1 + 6 + np.where(short, count + 1, 0)
    return Places([column for column, _ in parts], [at for _, at in parts], n_entries)


def lexical_log_odds(places: Places, weights: NDArray[np.int16], intercept: float) -> Floats:
    """Sum weights over each line's columns, divided by the root of their number.

    Parameters
    ----------
    weights : int16 array (N_COLUMNS,)
        In units of `WEIGHT_UNIT`.

    Returns
    -------
    float32 array (n_rows,)
        Log-odds that the line is body, by its words alone; 0 in empty rows.
    """
    n_rows = len(places.n_entries)
    total = np.zeros(n_rows)
    for columns, rows in zip(places.columns, places.rows, strict=True):
        # Sums of whole numbers are exact in float64, whatever their order.
        total += np.bincount(rows, weights[columns], n_rows)
    scale = np.sqrt(np.maximum(places.n_entries, 1))
    odds = total * WEIGHT_UNIT / scale + intercept
    odds[places.n_entries == 0] = 0
    return odds.astype(np.float32)


def lexical_features(rows: Rows, odds: Floats) -> Floats:
    """Compute what the words of a line and of its neighbours say.

    Parameters
    ----------
    odds : float32 array (n_rows,)
        From `lexical_log_odds`.

    Returns
    -------
    float32 array (len(LEXICAL_CONTEXT), n_rows)
        In the order of `LEXICAL_CONTEXT`; values in empty rows mean nothing.
    """
    columns = np.zeros((len(LEXICAL_CONTEXT), rows.n_rows), np.float32)
    place = {name: columns[number] for number, name in enumerate(LEXICAL_CONTEXT)}
    clipped = np.clip(odds, -_LIMIT, _LIMIT) * rows.occupied
    place["lexical"][:] = clipped
    for offset in _NEIGHBOURS:
        place[f"lexical{offset:+d}"][:] = shift_rows(clipped, offset)
    fill_means(place, "lexical", clipped, window_counts(rows.occupied, _WIDTHS))
    return columns
