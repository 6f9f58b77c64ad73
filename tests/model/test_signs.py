"""Where a feature's meaning has a direction, its weight in the shipped model has it too."""

import pytest

from cleaner.features import FEATURES
from cleaner.model import Model, load_model

# What a reader would say without the model, of features with a column of their own in pass 2.
AGAINST_BODY = (
    "at_sign", "biography", "biography_start", "call_to_action", "caption", "caption_start",
    "comment", "copyright", "credit", "credit_end", "credit_in_brackets", "cue_between",
    "headed", "in_brackets", "note", "past_comment", "related", "repeated", "repeated_long",
)  # fmt: skip
FOR_BODY = (
    "below_best", "body_cohesion_unlikely", "body_lines_after_16", "body_lines_before_16",
    "cohesion_between", "lexical", "lexical_head", "lexical_tail", "own_share", "speech",
    "style_layout_end", "style_length_end",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load_model()


@pytest.mark.parametrize("name", [*AGAINST_BODY, *FOR_BODY])
def test_a_weight_has_the_direction_of_its_meaning(shipped: Model, name: str) -> None:
    assert name in FEATURES
    [weight] = [
        weight
        for column, weight in zip(shipped.second.columns, shipped.second.weights, strict=True)
        if str(column) == name
    ]
    assert weight > 0 if name in FOR_BODY else weight < 0


def test_the_model_is_as_small_as_it_says(shipped: Model) -> None:
    assert len(shipped.features) <= 160
    assert len(shipped.second.columns) <= 350
