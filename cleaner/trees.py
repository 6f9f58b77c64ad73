"""Look up the leaves of small decision trees, which are inputs to the logistic regression.

A tree has at most seven questions ("is this feature at most that?") and eight leaves. The seven
answers are seven bits; a table says to which leaf every combination of bits leads. All rows are
looked up at once, one tree after another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.columns import OFFSETS, PASS_2, take_column
from cleaner.rows import Floats

N_QUESTIONS = 7
N_LEAVES = N_QUESTIONS + 1
N_CODES = 1 << N_QUESTIONS


class Trees(NamedTuple):
    """Small trees over the columns of pass 2."""

    columns: NDArray[np.int16]  # (n_trees, 7), numbers in PASS_2
    bounds: NDArray[np.int16]  # (n_trees, 7), quantised: the answer is yes up to the bound
    leaves: NDArray[np.uint8]  # (n_trees, 128), leaf by code; bit q is set for a "no" to q

    @classmethod
    def none(cls) -> Trees:
        """No trees: the logistic regression has its features only."""
        return cls(
            np.zeros((0, N_QUESTIONS), np.int16),
            np.zeros((0, N_QUESTIONS), np.int16),
            np.zeros((0, N_CODES), np.uint8),
        )


def tree_codes(trees: Trees, features: Floats) -> NDArray[np.uint8]:
    """Answer all questions: uint8 array (n_trees, n_rows)."""
    codes = np.zeros((len(trees.columns), features.shape[1]), np.uint8)
    reach = OFFSETS[-1]
    small = features.astype(np.int8)
    for code, columns, bounds in zip(
        codes[:, reach:-reach], trees.columns.tolist(), trees.bounds.tolist(), strict=True
    ):
        for question, (column, bound) in enumerate(zip(columns, bounds, strict=True)):
            no = take_column(small, PASS_2[column]) > bound
            code |= no.view(np.uint8) << np.uint8(question)
    return codes


def tree_leaves(trees: Trees, features: Floats) -> NDArray[np.uint8]:
    """Find the leaf of every row in every tree: uint8 array (n_trees, n_rows), 0 to 7."""
    codes = tree_codes(trees, features)
    return np.take_along_axis(trees.leaves, codes.astype(np.intp), axis=1)


def tree_sums(trees: Trees, weights: NDArray[np.int32], features: Floats) -> Floats:
    """Sum the weights of every row's leaves.

    Parameters
    ----------
    weights : int32 array (n_trees, 8)
        Whole numbers, so that the sums are exact.
    features : float32 array (n_features, n_rows)
        Quantised.
    """
    sums = np.zeros(features.shape[1], np.int32)
    if len(trees.columns):
        tables = np.take_along_axis(weights, trees.leaves.astype(np.intp), axis=1)
        for table, code in zip(tables, tree_codes(trees, features), strict=True):
            sums += table[code]
    return sums.astype(np.float32)
