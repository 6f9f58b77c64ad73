"""Tests of the measures: shingles, averages, intervals, calibration."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cleaner.learn import (
    Counts,
    calibration_bins,
    calibration_error,
    f1_difference,
    f1_interval,
    macro_f1_difference,
    score_texts,
    shingle_counts,
)

CASES = json.loads((Path(__file__).parents[1] / "cases" / "metrics.json").read_text("utf-8"))

# Few different words, so that shingles repeat and texts overlap.
texts = st.lists(st.sampled_from(["a", "b", "c", "über", "x-y", "2", "\n", ". "]), max_size=30).map(
    " ".join
)
counts = st.builds(Counts, *[st.integers(0, 50)] * 3)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_shingle_counts_of_known_texts(case: dict[str, Any]) -> None:
    assert list(shingle_counts(case["gold"], case["text"])) == case["counts"]


@given(texts, texts)
def test_shingle_counts_equal_a_slow_count(gold: str, text: str) -> None:
    def runs(words: list[str]) -> list[list[str]]:
        return [words[k : k + 4] for k in range(max(1, len(words) - 3))] if words else []

    left, extra, found = runs(re.findall(r"\w+", gold)), 0, 0
    for run in runs(re.findall(r"\w+", text)):
        if run in left:
            left.remove(run)
            found += 1
        else:
            extra += 1
    assert shingle_counts(gold, text) == (found, extra, len(left))


@given(texts, texts)
def test_swapping_gold_and_text_swaps_precision_and_recall(gold: str, text: str) -> None:
    there, back = shingle_counts(gold, text), shingle_counts(text, gold)
    assert (there.precision, there.recall) == (back.recall, back.precision)


def reference_scores(results: Sequence[Counts]) -> tuple[float, float, float]:
    """Precision, recall and F1 in the words of evaluate.py, for gold that is never empty."""
    precision = [found / (found + extra) for found, extra, _ in results if found + extra > 0]
    recall = [found / (found + missing) for found, _, missing in results]
    p = sum(precision) / len(precision) if precision else 0.0
    r = sum(recall) / len(recall)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


@given(st.lists(counts.filter(lambda c: c.found + c.missing > 0), min_size=1, max_size=20))
def test_averages_are_those_of_the_benchmark(results: list[Counts]) -> None:
    scores = score_texts(results)
    assert scores.documents == len(results)
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx(reference_scores(results))
    exact = sum(extra == 0 and missing == 0 for _, extra, missing in results)
    assert scores.exact == pytest.approx(exact / len(results))


def test_an_empty_result_costs_recall_and_not_precision() -> None:
    scores = score_texts([Counts(10, 0, 0), Counts(0, 0, 10)])
    assert (scores.precision, scores.recall, scores.exact) == (1.0, 0.5, 0.5)


def test_documents_without_body_count_in_no_average() -> None:
    kept, empty, normal = Counts(0, 7, 0), Counts(0, 0, 0), Counts(3, 1, 0)
    scores = score_texts([kept, empty, normal])
    assert scores._replace(without_body=0, left_empty=1.0) == score_texts([normal])
    assert (scores.without_body, scores.left_empty) == (2, 0.5)
    assert f1_interval([kept, normal]).value == score_texts([normal]).f1


def test_no_documents_score_nothing() -> None:
    assert score_texts([])[:5] == (0, 0.0, 0.0, 0.0, 0.0)
    assert f1_interval([]) == (0.0, 0.0, 0.0)


@given(st.lists(counts, min_size=1, max_size=30))
def test_an_interval_is_ordered_and_repeatable(results: list[Counts]) -> None:
    interval = f1_interval(results)
    assert 0 <= interval.low <= interval.high <= 1
    assert interval == f1_interval(results)


def random_counts(documents: int, seed: int) -> list[Counts]:
    """Documents with all of gold and a random amount of clutter."""
    chance = np.random.default_rng(seed)
    return [Counts(100, int(extra), 0) for extra in chance.integers(0, 100, documents)]


@pytest.mark.parametrize("documents", [30, 300, 3000])
def test_the_interval_has_the_width_that_theory_says(documents: int) -> None:
    results = random_counts(documents, seed=1)
    precision = np.array([count.precision for count in results])
    # Recall is 1, so F1 = 2p / (1 + p), with derivative 2 / (1 + p)^2.
    error = precision.std() / documents**0.5 * 2 / (1 + precision.mean()) ** 2
    interval = f1_interval(results)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.12)
    assert (interval.high + interval.low) / 2 == pytest.approx(interval.value, abs=error / 3)


def test_a_paired_difference_is_narrower_than_two_intervals() -> None:
    before = random_counts(200, seed=2)
    after = [Counts(count.found, max(count.extra - 5, 0), 0) for count in before]
    paired, single = f1_difference(before, after), f1_interval(before)
    assert paired.low > 0
    assert paired.high - paired.low < (single.high - single.low) / 2
    assert f1_difference(after, before).value == -paired.value


def test_a_result_does_not_differ_from_itself() -> None:
    results = random_counts(50, seed=3)
    assert f1_difference(results, results) == (0.0, 0.0, 0.0)


def test_a_paired_difference_refuses_other_documents() -> None:
    with pytest.raises(ValueError, match="same gold"):
        f1_difference([Counts(5, 0, 0)], [Counts(6, 0, 0)])


def test_a_macro_difference_counts_groups_equally() -> None:
    large, small = random_counts(300, seed=4), random_counts(30, seed=5)
    fewer = [Counts(count.found, max(count.extra - 5, 0), 0) for count in small]
    alone, both = f1_difference(small, fewer), macro_f1_difference([large, small], [large, fewer])
    assert both == pytest.approx([value / 2 for value in alone], rel=0.1)
    assert both.value == pytest.approx(alone.value / 2)
    assert macro_f1_difference([small], [fewer]) == alone


def test_groups_are_resampled_independently() -> None:
    """Else the interval of two groups of like pages would not be narrower than that of one."""
    before, after = random_counts(100, seed=6), random_counts(100, seed=7)
    one, two = f1_difference(before, after), macro_f1_difference([before] * 2, [after] * 2)
    assert (two.high - two.low) / (one.high - one.low) == pytest.approx(0.5**0.5, rel=0.1)


probabilities = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60)


@given(probabilities)
def test_calibration_bins_hold_every_line_once(lines: list[tuple[bool, float]]) -> None:
    is_body, probability = split(lines)
    bins = calibration_bins(is_body, probability)
    assert sum(row.lines for row in bins) == len(lines)
    assert sum(row.lines * row.body_share for row in bins) == pytest.approx(is_body.sum())
    assert all(row.low - 1e-9 <= row.mean_probability <= row.high + 1e-9 for row in bins)
    # The error cannot be smaller than that of one single bin, nor larger than 1.
    assert abs(is_body.mean() - probability.mean()) - 1e-9 <= calibration_error(bins) <= 1 + 1e-9


def split(lines: list[tuple[bool, float]]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    return np.array([body for body, _ in lines]), np.array([p for _, p in lines])


def test_calibrated_probabilities_have_hardly_any_error() -> None:
    chance = np.random.default_rng(4)
    probability = chance.random(100_000)
    is_body = chance.random(100_000) < probability
    assert calibration_error(calibration_bins(is_body, probability)) < 0.01
    assert calibration_error(calibration_bins(is_body, probability**3)) > 0.1


def test_certain_and_wrong_has_the_error_one() -> None:
    bins = calibration_bins(np.array([True, False]), np.array([0.0, 1.0]))
    assert [(row.lines, row.body_share) for row in bins] == [(1, 1.0), (1, 0.0)]
    assert calibration_error(bins) == 1.0
    assert calibration_error([]) == 0.0
