"""The closing summary says what a person should know, and no name of a file can spoil it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.files.finding import Note
from cleaner.runs.task import Report
from cleaner.terminal import Totals, printable

CASES = json.loads((Path(__file__).parent / "cases/summaries.json").read_text(encoding="utf-8"))


def make_report(fields: dict[str, object]) -> Report:
    notes = {
        name: [Note(*note) for note in value]
        for name, value in fields.items()
        if name in ("remarks", "problems") and isinstance(value, list)
    }
    return Report(**{**fields, **notes})  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_summaries(case: dict[str, object]) -> None:
    totals = Totals()
    reports = case["reports"]
    assert isinstance(reports, list)
    for fields in reports:
        totals.add(make_report(fields))
    assert list(totals.lines()) == case["summary"]
    assert totals.all_cleaned == case["all_cleaned"]


def test_only_the_first_names_are_kept() -> None:
    totals = Totals()
    for number in range(10_000):
        totals.add(Report(files=1, cleaned=1, empty=[f"{number}.txt"]))
    assert totals.empty.count == 10_000
    assert totals.empty.first == ["0.txt", "1.txt", "2.txt"]


@given(st.text(st.characters()))
def test_printable_text_has_no_control_characters(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()  # no lone surrogates
    assert printable(shown) == shown
