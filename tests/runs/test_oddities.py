"""Files that are no text of one page are named, and no page of the corpus is."""

from pathlib import Path

import pytest

from cleaner.cleaning import Cleaner
from cleaner.runs import Run, RunSettings
from cleaner.runs.oddities import find_oddities
from cleaner.runs.result import Pair
from cleaner.runs.task import clean_pairs
from cleaner.text import LARGEST_LINES

PAGES = sorted((Path(__file__).parents[2] / "corpus/pages").glob("*.txt"))
PARAGRAPH = "The council decided on Monday to keep the old bridge over the river. " * 8


def test_pages_are_not_odd() -> None:
    assert [page.name for page in PAGES if find_oddities(page.read_bytes())] == []


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE html><html><head><script>{'x = 1; ' * 9000}</script></head></html>",
        f"\ufeff\n <html><body>{PARAGRAPH}</body></html>".lstrip("\ufeff"),
        f"<div>{PARAGRAPH}</div>",
        f"Home <a href='/'>News</a> <B>Sport</B> <p>{PARAGRAPH}</p >",
        f"News<p>{PARAGRAPH}</p>" * 5,
    ],
)
def test_html_in_one_line_is_odd(text: str) -> None:
    [oddity] = find_oddities(text.encode())
    assert oddity.startswith("looks like HTML")
    assert "give it the ending .html" in oddity


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<< Back | Next >>",
        "<3 for the <b> tag of HTML",
        "a < b </ c > d",
        "Write <em>this</em> or <b>that</b>, says the teacher.\n" + PARAGRAPH,
        "She wrote </irony>, </rant> and </end>.\n" + PARAGRAPH * 9,
    ],
)
def test_signs_and_a_few_tags_are_text(text: str) -> None:
    assert find_oddities(text.encode()) == []


def test_a_file_that_is_judged_in_parts_is_odd() -> None:
    assert find_oddities(b"It rained.\n" * (LARGEST_LINES - 1)) == []
    [oddity] = find_oddities(b"It rained.\n" * LARGEST_LINES)
    assert oddity.startswith("looks like several pages in one file")
    assert "split it into one file per page" in oddity


def test_odd_files_are_cleaned_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("<p>Über</p>".encode("cp1252"))
    pair = Pair(str(tmp_path / "a.txt"), str(tmp_path / "out.txt"))
    report = clean_pairs(Run(Cleaner.load(), RunSettings()), [pair])
    assert (report.cleaned, report.problems) == (1, [])
    assert [note.path for note in report.remarks] == [pair.source] * 2
    assert report.remarks[0].text == "decoded from cp1252"
    assert report.remarks[1].text.startswith("looks like HTML")
