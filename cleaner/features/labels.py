"""Find the label that a line starts with: "Read more:", "LIVE |", "Foto –"."""

from __future__ import annotations

import numpy as np

from cleaner.text import Ints, Kind, Lines

# A label has so many tokens at most, and something stands behind its mark.
_LABEL_TOKENS = 6


def label_lengths(lines: Lines) -> Ints:
    """Count the tokens of each line's label, its mark included: int64 array (n_rows,).

    0 in lines without a label. A mark is a colon that does not stand between digits, a bar or an
    arrow, or a dash with a space before it, behind one to six other tokens.
    """
    starts, kinds = lines.tokens.starts, lines.tokens.kinds
    at = np.flatnonzero((kinds == Kind.COLON) | (kinds == Kind.BAR) | (kinds == Kind.DASH))
    row = lines.token_row.take(at)
    place = at - lines.first_token.take(row)
    inside = np.flatnonzero(
        (place > 0) & (place <= _LABEL_TOKENS) & (place < lines.n_tokens.take(row) - 1)
    )
    at, row, place = at.take(inside), row.take(inside), place.take(inside)
    before = lines.byte_kinds.take(starts.take(at) - 1)
    after = lines.byte_kinds.take(starts.take(at) + lines.tokens.lengths.take(at))
    is_label = (before != Kind.DIGIT) | (after != Kind.DIGIT)
    is_label &= (before == Kind.SPACE) | (kinds.take(at) != Kind.DASH)
    lengths = np.zeros(lines.n_rows, np.int64)
    # Of several marks the first one stays: it is written last.
    lengths[row[is_label][::-1]] = place[is_label][::-1] + 1
    return lengths
