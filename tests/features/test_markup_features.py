"""What the markup of a line says by itself: its words and its shares."""

import numpy as np
import pytest

from cleaner.features import (
    N_MARKUP_COLUMNS,
    markup_features,
    markup_log_odds,
    markup_places,
)
from cleaner.text import Floats, lay_out_lines


def log_odds_of(markup: str) -> Floats:
    """Log-odds of one line where every word of its markup weighs 256 units."""
    lines = lay_out_lines([b"It rained."], [[markup]])
    weights = np.full(N_MARKUP_COLUMNS, 256, np.int16)
    return markup_log_odds(markup_places(lines), weights, 0.0, lines.n_rows)[:, lines.row[0]]


def link_share_of(markup: str) -> float:
    lines = lay_out_lines([b"It rained."], [[markup]])
    nothing = np.zeros((4, lines.n_rows), np.float32)
    columns = markup_features(lines, markup_places(lines), nothing, nothing[0])
    return float(columns["link_share"][lines.row[0]])


def test_words_are_divided_by_the_root_of_their_number() -> None:
    """One word is told whole; two of the same weight have the root of two."""
    [one, *_], [two, *_] = log_odds_of("p||"), log_odds_of("div p||")
    assert one > 0
    assert two == pytest.approx(one * np.sqrt(2))


@pytest.mark.parametrize(
    ("share", "expected"),
    [("a=0", 0), ("a=7", 0.07), ("a=100", 1), ("a=999", 1), ("a=1000", 0), ("a=-5", 0), ("a=", 0)],
)
def test_shares_are_from_0_to_1_whatever_a_file_says(share: str, expected: float) -> None:
    assert link_share_of(f"p||{share}") == pytest.approx(expected)
