"""What the markup of lines says depends on their own page alone."""

from __future__ import annotations

import numpy as np
import pytest

from cleaner.features import markup_places, stacked_markup_features
from cleaner.text import lay_out_lines

LINES = b"One two three.\nOne two three."
PAGE = ["body nav a||", "body p||"]


@pytest.mark.parametrize("log_odds", [-8, 0, 8], ids=["nothing", "a tie", "all"])
@pytest.mark.parametrize("other", [["body p||", "body nav a||"], ["div||", "div ul||"]])
def test_the_article_is_looked_for_in_the_same_page(log_odds: float, other: list[str]) -> None:
    """Of two places that hold as much of it, another page of the batch decided."""
    alone = lay_out_lines([LINES], [PAGE])
    among = lay_out_lines([LINES, LINES], [other, PAGE])
    shared = []
    for lines in (alone, among):
        odds = np.full(lines.n_rows, log_odds, np.float32)
        columns = stacked_markup_features(lines, markup_places(lines), odds)
        shared.append(columns["shares_path"][lines.row[-2:]].tolist())
    assert shared[0] == shared[1] == [1, pytest.approx(1 / 3)]


@pytest.mark.parametrize("markup", ["", "||", "||a=100"])
def test_lines_may_have_no_element_around_them(markup: str) -> None:
    lines = lay_out_lines([LINES], [[markup, markup]])
    places = markup_places(lines)
    odds = np.zeros(lines.n_rows, np.float32)
    assert not places.elements.size
    assert not stacked_markup_features(lines, places, odds)["shares_path"].any()
