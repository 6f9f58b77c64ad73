"""Judged lines are laid out so that a person sees at a glance what was decided and why."""

import json
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner, Line
from cleaner.explained import (
    can_show_blocks,
    lines_to_json,
    probability_bar,
    show_lines,
    strongest_reasons,
)
from cleaner.model import BASELINE, Part, Reason

PAGE = Path(__file__).parents[1] / "corpus/pages/en-interview.txt"


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return Cleaner.load().explain(PAGE.read_text(encoding="utf-8"))


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_bars_are_as_long_as_the_probability_is_large(
    first: float, second: float, blocks: bool
) -> None:
    low, high = sorted((first, second))
    bars = [probability_bar(value, blocks=blocks) for value in (low, high)]
    assert all(len(bar) == 8 for bar in bars)
    order = " .▏▎▍▌▋:▊▉█="  # of the cells, from empty to full
    sizes = [[order.index(cell) for cell in bar] for bar in bars]
    assert sizes[0] <= sizes[1]


def test_bars_at_both_ends() -> None:
    assert probability_bar(0) == " " * 8
    assert probability_bar(1) == "█" * 8
    assert probability_bar(0.5, blocks=False) == "====...."


@pytest.mark.parametrize("width", [40, 80, 200])
def test_rows_fit_the_terminal(lines: list[Line], width: int) -> None:
    rows = [click.unstyle(row) for row in show_lines(lines, width)]
    # Below 60 columns, texts keep a width in which they can be read.
    assert max(map(len, rows)) <= max(width, 60)
    assert sum(row[:5].strip().isdigit() for row in rows) == len(lines)


def test_control_characters_are_shown_and_not_obeyed() -> None:
    line = Line(1, "a\x1b[2J\u202eb", 0.4, "clutter", (Reason("its words", -0.4),))
    text = "".join(map(click.unstyle, show_lines([line], 80)))
    assert r"a\x1b[2J\u202eb" in text


def test_body_and_clutter_look_different() -> None:
    pair = [Line(1, "Same.", 0.9, "body"), Line(1, "Same.", 0.9, "clutter")]
    body, clutter = show_lines(pair, 80)
    assert click.style("Same.", dim=True) in clutter
    assert click.style("Same.", dim=True) not in body


def test_the_strongest_reasons_come_first_whatever_their_sign() -> None:
    values = (0.3, -2.0, 0.01, 1.0, -0.6, 0.5, -9.0)
    reasons = [Reason(f"reason {value}", value) for value in values]
    reasons.append(Reason(BASELINE, -5.0))
    assert [one.contribution for one in strongest_reasons(reasons)] == [-9.0, -2.0, 1.0]
    assert strongest_reasons([Reason("hardly", 0.01)]) == []


def test_json_holds_everything(lines: list[Line]) -> None:
    values = json.loads(json.dumps(lines_to_json(lines, 0.5)))["lines"]
    for line, value in zip(lines, values, strict=True):
        reasons = tuple(
            Reason(
                reason["group"],
                reason["contribution"],
                tuple(Part(**part) for part in reason["features"]),
            )
            for reason in value.pop("reasons")
        )
        assert Line(**value, reasons=reasons) == line


def test_terminals_that_cannot_show_blocks() -> None:
    assert can_show_blocks("utf-8")
    assert not can_show_blocks("latin-1")
