"""Grow small trees that ask what the linear model misses, with LightGBM."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import MissingExtraError
from cleaner.model import N_CODES, N_LEAVES, N_QUESTIONS, Trees

# Shrinkage and regularisation, chosen by cross-validation with the number of trees.
_PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": N_LEAVES,
    "learning_rate": 0.2,
    "min_data_in_leaf": 200,
    "lambda_l2": 5.0,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "num_threads": 1,
    "verbose": -1,
}
# Where a tree has fewer than seven questions: every quantised value is at most this.
_ALWAYS_YES = 127


class BoostedTrees(NamedTuple):
    """Trees with the log-odds that boosting gave their leaves."""

    trees: Trees
    values: NDArray[np.float64]  # (n_trees, 8)


NOTHING_GROWN = BoostedTrees(Trees.none(), np.zeros((0, N_LEAVES)))


def grown_odds(grown: BoostedTrees, design: NDArray[np.int8]) -> NDArray[np.float64]:
    """Sum the values of every row's leaves.

    Parameters
    ----------
    design : int8 array (n_rows, len(SECOND_COLUMNS))

    Returns
    -------
    float64 array (n_rows,)
        Log-odds.
    """
    odds = np.zeros(len(design))
    by_column = np.ascontiguousarray(design.T) if len(grown.values) else design.T
    for columns, bounds, leaves, values in zip(*grown.trees, grown.values, strict=True):
        code = np.zeros(len(design), np.uint8)
        for question, (column, bound) in enumerate(zip(columns, bounds, strict=True)):
            code |= (by_column[column] > bound).view(np.uint8) << np.uint8(question)
        odds += values[leaves][code]
    return odds


def load_lightgbm() -> Any:
    """Load LightGBM, which only the extra ``train`` brings.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtraError(
            "growing trees needs LightGBM: pip install 'clean-news[train]', or train without trees"
        ) from error
    return lightgbm


def grow_trees(
    design: NDArray[np.int8],
    label: NDArray[np.int8],
    weight: NDArray[np.float64],
    odds: NDArray[np.floating[Any]],
    n_trees: int,
) -> BoostedTrees:
    """Boost trees on top of a linear model.

    Parameters
    ----------
    design : int8 array (n_rows, len(SECOND_COLUMNS))
        Quantised columns of pass 2.
    label, weight : arrays (n_rows,)
    odds : float array (n_rows,)
        What the linear model says; the trees learn the rest.
    n_trees : int

    Raises
    ------
    MissingExtraError
        If LightGBM is not installed.
    """
    lightgbm = load_lightgbm()
    data = lightgbm.Dataset(
        design, label, weight=weight, init_score=odds, params={"max_bin": 63, "verbose": -1}
    )
    booster = lightgbm.train(_PARAMETERS, data, n_trees)
    return read_trees([tree["tree_structure"] for tree in booster.dump_model()["tree_info"]])


def read_trees(structures: list[dict[str, Any]]) -> BoostedTrees:
    """Turn LightGBM's nested questions into arrays."""
    columns = np.zeros((len(structures), N_QUESTIONS), np.int16)
    bounds = np.full((len(structures), N_QUESTIONS), _ALWAYS_YES, np.int16)
    leaves = np.zeros((len(structures), N_CODES), np.uint8)
    values = np.zeros((len(structures), N_LEAVES))
    for number, structure in enumerate(structures):
        _collect(structure, columns[number], bounds[number], values[number])
        for code in range(N_CODES):
            leaves[number, code] = _follow(structure, code)
    return BoostedTrees(Trees(columns, bounds, leaves), values)


def _collect(
    node: dict[str, Any],
    columns: NDArray[np.int16],
    bounds: NDArray[np.int16],
    values: NDArray[np.float64],
) -> None:
    if "split_index" not in node:
        values[node.get("leaf_index", 0)] = node["leaf_value"]
        return
    columns[node["split_index"]] = node["split_feature"]
    # Features are whole numbers: at most 3.5 is at most 3.
    bounds[node["split_index"]] = math.floor(node["threshold"])
    _collect(node["left_child"], columns, bounds, values)
    _collect(node["right_child"], columns, bounds, values)


def _follow(node: dict[str, Any], code: int) -> int:
    while "split_index" in node:
        node = node["right_child" if code >> node["split_index"] & 1 else "left_child"]
    return int(node.get("leaf_index", 0))
