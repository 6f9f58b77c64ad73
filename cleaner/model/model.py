"""Hold the coefficients of a trained cleaner and score batches with numpy alone.

Pass 1 judges each line by itself, its neighbours and its place. Pass 2 judges it again, knowing
what pass 1 says of the lines around it, and has the leaves of small trees as further inputs. The
decision is one logistic regression: a sum of weights times features, which `explain` takes apart.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import (
    LINE_FEATURES,
    SURROUNDINGS,
    Judged,
    Overlap,
    context_features,
    lexical_features,
    lexical_log_odds,
    lexical_places,
    line_features,
    prepare_overlap,
    surrounding_features,
)
from cleaner.model.linear import Tally, Weights, arrange_weights
from cleaner.model.scaling import WEIGHT_UNIT, Scaling, Steps
from cleaner.model.trees import Trees, tree_sums
from cleaner.text import Batch, Floats, Rows, Words, lay_out_rows


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
        tally = Tally(self.scaling, self._weights, rows.occupied)
        if not rows.row.size:
            return Scored(rows, words, tally.features, np.zeros(rows.n_rows, np.float32))
        overlap = prepare_overlap(rows, words)
        line, around = raw_features(batch, rows, words, overlap)
        tally.add(line)
        tally.add(around)
        lexical_odds = lexical_log_odds(
            lexical_places(rows, words), self.lexical_weights, self.lexical_intercept
        )
        tally.add(lexical_features(rows, lexical_odds))
        first_odds = _log_odds(tally.sums(0), self.first)
        tally.add(context_features(judge(rows, words, overlap, (line, around), first_odds)))
        odds = _log_odds(tally.sums(1), self.second)
        odds += tree_sums(self.trees, self.tree_weights, tally.features) * np.float32(WEIGHT_UNIT)
        slope, intercept = self.calibration
        odds *= np.float32(slope)
        odds += np.float32(intercept)
        return Scored(rows, words, tally.features, odds)

    @functools.cached_property
    def _weights(self) -> Weights:
        return arrange_weights(self.first.weights, self.second.weights)


def _log_odds(sums: Floats, weights: Pass) -> Floats:
    return sums * np.float32(WEIGHT_UNIT) + np.float32(weights.intercept)


class Scored(NamedTuple):
    """A judged batch."""

    rows: Rows
    words: Words
    features: Steps  # (len(FEATURES), n_rows)
    log_odds: Floats  # (n_rows,), calibrated; values in empty rows mean nothing


def probabilities(log_odds: Floats) -> NDArray[np.float64]:
    """Turn calibrated log-odds into body probabilities.

    Examples
    --------
    >>> probabilities(np.zeros(1, np.float32)).tolist()
    [0.5]
    """
    return 1 / (1 + np.exp(-log_odds.astype(np.float64)))


def raw_features(batch: Batch, rows: Rows, words: Words, overlap: Overlap) -> tuple[Floats, Floats]:
    """Compute line features and surroundings, unscaled."""
    line, good = line_features(batch, rows, words)
    return line, surrounding_features(rows, words, line, good, overlap)


def judge(
    rows: Rows, words: Words, overlap: Overlap, raw: tuple[Floats, Floats], odds: Floats
) -> Judged:
    """Gather what the context features need; `raw` comes from `raw_features`."""
    line, around = raw
    return Judged(
        rows,
        words.n_tokens,
        overlap,
        dict(zip(LINE_FEATURES, line, strict=True)),
        dict(zip(SURROUNDINGS, around, strict=True)),
        odds,
    )
