"""Where a feature's meaning has a direction, its weight in the shipped model has it too."""

import pytest
from _pytest.mark.structures import ParameterSet

from cleaner.features import FEATURES
from cleaner.model import Model, load_model

# What a reader would say without the model.
AGAINST_BODY = (
    "at_sign", "biography", "biography_start", "call_to_action", "call_to_action_start", "caption",
    "caption_end", "caption_start", "comment", "copyright", "credit", "credit_end",
    "credit_in_brackets", "cue_between", "date_short", "gap_lines", "headed", "in_brackets",
    "label_cue", "note", "note_start", "past_comment", "related", "related_start", "repeated",
    "repeated_long",
)  # fmt: skip
FOR_BODY = (
    "below_best", "body_cohesion_unlikely", "body_lines_after_16", "body_lines_before_16",
    "cohesion_between", "cohesion_open", "cohesion_sentence", "inside", "lexical", "lexical_head",
    "lexical_tail", "own_share", "speech", "style_layout_end", "style_length_end",
)  # fmt: skip


# Where others carry the meaning: the same words count as cues, between body lines, or as shared
# with the article, and `inside` counts in products. The feature alone then has what is left.
OTHERWISE = ("call_to_action_start", "cohesion_open", "date_short", "inside", "label_cue")


def as_parameter(name: str) -> ParameterSet:
    marks = [pytest.mark.xfail(strict=True)] if name in OTHERWISE else []
    return pytest.param(name, marks=marks)


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load_model()


@pytest.mark.parametrize("name", [as_parameter(name) for name in (*AGAINST_BODY, *FOR_BODY)])
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
