"""Quantise features, and sum them up weighted, exactly.

A feature is standardised, clipped at six standard deviations and rounded to a twentieth of one.
Weights are whole numbers too. Sums of products stay below EXACT and are therefore exact in
float32, in any order and on any machine: a line's score has the same bits alone and in any batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import Columns
from cleaner.model.columns import (
    LIMIT,
    OFFSETS,
    STEPS,
    Column,
    Steps,
    column_indices,
    multiply,
    weight_matrix,
)
from cleaner.text import Flags, Floats

# One unit of a stored weight: log-odds per step.
WEIGHT_UNIT = 2.0**-14
# Whole numbers up to this are exact in float32.
EXACT = 2**24


class Scaling(NamedTuple):
    """Standardisation of the columns of one feature matrix."""

    mean: Floats  # (n_features,)
    deviation: Floats  # (n_features,), positive

    @classmethod
    def fit(cls, total: NDArray[np.float64], squares: NDArray[np.float64], n: int) -> Scaling:
        """Compute means and standard deviations from sums and sums of squares over n rows."""
        mean = total / n
        deviation = np.sqrt(np.maximum(squares / n - mean**2, 0)) + 1e-6
        return cls(mean.astype(np.float32), deviation.astype(np.float32))

    def part(self, features: slice | Sequence[int]) -> Scaling:
        """Scaling of some of the features."""
        return Scaling(self.mean[features], self.deviation[features])

    def quantise(
        self, columns: Sequence[Floats] | Floats, occupied: Floats | Flags | None = None
    ) -> Floats:
        """Scale and round columns.

        Parameters
        ----------
        columns : sequence of float32 arrays (n_rows,), or an array of them
        occupied : float32 or bool array (n_rows,), optional
            1 for a line, 0 for an empty row; by default all are lines.

        Returns
        -------
        float32 array (n_features, n_rows)
            Whole numbers from -LIMIT to LIMIT; 0 in empty rows, which is an average line.
        """
        scale = np.float32(STEPS) / self.deviation
        quantised = np.array(columns, np.float32)
        quantised *= scale[:, None]
        quantised -= (self.mean * scale)[:, None]
        if occupied is not None:
            quantised *= occupied
        np.rint(quantised, out=quantised)
        return np.clip(quantised, -LIMIT, LIMIT, out=quantised)


# Features that are quantised and multiplied together: with the rows of a batch they fit into the
# processor's cache.
_BLOCK = 32
# OpenBLAS starts threads for a product of this many multiplications; on products as small as ours
# they wait for one another longer than they work.
_MULTIPLICATIONS = 1 << 18
_NEIGHBOURS = tuple(offset for offset in OFFSETS if offset)


def quantise_columns(
    columns: Columns,
    features: Sequence[str],
    scaling: Scaling,
    occupied: Floats,
    out: Steps | None = None,
) -> Steps:
    """Quantise the features of these names: int8 array (n_features, n_rows).

    Parameters
    ----------
    columns : Columns
        Unscaled, by name; others may be among them.
    scaling : Scaling
        Of `features`, in their order.
    occupied : float32 array (n_rows,)
        1 for a line, 0 for an empty row.
    out : int8 array (n_features, n_rows), optional
        Where to put them.
    """
    steps = np.empty((len(features), len(occupied)), np.int8) if out is None else out
    is_flag = [columns[name].dtype == np.bool_ for name in features]
    numbers = [n for n, flag in enumerate(is_flag) if not flag]
    for start in range(0, len(numbers), _BLOCK):
        part = numbers[start : start + _BLOCK]
        steps[part] = scaling.part(part).quantise([columns[features[n]] for n in part])
    # Flags have two values only, which are quantised once: the rest is done in bytes.
    flags = [n for n, flag in enumerate(is_flag) if flag]
    if flags:
        both = np.tile(np.array([0, 1], np.float32), (len(flags), 1))
        values = scaling.part(flags).quantise(both).astype(np.int8)
        of_flags = np.stack([columns[features[n]] for n in flags]).view(np.int8)
        of_flags *= values[:, 1:] - values[:, :1]  # the difference of two bytes, modulo 256
        of_flags += values[:, :1]
        steps[flags] = of_flags
    steps *= occupied.astype(np.int8)
    return steps


class Weights(NamedTuple):
    """Weights of several passes over the same features, of a line's own and of its neighbours."""

    matrix: Floats  # (n_passes + n_shifted, n_features)
    shifted: tuple[tuple[int, int], ...]  # pass and offset of the last rows, those of neighbours

    def part(self, features: slice) -> Weights:
        """Weights of some of the features."""
        return _leave_out_zeros(self.matrix[:, features], self.shifted)


def _leave_out_zeros(matrix: Floats, shifted: Sequence[tuple[int, int]]) -> Weights:
    """Leave out the weights of those neighbours of whom no feature counts."""
    n_passes = len(matrix) - len(shifted)
    used = [bool(weights.any()) for weights in matrix[n_passes:]]
    rows = [True] * n_passes + used
    return Weights(matrix[rows], tuple(itertools.compress(shifted, used)))


def arrange_weights(
    passes: Sequence[tuple[NDArray[np.int32], Sequence[Column]]], features: Sequence[str]
) -> Weights:
    """Arrange the weights of passes, each given with its columns, over named features."""
    matrices = np.array([weight_matrix(weights, columns, features) for weights, columns in passes])
    middle = OFFSETS.index(0)
    around = np.delete(matrices, middle, axis=1).reshape(-1, len(features))
    shifted = list(itertools.product(range(len(passes)), _NEIGHBOURS))
    return _leave_out_zeros(np.concatenate((matrices[:, middle], around)), shifted)


def weighted_sums(weights: Weights, steps: Steps) -> Floats:
    """Sum up weighted features of every row and its neighbours.

    Parameters
    ----------
    weights : Weights
    steps : int8 array (n_features, n_rows)

    Returns
    -------
    float32 array (n_passes, n_rows)
        Whole numbers, in units of WEIGHT_UNIT; those in empty rows mean nothing.
    """
    products = _matrix_product(weights.matrix, steps)
    n_passes = len(products) - len(weights.shifted)
    sums = products[:n_passes]
    for (number, offset), of_neighbour in zip(weights.shifted, products[n_passes:], strict=True):
        if offset > 0:
            sums[number, :-offset] += of_neighbour[offset:]
        else:
            sums[number, -offset:] += of_neighbour[:offset]
    return sums


class Products(NamedTuple):
    """Weights of products of two features of a line."""

    factors: NDArray[np.intp]  # (2, n_products), rows of the quantised features
    weights: Floats  # (n_products,)


def arrange_products(
    weights: NDArray[np.int32], columns: Sequence[Column], features: Sequence[str]
) -> Products:
    """Arrange the weights of those columns of a pass that are products."""
    feature, _, times = column_indices(columns, features)
    chosen = np.flatnonzero((times >= 0) & (weights != 0))
    factors = np.array([feature[chosen], times[chosen]])
    return Products(factors, weights[chosen].astype(np.float32))


def product_sums(products: Products, steps: Steps) -> Floats:
    """Sum up weighted products of features: float32 array (n_rows,), as `weighted_sums`."""
    sums = np.zeros(steps.shape[1], np.float32)
    width = _MULTIPLICATIONS // _BLOCK
    for start in range(0, len(products.weights), _BLOCK):
        part = slice(start, start + _BLOCK)
        one, other = products.factors[:, part]
        for first in range(0, steps.shape[1], width):
            rows = slice(first, first + width)
            values = multiply(steps[one, rows], steps[other, rows])
            sums[rows] += products.weights[part] @ values
    return sums


def _matrix_product(weights: Floats, steps: Steps) -> Floats:
    """Multiply `weights @ steps`, in products too small for threads."""
    sums = np.zeros((len(weights), steps.shape[1]), np.float32)
    if not weights.size:
        return sums
    width = max(_MULTIPLICATIONS // weights.size, 1)
    for first in range(0, steps.shape[1], width):
        rows = slice(first, first + width)
        np.matmul(weights, steps[:, rows].astype(np.float32), out=sums[:, rows])
    return sums
