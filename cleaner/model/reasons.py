"""Take a line's log-odds apart into the contributions of features, named in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.model.columns import OFFSETS, describe, shifted_views
from cleaner.model.linear import STEPS, WEIGHT_UNIT
from cleaner.model.model import Model, Scored
from cleaner.model.trees import tree_leaves


@dataclass(frozen=True, slots=True)
class Reason:
    """What one feature adds to the log-odds that a line is body.

    Attributes
    ----------
    feature : str
        In words.
    value : float
        Of the feature, in standard deviations from the average line; for a combination of
        features, the number of the leaf that holds.
    contribution : float
        In log-odds; positive speaks for body.
    """

    feature: str
    value: float
    contribution: float


def line_reasons(model: Model, scored: Scored, row: int) -> tuple[Reason, ...]:
    """Explain the log-odds of one row from the very numbers that gave them.

    Returns
    -------
    tuple of Reason
        Largest first; their contributions sum to the (calibrated) log-odds. Contributions of
        trees that ask about the same two features first are added up.
    """
    slope, intercept = model.calibration
    reach = OFFSETS[-1]
    features = scored.features[:, row - reach : row + reach + 1]
    values = shifted_views(features)[*model.second_indices, 0]
    contributions = values * model.second.weights * (WEIGHT_UNIT * slope)
    names = [describe(column) for column in model.second.columns]
    reasons = [
        Reason(
            names[number],
            float(values[number]) / STEPS,
            float(contributions[number]),
        )
        for number in np.flatnonzero(contributions).tolist()
    ]
    leaves = tree_leaves(model.trees, features, model.second_indices)[:, 0]
    reasons += _tree_reasons(model, names, leaves, slope)
    reasons.append(Reason("an average line", 1.0, model.second.intercept * slope + intercept))
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def _tree_reasons(
    model: Model, names: Sequence[str], leaves: NDArray[np.uint8], slope: float
) -> list[Reason]:
    sums: dict[str, float] = {}
    for columns, leaf, weights in zip(
        model.trees.columns.tolist(), leaves.tolist(), model.tree_weights.tolist(), strict=True
    ):
        first_two = list(dict.fromkeys(names[column] for column in columns))[:2]
        name = "together: " + ", ".join(first_two)
        sums[name] = sums.get(name, 0.0) + weights[leaf] * WEIGHT_UNIT * slope
    return [Reason(name, 1.0, value) for name, value in sums.items() if value]
