"""Put texts into one buffer with line and document offsets, and join kept lines to texts again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cleaner.text.arrays import Ints
from cleaner.text.tokens import PADDING

# A batch holds about this much text. Larger ones leave the processor's cache; in smaller ones,
# calling numpy takes longer than what it computes.
BATCH_BYTES = 1 << 19
# Ten million empty lines are small in bytes and large in rows, so lines are bounded too.
BATCH_LINES = 1 << 14
# Margins between documents cost rows (see features.py), so documents are bounded as well.
BATCH_DOCUMENTS = 256
# A line costs some 3 KB while it is judged. Documents of more lines than this (no article is so
# long) are judged in parts of so many, each like a document of its own, so that memory stays flat.
LARGEST_LINES = 1 << 14

# The GNU allocator learns from the largest block freed so far how much free memory to keep; what
# it gives back to the system for every batch, the system clears for the next one, which takes a
# sixth of the time. This block is never written to, so it takes no memory itself.
_KEPT_BYTES = 1 << 24
np.empty(_KEPT_BYTES, np.uint8)


class Batch(NamedTuple):
    """Documents as one UTF-8 buffer: a newline, all lines each with a newline, NUL padding."""

    data: bytes
    line_starts: Ints  # (n_lines,), byte offsets; blank lines are lines too
    line_ends: Ints  # (n_lines,), byte offsets of the newlines
    document_starts: Ints  # (n_documents + 1,), line numbers from 0; the last is n_lines


def encode_text(text: str) -> bytes:
    r"""Encode any `str`; lone surrogates survive the round trip through `decode_text`.

    Examples
    --------
    >>> decode_text(encode_text("Zürich \ud800")) == "Zürich \ud800"
    True
    """
    return text.encode("utf-8", "surrogatepass")


def decode_text(data: bytes) -> str:
    r"""Decode what `encode_text` encoded.

    Examples
    --------
    >>> decode_text(b"caf\xc3\xa9")
    'café'
    """
    return data.decode("utf-8", "surrogatepass")


def normalise_line_ends(content: bytes) -> bytes:
    r"""Turn every line end (CR LF, CR) into LF.

    Examples
    --------
    >>> normalise_line_ends(b"one\r\ntwo\rthree\n")
    b'one\ntwo\nthree\n'
    """
    if b"\r" not in content:
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def make_batch(contents: Sequence[bytes]) -> Batch:
    r"""Lay documents one after another.

    Parameters
    ----------
    contents : sequence of bytes
        UTF-8, one document each, with any line ends.

    Examples
    --------
    >>> batch = make_batch([b"one\ntwo", b"", b"three\n"])
    >>> batch.document_starts.tolist()
    [0, 2, 3, 5]
    >>> [batch.data[s:e] for s, e in zip(batch.line_starts, batch.line_ends)]
    [b'one', b'two', b'', b'three', b'']
    """
    documents = [normalise_line_ends(content) for content in contents]
    data = b"\n" + b"\n".join(documents) + b"\n" + b"\0" * PADDING
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    ends = np.cumsum([0, *(len(document) + 1 for document in documents)])
    starts = np.searchsorted(newlines, ends)
    n_lines = int(starts[-1])
    return Batch(data, newlines[:n_lines] + 1, newlines[1 : n_lines + 1], starts)


def split_content(content: bytes) -> list[bytes]:
    r"""Split a document of very many lines into parts that are judged one by one.

    Examples
    --------
    >>> [part.count(b"\n") for part in split_content(b"x\n" * 20_000)]
    [16383, 3616]
    """
    if content.count(b"\n") + content.count(b"\r") < LARGEST_LINES:
        return [content]
    lines = normalise_line_ends(content).split(b"\n")
    return [
        b"\n".join(lines[start : start + LARGEST_LINES])
        for start in range(0, len(lines), LARGEST_LINES)
    ]


def group_contents(contents: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Group documents into batches of bounded bytes, lines and documents, in order.

    A document larger than a batch is a batch of its own.

    Examples
    --------
    >>> [len(group) for group in group_contents([b"x"] * 300)]
    [256, 44]
    """
    group: list[bytes] = []
    n_bytes = n_lines = 0
    for content in contents:
        lines = content.count(b"\n") + content.count(b"\r") + 1
        full = n_bytes + len(content) > BATCH_BYTES or n_lines + lines > BATCH_LINES
        if group and (full or len(group) == BATCH_DOCUMENTS):
            yield group
            group, n_bytes, n_lines = [], 0, 0
        group.append(content)
        n_bytes += len(content)
        n_lines += lines
    if group:
        yield group
