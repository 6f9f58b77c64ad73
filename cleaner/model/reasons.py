"""Take a line's log-odds apart: what each group of features adds, and each feature within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaner.features import AROUND, FEATURES
from cleaner.model.columns import OFFSETS, STEPS, Column, column_values, describe
from cleaner.model.linear import WEIGHT_UNIT
from cleaner.model.model import Model, Scored

# The reason that holds for every line: what a line is judged that is average in everything.
BASELINE = "an average line"


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature adds to the log-odds that a line is body.

    Attributes
    ----------
    feature : str
        In words.
    value : float
        In standard deviations from the average line.
    contribution : float
        In log-odds; positive speaks for body.
    """

    feature: str
    value: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Reason:
    """What a group of features adds to the log-odds that a line is body.

    Attributes
    ----------
    group : str
        In words; one of at most ten, of lines of HTML twelve.
    contribution : float
        In log-odds; positive speaks for body.
    parts : tuple of Part
        Of the group's features, largest first; they sum to its contribution. Empty for the
        average line.
    """

    group: str
    contribution: float
    parts: tuple[Part, ...] = ()


def line_reasons(model: Model, scored: Scored, row: int) -> tuple[Reason, ...]:
    """Explain the log-odds of one row from the very numbers that gave them.

    Returns
    -------
    tuple of Reason
        Largest first; their contributions sum to the (calibrated) log-odds.
    """
    slope, intercept = model.calibration
    reach = OFFSETS[-1]
    features = scored.features[:, row - reach : row + reach + 1]
    values = column_values(features, model.second_indices)[:, 0]
    contributions = values * model.second.weights * (WEIGHT_UNIT * slope)
    groups: dict[str, list[Part]] = {}
    for number in np.flatnonzero(contributions).tolist():
        column = model.second.columns[number]
        part = Part(describe(column), float(values[number]) / STEPS, float(contributions[number]))
        groups.setdefault(_group_of(column), []).append(part)
    reasons = [
        Reason(
            group,
            sum(part.contribution for part in parts),
            tuple(sorted(parts, key=lambda part: -abs(part.contribution))),
        )
        for group, parts in groups.items()
    ]
    reasons.append(Reason(BASELINE, model.second.intercept * slope + intercept))
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def _group_of(column: Column) -> str:
    return AROUND if column.offset else FEATURES[column.feature].group
