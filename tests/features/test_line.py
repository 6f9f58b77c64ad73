"""Features of single lines: cases as data, and what holds for any line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import LINE_FEATURES, line_features
from cleaner.text import encode_text, lay_out_lines

CASES = json.loads((Path(__file__).parents[1] / "cases/features.json").read_text(encoding="utf-8"))
FINE = [case for kind in ("in the wild", "synthetic", "negative") for case in CASES[kind]]
any_line = st.text(
    st.sampled_from("aÄß09中अ .,:;!?'“(/)|@#©\t\u2028\u200b🙂\ud800") | st.characters(), max_size=40
)


def features_of(text: str) -> dict[str, float]:
    """Features of the first line that is not blank, and whether it is good."""
    lines = lay_out_lines([encode_text(text)])
    columns, good = line_features(lines)
    row = lines.row[0]
    return {name: float(column[row]) for name, column in {**columns, "good": good}.items()}


def check(case: dict[str, Any]) -> None:
    found = features_of(case["text"])
    for name, expected in case["expect"].items():
        if isinstance(expected, list):
            low, high = expected
            assert low <= found[name] <= high, name
        else:
            assert found[name] == pytest.approx(expected, abs=1e-4), name


@pytest.mark.parametrize("case", FINE, ids=lambda case: ascii(case["text"]))
def test_features(case: dict[str, Any]) -> None:
    check(case)


@pytest.mark.xfail(strict=True, raises=AssertionError)
@pytest.mark.parametrize("case", CASES["known failures"], ids=lambda case: case["why"])
def test_known_failures(case: dict[str, Any]) -> None:
    check(case)


@given(st.lists(any_line, min_size=1, max_size=6))
def test_any_text_has_finite_features_and_empty_rows_are_never_good(texts: list[str]) -> None:
    lines = lay_out_lines([encode_text(text) for text in texts])
    if not lines.row.size:
        return
    columns, good = line_features(lines)
    assert list(columns) == list(LINE_FEATURES)
    for column in columns.values():
        assert column.shape == (lines.n_rows,)
        assert column.dtype in (np.float32, np.bool_)
        assert np.isfinite(column).all()
    empty = np.setdiff1d(np.arange(lines.n_rows), lines.row)
    assert not good[empty].any()


@given(any_line, st.sampled_from([" ", "\t", "\u00a0", "  \u2028"]))
def test_white_space_around_a_line_changes_nothing(line: str, space: str) -> None:
    plain = " ".join(line.split()).replace("\n", " ")
    if not lay_out_lines([encode_text(plain)]).row.size:
        return
    assert features_of(plain) == features_of(space + plain + space)


@pytest.mark.parametrize("name", [name for name in LINE_FEATURES if name.endswith("_share")])
@given(text=any_line)
def test_shares_lie_between_0_and_1(name: str, text: str) -> None:
    if lay_out_lines([encode_text(text)]).row.size:
        assert 0 <= features_of(text)[name] <= 1


def test_every_feature_is_named_in_words() -> None:
    assert len(set(LINE_FEATURES.values())) == len(LINE_FEATURES)
    assert all(one.meaning and one.meaning == one.meaning.strip() for one in LINE_FEATURES.values())


def test_a_line_of_many_words_and_no_sentence_is_endless() -> None:
    choices = " ".join(["Iceland Greenland"] * 30)
    assert features_of(choices)["endless"] == pytest.approx(np.log1p(60 - 40))
    assert features_of(choices + ".")["endless"] == 0
    assert features_of("It rained. " * 60)["endless"] == 0
