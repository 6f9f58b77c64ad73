"""List the features, and the columns that each pass makes of them and of their neighbours."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cleaner.features import CONTEXT, LEXICAL_CONTEXT, LINE_FEATURES, SURROUNDINGS
from cleaner.text import Floats

# Name of every feature and its meaning in words, in the order of the feature matrix.
FEATURES: dict[str, str] = {**LINE_FEATURES, **SURROUNDINGS, **LEXICAL_CONTEXT, **CONTEXT}
N_BEFORE_CONTEXT = len(LINE_FEATURES) + len(SURROUNDINGS) + len(LEXICAL_CONTEXT)

# How far a line sees the features of its neighbours; the farthest only those that matter most
# (RESEARCH: neighbours at ±1, ±2, ±3 are worth .013).
OFFSETS = (-3, -2, -1, 0, 1, 2, 3)
_FULL_OFFSETS = (-2, -1, 1, 2)
_FAR_OFFSETS = (-3, 3)
_FAR_FEATURES = (
    "log_words", "function_share", "capital_share", "ends_sentence", "credit_line",
    "credit_in_brackets", "call_to_action_words", "words_over_4", "date_short", "open_middle",
    "log_sentences", "open_long", "quote", "speech_words", "biography_phrase", "comment_words",
)  # fmt: skip


class Column(NamedTuple):
    """A feature of the line itself (offset 0) or of the line that many lines further on."""

    feature: str
    offset: int

    def __str__(self) -> str:
        return f"{self.feature}[{self.offset:+d}]" if self.offset else self.feature


def _columns(names: tuple[str, ...]) -> tuple[Column, ...]:
    own = [Column(name, 0) for name in names]
    near = [Column(name, offset) for offset in _FULL_OFFSETS for name in LINE_FEATURES]
    far = [Column(name, offset) for offset in _FAR_OFFSETS for name in _FAR_FEATURES]
    return (*own, *near, *far)


PASS_1 = _columns(tuple(FEATURES)[:N_BEFORE_CONTEXT])
PASS_2 = _columns(tuple(FEATURES))
_NUMBER = {name: number for number, name in enumerate(FEATURES)}
# A feature's name stands for all its columns; that of a neighbour's column for this one alone.
COLUMN_NAMES = frozenset({*FEATURES, *map(str, PASS_2)})


def describe(column: Column) -> str:
    """Say a column in words.

    Examples
    --------
    >>> describe(Column("credit_line", 0)), describe(Column("credit_line", -1))
    ('photo credit', 'line before: photo credit')
    """
    words = FEATURES[column.feature]
    if not column.offset:
        return words
    side = "before" if column.offset < 0 else "after"
    distance = abs(column.offset)
    return f"line {side}: {words}" if distance == 1 else f"{distance} lines {side}: {words}"


def column_places(columns: tuple[Column, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find columns in what `shifted_views` gives: two int arrays (n_columns,)."""
    features = np.array([_NUMBER[column.feature] for column in columns], np.intp)
    offsets = np.array([OFFSETS.index(column.offset) for column in columns], np.intp)
    return features, offsets


PASS_2_PLACES = column_places(PASS_2)


def shifted_views(features: NDArray[np.int8]) -> NDArray[np.int8]:
    """View quantised features at every offset, without copying.

    Returns
    -------
    int8 array (n_features, 7, n_rows - 6)
        Entry [f, o, i] is feature f of the row OFFSETS[o] further on than row i + 3. The rows
        left out at both ends lie in margins.
    """
    return sliding_window_view(features, features.shape[1] - 2 * OFFSETS[-1], axis=1)


def design_matrix(
    features: NDArray[np.int8], columns: tuple[Column, ...], left_out: Collection[str] = ()
) -> NDArray[np.int8]:
    """Write out the columns of a pass for training.

    Parameters
    ----------
    features : int8 array (n_features, n_rows)
        Quantised (scaling.py).
    left_out : collection of str
        Of `COLUMN_NAMES`: columns that are 0 in every row, so that nothing is learnt from them.

    Returns
    -------
    int8 array (n_rows, len(columns))
    """
    reach = OFFSETS[-1]
    design = np.zeros((len(columns), features.shape[1]), np.int8)
    views = shifted_views(features)
    for number, (feature, offset) in enumerate(zip(*column_places(columns), strict=True)):
        if columns[number].feature not in left_out and str(columns[number]) not in left_out:
            design[number, reach:-reach] = views[feature, offset]
    return design.T


def weight_matrix(weights: NDArray[np.int32], columns: tuple[Column, ...]) -> Floats:
    """Arrange a pass's weights by offset and feature: float32 array (7, len(FEATURES))."""
    matrix = np.zeros((len(OFFSETS), len(FEATURES)), np.float32)
    features, offsets = column_places(columns)
    matrix[offsets, features] = weights
    return matrix
