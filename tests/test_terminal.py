"""The closing summary says what a person should know, and no name of a file can spoil it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.files import Note
from cleaner.runs import Summary, TaskResult
from cleaner.terminal import printable, show_summary

CASES = json.loads((Path(__file__).parent / "cases/summaries.json").read_text(encoding="utf-8"))


def make_report(fields: dict[str, object]) -> TaskResult:
    notes = {
        name: [Note(*note) for note in value]
        for name, value in fields.items()
        if name in ("remarks", "problems") and isinstance(value, list)
    }
    return TaskResult(**{**fields, **notes})  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_summaries(case: dict[str, object]) -> None:
    summary = Summary("in")
    reports = case["reports"]
    assert isinstance(reports, list)
    for fields in reports:
        summary.add(make_report(fields))
    assert list(show_summary(summary, ["*.txt"])) == case["summary"]
    assert summary.all_cleaned == case["all_cleaned"]


@given(st.text(st.characters()))
def test_printable_text_has_no_control_characters(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()  # no lone surrogates
    assert printable(shown) == shown
