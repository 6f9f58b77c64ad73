"""A line has the same features and log-odds, bit for bit, alone and in any company."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features import TEXT_FEATURES
from cleaner.model import LIMIT, Model, Scored, probabilities
from cleaner.text import encode_text, lay_out_lines

CASES = json.loads((Path(__file__).parents[1] / "cases/texts.json").read_text(encoding="utf-8"))
CASE_TEXTS = [case["text"] * case.get("times", 1) for case in chain(*CASES.values())]
SHORT_TEXTS = [text for text in CASE_TEXTS if len(text) < 5000]
line_text = st.sampled_from([line for text in SHORT_TEXTS for line in text.split("\n")]) | st.text(
    st.characters() | st.characters(categories=["Cs"]), max_size=20
)
any_text = st.lists(line_text | st.just(""), max_size=25).map("\n".join)


def score(model: Model, texts: list[str]) -> Scored:
    return model.score(lay_out_lines([encode_text(text) for text in texts]))


def lines_of(scored: Scored, document: int) -> tuple[bytes, bytes]:
    """All features, context among them, and the log-odds of a document, to the bit."""
    row = scored.lines.row[scored.lines.document == document]
    return scored.features[:, row].tobytes(), scored.log_odds[row].tobytes()


@settings(max_examples=50)
@given(texts=st.lists(any_text, min_size=1, max_size=6))
def test_a_document_is_judged_the_same_alone_and_in_a_batch(
    random_model: Model, texts: list[str]
) -> None:
    together = score(random_model, texts)
    backwards = score(random_model, texts[::-1])
    for number, text in enumerate(texts):
        alone = lines_of(score(random_model, [text]), 0)
        assert lines_of(together, number) == alone
        assert lines_of(backwards, len(texts) - 1 - number) == alone


def test_hostile_texts_are_judged_the_same_alone_and_in_a_batch(random_model: Model) -> None:
    together = score(random_model, CASE_TEXTS)
    for number, text in enumerate(CASE_TEXTS):
        assert lines_of(together, number) == lines_of(score(random_model, [text]), 0)


def test_any_number_of_threads_judges_the_same(random_model: Model) -> None:
    found = set()
    for n_threads in (1, 2, 3):
        with threadpoolctl.threadpool_limits(n_threads, "blas"):
            found.add(score(random_model, CASE_TEXTS).log_odds.tobytes())
    assert len(found) == 1


@given(text=any_text)
def test_any_text_is_judged(random_model: Model, text: str) -> None:
    scored = score(random_model, [text])
    assert scored.features.shape == (len(TEXT_FEATURES), scored.lines.n_rows)
    assert scored.features.dtype == np.int8
    assert scored.log_odds.dtype == np.float32
    assert np.isfinite(scored.log_odds[scored.lines.row]).all()
    assert (np.abs(scored.features) <= LIMIT).all()


def test_judging_does_not_remember(random_model: Model) -> None:
    first = [lines_of(score(random_model, [text]), 0) for text in SHORT_TEXTS]
    again = [lines_of(score(random_model, [text]), 0) for text in reversed(SHORT_TEXTS)]
    assert first == again[::-1]


def test_probabilities() -> None:
    odds = np.array([-100, -1, 0, 1, 100], np.float32)
    expected = [0, 0.2689, 0.5, 0.7311, 1]
    assert probabilities(odds) == pytest.approx(expected, abs=1e-4)


def test_a_model_cannot_be_changed(random_model: Model) -> None:
    with pytest.raises(AttributeError):
        random_model.threshold = 0.9  # type: ignore[misc]
