"""Trees looked up by table against trees asked question by question."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import FEATURES
from cleaner.model import LIMIT, N_LEAVES, N_QUESTIONS, SECOND_COLUMNS, Model, Trees
from cleaner.model.columns import OFFSETS, column_indices, shifted_views
from cleaner.model.linear import Steps
from cleaner.model.trees import tree_codes, tree_leaves, tree_sums

N_ROWS = 40
REACH = OFFSETS[-1]
INDICES = column_indices(SECOND_COLUMNS, tuple(FEATURES))


def some_features(seed: int) -> Steps:
    draw = np.random.default_rng(seed)
    return draw.integers(-LIMIT, LIMIT + 1, (len(FEATURES), N_ROWS)).astype(np.int8)


@given(seed=st.integers(0, 2**32))
def test_trees_answer_question_by_question(random_model: Model, seed: int) -> None:
    trees, features = random_model.trees, some_features(seed)
    codes = np.concatenate(list(tree_codes(trees, features, INDICES)))
    leaves = tree_leaves(trees, features, INDICES)
    views = shifted_views(features)
    places = list(zip(*INDICES, strict=True))
    sums = tree_sums(trees, random_model.tree_weights, features, INDICES)
    for row in range(REACH, N_ROWS - REACH):
        total = 0
        for tree in range(len(trees.columns)):
            answers = [
                views[places[column]][row - REACH] > bound
                for column, bound in zip(trees.columns[tree], trees.bounds[tree], strict=True)
            ]
            code = sum(1 << question for question, no in enumerate(answers) if no)
            assert codes[tree, row - REACH] == code
            assert leaves[tree, row - REACH] == trees.leaves[tree, code]
            total += int(random_model.tree_weights[tree, trees.leaves[tree, code]])
        assert sums[row] == total


def test_no_trees_add_nothing() -> None:
    trees = Trees.none()
    features = some_features(1)
    assert list(tree_codes(trees, features, INDICES)) == []
    assert tree_leaves(trees, features, INDICES).shape == (0, N_ROWS - 2 * REACH)
    assert not tree_sums(trees, np.zeros((0, N_LEAVES), np.int32), features, INDICES).any()


@pytest.mark.parametrize(("value", "leaf"), [(-LIMIT, 0), (4, 0), (5, 1), (LIMIT, 1)])
def test_the_answer_is_yes_up_to_the_bound(value: int, leaf: int) -> None:
    """A tree of one question; the unused ones are always answered with yes."""
    bounds = np.full((1, N_QUESTIONS), LIMIT, np.int16)
    bounds[0, 0] = 4
    leaves = (np.arange(1 << N_QUESTIONS) & 1).astype(np.uint8)[None]
    trees = Trees(np.zeros((1, N_QUESTIONS), np.int16), bounds, leaves)
    features = np.full((len(FEATURES), N_ROWS), value, np.int8)
    assert set(tree_leaves(trees, features, INDICES)[0].tolist()) == {leaf}
