"""Reasons are the very numbers of the decision, in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.model import Model, line_reasons
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


def test_contributions_sum_to_the_log_odds_of_a_trained_model(trained_model: Model) -> None:
    scored = trained_model.score(lay_out_lines([encode_text("\n".join(LINES))]))
    for row in scored.lines.row.tolist():
        total = sum(reason.contribution for reason in line_reasons(trained_model, scored, row))
        assert total == pytest.approx(float(scored.log_odds[row]), abs=1e-3)


def test_the_largest_reason_comes_first(random_model: Model) -> None:
    for line in Cleaner(random_model).explain("\n".join(LINES)):
        sizes = [abs(reason.contribution) for reason in line.reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] > 0


def test_reasons_are_named_once_and_in_words(random_model: Model) -> None:
    for line in Cleaner(random_model).explain("\n".join(LINES))[1:]:
        names = [reason.feature for reason in line.reasons]
        assert len(set(names)) == len(names)
        assert "an average line" in names
        assert any(name.startswith("line before: ") for name in names)
        assert any(name.startswith("together: ") for name in names)
        assert not [name for name in names if "_" in name]


def test_a_credit_speaks_against_a_line(trained_model: Model) -> None:
    paragraph = "The council said on Monday that it would keep the old bridge over the river."
    text = f"{paragraph}\n\nThe old bridge at dawn (Maria Lindqvist/AP)\n\n{paragraph}"
    line = Cleaner(trained_model).explain(text)[1]
    credit = [reason for reason in line.reasons if "credit" in reason.feature]
    assert sum(reason.contribution for reason in credit) < 0
