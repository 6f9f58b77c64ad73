"""Join the kept lines of a document to its clean text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.text.lines import Lines


def join_kept_lines(lines: Lines, kept: NDArray[np.bool_], blank: NDArray[np.bool_]) -> list[bytes]:
    r"""Write the kept lines of every document, without trailing white space.

    Two kept lines are parted by one blank line where the source has a blank line between them,
    so that paragraph spacing follows the source.

    Parameters
    ----------
    kept, blank : bool arrays (n_lines,)
        Blank lines are never kept, whatever `kept` says.

    Returns
    -------
    list of bytes
        One text a document, ending with a newline unless it is empty.

    Examples
    --------
    >>> from cleaner.text.lines import lay_out_lines
    >>> lines = lay_out_lines([b"one  \ntwo\n\n\nthree"])
    >>> blank = np.array([False, False, True, True, False])
    >>> join_kept_lines(lines, ~blank, blank)
    [b'one\ntwo\n\nthree\n']
    """
    numbers = np.flatnonzero(kept & ~blank)
    blanks_before = np.concatenate(([0], np.cumsum(blank)))[numbers]
    parted = np.zeros(len(numbers), bool)
    parted[1:] = blanks_before[1:] > blanks_before[:-1]
    cuts = np.searchsorted(numbers, lines.document_starts)
    parted[cuts[:-1][cuts[:-1] < len(numbers)]] = False
    data = lines.data
    pieces = [
        b"\n" + data[start:end].rstrip() if gap else data[start:end].rstrip()
        for start, end, gap in zip(
            lines.line_starts[numbers].tolist(),
            lines.line_ends[numbers].tolist(),
            parted.tolist(),
            strict=True,
        )
    ]
    return [
        b"\n".join(pieces[low:high]) + b"\n" if high > low else b""
        for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]
