"""Hold the coefficients of a trained cleaner and score batches with numpy alone.

Pass 1 judges each line by itself, its neighbours and its place. Pass 2 judges it again, knowing
what pass 1 says of the lines around it: one logistic regression, a sum of weights times features.
Lines of which it is not sure are judged once more, by trees (trees.py), if the model has some.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import (
    FIRST_FEATURES,
    JUDGED_FEATURES,
    Columns,
    Overlap,
    hashed_word_features,
    judged_features,
    lexical_log_odds,
    lexical_places,
    line_features,
    markup_features,
    markup_log_odds,
    markup_places,
    page_features,
    prepare_overlap,
    stacked_features,
    stacked_markup_features,
)
from cleaner.model.columns import Column, ColumnIndices, Steps, column_indices
from cleaner.model.linear import (
    WEIGHT_UNIT,
    Products,
    Scaling,
    Weights,
    arrange_products,
    arrange_weights,
    product_sums,
    quantise_columns,
    weighted_sums,
)
from cleaner.model.trees import Trees, leaf_sums
from cleaner.text import Flags, Floats, Lines


class Pass(NamedTuple):
    """One logistic regression over named columns."""

    columns: tuple[Column, ...]
    weights: NDArray[np.int32]  # (n_columns,), in units of WEIGHT_UNIT per step of a feature
    intercept: float  # log-odds


@dataclass(frozen=True, eq=False)
class Model:
    """A trained cleaner. Immutable; `model_file` reads and writes it.

    Attributes
    ----------
    name : str
    lexical_weights : int16 array (N_COLUMNS,)
    lexical_intercept : float
        Log-odds.
    markup_weights : int16 array (N_MARKUP_COLUMNS,), or (0,) for a model of texts
    markup_intercept : float
        Log-odds.
    features : tuple of str
        Names of the features that it uses, those that pass 1 is given first, those that only
        trees are given last. A feature that it does not name is none of its business: new ones
        change nothing for it.
    scaling : Scaling
        Of `features`, in their order.
    first, second : Pass
        Products of features are columns of the second only.
    trees : Trees
        Judges of doubtful lines; there may be none.
    vocabulary : str
        Digest of the function words and cues that it was trained with.
    calibration : tuple of two floats
        Slope and intercept that turn log-odds, of pass 2 and the trees, into calibrated log-odds
        (Platt 1999).
    threshold : float
        Lines with at least this body probability are kept; from 0 to 1.
    provenance : dict
        What the model was trained on and how it scored; plain JSON values.
    """

    name: str
    lexical_weights: NDArray[np.int16]
    lexical_intercept: float
    markup_weights: NDArray[np.int16]
    markup_intercept: float
    features: tuple[str, ...]
    scaling: Scaling
    first: Pass
    second: Pass
    vocabulary: str
    trees: Trees = field(default_factory=Trees.none)
    calibration: tuple[float, float] = (1.0, 0.0)
    threshold: float = 0.5
    provenance: dict[str, Any] = field(default_factory=dict)

    def score(self, lines: Lines) -> Scored:
        """Judge every line; the only place where lines are scored."""
        if not lines.row.size:
            steps = np.zeros((len(self.features), lines.n_rows), np.int8)
            nothing = np.zeros(lines.n_rows, np.float32)
            return Scored(lines, steps, nothing, nothing > 0)
        first, second, third = self._stages
        steps = np.empty((len(self.features), lines.n_rows), np.int8)
        steps[third] = 0
        overlap = prepare_overlap(lines)
        columns = raw_features(lines, overlap)
        words = lexical_places(lines)
        lexical = lexical_log_odds(words, self.lexical_weights, self.lexical_intercept)
        columns |= hashed_word_features(lines, *lexical)
        places = markup_places(lines) if self.reads_markup else None
        if places:
            odds = markup_log_odds(places, self.markup_weights, self.markup_intercept, lines.n_rows)
            columns |= markup_features(lines, places, odds, columns["lexical"])
        before = self._quantise(columns, lines.occupied, first, steps[first])
        of_before = weighted_sums(self._weights[0], before)
        first_odds = _log_odds(of_before[0], self.first)
        stacked = stacked_features(lines, overlap, columns, first_odds)
        if places:
            stacked |= stacked_markup_features(lines, places, first_odds)
        after = self._quantise(stacked, lines.occupied, second, steps[second])
        of_after = weighted_sums(self._weights[1], after)
        of_products = product_sums(self._products, steps)
        odds = _log_odds(of_before[1] + of_after[1] + of_products, self.second)
        is_doubtful = (np.abs(odds) < self.trees.band) & (lines.occupied > 0)
        rows = np.flatnonzero(is_doubtful)
        if rows.size:
            of_all = judged_features(lines, odds)
            judged = {name: values.take(rows) for name, values in of_all.items()}
            steps[third, rows] = self._quantise(judged, np.ones(len(rows), np.float32), third)
            odds[rows] += leaf_sums(self.trees, steps.take(rows, axis=1))
        slope, intercept = self.calibration
        odds *= np.float32(slope)
        odds += np.float32(intercept)
        return Scored(lines, steps, odds, is_doubtful)

    @property
    def reads_markup(self) -> bool:
        """Whether it judges lines of HTML by their markup, too."""
        return bool(self.markup_weights.size)

    @functools.cached_property
    def _stages(self) -> tuple[slice, slice, slice]:
        """Where the features stand that pass 1, pass 2 and the trees are the first to be given."""
        n_first = sum(name in FIRST_FEATURES for name in self.features)
        n_summed = sum(name not in JUDGED_FEATURES for name in self.features)
        return slice(n_first), slice(n_first, n_summed), slice(n_summed, None)

    @functools.cached_property
    def second_indices(self) -> ColumnIndices:
        """Where the columns of the second pass stand among the features."""
        return column_indices(self.second.columns, self.features)

    @functools.cached_property
    def _weights(self) -> tuple[Weights, Weights]:
        """Weights of both passes, of what pass 1 is given and of what it says."""
        passes = [(one.weights, one.columns) for one in (self.first, self.second)]
        weights = arrange_weights(passes, self.features)
        first, second, _ = self._stages
        return weights.part(first), weights.part(second)

    @functools.cached_property
    def _products(self) -> Products:
        return arrange_products(self.second.weights, self.second.columns, self.features)

    def _quantise(
        self, columns: Columns, occupied: Floats, stage: slice, out: Steps | None = None
    ) -> Steps:
        scaling = self.scaling.part(stage)
        return quantise_columns(columns, self.features[stage], scaling, occupied, out)


def _log_odds(sums: Floats, weights: Pass) -> Floats:
    return sums * np.float32(WEIGHT_UNIT) + np.float32(weights.intercept)


class Scored(NamedTuple):
    """A judged batch."""

    lines: Lines
    # (n_features, n_rows), quantised, in the order of the model's features; those that only trees
    # are given are 0 where no tree judges.
    features: Steps
    log_odds: Floats  # (n_rows,), calibrated; values in empty rows mean nothing
    is_doubtful: Flags  # (n_rows,): lines that the trees judged


def probabilities(log_odds: Floats) -> NDArray[np.float64]:
    """Turn calibrated log-odds into body probabilities.

    Examples
    --------
    >>> probabilities(np.zeros(1, np.float32)).tolist()
    [0.5]
    """
    return 1 / (1 + np.exp(-log_odds.astype(np.float64)))


def document_confidence(scored: Scored) -> NDArray[np.float64]:
    """Say how sure the decisions of each document are.

    The mean probability that a line's label is right, weighed by the root of its length in
    tokens (as lines are weighed in training): 1 is certain, .5 a guess. A document without lines
    has 1.

    Returns
    -------
    float64 array (n_documents,)
    """
    lines, n_documents = scored.lines, len(scored.lines.n_lines)
    # Whole-number weights and steps keep the sum exact in any batch.
    weight = np.rint(np.sqrt(lines.n_tokens[lines.row] + 1) * 256)
    odds = np.abs(scored.log_odds[lines.row].astype(np.float64))
    right = np.rint(256 / (1 + np.exp(-odds)))
    total = np.bincount(lines.document, weight, n_documents)
    sure = np.bincount(lines.document, weight * right, n_documents) / 256
    return np.where(total > 0, sure / np.maximum(total, 1), 1.0)


def raw_features(lines: Lines, overlap: Overlap) -> Columns:
    """Compute line and page features, unscaled."""
    line, good = line_features(lines)
    return {**line, **page_features(lines, line, good, overlap)}
