"""Say what became of one file, small enough to come from a worker process a million times."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from cleaner.text import decode_text, normalise_line_ends

# Lines are told apart by so many characters: what recurs in many files is short.
_LINE_CHARACTERS = 160


class FileStatus(NamedTuple):
    """What became of one file."""

    path: str  # of the input
    kept: int  # lines
    dropped: int  # lines
    bytes_before: int  # of text, in UTF-8
    bytes_after: int
    confidence: float  # from 0 to 1


def count_dropped_lines(before: bytes, after: bytes) -> Counter[str]:
    r"""Count the lines of a text that its cleaning left out, without the white space around them.

    Examples
    --------
    >>> count_dropped_lines(b"Share\nIt rained.\n\n Share \n", b"It rained.\n")
    Counter({'Share': 2})
    """
    # As bytes and by distinct lines: a large run has many millions of lines.
    lines = Counter(map(bytes.rstrip, normalise_line_ends(before).split(b"\n")))
    for line in after.split(b"\n"):
        lines[line] -= 1
    dropped: Counter[str] = Counter()
    for line, number in lines.items():
        if line and number > 0:
            dropped[decode_text(line).strip()[:_LINE_CHARACTERS]] += number
    del dropped[""]
    return dropped
