"""Hold the coefficients of a trained cleaner and score batches with numpy alone.

Pass 1 judges each line by itself, its neighbours and its place. Pass 2 judges it again, knowing
what pass 1 says of the lines around it, and has the leaves of small trees as further inputs. The
decision is one logistic regression: a sum of weights times features, which `explain` takes apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.batch import Batch
from cleaner.columns import (
    FEATURES,
    N_BEFORE_CONTEXT,
    OFFSETS,
    PASS_1,
    PASS_2,
    Column,
    weight_matrix,
)
from cleaner.context import context_features
from cleaner.features import LINE_FEATURES, line_features
from cleaner.lexical import lexical_features, lexical_log_odds, lexical_places
from cleaner.rows import Flags, Floats, Rows, Words, lay_out_rows
from cleaner.scaling import WEIGHT_UNIT, Scaling
from cleaner.surroundings import SURROUNDINGS, surrounding_features
from cleaner.trees import Trees, tree_sums

_N_LINE = len(LINE_FEATURES)
# Rows are multiplied in slices of this many: longer ones leave the cache (RESEARCH, speed).
_SLICE = 1024


class Pass(NamedTuple):
    """Weights of one logistic regression, in units of WEIGHT_UNIT per step of a feature."""

    weights: NDArray[np.int32]  # (n_columns,)
    intercept: float  # log-odds


@dataclass(frozen=True, eq=False)
class Model:
    """A trained cleaner. Immutable; `model_file` reads and writes it.

    Attributes
    ----------
    name : str
    lexical_weights : int16 array (lexical.N_COLUMNS,)
    lexical_intercept : float
        Log-odds.
    scaling : Scaling
        Of all features, in the order of `columns.FEATURES`.
    first, second : Pass
        Over the columns PASS_1 and PASS_2.
    trees : Trees
    tree_weights : int32 array (n_trees, 8)
        In units of WEIGHT_UNIT.
    calibration : tuple of two floats
        Slope and intercept that turn pass-2 log-odds into calibrated log-odds (Platt 1999).
    threshold : float
        Lines with at least this body probability are kept; from 0 to 1.
    provenance : dict
        What the model was trained on and how it scored; plain JSON values.
    """

    name: str
    lexical_weights: NDArray[np.int16]
    lexical_intercept: float
    scaling: Scaling
    first: Pass
    second: Pass
    trees: Trees
    tree_weights: NDArray[np.int32]
    calibration: tuple[float, float] = (1.0, 0.0)
    threshold: float = 0.5
    provenance: dict[str, Any] = field(default_factory=dict)

    def score(self, batch: Batch) -> Scored:
        """Judge every line of a batch; the only place where lines are scored."""
        rows, words = lay_out_rows(batch)
        if not rows.row.size:
            n_rows = rows.n_rows
            empty = np.zeros((len(FEATURES), n_rows), np.float32)
            return Scored(rows, words, empty, np.zeros(n_rows, np.float32))
        before = features_before_context(self, batch, rows, words)
        features, odds = add_context(self, before)
        return Scored(rows, words, features, odds)

    def probabilities(self, log_odds: Floats) -> Floats:
        """Turn calibrated log-odds into probabilities."""
        return (1 / (1 + np.exp(-log_odds.astype(np.float64)))).astype(np.float32)


class BeforeContext(NamedTuple):
    """All that is known of a batch before pass 2."""

    rows: Rows
    words: Words
    occupied: Flags  # (n_rows,)
    line: dict[str, Floats]
    surroundings: dict[str, Floats]
    quantised: Floats  # (N_BEFORE_CONTEXT, n_rows)
    lexical_odds: Floats  # (n_rows,)
    first_odds: Floats  # (n_rows,), log-odds of pass 1


class Scored(NamedTuple):
    """A judged batch."""

    rows: Rows
    words: Words
    features: Floats  # (len(FEATURES), n_rows), quantised
    log_odds: Floats  # (n_rows,), calibrated; values in empty rows mean nothing


def weighted_sums(weights: Pass, columns: tuple[Column, ...], features: Floats) -> Floats:
    """Multiply the columns of a pass by its weights and sum: log-odds, float32 array (n_rows,).

    Every product and every partial sum is a whole number below 2**24 and so exact in float32.
    """
    matrix = weight_matrix(weights.weights, columns)
    middle = OFFSETS.index(0)
    own = matrix[middle : middle + 1, : len(features)].copy()
    matrix[middle] = 0
    around = np.ascontiguousarray(matrix[:, :_N_LINE])
    n_rows = features.shape[1]
    total = np.empty(n_rows, np.float32)
    near = np.empty((len(OFFSETS), n_rows), np.float32)
    for start in range(0, n_rows, _SLICE):
        part = np.ascontiguousarray(features[:, start : start + _SLICE])
        total[start : start + _SLICE] = (own @ part)[0]
        near[:, start : start + _SLICE] = around @ part[:_N_LINE]
    for offset, sums in zip(OFFSETS, near, strict=True):
        if offset > 0:
            total[:-offset] += sums[offset:]
        elif offset < 0:
            total[-offset:] += sums[:offset]
    return total * np.float32(WEIGHT_UNIT) + np.float32(weights.intercept)


def raw_features(batch: Batch, rows: Rows, words: Words) -> tuple[Floats, Floats]:
    """Compute line features and surroundings, unscaled."""
    line, good = line_features(batch, rows, words)
    return line, surrounding_features(rows, words, line, good)


def features_before_context(model: Model, batch: Batch, rows: Rows, words: Words) -> BeforeContext:
    """Judge a batch by pass 1."""
    line, around = raw_features(batch, rows, words)
    occupied = np.zeros(rows.n_rows, bool)
    occupied[rows.row] = True
    lexical_odds = lexical_log_odds(
        lexical_places(rows, words), model.lexical_weights, model.lexical_intercept
    )
    raw = np.concatenate((line, around, lexical_features(rows, lexical_odds)))
    quantised = model.scaling.part(0, N_BEFORE_CONTEXT).quantise(raw, occupied)
    return BeforeContext(
        rows,
        words,
        occupied,
        dict(zip(LINE_FEATURES, line, strict=True)),
        dict(zip(SURROUNDINGS, around, strict=True)),
        quantised,
        lexical_odds,
        weighted_sums(model.first, PASS_1, quantised),
    )


def add_context(model: Model, before: BeforeContext) -> tuple[Floats, Floats]:
    """Judge a batch by pass 2: all quantised features, and calibrated log-odds."""
    context = context_features(
        before.rows, before.words, before.line, before.surroundings, before.first_odds
    )
    scaling = model.scaling.part(N_BEFORE_CONTEXT, len(FEATURES))
    features = np.concatenate((before.quantised, scaling.quantise(context, before.occupied)))
    odds = weighted_sums(model.second, PASS_2, features)
    odds += tree_sums(model.trees, model.tree_weights, features) * np.float32(WEIGHT_UNIT)
    slope, intercept = model.calibration
    return features, odds * np.float32(slope) + np.float32(intercept)
