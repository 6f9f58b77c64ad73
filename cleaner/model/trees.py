"""Look up the leaves of small decision trees, which are inputs to the logistic regression.

A tree has at most seven questions ("is this feature at most that?") and eight leaves. The seven
answers are seven bits; a table says to which leaf every combination of bits leads. All rows are
looked up at once, one tree after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.model.columns import OFFSETS, ColumnIndices, shifted_views
from cleaner.model.linear import Steps
from cleaner.text import Floats

N_QUESTIONS = 7
N_LEAVES = N_QUESTIONS + 1
N_CODES = 1 << N_QUESTIONS


class Trees(NamedTuple):
    """Small trees over the columns of a pass."""

    columns: NDArray[np.int16]  # (n_trees, 7), numbers of columns
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


# Trees that are looked up together: their answers stay in the cache.
_GROUP = 32


def tree_codes(trees: Trees, steps: Steps, indices: ColumnIndices) -> Iterator[NDArray[np.uint8]]:
    """Answer all questions, some trees at a time.

    Parameters
    ----------
    steps : int8 array (n_features, n_rows)
        Quantised features.
    indices : ColumnIndices
        Of the columns among them.

    Yields
    ------
    uint8 array (up to 32, n_rows - 6)
        One code a tree; row i stands for row i + 3 of the features.
    """
    views = shifted_views(steps)
    for start in range(0, len(trees.columns), _GROUP):
        columns = trees.columns[start : start + _GROUP]
        bounds = trees.bounds[start : start + _GROUP].astype(np.int8)
        codes = np.zeros((len(columns), views.shape[2]), np.uint8)
        # The last question first: doubling makes room for the answer to the one before.
        for question in reversed(range(N_QUESTIONS)):
            column = columns[:, question]
            no = views[indices.feature[column], indices.offset[column]] > bounds[:, question, None]
            codes += codes
            codes |= no.view(np.uint8)
        yield codes


def tree_leaves(trees: Trees, steps: Steps, indices: ColumnIndices) -> NDArray[np.uint8]:
    """Find the leaf of every row in every tree: uint8 array (n_trees, n_rows - 6), 0 to 7."""
    none = np.zeros((0, steps.shape[1] - 2 * OFFSETS[-1]), np.uint8)
    codes = np.concatenate((none, *tree_codes(trees, steps, indices)))
    return np.take_along_axis(trees.leaves, codes.astype(np.intp), axis=1)


def tree_sums(
    trees: Trees, weights: NDArray[np.int32], steps: Steps, indices: ColumnIndices
) -> Floats:
    """Sum the weights of every row's leaves: float32 array (n_rows,).

    Parameters
    ----------
    weights : int32 array (n_trees, 8)
        Whole numbers, so that the sums are exact.
    steps : int8 array (n_features, n_rows)
        Quantised features.
    indices : ColumnIndices
        Of the columns among them.
    """
    reach = OFFSETS[-1]
    sums = np.zeros(steps.shape[1], np.int32)
    inner = sums[reach:-reach]
    tables = np.take_along_axis(weights, trees.leaves.astype(np.intp), axis=1)
    start = 0
    for codes in tree_codes(trees, steps, indices):
        for code, table in zip(codes, tables[start : start + len(codes)], strict=True):
            inner += table.take(code)
        start += len(codes)
    return sums.astype(np.float32)
