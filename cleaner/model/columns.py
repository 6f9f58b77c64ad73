"""Name the columns of a logistic regression: features of a line, and of the lines around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cleaner.features import FEATURES, FIRST_FEATURES, LINE_FEATURES
from cleaner.text import Floats

# How far a line may see the features of its neighbours; the weights are laid out for all of these.
OFFSETS = (-3, -2, -1, 0, 1, 2, 3)
# How far the passes look that models are trained on. What pass 2 must know of a line's neighbours,
# it learns from what pass 1 says of them.
_NEAR = (-1, 1)


class Column(NamedTuple):
    """A feature of the line itself (offset 0) or of the line that many lines further on."""

    feature: str
    offset: int

    def __str__(self) -> str:
        return f"{self.feature}[{self.offset:+d}]" if self.offset else self.feature


def parse_column(name: str) -> Column:
    """Read a column's name.

    Raises
    ------
    ValueError
        If it is not one.

    Examples
    --------
    >>> parse_column("words[-1]"), parse_column("words")
    (Column(feature='words', offset=-1), Column(feature='words', offset=0))
    """
    feature, bracket, offset = name.partition("[")
    column = Column(feature, int(offset.removesuffix("]")) if bracket else 0)
    if str(column) != name:
        raise ValueError(f"{name!r} is not the name of a column")
    return column


# What models are trained on; a trained model names its own.
FIRST_COLUMNS = (
    *(Column(name, 0) for name in FIRST_FEATURES),
    *(Column(name, offset) for offset in _NEAR for name in LINE_FEATURES),
)
SECOND_COLUMNS = tuple(Column(name, 0) for name in FEATURES)


def pass_columns(features: Collection[str]) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Give the columns of pass 1 and pass 2 that a model of some features is trained on.

    Examples
    --------
    >>> pass_columns(["log_words"])[1]
    (Column(feature='log_words', offset=0),)
    """
    first, second = (
        tuple(column for column in columns if column.feature in features)
        for columns in (FIRST_COLUMNS, SECOND_COLUMNS)
    )
    return first, second


# A feature's name stands for all its columns; that of a neighbour's column for this one alone.
COLUMN_NAMES = frozenset({*FEATURES, *map(str, (*FIRST_COLUMNS, *SECOND_COLUMNS))})


def describe(column: Column) -> str:
    """Say a column in words.

    Examples
    --------
    >>> describe(Column("date_short", 0)), describe(Column("date_short", -1))
    ('short line with a date', 'line before: short line with a date')
    """
    words = FEATURES[column.feature].meaning
    if not column.offset:
        return words
    side = "before" if column.offset < 0 else "after"
    distance = abs(column.offset)
    return f"line {side}: {words}" if distance == 1 else f"{distance} lines {side}: {words}"


class ColumnIndices(NamedTuple):
    """Where columns stand in what `shifted_views` gives."""

    feature: NDArray[np.intp]  # (n_columns,), row of the quantised features
    offset: NDArray[np.intp]  # (n_columns,), place among OFFSETS


def column_indices(columns: Sequence[Column], features: Sequence[str]) -> ColumnIndices:
    """Find columns among quantised features of these names."""
    number = {name: place for place, name in enumerate(features)}
    return ColumnIndices(
        np.array([number[column.feature] for column in columns], np.intp),
        np.array([OFFSETS.index(column.offset) for column in columns], np.intp),
    )


def shifted_views(steps: NDArray[np.int8]) -> NDArray[np.int8]:
    """View quantised features at every offset, without copying.

    Returns
    -------
    int8 array (n_features, 7, n_rows - 6)
        Entry [f, o, i] is feature f of the row OFFSETS[o] further on than row i + 3. The rows
        left out at both ends lie in margins.
    """
    return sliding_window_view(steps, steps.shape[1] - 2 * OFFSETS[-1], axis=1)


def design_matrix(
    steps: NDArray[np.int8],
    features: Sequence[str],
    columns: Sequence[Column],
    left_out: Collection[str] = (),
) -> NDArray[np.int8]:
    """Write out the columns of a pass for training.

    Parameters
    ----------
    steps : int8 array (n_features, n_rows)
        Quantised features (linear.py), named by `features`.
    left_out : collection of str
        Of `COLUMN_NAMES`: columns that are 0 in every row, so that nothing is learnt from them.

    Returns
    -------
    int8 array (n_rows, len(columns))
    """
    reach = OFFSETS[-1]
    design = np.zeros((len(columns), steps.shape[1]), np.int8)
    views = shifted_views(steps)
    indices = column_indices(columns, features)
    for number, (feature, offset) in enumerate(zip(*indices, strict=True)):
        if columns[number].feature not in left_out and str(columns[number]) not in left_out:
            design[number, reach:-reach] = views[feature, offset]
    return design.T


def weight_matrix(
    weights: NDArray[np.int32], columns: Sequence[Column], features: Sequence[str]
) -> Floats:
    """Arrange a pass's weights by offset and feature: float32 array (7, n_features)."""
    matrix = np.zeros((len(OFFSETS), len(features)), np.float32)
    indices = column_indices(columns, features)
    matrix[indices.offset, indices.feature] = weights
    return matrix
