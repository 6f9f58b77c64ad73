"""Each labelled page in tests/cases/pages gives exactly its body lines.

`known_failures.txt` there lists the pages that the shipped model does not clean exactly yet, one
id a line. A page that comes right must be taken off the list: its test fails until it is.
"""

from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from cleaner.cleaning import Cleaner
from cleaner.files import read_labelled

PAGES = Path(__file__).parent / "cases" / "pages"
KNOWN_FAILURES = (PAGES / "known_failures.txt").read_text(encoding="utf-8").split()
IDS = sorted(path.stem for path in PAGES.glob("*.tsv"))


def as_parameter(page_id: str) -> ParameterSet:
    marks = [pytest.mark.xfail(strict=True)] if page_id in KNOWN_FAILURES else []
    return pytest.param(page_id, marks=marks)


@pytest.mark.parametrize("page_id", [as_parameter(page_id) for page_id in IDS])
def test_a_page_gives_exactly_its_body_lines(page_id: str) -> None:
    page = read_labelled(PAGES / f"{page_id}.tsv")
    rows = [(line.rstrip(), label) for line, label in zip(page.lines, page.labels, strict=True)]
    open_lines = {line for line, label in rows if label is None}  # may be kept or not
    kept = [line for line in Cleaner.load().clean(page.text).split("\n") if line not in open_lines]
    expected = [line for line, label in rows if label == "body" and line not in open_lines]
    assert expected, "a page without body tests little"
    assert [line for line in kept if line] == expected


def test_every_known_failure_is_a_page() -> None:
    assert len(IDS) >= 28
    assert set(KNOWN_FAILURES) <= set(IDS)
    assert sorted(KNOWN_FAILURES) == KNOWN_FAILURES
