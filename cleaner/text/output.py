"""Join the kept lines of a document to its clean text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.text.batch import Batch


def join_kept_lines(batch: Batch, kept: NDArray[np.bool_], blank: NDArray[np.bool_]) -> list[bytes]:
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
    >>> from cleaner.text.batch import make_batch
    >>> batch = make_batch([b"one  \ntwo\n\n\nthree"])
    >>> blank = np.array([False, False, True, True, False])
    >>> join_kept_lines(batch, ~blank, blank)
    [b'one\ntwo\n\nthree\n']
    """
    lines = np.flatnonzero(kept & ~blank)
    blanks_before = np.concatenate(([0], np.cumsum(blank)))[lines]
    parted = np.zeros(len(lines), bool)
    parted[1:] = blanks_before[1:] > blanks_before[:-1]
    cuts = np.searchsorted(lines, batch.document_starts)
    parted[cuts[:-1][cuts[:-1] < len(lines)]] = False
    data = batch.data
    pieces = [
        b"\n" + data[start:end].rstrip() if gap else data[start:end].rstrip()
        for start, end, gap in zip(
            batch.line_starts[lines].tolist(),
            batch.line_ends[lines].tolist(),
            parted.tolist(),
            strict=True,
        )
    ]
    return [
        b"\n".join(pieces[low:high]) + b"\n" if high > low else b""
        for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]
