"""Join the kept lines of a document to its clean text, and the clean texts of its parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.text.lines import Lines

# What `bytes.rstrip` takes away.
_IS_WHITE_SPACE = np.array([byte in b" \t\n\r\v\f" for byte in range(256)])


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
    opening = cuts[:-1][cuts[:-1] < len(numbers)]
    parted[opening] = False
    starts, ends = lines.line_starts[numbers], lines.line_ends[numbers]
    # Lines that stand in the source as they are to be written are taken in one piece.
    last_bytes = np.frombuffer(lines.data, np.uint8)[ends - 1]
    as_written = np.zeros(len(numbers), bool)
    as_written[1:] = starts[1:] - ends[:-1] == 1 + parted[1:]
    as_written[1:] &= ~_IS_WHITE_SPACE.take(last_bytes[:-1])
    as_written[opening] = False
    first = np.flatnonzero(~as_written)
    last = np.append(first, len(numbers))[1:] - 1
    cuts = np.searchsorted(first, cuts)
    pieces = [
        b"\n" + lines.data[start:end].rstrip() if gap else lines.data[start:end].rstrip()
        for start, end, gap in zip(
            starts[first].tolist(), ends[last].tolist(), parted[first].tolist(), strict=True
        )
    ]
    return [
        b"\n".join(pieces[low:high]) + b"\n" if high > low else b""
        for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]


def join_parts(parts: Sequence[bytes], cleaned: Sequence[bytes]) -> bytes:
    r"""Join the clean texts of the parts of a document, as `split_content` makes them.

    Two are parted by a blank line where the parts are.

    Examples
    --------
    >>> join_parts([b"one\ntwo\n", b"three", b"four"], [b"two\n", b"three\n", b"four\n"])
    b'two\n\nthree\nfour\n'
    """
    pieces: list[bytes] = []
    for number, text in enumerate(cleaned):
        parted = number and (parts[number - 1].endswith(b"\n") or parts[number].startswith(b"\n"))
        if pieces and text and parted:
            pieces.append(b"\n")
        pieces.append(text)
    return b"".join(pieces)
