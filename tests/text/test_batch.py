"""Texts go into a buffer and come out again; batches are bounded; spacing follows the source."""

import itertools
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text import (
    BATCH_BYTES,
    LARGEST_LINES,
    blank_debris,
    decode_text,
    encode_text,
    group_contents,
    join_kept_lines,
    lay_out_lines,
    normalise_line_ends,
    shorten_lines,
    split_content,
    surround_parts,
)

THP = Path("/sys/kernel/mm/transparent_hugepage/enabled")
BATCH_DOCUMENTS, BATCH_LINES = 256, 32_768
# Of a part of a very long document, and of a line that is looked at.
LARGEST_BYTES, LARGEST_SIGNS, LONGEST_LINE = 1 << 21, 1 << 18, 1 << 16

line_text = st.text(
    st.characters(exclude_characters="\r\n") | st.characters(categories=["Cs"]), max_size=12
)
texts = st.lists(line_text | st.sampled_from(["", " ", "\t"]), max_size=9).map("\n".join)


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_any_text_survives_the_round_trip(text: str) -> None:
    assert decode_text(encode_text(text)) == text


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        ["x"] * 20_000,
        ["x", "", ".", "ab"] * 9_000,
        [*["é"] * 20_000, "abc", "It rained.", "x"],
        ["x"] * 16_385,
    ],
)
def test_debris_is_blank_and_all_else_stays_in_its_place(lines: list[str], end: str) -> None:
    left = ["" if len(line.encode()) < 3 else line for line in lines]
    found = normalise_line_ends(blank_debris(end.join(lines).encode())).decode()
    assert found == "\n".join(left)


def test_debris_has_fewer_than_three_bytes_a_line_on_average() -> None:
    lines = [b"abc"] * 16_384
    assert blank_debris(b"\n".join([*lines, b"ab"])) == b"\n".join([*lines, b""])
    whole = b"\n".join([*lines, b"abc"])
    assert blank_debris(whole) is whole
    few = b"\n".join([*lines[1:], b"ab"])
    assert blank_debris(few) is few


@pytest.mark.parametrize(
    "lines",
    [
        ["x"] * 16_384,  # no more than so many
        ["the", "a", "of", "council", "voted", "on"] * 9_000,
        ["中"] * 30_000,
        ["x", "12.50"] * 20_000,
        [*[""] * 90_000, *["It rained.", "x"] * 9_000],
        ["x"] * 20_000 + ["It rained on Monday."] * 4_000,
    ],
)
def test_words_one_a_line_are_no_debris(lines: list[str]) -> None:
    content = "\n".join(lines).encode()
    assert blank_debris(content) is content


@given(st.lists(st.text("a\r\n ")))
def test_line_ends_become_newlines(parts: list[str]) -> None:
    text = "".join(parts)
    normal = normalise_line_ends(text.encode()).decode()
    # What Python's universal newlines make of it.
    assert normal == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\0"])
def test_other_separators_are_no_line_ends(separator: str) -> None:
    lines = lay_out_lines([encode_text(f"one{separator}two")])
    assert len(lines.line_starts) == 1


@given(st.lists(texts, max_size=6))
def test_a_batch_holds_the_lines_of_every_document(documents: list[str]) -> None:
    lines = lay_out_lines([encode_text(document) for document in documents])
    assert lines.data[:1] == b"\n"
    assert lines.data.endswith(b"\0" * 32)
    assert lines.document_starts[0] == 0
    for number, document in enumerate(documents):
        low, high = lines.document_starts[number : number + 2]
        starts, ends = lines.line_starts[low:high], lines.line_ends[low:high]
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        found = [decode_text(lines.data[start:end]) for start, end in spans]
        assert found == document.split("\n")
    assert lines.document_starts[-1] == len(lines.line_starts) == len(lines.line_ends)


@given(
    st.lists(
        st.binary(max_size=9) | st.sampled_from([10, 70_000, BATCH_BYTES + 1]).map(bytes)
        | st.sampled_from([b"\n" * 9_000, b"\r" * 9_000, b"\r\n" * 20_000]),
        max_size=12,
    )
)  # fmt: skip
def test_groups_are_bounded_and_in_order(contents: list[bytes]) -> None:
    groups = list(group_contents(contents))
    assert [content for group in groups for content in group] == contents
    for group in groups:
        assert 0 < len(group) <= BATCH_DOCUMENTS
        if len(group) > 1:
            assert sum(map(len, group)) <= BATCH_BYTES
            assert len(lay_out_lines(group).line_starts) <= BATCH_LINES


def test_groups_come_as_soon_as_they_are_full() -> None:
    """A stream without end is no problem."""
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * (BATCH_BYTES // 5 - 1)

    first = next(group_contents(endless()))
    assert len(first) == 5
    assert len(taken) == 6


@st.composite
def judged_documents(draw: st.DrawFn) -> list[list[tuple[str, bool]]]:
    line = st.tuples(line_text | st.sampled_from(["", "  "]), st.booleans())
    return draw(st.lists(st.lists(line, min_size=1, max_size=9), max_size=5))


@given(judged_documents())
def test_kept_lines_come_out_in_order_with_the_spacing_of_the_source(
    documents: list[list[tuple[str, bool]]],
) -> None:
    pairs = [pair for document in documents for pair in document]
    lines = lay_out_lines(
        [encode_text("\n".join(t for t, _ in document)) for document in documents]
    )
    kept = np.array([keep for _, keep in pairs], bool)
    blank = np.array([not encode_text(text).strip() for text, _ in pairs], bool)
    results = join_kept_lines(lines, kept, blank)
    assert len(results) == len(documents)
    for result, document in zip(results, documents, strict=True):
        assert result == _joined_slowly(document)


def _joined_slowly(document: list[tuple[str, bool]]) -> bytes:
    """Line by line, as the docstring says it."""
    result: list[bytes] = []
    gap = False
    for text, keep in document:
        encoded = encode_text(text).rstrip()
        if not encoded.strip():
            gap = True
        elif keep:
            result += [b""] * (gap and bool(result)) + [encoded]
            gap = False
    return b"".join(line + b"\n" for line in result)


@given(st.lists(st.sampled_from([b"", b" ", b"one", b"two  ", b"\tthree"]), max_size=12), st.data())
def test_kept_lines_are_joined_as_by_hand(source: list[bytes], data: st.DataObject) -> None:
    documents = [b"\n".join(source), b"four", b"\n".join(source[::-1])]
    lines = lay_out_lines(documents)
    written = b"\n".join(documents).split(b"\n")
    blank = np.array([not line.strip() for line in written])
    kept = np.array([data.draw(st.booleans()) for _ in written])
    expected = []
    for low, high in itertools.pairwise(lines.document_starts.tolist()):
        text, gap = b"", False
        for number in range(low, high):
            if kept[number] and not blank[number]:
                text += (b"\n" if text and gap else b"") + written[number].rstrip() + b"\n"
                gap = False
            gap |= bool(blank[number])
        expected.append(text)
    assert join_kept_lines(lines, kept, blank) == expected


@pytest.mark.parametrize("documents", [[], [b""], [b"\n\n"], [b"", b"", b""]])
def test_nothing_kept_is_an_empty_text(documents: list[bytes]) -> None:
    lines = lay_out_lines(documents)
    nothing = np.zeros(len(lines.line_starts), bool)
    assert join_kept_lines(lines, nothing, ~nothing) == [b""] * len(documents)
    assert join_kept_lines(lines, ~nothing, ~nothing) == [b""] * len(documents)


@pytest.mark.parametrize("line", [b"", b"x", b"x" * 5000, b"x" * 200_000, "中".encode() * 70_000])
def test_parts_are_bounded_and_lose_nothing(line: bytes) -> None:
    content = b"\n".join([line] * (3 * LARGEST_BYTES // (len(line) + 1) + 1))
    parts = split_content(content)
    assert b"\n".join(parts) == content
    assert all(part.count(b"\n") < LARGEST_LINES for part in parts)
    assert all(len(shorten_lines(part)) <= LARGEST_BYTES for part in parts)
    assert len(parts) > 1 or len(shorten_lines(content)) <= LARGEST_BYTES


@pytest.mark.parametrize("line", [b'"' * 99, b"'" * 70_000, b".", b"word (/["])
def test_parts_of_signs_are_smaller(line: bytes) -> None:
    """Each sign is a token, and costs more memory than a letter."""
    content = b"\n".join([line] * (2 * LARGEST_BYTES // (len(line) + 1)))
    parts = split_content(content)
    assert b"\n".join(parts) == content
    per_line = min(sum(map(line.count, b"\"'.(/[")), LONGEST_LINE)
    for part, surrounded in zip(parts, surround_parts(parts), strict=True):
        assert (part.count(b"\n") + 1) * per_line <= LARGEST_SIGNS
        shown = shorten_lines(surrounded.content)
        assert shown.count(b"\n") < LARGEST_LINES * 1.5
        assert (shown.count(b"\n") + 1) * per_line <= LARGEST_SIGNS * 1.5


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_only_lines_that_are_too_long_are_cut(place: int, end: bytes) -> None:
    lines = [b"x" * 100, b"y" * LONGEST_LINE, b"", b"z" * LONGEST_LINE, b""]
    content = end.join(lines)
    assert shorten_lines(content) is content
    lines.insert(2 * place, b"w" * (LONGEST_LINE + 1))
    cut = shorten_lines(end.join(lines)).split(b"\n")
    assert list(map(len, cut)) == [min(len(line), LONGEST_LINE) for line in lines]


# Prints the flags of the part of the heap that was asked for huge pages.
HEAP_FLAGS = """
import cleaner.text
with open("/proc/self/smaps") as file:
    lines = file.read().splitlines()
starts = [n for n, line in enumerate(lines) if line.endswith("[heap]")]
print(*(next(line for line in lines[n:] if line.startswith("VmFlags")) for n in starts))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU allocator")
@pytest.mark.skipif(not THP.exists() or "[never]" in THP.read_text(), reason="no huge pages")
def test_batches_are_cleaned_in_huge_pages() -> None:
    command = [sys.executable, "-c", HEAP_FLAGS]
    flags = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "hg" in flags.split()


def test_lines_are_cut_between_characters() -> None:
    for before in range(4):
        text = "x" * before + "中é" * LONGEST_LINE
        cut = shorten_lines(f"{text}\nnext".encode())
        first, last = cut.split(b"\n")
        assert text.startswith(first.decode())
        assert LONGEST_LINE - 3 <= len(first) <= LONGEST_LINE
        assert last == b"next"
