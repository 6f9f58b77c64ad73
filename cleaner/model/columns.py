"""Name the columns of a logistic regression: features of a line, its neighbours, and products."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cleaner.features import FEATURES, FIRST_FEATURES, JUDGED_FEATURES, LINE_FEATURES
from cleaner.text import Floats

# Quantised features.
Steps = NDArray[np.int8]
# Steps of one standard deviation, and the clipping in steps, which fits an int8; ±6 was chosen by
# cross-validation.
STEPS = 20
LIMIT = 6 * STEPS

# How far a line may see the features of its neighbours; the weights are laid out for all of these.
OFFSETS = (-3, -2, -1, 0, 1, 2, 3)
# How far the passes look that models are trained on. What pass 2 must know of a line's neighbours,
# it learns from what pass 1 says of them.
_NEAR = (-1, 1)


class Column(NamedTuple):
    """A feature of the line itself (offset 0) or of the line that many lines further on.

    It may be multiplied by another feature of the line itself: what a line is counts more, or
    less, in some places.
    """

    feature: str
    offset: int = 0
    times: str = ""

    def __str__(self) -> str:
        if self.times:
            return f"{self.feature}*{self.times}"
        return f"{self.feature}[{self.offset:+d}]" if self.offset else self.feature

    @classmethod
    def parse(cls, name: str) -> Column:
        """Read a column's name, as `str` gives it.

        Raises
        ------
        ValueError
            If it is not one.

        Examples
        --------
        >>> Column.parse("words[-1]")
        Column(feature='words', offset=-1, times='')
        >>> Column.parse("words*place")
        Column(feature='words', offset=0, times='place')
        """
        factor, _, times = name.partition("*")
        feature, bracket, offset = factor.partition("[")
        column = cls(feature, int(offset.removesuffix("]")) if bracket else 0, times)
        if str(column) != name:
            raise ValueError(f"{name!r} is not the name of a column")
        return column


# What models are trained on; a trained model names its own.
FIRST_COLUMNS = (
    *(Column(name, 0) for name in FIRST_FEATURES),
    *(Column(name, offset) for offset in _NEAR for name in LINE_FEATURES),
)
# What a line is, which counts more in some places, and the places: a long line behind the article
# is a comment, a line without words of an article is no clutter in the middle of it.
_KINDS = ("lexical", "log_words", "ends_sentence")
_PLACES = (
    "inside", "ahead_words", "past_words", "ahead_logs", "past_logs", "inside_start_words",
    "inside_end_words", "inside_start_logs", "inside_end_logs", "body_before",
    "body_lines_before_16", "body_lines_after_16", "odds_before_1", "odds_after_1", "surest",
    "log_longest", "few_good", "log_good", "log_lines",
)  # fmt: skip
# What these say, others say in pass 2: what pass 1 made of them, and products. Alone, they would be
# left with a weight against their meaning, and leaving them out costs nothing.
_NOT_ALONE = {
    "call_to_action_start", "caption_end", "cohesion_open", "cohesion_sentence", "date_short",
    "gap_lines", "inside", "label_cue", "note_start", "related_start",
}  # fmt: skip
SECOND_COLUMNS = (
    *(Column(name) for name in FEATURES if name not in {*_NOT_ALONE, *JUDGED_FEATURES}),
    *(Column(kind, times=place) for kind in _KINDS for place in _PLACES),
)


def pass_columns(features: Collection[str]) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Give the columns of pass 1 and pass 2 that a model of some features is trained on.

    Examples
    --------
    >>> [str(column) for column in pass_columns(["log_words", "inside"])[1]]
    ['log_words', 'log_words*inside']
    """
    known = {*features, ""}
    first, second = (
        tuple(column for column in columns if {column.feature, column.times} <= known)
        for columns in (FIRST_COLUMNS, SECOND_COLUMNS)
    )
    return first, second


# A feature's name stands for all its columns; that of a neighbour's column for this one alone.
COLUMN_NAMES = frozenset({*FEATURES, *map(str, (*FIRST_COLUMNS, *SECOND_COLUMNS))})


def describe(column: Column) -> str:
    """Say a column in words.

    Examples
    --------
    >>> describe(Column("date_short")), describe(Column("date_short", -1))
    ('short line with a date', 'line before: short line with a date')
    >>> describe(Column("ends_sentence", times="before_good"))
    'ends like a sentence × before all running text'
    """
    words = FEATURES[column.feature].meaning
    if column.times:
        return f"{words} × {FEATURES[column.times].meaning}"
    if not column.offset:
        return words
    side = "before" if column.offset < 0 else "after"
    distance = abs(column.offset)
    return f"line {side}: {words}" if distance == 1 else f"{distance} lines {side}: {words}"


class ColumnIndices(NamedTuple):
    """Where columns stand in what `shifted_views` gives."""

    feature: NDArray[np.intp]  # (n_columns,), row of the quantised features
    offset: NDArray[np.intp]  # (n_columns,), place among OFFSETS
    times: NDArray[np.intp]  # (n_columns,), row of the feature to multiply by; -1 if there is none


def column_indices(columns: Sequence[Column], features: Sequence[str]) -> ColumnIndices:
    """Find columns among quantised features of these names."""
    number = {name: place for place, name in enumerate(features)} | {"": -1}
    return ColumnIndices(
        np.array([number[column.feature] for column in columns], np.intp),
        np.array([OFFSETS.index(column.offset) for column in columns], np.intp),
        np.array([number[column.times] for column in columns], np.intp),
    )


def shifted_views(steps: Steps) -> Steps:
    """View quantised features at every offset, without copying.

    Returns
    -------
    int8 array (n_features, 7, n_rows - 6)
        Entry [f, o, i] is feature f of the row OFFSETS[o] further on than row i + 3. The rows
        left out at both ends lie in margins.
    """
    return sliding_window_view(steps, steps.shape[1] - 2 * OFFSETS[-1], axis=1)


def design_matrix(
    steps: Steps,
    features: Sequence[str],
    columns: Sequence[Column],
    left_out: Collection[str] = (),
) -> Steps:
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
    absent = {*left_out}
    for number, column in enumerate(columns):
        if absent.isdisjoint((column.feature, column.times, str(column))):
            # One at a time: in training, all of them at once would be large.
            design[number, reach:-reach] = column_values(steps, column_indices([column], features))
    return design.T


def column_values(steps: Steps, indices: ColumnIndices) -> Steps:
    """Take columns: int8 array (n_columns, n_rows - 6), without the margins."""
    views = shifted_views(steps)
    values = views[indices.feature, indices.offset]
    products = np.flatnonzero(indices.times >= 0)
    others = views[indices.times[products], OFFSETS.index(0)]
    values[products] = multiply(values[products], others)
    return values


def multiply(steps: Steps, others: Steps) -> Floats:
    """Multiply quantised features, in steps of the product of their deviations.

    Returns
    -------
    float32 array, of the shape of both
        Whole numbers from -LIMIT to LIMIT; 0 where one of the features is average.

    Examples
    --------
    >>> multiply(np.array([20, -30, 120], np.int8), np.array([10, 20, 120], np.int8)).tolist()
    [10.0, -30.0, 120.0]
    """
    # Products of bytes fit into 16 bits.
    products = np.multiply(steps, others, dtype=np.int16).astype(np.float32)
    products /= STEPS
    np.rint(products, out=products)
    return np.clip(products, -LIMIT, LIMIT, out=products)


def weight_matrix(
    weights: NDArray[np.int32], columns: Sequence[Column], features: Sequence[str]
) -> Floats:
    """Arrange a pass's weights by offset and feature: float32 array (7, n_features).

    Those of products are not among them.
    """
    matrix = np.zeros((len(OFFSETS), len(features)), np.float32)
    feature, offset, times = column_indices(columns, features)
    single = times < 0
    matrix[offset[single], feature[single]] = weights[single]
    return matrix
