"""List the features, and the columns that each pass makes of them and of their neighbours."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.context import CONTEXT
from cleaner.features import LINE_FEATURES
from cleaner.lexical import LEXICAL_CONTEXT
from cleaner.rows import Floats
from cleaner.surroundings import SURROUNDINGS

_Number = TypeVar("_Number", bound=np.number[Any])

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


def take_column(features: NDArray[_Number], column: Column) -> NDArray[_Number]:
    """View a column of quantised features, without its first and last rows.

    Returns
    -------
    array (n_rows - 2 * 3,) of the same type
        Entry i belongs to row i + 3; the rows left out lie in margins.
    """
    reach = OFFSETS[-1]
    stop = features.shape[1] - reach + column.offset
    return features[_NUMBER[column.feature], reach + column.offset : stop]


def design_matrix(features: Floats, columns: tuple[Column, ...]) -> NDArray[np.int8]:
    """Write out the columns of a pass for training.

    Parameters
    ----------
    features : float32 array (n_features, n_rows)
        Quantised (scaling.py): whole numbers that fit an int8.

    Returns
    -------
    int8 array (n_rows, len(columns))
    """
    reach = OFFSETS[-1]
    design = np.zeros((len(columns), features.shape[1]), np.int8)
    for number, column in enumerate(columns):
        design[number, reach:-reach] = take_column(features, column)
    return design.T


def weight_matrix(weights: NDArray[np.int32], columns: tuple[Column, ...]) -> Floats:
    """Arrange a pass's weights by offset and feature: float32 array (7, len(FEATURES))."""
    matrix = np.zeros((len(OFFSETS), len(FEATURES)), np.float32)
    for weight, column in zip(weights, columns, strict=True):
        matrix[OFFSETS.index(column.offset), _NUMBER[column.feature]] = weight
    return matrix
