"""Reasons are the very numbers of the decision, in words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.features import AROUND, FEATURES
from cleaner.model import (
    BASELINE,
    Column,
    Model,
    Part,
    Pass,
    Reason,
    Trees,
    group_contributions,
    leaf_sums,
    line_reasons,
)
from cleaner.text import encode_text, lay_out_lines

LINES = [
    "Home | News | Sport",
    "",
    "The council said on Monday that it would keep the old bridge over the river.",
    "“We have waited for nine years,” the mayor said.",
    "The old bridge at dawn (Maria Lindqvist/AP)",
    "Read more: Ten quiet lakes",
    "市議会は月曜日、古い橋を残すことを決めた。",
    "🙂 \ud800",
]
any_text = st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=12).map("\n".join)


@settings(max_examples=25)
@given(texts=st.lists(any_text, min_size=1, max_size=3))
def test_contributions_sum_to_the_log_odds(random_model: Model, texts: list[str]) -> None:
    scored = random_model.score(lay_out_lines([encode_text(text) for text in texts]))
    for row in scored.lines.row.tolist():
        reasons = line_reasons(random_model, scored, row)
        total = sum(reason.contribution for reason in reasons)
        assert total == pytest.approx(float(scored.log_odds[row]), abs=1e-3)


@settings(max_examples=25)
@given(texts=st.lists(any_text, min_size=1, max_size=3))
def test_groups_of_all_lines_are_those_of_each(random_model: Model, texts: list[str]) -> None:
    scored = random_model.score(lay_out_lines([encode_text(text) for text in texts]))
    names, contributions = group_contributions(random_model, scored)
    assert contributions.shape == (len(names), len(scored.lines.row))
    for row, of_line in zip(scored.lines.row.tolist(), contributions.T.tolist(), strict=True):
        alone = {one.group: one.contribution for one in line_reasons(random_model, scored, row)}
        del alone[BASELINE]
        together = dict(zip(names, of_line, strict=True))
        assert together == pytest.approx(dict.fromkeys(names, 0.0) | alone, abs=1e-3)


def test_contributions_sum_to_the_log_odds_of_a_trained_model(trained_model: Model) -> None:
    scored = trained_model.score(lay_out_lines([encode_text("\n".join(LINES))]))
    for row in scored.lines.row.tolist():
        total = sum(reason.contribution for reason in line_reasons(trained_model, scored, row))
        assert total == pytest.approx(float(scored.log_odds[row]), abs=1e-3)


def test_what_trees_say_is_told_by_the_features_they_ask_for(random_model: Model) -> None:
    """Where all trees ask for one feature, all that they say is told as its part."""
    name = "judged_before_1"
    asked = np.full_like(random_model.trees.features, random_model.features.index(name))
    trees = random_model.trees._replace(features=asked, band=1e5)
    model = replace(random_model, trees=trees)
    scored = model.score(lay_out_lines([encode_text("\n".join(LINES))]))
    slope, _ = model.calibration
    of_average = leaf_sums(trees, np.zeros((len(model.features), 1), np.int8))[0]
    told = []
    for row in scored.lines.row.tolist():
        parts = [part for reason in line_reasons(model, scored, row) for part in reason.parts]
        own = [part.contribution for part in parts if part.feature == FEATURES[name].meaning]
        said = leaf_sums(trees, scored.features[:, [row]])[0] - of_average
        assert sum(own) == pytest.approx(float(said) * slope, abs=1e-3)
        told += own
    assert len(told) > 2


def test_the_largest_reason_comes_first(random_model: Model) -> None:
    for line in Cleaner(random_model).explain("\n".join(LINES)):
        sizes = [abs(reason.contribution) for reason in line.reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] > 0


def test_reasons_are_groups_that_open_to_their_features(random_model: Model) -> None:
    for line in Cleaner(random_model).explain("\n".join(LINES))[1:]:
        groups = [reason.group for reason in line.reasons]
        assert len(set(groups)) == len(groups) <= 10
        assert BASELINE in groups
        for reason in line.reasons:
            sizes = [abs(part.contribution) for part in reason.parts]
            assert sizes == sorted(sizes, reverse=True)
            assert bool(sizes) == (reason.group != BASELINE)
            if sizes:
                total = sum(part.contribution for part in reason.parts)
                assert total == pytest.approx(reason.contribution)
        names = [part.feature for reason in line.reasons for part in reason.parts]
        assert len(set(names)) == len(names)
        assert not [name for name in (*names, *groups) if "_" in name]


def test_a_feature_is_told_in_its_group(random_model: Model) -> None:
    """A product in that of what the line is, not where."""
    groups = {feature.meaning: feature.group for feature in FEATURES.values()}
    for line in Cleaner(random_model).explain("\n".join(LINES)):
        for reason in line.reasons:
            features = {part.feature.partition(" × ")[0] for part in reason.parts}
            assert {groups[feature] for feature in features} <= {reason.group}


def test_columns_of_neighbours_are_told_as_the_lines_around(random_model: Model) -> None:
    columns = tuple(map(Column.parse, ("log_words", "log_words[-1]", "log_words[+1]")))
    second = Pass(columns, np.array([50, 60, 70], np.int32), 0.0)
    model = replace(random_model, second=second, trees=Trees.none())
    scored = model.score(lay_out_lines([b"a\nb c d\ne f"]))
    reasons = line_reasons(model, scored, int(scored.lines.row[1]))
    around = next(reason for reason in reasons if reason.group == AROUND)
    assert {part.feature.partition(":")[0] for part in around.parts} == {
        "line before",
        "line after",
    }


def test_a_credit_speaks_against_a_line(trained_model: Model) -> None:
    paragraph = "The council said on Monday that it would keep the old bridge over the river."
    text = f"{paragraph}\n\nThe old bridge at dawn (Maria Lindqvist/AP)\n\n{paragraph}"
    line = Cleaner(trained_model).explain(text)[1]
    parts = [part for reason in line.reasons for part in reason.parts]
    assert sum(part.contribution for part in parts if "credit" in part.feature) < 0


def test_equal_reasons_are_one_in_a_set() -> None:
    """Runs count lines by reason, so reasons are values that do not change."""
    assert len({Reason("its words", 1.0, (Part("words", 2.0, 1.0),)) for _ in range(2)}) == 1
