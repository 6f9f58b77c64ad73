"""Trees judge doubtful lines alone, each by its own answers, and their words can be taken apart."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import JUDGED_FEATURES
from cleaner.model import LEAF_UNIT, Model, Trees, leaf_numbers, leaf_sums, split_leaves
from cleaner.text import encode_text, lay_out_lines

TEXT = "Home\n\nThe council said on Monday that it would keep it.\n\nRead more: Lakes\nIt rained."


def random_trees(n_trees: int, n_questions: int, seed: int = 0) -> Trees:
    random = np.random.default_rng(seed)
    return Trees(
        random.integers(0, 5, (n_trees, n_questions)).astype(np.int16),
        random.integers(-3, 3, (n_trees, n_questions)).astype(np.int8),
        random.integers(-127, 128, (n_trees, 1 << n_questions)).astype(np.int8),
        band=1.0,
    )


@st.composite
def some_trees(draw: st.DrawFn) -> Trees:
    n_questions, n_trees = draw(st.integers(1, 4)), draw(st.integers(0, 40))
    return random_trees(n_trees, n_questions, draw(st.integers(0, 99)))


def some_lines(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    return np.random.default_rng(n).integers(-4, 5, (5, n)).astype(np.int8)


def leaf_of(trees: Trees, number: int, line: list[int]) -> int:
    asked = zip(trees.features[number].tolist(), trees.bounds[number].tolist(), strict=True)
    return sum((line[feature] > bound) << q for q, (feature, bound) in enumerate(asked))


@given(trees=some_trees(), n=st.integers(0, 9))
def test_sums_are_those_of_one_line_and_one_tree_at_a_time(trees: Trees, n: int) -> None:
    lines = some_lines(n)
    expected = [
        LEAF_UNIT
        * sum(int(trees.leaves[t, leaf_of(trees, t, line)]) for t in range(len(trees.leaves)))
        for line in lines.T.tolist()
    ]
    assert leaf_sums(trees, lines).tolist() == expected


def test_lines_so_many_that_few_trees_are_asked_at_once() -> None:
    trees = random_trees(40, 3)
    lines = some_lines(30_000)
    assert len(list(leaf_numbers(trees, lines))) > 1
    pieces = [leaf_sums(trees, lines[:, start : start + 99]) for start in range(0, 30_000, 99)]
    assert leaf_sums(trees, lines).tolist() == np.concatenate(pieces).tolist()


def test_trees_so_many_that_their_leaves_are_not_numbered_at_once() -> None:
    trees = random_trees(600, 8)
    lines = some_lines(7)
    parts = [
        trees._replace(features=f, bounds=b, leaves=v)
        for f, b, v in zip(*(np.array_split(of_trees, 40) for of_trees in trees[:3]), strict=True)
    ]
    expected = np.sum([leaf_sums(part, lines) for part in parts], axis=0)
    assert leaf_sums(trees, lines).tolist() == expected.tolist()


@given(trees=some_trees(), n=st.integers(1, 4))
def test_shares_and_the_average_line_sum_to_the_leaves(trees: Trees, n: int) -> None:
    lines, split = some_lines(n), split_leaves(trees)
    leaf = np.concatenate([np.zeros((0, n), np.uint8), *leaf_numbers(trees, lines)])
    shares = split.shares[np.arange(len(leaf))[:, None], leaf].sum(axis=(0, 2))
    assert shares + split.average == pytest.approx(leaf_sums(trees, lines), abs=1e-3)
    assert split.average == pytest.approx(float(leaf_sums(trees, np.zeros((5, 1), np.int8))[0]))


@given(trees=some_trees())
def test_a_share_is_what_an_answer_changes_over_all_orders(trees: Trees) -> None:
    line, average = some_lines(3).T[0].tolist(), [0] * 5
    split, n_questions = split_leaves(trees), trees.features.shape[1]
    for number in range(min(len(trees.leaves), 3)):
        own, of_average = leaf_of(trees, number, line), leaf_of(trees, number, average)
        expected = np.zeros(n_questions)
        orders = list(itertools.permutations(range(n_questions)))
        for order in orders:
            now = of_average
            for question in order:
                after = (now & ~(1 << question)) | (own & (1 << question))
                change = int(trees.leaves[number, after]) - int(trees.leaves[number, now])
                expected[question] += change * LEAF_UNIT / len(orders)
                now = after
        assert split.shares[number, own] == pytest.approx(expected, abs=1e-5)


def test_only_doubtful_lines_are_judged(random_model: Model) -> None:
    lines = lay_out_lines([encode_text(TEXT)])
    without = replace(random_model, trees=Trees.none()).score(lines)
    assert not without.is_doubtful.any()
    slope, intercept = random_model.calibration
    odds = (without.log_odds[lines.row] - intercept) / slope
    middle = float(np.median(np.abs(odds)))
    scored = replace(random_model, trees=random_model.trees._replace(band=middle)).score(lines)
    doubtful = np.abs(odds) < middle - 1e-4
    assert 0 < doubtful.sum() < len(odds)
    assert scored.is_doubtful[lines.row].tolist() == doubtful.tolist()
    changed = scored.log_odds[lines.row] != without.log_odds[lines.row]
    assert changed.tolist() == doubtful.tolist()
    judged = leaf_sums(random_model.trees, scored.features[:, lines.row[doubtful]])
    assert scored.log_odds[lines.row[doubtful]] == pytest.approx(
        (odds[doubtful] + judged) * slope + intercept, abs=1e-4
    )
    is_judged = [name in JUDGED_FEATURES for name in random_model.features]
    told = scored.features[is_judged][:, lines.row].any(axis=0)
    assert told.tolist() == doubtful.tolist()
