"""Where a very long document is parted makes next to no difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.cleaning import Cleaner
from cleaner.text import LARGEST_LINES, split_content, surround_parts

PAGES = sorted((Path(__file__).parent.parent / "corpus" / "pages").glob("*.txt"))


@pytest.fixture(scope="module")
def long_text() -> str:
    """So many pages that two borders lie in them."""
    pages = [path.read_text(encoding="utf-8") for path in PAGES]
    text = "\n\n".join(pages)
    return "\n\n".join([text] * (2 * LARGEST_LINES // text.count("\n") + 1))


def test_decisions_near_a_border_hardly_depend_on_it(
    long_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """About 7% of those so near change with the place of the border, in a text of 266 pages."""
    cleaner = Cleaner.load()
    labels = []
    borders = (LARGEST_LINES, LARGEST_LINES - 900)
    for border in borders:
        monkeypatch.setattr("cleaner.text.batch.LARGEST_LINES", border)
        labels.append({line.number: line.label for line in cleaner.classify(long_text)})
    first, second = labels
    near = [n for border in borders for n in range(border - 100, border + 100) if n in first]
    assert len(near) > 200
    assert sum(first[n] != second[n] for n in near) <= len(near) * 0.1


def test_every_line_is_judged_once_and_in_order(long_text: str) -> None:
    numbers = [line.number for line in Cleaner.load().classify(long_text)]
    lines = long_text.split("\n")
    assert numbers == [number for number, line in enumerate(lines, 1) if line.strip()]


def test_cleaning_in_parts_keeps_what_classify_keeps(long_text: str) -> None:
    cleaner = Cleaner.load()
    kept = [line.text.rstrip() for line in cleaner.classify(long_text) if line.label == "body"]
    assert [line for line in cleaner.clean(long_text).split("\n") if line] == kept


def test_an_article_after_debris_is_judged_as_after_blank_lines() -> None:
    cleaner = Cleaner.load()
    page = PAGES[0].read_text(encoding="utf-8")
    debris, blank = "x\n" * 40_000 + page, "\n" * 40_000 + page
    assert cleaner.clean(debris) == cleaner.clean(blank) != ""
    assert list(cleaner.clean_many([page, debris])) == [cleaner.clean(page), cleaner.clean(debris)]
    lines = cleaner.classify(debris)
    assert lines == cleaner.classify(blank)
    assert lines[0].number == 40_001
    assert cleaner.explain_line(debris, 40_001) == cleaner.explain_line(blank, 40_001)
    assert cleaner.explain_line(debris, 1) is None


def test_parts_stand_among_the_lines_around_them() -> None:
    content = b"\n".join(b"%d" % number for number in range(40_000))
    parts = split_content(content)
    for part, surrounded in zip(parts, surround_parts(parts), strict=True):
        lines = surrounded.content.split(b"\n")
        own = lines[surrounded.own.start : surrounded.own.stop]
        assert b"\n".join(own) == part
        assert surrounded.own.start in (0, 4096)
        assert [int(line) for line in lines] == [surrounded.first + n for n in range(len(lines))]
