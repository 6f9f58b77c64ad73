"""Each weight of a model moves the log-odds of the lines it should, by as much as it should."""

import dataclasses

import numpy as np
import pytest

from cleaner.features import TEXT_FEATURES
from cleaner.model import STEPS, WEIGHT_UNIT, Column, Model, Pass, Scaling, Trees
from cleaner.text import encode_text, lay_out_lines

# The third of seven lines ends with a colon; no other line does.
TEXT = "one\ntwo\nthree:\nfour\nfive\nsix\nseven"
MARKED = 2


def log_odds(model: Model) -> list[float]:
    scored = model.score(lay_out_lines([encode_text(TEXT)]))
    found: list[float] = scored.log_odds[scored.lines.row].tolist()
    return found


@pytest.fixture
def silent_model(random_model: Model) -> Model:
    """A model without weights and trees, in which a feature of 1 is one standard deviation."""
    n = len(TEXT_FEATURES)
    return dataclasses.replace(
        random_model,
        scaling=Scaling(np.zeros(n, np.float32), np.ones(n, np.float32)),
        first=Pass(random_model.first.columns, np.zeros_like(random_model.first.weights), 0.0),
        second=Pass(random_model.second.columns, np.zeros_like(random_model.second.weights), 0.0),
        trees=Trees.none(),
        calibration=(1.0, 0.0),
    )


def with_weight(weights: Pass, name: str, weight: int) -> Pass:
    """Add the column of that name, with a weight."""
    return weights._replace(
        columns=(*weights.columns, Column.parse(name)),
        weights=np.append(weights.weights, np.int32(weight)),
    )


@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 2])
def test_a_weight_of_a_neighbour_moves_the_line_that_has_the_neighbour(
    silent_model: Model, offset: int
) -> None:
    name = f"ends_colon[{offset:+d}]" if offset else "ends_colon"
    model = dataclasses.replace(silent_model, second=with_weight(silent_model.second, name, 300))
    expected = [0.0] * 7
    # The line that sees the marked one at +1 is the line before it.
    expected[MARKED - offset] = 300 * STEPS * WEIGHT_UNIT
    assert log_odds(model) == pytest.approx(expected)


@pytest.mark.parametrize("offset", [-3, 3])
def test_the_farthest_neighbours_that_are_seen_are_three_lines_away(
    silent_model: Model, offset: int
) -> None:
    weights = with_weight(silent_model.second, f"log_words[{offset:+d}]", 300)
    found = log_odds(dataclasses.replace(silent_model, second=weights))
    has_neighbour = [0 <= number + offset < 7 for number in range(7)]
    assert [value > 0 for value in found] == has_neighbour


def test_pass_1_speaks_through_the_context_of_pass_2(silent_model: Model) -> None:
    first = with_weight(silent_model.first, "ends_colon", 300)._replace(intercept=0.5)
    second = with_weight(silent_model.second, "odds_after_1", 500)
    found = log_odds(dataclasses.replace(silent_model, first=first, second=second))
    own = 300 * STEPS * WEIGHT_UNIT
    # Log-odds are rounded to 1/32 and start at -8; features are clipped at six deviations.
    odds = [0.5 + (own if number == MARKED else 0) for number in range(7)]
    seen = [min(8 + round(value * 32) / 32, 6) for value in odds[1:]] + [0]
    assert found == pytest.approx([value * STEPS * 500 * WEIGHT_UNIT for value in seen])


def test_intercepts_and_calibration_are_applied_once_and_in_order(silent_model: Model) -> None:
    second = silent_model.second._replace(intercept=0.75)
    model = dataclasses.replace(silent_model, second=second, calibration=(2.0, -0.25))
    assert log_odds(model) == [1.25] * 7
    second = with_weight(second, "ends_colon", 300)
    found = log_odds(dataclasses.replace(model, second=second))
    assert found[MARKED] == pytest.approx(1.25 + 2 * 300 * STEPS * WEIGHT_UNIT)


def test_lexical_weights_move_the_lines_with_the_word(silent_model: Model) -> None:
    second = with_weight(silent_model.second, "lexical+1", 300)
    lexical = np.full_like(silent_model.lexical_weights, 0)
    model = dataclasses.replace(
        silent_model, second=second, lexical_weights=lexical, lexical_intercept=2.0
    )
    expected = [2 * STEPS * 300 * WEIGHT_UNIT] * 6 + [0]
    assert log_odds(model) == pytest.approx(expected)


def test_a_weight_of_a_product_moves_the_lines_that_have_both(silent_model: Model) -> None:
    second = with_weight(silent_model.second, "ends_colon*log_words", 300)
    found = log_odds(dataclasses.replace(silent_model, second=second))
    # The marked line has one word; ln(1 + 1) deviations, in whole steps.
    steps = round(float(np.log(2)) * STEPS)
    expected = [300 * steps * WEIGHT_UNIT if number == MARKED else 0.0 for number in range(7)]
    assert found == pytest.approx(expected)
