"""Turn the words of each line into columns of a hashed lexical model, and into its log-odds.

Columns are hashes of words, of pairs of words, and of the first, last and only words of a line,
each in a space of its own. Weights are whole numbers, so a line's score is the same bits in any
batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features.naming import (
    AROUND,
    WORDS,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
from cleaner.features.windows import inverse_counts, shift_rows, window_means
from cleaner.text import Floats, Hashes, Ints, Lines, salt_hash

COLUMN_BITS = 18
N_COLUMNS = 1 << COLUMN_BITS
# One unit of a stored weight, in log-odds.
WEIGHT_UNIT = 1 / 256
# Lines up to this many tokens are looked up whole, and their words are counted apart: "Share",
# "Read more" mean something else there than in a paragraph.
_SHORT_TOKENS = 6
# Log-odds by words alone are clipped here before neighbours see them.
_LIMIT = 6
_NEIGHBOURS = (-1, 1)
_WIDTHS = (4, 16)
_SIDES = ("before", "after")
_COLUMN_SHIFT = np.uint64(64 - COLUMN_BITS)


# Tokens at each end of a line whose words are weighed once more by themselves.
_END_TOKENS = 5
# Root of the number of words and pairs at an end of so many tokens; none has no token.
_END_SCALE = np.sqrt(np.maximum(2 * np.arange(_END_TOKENS + 1) - 1, 1))
# Tokens from which a line is long.
_LONG_LINE = 25


HASHED_WORD_FEATURES: dict[str, Feature] = {
    **group_features(
        WORDS,
        {
            "lexical": "its words",
            "lexical_head": "its first words",
            "lexical_tail": "its last words",
            "lexical_long": "its words, long line",
        },
    ),
    **group_features(
        AROUND,
        {
            **{
                f"lexical{offset:+d}": f"words of the line {abs(offset)} {_SIDES[offset > 0]}"
                for offset in _NEIGHBOURS
            },
            **{
                f"lexical_{side}_{width}": f"words of the {width} lines {side}"
                for width in _WIDTHS
                for side in _SIDES
            },
        },
    ),
}


class Places(NamedTuple):
    """The columns of the lines: a sparse matrix whose entries are all 1."""

    n_rows: int
    row: Ints  # (n,), rows of the lines
    line_start: Ints  # (n,), number of each line's first token
    token_row: Ints  # (n_tokens,)
    of_words: Ints  # (n_tokens,)
    of_pairs: Ints  # (n_tokens,), of a token and the next; 0 for the last of a line, which is none
    of_ends: list[Ints]  # arrays (n,), of the first and the last words of lines
    short_row: Ints  # (n_short,), rows of the short lines
    of_short: Ints  # (n_short,), of whole short lines
    short_word_row: Ints  # (n_short_words,)
    of_short_words: Ints  # (n_short_words,)
    n_entries: Ints  # (n_rows,)

    @property
    def ends(self) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """First and one past the last token of the head and of the tail of every line."""
        stops = np.append(self.line_start[1:], len(self.token_row))
        return (
            (self.line_start, np.minimum(self.line_start + _END_TOKENS, stops)),
            (np.maximum(stops - _END_TOKENS, self.line_start), stops),
        )

    def end_entries(self, end: int) -> tuple[Ints, Ints, Ints]:
        """Rows, columns and number of entries in the row, of the words of an end of every line."""
        starts, stops = self.ends[end]
        count = stops - starts
        at = np.repeat(starts - np.cumsum(count) + count, count) + np.arange(count.sum())
        inner = np.ones(len(at), bool)
        inner[np.cumsum(count) - 1] = False
        rows = np.concatenate((self.token_row[at], self.token_row[at[inner]]))
        columns = np.concatenate((self.of_words[at], self.of_pairs[at[inner]]))
        number = np.ones(self.n_rows, np.int64)
        number[self.row] = 2 * count - 1
        return rows, columns, number

    def entries(self) -> tuple[Ints, Ints]:
        """Write out all entries: two int64 arrays (n_entries.sum(),), rows and columns."""
        has_next = np.ones(len(self.token_row), bool)
        has_next[self.line_start - 1] = False  # the token before a line's first is a last one
        rows = [
            self.token_row, self.token_row[has_next], *[self.row] * len(self.of_ends),
            self.short_row, self.short_word_row,
        ]  # fmt: skip
        columns = [
            self.of_words, self.of_pairs[has_next], *self.of_ends,
            self.of_short, self.of_short_words,
        ]  # fmt: skip
        return np.concatenate(rows), np.concatenate(columns)


def _column(hashes: Hashes, salt: int = 0) -> Ints:
    mixed = salt_hash(hashes, salt) if salt else hashes
    return (mixed >> _COLUMN_SHIFT).view(np.int64)


def lexical_places(lines: Lines) -> Places:
    """Find the columns of every line."""
    hashes, pairs, row = lines.tokens.hashes, lines.pairs, lines.row
    first = lines.line_token
    count = lines.n_tokens.take(row)
    last = first + count - 1
    last_but_one = np.maximum(last - 1, first)
    is_short = count <= _SHORT_TOKENS
    short = np.flatnonzero(is_short)
    # Numbers of the tokens of short lines: those of a line follow one another.
    of_short = count.take(short)
    n_before = np.cumsum(of_short) - of_short
    in_short = np.repeat(first.take(short) - n_before, of_short)
    in_short += np.arange(len(in_short))
    n_entries = np.zeros(lines.n_rows, np.int64)
    n_entries[row] = 2 * count - 1 + 6 + np.where(is_short, count + 1, 0)
    return Places(
        lines.n_rows,
        row,
        first,
        lines.token_row,
        _column(hashes),
        _column(pairs),
        [
            _column(hashes.take(first), 1),
            _column(hashes.take(np.minimum(first + 1, last)), 2),
            _column(hashes.take(last), 3),
            _column(hashes.take(last_but_one), 4),
            _column(pairs.take(first), 5),
            _column(pairs.take(last_but_one), 6),
        ],
        row.take(short),
        _column(lines.line_hashes.take(short), 7),
        lines.token_row.take(in_short),
        _column(hashes.take(in_short), 8),
        n_entries,
    )


def lexical_log_odds(
    places: Places, weights: NDArray[np.int16], intercept: float
) -> tuple[Floats, Floats, Floats]:
    """Sum weights over each line's columns, divided by the root of their number.

    Parameters
    ----------
    weights : int16 array (N_COLUMNS,)
        In units of `WEIGHT_UNIT`.

    Returns
    -------
    three float32 arrays (n_rows,)
        Log-odds that the line is body by all of its words, by its first ones alone, and by its
        last ones alone; 0 in empty rows.
    """
    own, head, tail = np.zeros((3, places.n_rows), np.float32)
    if not places.row.size:
        return own, head, tail
    # Sums of whole numbers are exact, whatever their order.
    of_pairs = weights.take(places.of_pairs)
    of_tokens = np.add(weights.take(places.of_words), of_pairs, dtype=np.int32)
    before = np.zeros(len(of_tokens) + 1, np.int64)
    np.cumsum(of_tokens, out=before[1:])

    def up_to(stops: Ints) -> Ints:  # without the pair of the last token and the next
        return before.take(stops) - of_pairs.take(stops - 1)

    (starts, head_stops), (tail_starts, stops) = places.ends
    before_lines, up_to_ends = before.take(starts), up_to(stops)
    of_lines = up_to_ends - before_lines
    of_heads, of_tails = up_to(head_stops) - before_lines, up_to_ends - before.take(tail_starts)
    for columns in places.of_ends:
        of_lines += weights.take(columns)
    total = np.bincount(places.short_word_row, weights.take(places.of_short_words), places.n_rows)
    total[places.short_row] += weights.take(places.of_short)
    total = total.take(places.row) + of_lines
    scale = np.sqrt(places.n_entries.take(places.row))
    own[places.row] = total * WEIGHT_UNIT / scale + intercept
    # As many tokens at both ends.
    scale = _END_SCALE.take(head_stops - starts)
    head[places.row] = of_heads * WEIGHT_UNIT / scale + intercept
    tail[places.row] = of_tails * WEIGHT_UNIT / scale + intercept
    return own, head, tail


def hashed_word_features(lines: Lines, odds: Floats, head: Floats, tail: Floats) -> Columns:
    """Compute what the words of a line and of its neighbours say.

    Parameters
    ----------
    odds, head, tail : float32 arrays (n_rows,)
        From `lexical_log_odds`.

    Returns
    -------
    Columns
        Those of `HASHED_WORD_FEATURES`; values in empty rows mean nothing.
    """
    own = np.clip(odds, -_LIMIT, _LIMIT) * lines.occupied
    values: dict[str, Values] = {
        "lexical": own,
        "lexical_head": np.clip(head, -_LIMIT, _LIMIT),
        "lexical_tail": np.clip(tail, -_LIMIT, _LIMIT),
        "lexical_long": own * (lines.n_tokens >= _LONG_LINE),
        **{f"lexical{offset:+d}": shift_rows(own, offset) for offset in _NEIGHBOURS},
        **window_means({"lexical": own}, inverse_counts(lines.occupied, _WIDTHS)),
    }
    return name_columns(HASHED_WORD_FEATURES, values)
