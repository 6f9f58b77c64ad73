"""Which lines are worth a look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.label.uncertainty import attention, surprises, uncertainty

probabilities = st.lists(st.floats(0, 1))


@given(probabilities)
def test_all_measures_lie_between_nought_and_one(lines: list[float]) -> None:
    for measure in (surprises(lines), attention(lines), [*map(uncertainty, lines)]):
        assert len(measure) == len(lines)
        assert all(0 <= value <= 1 for value in measure)


@given(probabilities)
def test_body_and_clutter_are_treated_alike(lines: list[float]) -> None:
    lines = [line for line in lines if line != 0.5]  # an even chance counts as body
    mirrored = [1 - line for line in lines if 1 - line != 0.5]
    if len(mirrored) == len(lines):
        assert attention(mirrored) == pytest.approx(attention(lines), abs=1e-9)


def test_a_lone_line_looks_wrong_and_a_border_does_not() -> None:
    lone = [0.01, 0.02, 0.99, 0.01, 0.02]
    border = [0.01, 0.02, 0.01, 0.98, 0.99, 0.99, 0.98]
    assert [value > 0.7 for value in attention(lone)] == [False, False, True, False, False]
    assert max(surprises(border)) > 0.4
    assert max(attention(border)) < 0.1


def test_an_unsure_line_comes_before_an_odd_one() -> None:
    lines = [0.01, 0.02, 0.99, 0.01, 0.02, 0.49]
    values = attention(lines)
    assert sorted(range(len(lines)), key=lambda place: -values[place])[:2] == [5, 2]
