"""Find the label that a line starts with: "Read more:", "LIVE |", "Foto –"."""

from __future__ import annotations

import numpy as np

from cleaner.text import Ints, Kind, Lines

# A label has so many tokens at most, and something stands behind its mark.
_LABEL_TOKENS = 6
_MARKS = np.isin(np.arange(len(Kind)), (Kind.COLON, Kind.BAR))


def label_lengths(lines: Lines) -> Ints:
    """Count the tokens of each line's label, its mark included: int64 array (n_rows,).

    0 in lines without a label. A mark is a colon that does not stand between digits, a bar or an
    arrow, or a dash with a space before it, behind one to six other tokens.
    """
    tokens = lines.tokens
    is_mark = _MARKS.take(tokens.kinds)
    is_mark |= (tokens.kinds == Kind.DASH) & (
        lines.byte_kinds.take(tokens.starts - 1) == Kind.SPACE
    )
    at = np.flatnonzero(is_mark)
    row = lines.token_row.take(at)
    place = at - lines.first_token.take(row)
    inside = (place > 0) & (place <= _LABEL_TOKENS) & (place < lines.n_tokens.take(row) - 1)
    before = lines.byte_kinds.take(tokens.starts.take(at) - 1)
    after = lines.byte_kinds.take(tokens.starts.take(at) + tokens.lengths.take(at))
    inside &= (before != Kind.DIGIT) | (after != Kind.DIGIT)
    lengths = np.zeros(lines.n_rows, np.int64)
    # Of several marks the first one stays: it is written last.
    lengths[row[inside][::-1]] = place[inside][::-1] + 1
    return lengths
