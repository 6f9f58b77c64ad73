"""Encode texts, and group documents into batches of bounded size."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cleaner.text.arrays import Ints

# A batch holds about this much text. Those of half the size take 3% longer for a byte, as calling
# numpy counts for more; those of twice the size save nothing and take 35 MB more memory.
BATCH_BYTES = 1 << 20
# Ten million empty lines are small in bytes and large in rows, so lines are bounded too.
BATCH_LINES = 1 << 15
# Margins between documents cost rows (see lines.py), so documents are bounded as well.
BATCH_DOCUMENTS = 256
# A line costs some 2.5 KB while it is judged. Documents of more lines than this (no article is so
# long) are judged in parts of so many, each like a document of its own, so that memory stays flat.
LARGEST_LINES = 1 << 15
# A byte costs up to 100 bytes while it is judged, where each is a token (a line of quotation
# marks). So parts are bounded in bytes too, and of a line longer than any paragraph only the
# beginning is looked at.
LARGEST_BYTES = 1 << 21
LONGEST_LINE = 1 << 16
# Nor has a text so many signs, each of which is a token, as letters: parts of quotation marks
# alone are smaller, with fewer of them around.
LARGEST_SIGNS = 1 << 18
_OVERLAP_SIGNS = 1 << 16
# A part is judged among so many lines on either side, or so many bytes: of the decisions within
# 100 lines of a border, 8% change when the border moves (12% without; with twice as many 3%, for a
# fifth more time), in the mean of 7 borders in pages of corpus/ one after another.
OVERLAP_LINES = 1 << 12
_OVERLAP_BYTES = 1 << 19
# Lines of a letter or two cost eight times as much for a byte as ordinary text does. A document of
# more than so many lines, with fewer than three bytes on average, is what is left of a picture or a
# table. Single words in any language are longer, and so is one ideograph.
_DEBRIS_LINES = 1 << 14
_DEBRIS_BYTES = 3

# The GNU allocator learns from the largest block freed so far how much free memory to keep; what
# it gives back to the system for every batch, the system clears for the next one, which takes a
# sixth of the time (a third, for a part of short lines). It learns from no block of 32 MB or more.
# This one is never written to, so it takes no memory itself.
_KEPT_BYTES = 31 << 20
np.empty(_KEPT_BYTES, np.uint8)
# From now on such arrays are part of the heap, and for arrays of 4 MB and more numpy asks Linux for
# huge pages. Memory that was asked for once stays so for the smaller arrays after them: look-ups
# all over a batch then take a tenth less time, and a process 2 MB more.
_HEAP = [np.empty(_KEPT_BYTES - (3 << 20), np.uint8) for _ in range(2)]
del _HEAP

_SIGNS = string.punctuation.encode()
_IS_SIGN = bytes(byte in _SIGNS for byte in range(256))


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


def is_very_long(content: bytes) -> bool:
    r"""Tell if a document has so many lines or bytes that it is judged in parts.

    Examples
    --------
    >>> is_very_long(b"x\n" * 40_000), is_very_long(b"x")
    (True, False)
    """
    if len(content) > LARGEST_BYTES or _count_signs(content, LARGEST_SIGNS) > LARGEST_SIGNS:
        return True
    if len(content) < LARGEST_LINES:  # as nearly all are: no need to count
        return False
    return _count_line_ends(content) >= LARGEST_LINES


def _count_line_ends(content: bytes) -> int:
    """Count LF and CR, also those that stand together.

    `bytes.count` would take three times as long, which is a hundredth of all time.
    """
    n_lf = int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n")))
    return n_lf + (content.count(b"\r") if b"\r" in content else 0)


def blank_debris(content: bytes) -> bytes:
    r"""Make lines of one or two bytes blank in a document that consists of little else.

    Examples
    --------
    >>> blank_debris(b"x\n" * 20_000 + b"It rained.\n") == b"\n" * 20_000 + b"It rained.\n"
    True
    >>> blank_debris(b"x\n" * 2) == b"x\n" * 2
    True
    """
    if len(content) < _DEBRIS_LINES * 2:  # as nearly all are: no need to count
        return content
    if len(content) >= (_count_line_ends(content) + 1) * (_DEBRIS_BYTES + 1):
        return content
    normal = normalise_line_ends(content)
    data = np.frombuffer(normal + b"\n", np.uint8)
    sizes = _line_sizes(np.flatnonzero(data == ord("\n")))
    n_lines = np.count_nonzero(sizes > 1)
    n_bytes = len(data) - len(sizes)
    if n_lines <= _DEBRIS_LINES or n_bytes >= n_lines * _DEBRIS_BYTES:
        return content
    is_seen = np.repeat(sizes > _DEBRIS_BYTES, sizes)
    is_seen |= data == ord("\n")
    return data[is_seen][:-1].tobytes()


def split_content(content: bytes) -> list[bytes]:
    r"""Split a document of very many lines or bytes into parts that are judged one by one.

    A part ends at a line end; what is not looked at of a long line does not count.

    Examples
    --------
    >>> [part.count(b"\n") for part in split_content(b"x\n" * 40_000)]
    [32767, 7232]
    """
    if not is_very_long(content):
        return [content]
    content = normalise_line_ends(content)
    ends = np.flatnonzero(np.frombuffer(content + b"\n", np.uint8) == ord("\n"))
    # What is looked at, up to the end of each line, and how much of it a part may have.
    looked_at = [(_sum_up(_line_sizes(ends), LONGEST_LINE + 1), LARGEST_BYTES)]
    if _count_signs(content, LARGEST_SIGNS) > LARGEST_SIGNS:
        is_sign = np.frombuffer((content + b"\n").translate(_IS_SIGN), np.uint8)
        starts = np.append(0, ends[:-1] + 1)
        n_signs = np.add.reduceat(is_sign, starts, dtype=np.int64)
        looked_at.append((_sum_up(n_signs, LONGEST_LINE), LARGEST_SIGNS))
    parts, first, start = [], 0, 0
    while first < len(ends):
        stop = min(first + LARGEST_LINES, len(ends))
        for sums, limit in looked_at:
            before = sums[first - 1] if first else 0
            stop = min(stop, int(np.searchsorted(sums, before + limit, side="right")))
        stop = max(stop, first + 1)
        end = int(ends[stop - 1])
        parts.append(content[start:end])
        first, start = stop, end + 1
    return parts


def _line_sizes(ends: Ints) -> Ints:
    """Bytes of each line with its end, from where the lines end."""
    sizes = ends + 1
    np.subtract(ends[1:], ends[:-1], out=sizes[1:])
    return sizes


def _sum_up(values: Ints, most: int) -> Ints:
    """Replace values, cut to the most that counts of each, by their sums so far."""
    np.minimum(values, most, out=values)
    return np.cumsum(values, out=values)


def _count_signs(content: bytes, limit: int) -> int:
    """Count signs that are tokens each; 0 if there cannot be more than a limit."""
    if len(content) <= limit:
        return 0
    return len(content) - len(content.translate(None, _SIGNS))


class TextPart(NamedTuple):
    """A part of a document among lines of its neighbours, which show where it stands."""

    content: bytes  # with the lines around it
    first: int  # lines of the document before the content
    own: range  # numbers in the content of the lines that are its own


def surround_parts(parts: Sequence[bytes]) -> Iterator[TextPart]:
    r"""Set parts among the last lines of the part before and the first of the part after.

    Examples
    --------
    >>> list(surround_parts([b"a\nb", b"c"]))[1]
    TextPart(content=b'a\nb\nc', first=0, own=range(2, 3))
    """
    n_before = 0  # lines
    for number, part in enumerate(parts):
        before = _edge(parts[number - 1], last=True) if number else []
        after = _edge(parts[number + 1], last=False) if number + 1 < len(parts) else []
        content = b"\n".join([*before, part, *after])
        n_lines = normalise_line_ends(part).count(b"\n") + 1
        yield TextPart(content, n_before - len(before), range(len(before), len(before) + n_lines))
        n_before += n_lines


def _edge(part: bytes, *, last: bool) -> list[bytes]:
    """Take the lines at an end of a part, of bounded number and size."""
    if last:
        lines = part.rsplit(b"\n", OVERLAP_LINES)[-OVERLAP_LINES:]
    else:
        lines = part.split(b"\n", OVERLAP_LINES)[:OVERLAP_LINES]
    shown = shorten_lines(b"\n".join(lines))
    if len(shown) < _OVERLAP_BYTES and _count_signs(shown, _OVERLAP_SIGNS) <= _OVERLAP_SIGNS:
        return shown.split(b"\n")
    lines = shown.split(b"\n")
    size = n_signs = taken = 0
    for line in reversed(lines) if last else lines:
        size += len(line) + 1
        n_signs += _count_signs(line, 0)
        if size > _OVERLAP_BYTES or n_signs > _OVERLAP_SIGNS:
            break
        taken += 1
    return lines[len(lines) - taken :] if last else lines[:taken]


def shorten_lines(content: bytes) -> bytes:
    r"""Cut every line to what is looked at of it, between two characters.

    Examples
    --------
    >>> shorten_lines(b"x" * 70_000 + b"\nIt rained.")[65_534:]
    b'xx\nIt rained.'
    """
    if len(content) <= LONGEST_LINE:
        return content
    normal = normalise_line_ends(content)
    if _has_short_lines(normal):
        return content
    return b"\n".join(map(_shorten_line, normal.split(b"\n")))


def _has_short_lines(content: bytes) -> bool:
    """Tell if no line is longer than what is looked at, with one look every LONGEST_LINE bytes."""
    start = 0
    while len(content) - start > LONGEST_LINE:
        end = content.rfind(b"\n", start, start + LONGEST_LINE + 1)
        if end < 0:
            return False
        start = end + 1
    return True


def _shorten_line(line: bytes) -> bytes:
    end = min(LONGEST_LINE, len(line))
    while end < len(line) and line[end] & 0xC0 == 0x80:  # inside a character
        end -= 1
    return line[:end]


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
        lines = _count_line_ends(content) + 1
        full = n_bytes + len(content) > BATCH_BYTES or n_lines + lines > BATCH_LINES
        if group and (full or len(group) == BATCH_DOCUMENTS):
            yield group
            group, n_bytes, n_lines = [], 0, 0
        group.append(content)
        n_bytes += len(content)
        n_lines += lines
    if group:
        yield group
