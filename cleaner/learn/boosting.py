"""Grow the trees that judge doubtful lines, with CatBoost."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import MissingExtraError, TrainingError
from cleaner.model import LEAF_UNIT, Trees
from cleaner.text import Floats

# Lines with pass-2 log-odds nearer to 0 are doubtful: a probability of .15 to .85. Trees that are
# grown on these lines alone are better at them, and the others need no trees.
BAND = 1.75
# Chosen on held-out publishers, together with the number of trees.
_PARAMETERS: dict[str, Any] = {
    "depth": 6,
    "learning_rate": 0.15,
    "l2_leaf_reg": 60,
    "rsm": 0.3,  # share of the features that a level chooses from
    "subsample": 0.5,
    "bootstrap_type": "Bernoulli",
    "boosting_type": "Plain",
    "border_count": 48,
    "random_seed": 0,
    "thread_count": 2,  # sums depend on the number
    "allow_writing_files": False,
    "verbose": False,
}
_LARGEST_LEAF = 127
_N_LABELS = 2


def load_catboost() -> Any:
    """Load CatBoost, which only the extra ``train`` brings.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import catboost
    except ImportError as error:
        raise MissingExtraError(
            "growing trees needs CatBoost: pip install 'clean-news[train]', or train without trees"
        ) from error
    return catboost


def grow_trees(
    features: NDArray[np.int8],
    label: NDArray[np.int8],
    weight: NDArray[np.float64],
    odds: Floats,
    n_trees: int,
) -> Trees:
    """Boost trees on top of what a linear model says of doubtful lines.

    Parameters
    ----------
    features : int8 array (n_features, n_rows)
        Quantised.
    label, weight : arrays (n_rows,)
        Rows of weight 0 are left out.
    odds : float32 array (n_rows,)
        Log-odds of the linear model; the trees learn the rest.
    n_trees : int

    Raises
    ------
    MissingExtraError
        If CatBoost is not installed.
    TrainingError
        If there are no doubtful lines of both labels.
    """
    rows = np.flatnonzero((weight > 0) & (np.abs(odds) < BAND))
    if np.unique(label[rows]).size < _N_LABELS:
        raise TrainingError(
            f"{rows.size} lines are in doubt, and not of both labels: trees have nothing to learn;"
            " train without trees, or on more documents"
        )
    catboost = load_catboost()
    pool = catboost.Pool(
        features[:, rows].T.astype(np.float32),
        label=label[rows],
        weight=weight[rows] / weight[rows].mean(),
        baseline=odds[rows],
    )
    grown = catboost.CatBoostClassifier(iterations=n_trees, **_PARAMETERS).fit(pool)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        grown.save_model(str(path), format="json")
        return read_trees(json.loads(path.read_text("utf-8")))


def read_trees(model: dict[str, Any]) -> Trees:
    """Turn CatBoost's description of oblivious trees into arrays, in whole units."""
    depth: int = _PARAMETERS["depth"]
    described = model["oblivious_trees"]
    asked = np.zeros((len(described), depth), np.int16)
    # Where a tree has fewer questions: no value is above the largest byte.
    bounds = np.full((len(described), depth), np.iinfo(np.int8).max, np.int8)
    leaves = np.zeros((len(described), 1 << depth), np.int8)
    for number, tree in enumerate(described):
        for question, split in enumerate(tree["splits"] or ()):
            asked[number, question] = split["float_feature_index"]
            # Features are whole numbers: above 3.5 is above 3.
            bounds[number, question] = math.floor(split["border"])
        units = np.rint(np.array(tree["leaf_values"]) / LEAF_UNIT)
        leaves[number, : len(units)] = np.clip(units, -_LARGEST_LEAF, _LARGEST_LEAF)
    return Trees(asked, bounds, leaves, BAND)
