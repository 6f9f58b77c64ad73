"""Grown trees give the leaves that LightGBM gives, and learn what a linear model cannot."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import threadpoolctl
from numpy.typing import NDArray

from cleaner.features import FEATURES
from cleaner.learn.boosting import grow_trees, read_trees
from cleaner.model import LIMIT, N_LEAVES, SECOND_COLUMNS, design_matrix
from cleaner.model.columns import OFFSETS, column_indices
from cleaner.model.trees import tree_leaves

REACH = OFFSETS[-1]
INDICES = column_indices(SECOND_COLUMNS, tuple(FEATURES))


def some_data() -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
    """Features, their design matrix, and labels that two features decide together."""
    draw = np.random.default_rng(8)
    features = draw.integers(-LIMIT, LIMIT + 1, (len(FEATURES), 3000)).astype(np.int8)
    design = design_matrix(features, tuple(FEATURES), SECOND_COLUMNS)[REACH:-REACH]
    label = ((design[:, 0] > 10) ^ (design[:, 1] > -10)).astype(np.int8)
    return features, design, label


@pytest.fixture
def lightgbm() -> Iterator[Any]:
    """With one thread: on little data many only wait for one another."""
    module = pytest.importorskip("lightgbm")
    with threadpoolctl.threadpool_limits(1):
        yield module


def test_leaves_are_those_of_lightgbm(lightgbm: Any) -> None:
    features, design, label = some_data()
    small = np.ascontiguousarray(design[:, :40])  # the first columns are the first features
    data = lightgbm.Dataset(small, label, params={"verbose": -1})
    parameters = {"objective": "binary", "num_leaves": N_LEAVES, "verbose": -1, "seed": 1}
    booster = lightgbm.train(parameters, data, 12)
    grown = read_trees([tree["tree_structure"] for tree in booster.dump_model()["tree_info"]])
    leaves = tree_leaves(grown.trees, features, INDICES)
    assert leaves.T.tolist() == booster.predict(small, pred_leaf=True).tolist()
    sums = np.take_along_axis(grown.values, leaves.astype(np.intp), axis=1).sum(axis=0)
    assert sums == pytest.approx(booster.predict(small, raw_score=True), abs=1e-6)


def test_trees_learn_what_the_linear_model_leaves(lightgbm: Any) -> None:
    features, design, label = some_data()
    n = len(label)
    grown = grow_trees(design, label, np.ones(n), np.zeros(n, np.float32), 30)
    leaves = tree_leaves(grown.trees, features, INDICES)
    odds = np.take_along_axis(grown.values, leaves.astype(np.intp), axis=1).sum(axis=0)
    assert ((odds > 0) == label).mean() > 0.8


def test_the_same_data_grow_the_same_trees(lightgbm: Any) -> None:
    _, design, label = some_data()
    n = len(label)
    one, other = (
        grow_trees(design, label, np.ones(n), np.zeros(n, np.float32), 5) for _ in range(2)
    )
    assert one.values.tobytes() == other.values.tobytes()
    for name in one.trees._fields:
        assert getattr(one.trees, name).tobytes() == getattr(other.trees, name).tobytes()


def test_a_tree_of_one_leaf() -> None:
    """LightGBM's word for "nothing to learn"."""
    grown = read_trees([{"leaf_value": 0.25}])
    assert grown.values[0].tolist() == [0.25] + [0] * (N_LEAVES - 1)
    assert not grown.trees.leaves.any()


def test_questions_are_asked_from_the_root() -> None:
    left = {"leaf_index": 0, "leaf_value": -1.0}
    inner = {
        "split_index": 1, "split_feature": 7, "threshold": -2.5,
        "left_child": {"leaf_index": 1, "leaf_value": 0.5},
        "right_child": {"leaf_index": 2, "leaf_value": 2.0},
    }  # fmt: skip
    root = {"split_index": 0, "split_feature": 3, "threshold": 1e-35, "left_child": left}
    grown = read_trees([{**root, "right_child": inner}])
    assert grown.trees.columns[0, :2].tolist() == [3, 7]
    assert grown.trees.bounds[0, :2].tolist() == [0, -3]
    assert grown.values[0, :3].tolist() == [-1, 0.5, 2]
    assert grown.trees.leaves[0, :4].tolist() == [0, 1, 0, 2]
