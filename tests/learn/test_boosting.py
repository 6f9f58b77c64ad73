"""Trees are grown on doubtful lines, and come out of CatBoost as they went in."""

import numpy as np
import pytest

from cleaner.errors import TrainingError
from cleaner.learn import grow_trees, read_trees
from cleaner.model import LEAF_UNIT, leaf_sums


def test_a_description_becomes_arrays() -> None:
    split = {"split_index": 0, "split_type": "FloatFeature"}
    trees = read_trees(
        {
            "oblivious_trees": [
                {
                    "splits": [
                        {**split, "border": 3.5, "float_feature_index": 2},
                        {**split, "border": -0.5, "float_feature_index": 0},
                    ],
                    "leaf_values": [0.25, -0.25, 99, 1 / 256],
                },
                {"splits": [], "leaf_values": [0.5 / 256 + 0.001]},
            ]
        }
    )
    # Answers of (2 above 3, 0 above -1): no and no, yes and no, no and yes, yes and yes.
    lines = np.array([[-1, -1, 0, 0], [0, 0, 0, 0], [3, 4, 3, 4]], np.int8)
    other = 1 / 256  # the tree without a question gives it to every line
    assert leaf_sums(trees, lines).tolist() == [
        0.25 + other, -0.25 + other, 127 * LEAF_UNIT + other, 1 / 256 + other,
    ]  # fmt: skip


def test_lines_of_which_pass_2_is_sure_grow_nothing() -> None:
    features, ones = np.zeros((3, 9), np.int8), np.ones(9)
    for label, odds in ((np.arange(9) % 2, 5.0), (np.ones(9), 0.5)):
        with pytest.raises(TrainingError, match="train without trees"):
            grow_trees(features, label.astype(np.int8), ones, np.full(9, odds, np.float32), 3)


@pytest.mark.slow
def test_trees_learn_what_a_sum_cannot() -> None:
    """Both or neither of two features: no weights tell that. Sure lines teach nothing."""
    pytest.importorskip("catboost")
    draw = np.random.default_rng(3)
    features = draw.integers(-20, 21, (4, 4000)).astype(np.int8)
    label = ((features[0] > 0) == (features[1] > 0)).astype(np.int8)
    odds = np.zeros(4000, np.float32)
    sure = draw.random(4000) < 0.3
    odds[sure] = 9
    misled = np.where(sure, 1 - label, label).astype(np.int8)
    trees = grow_trees(features, misled, np.ones(4000), odds, 40)
    assert len(trees.leaves) == 40
    says = leaf_sums(trees, features)
    assert ((says > 0) == label).mean() > 0.95
    # The same again: training is reproducible.
    again = grow_trees(features, misled, np.ones(4000), odds, 40)
    assert np.array_equal(again.features, trees.features)
    assert np.array_equal(again.bounds, trees.bounds)
    assert np.array_equal(again.leaves, trees.leaves)
