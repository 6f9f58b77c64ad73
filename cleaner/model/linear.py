"""Quantise the features of a batch as they come, and sum them up weighted for both passes.

A few features at a time are scaled, rounded, multiplied and stored as bytes, so that they are
read from the processor's cache. Every product and every partial sum is a whole number below 2**24
and so exact in float32, in any order (scaling.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import LINE_FEATURES
from cleaner.model.columns import FEATURES, OFFSETS, PASS_1, PASS_2, weight_matrix
from cleaner.model.scaling import Scaling, Steps
from cleaner.text import Floats

# Features that are quantised together: with the rows of a batch, half a megabyte.
_BLOCK = 32
# OpenBLAS starts threads for a product of this many multiplications; on products as small as ours
# they wait for one another longer than they work.
_MULTIPLICATIONS = 1 << 18
_NEIGHBOURS = tuple(offset for offset in OFFSETS if offset)


class Weights(NamedTuple):
    """Weights of both passes, arranged by what they are multiplied with."""

    own: Floats  # (2, len(FEATURES)), of a line's own features, by pass
    around: Floats  # (2 * len(_NEIGHBOURS), len(LINE_FEATURES)), of its neighbours', by pass


def arrange_weights(first: NDArray[np.int32], second: NDArray[np.int32]) -> Weights:
    """Arrange the weights of the columns PASS_1 and PASS_2."""
    matrices = weight_matrix(first, PASS_1), weight_matrix(second, PASS_2)
    middle = OFFSETS.index(0)
    around = [np.delete(matrix, middle, axis=0)[:, : len(LINE_FEATURES)] for matrix in matrices]
    return Weights(np.array([matrix[middle] for matrix in matrices]), np.concatenate(around))


class Tally:
    """The quantised features of one batch, and running sums of their products with weights."""

    features: Steps  # (len(FEATURES), n_rows)

    def __init__(self, scaling: Scaling, weights: Weights, occupied: Floats) -> None:
        n_rows = len(occupied)
        self.features = np.zeros((len(FEATURES), n_rows), np.int8)
        self._scaling, self._weights, self._occupied = scaling, weights, occupied
        self._own = np.zeros((len(weights.own), n_rows), np.float32)
        self._around = np.zeros((len(weights.around), n_rows), np.float32)
        self._n_added = 0

    def add(self, columns: Floats) -> None:
        """Add the next features: float32 array (n, n_rows), in the order of FEATURES, unscaled."""
        for at in range(0, len(columns), _BLOCK):
            self._add_block(columns[at : at + _BLOCK])

    def _add_block(self, columns: Floats) -> None:
        first, stop = self._n_added, self._n_added + len(columns)
        steps = self._scaling.part(first, stop).quantise(columns, self._occupied)
        self.features[first:stop] = steps
        _add_product(self._weights.own[:, first:stop], steps, self._own)
        around = self._weights.around[:, first:stop]
        _add_product(around, steps[: around.shape[1]], self._around)
        self._n_added = stop

    def sums(self, number: int) -> Floats:
        """Sum up the features added so far, for pass 1 (number 0) or pass 2 (number 1).

        Returns
        -------
        float32 array (n_rows,)
            Whole numbers, in units of WEIGHT_UNIT; those in empty rows mean nothing.
        """
        total: Floats = self._own[number].copy()
        around = self._around.reshape(len(self._own), len(_NEIGHBOURS), -1)[number]
        for offset, sums in zip(_NEIGHBOURS, around, strict=True):
            if offset > 0:
                total[:-offset] += sums[offset:]
            else:
                total[-offset:] += sums[:offset]
        return total


def _add_product(weights: Floats, steps: Floats, sums: Floats) -> None:
    """Add `weights @ steps` to the sums, in products too small for threads."""
    if not weights.size:
        return
    width = max(_MULTIPLICATIONS // weights.size, 1)
    for start in range(0, steps.shape[1], width):
        part = slice(start, start + width)
        sums[:, part] += weights @ steps[:, part]
