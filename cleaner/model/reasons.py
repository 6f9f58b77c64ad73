"""Take a line's log-odds apart: what each group of features adds, and each feature within it.

What trees say is split among the features that they ask for (trees.py), so that a reader need not
know which part of the model a feature spoke through.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cleaner.features import AROUND, FEATURES
from cleaner.model.columns import OFFSETS, STEPS, Column, Steps, column_values, describe
from cleaner.model.linear import (
    WEIGHT_UNIT,
    Products,
    Weights,
    arrange_products,
    arrange_weights,
    product_sums,
    weighted_sums,
)
from cleaner.model.model import Model, Scored
from cleaner.model.trees import Split, leaf_numbers, split_leaves
from cleaner.text import Flags, Floats

# The reason that holds for every line: what a line is judged that is average in everything.
BASELINE = "an average line"
# The reason for which a line of a collection goes, if it is that.
RECURRENCE = "the documents it recurs in"
_ROUNDING = 0.01  # log-odds; a line that recurs loses more


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
    slope, _ = model.calibration
    reach = OFFSETS[-1]
    features = scored.features[:, row - reach : row + reach + 1]
    values = column_values(features, model.second_indices)[:, 0]
    of_columns = values * model.second.weights * WEIGHT_UNIT
    contributions = dict(zip(model.second.columns, of_columns.tolist(), strict=True))
    standing = dict(zip(model.second.columns, values.tolist(), strict=True))
    if scored.is_doubtful[row]:
        own = scored.features[:, row]
        for number, share in enumerate(_shares_of_trees(model, own).tolist()):
            column = Column(model.features[number])
            contributions[column] = contributions.get(column, 0.0) + share
            standing[column] = float(own[number])
    groups: dict[str, list[Part]] = {}
    for column, contribution in contributions.items():
        if contribution:
            part = Part(describe(column), standing[column] / STEPS, contribution * slope)
            groups.setdefault(_group_of(column), []).append(part)
    reasons = [
        Reason(
            group,
            sum(part.contribution for part in parts),
            tuple(sorted(parts, key=lambda part: -abs(part.contribution))),
        )
        for group, parts in groups.items()
    ]
    reasons.append(Reason(BASELINE, _average_log_odds(model)[int(scored.is_doubtful[row])]))
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def _shares_of_trees(model: Model, features: Steps) -> Floats:
    """Give what each feature of one line, (n_features,), adds through the trees, uncalibrated."""
    leaf = np.concatenate(list(leaf_numbers(model.trees, features[:, None])))
    shares = np.take_along_axis(_split(model).shares, leaf[:, :, None].astype(np.intp), axis=1)
    places, n_features = model.trees.features.ravel(), len(model.features)
    return np.bincount(places, shares.ravel(), n_features).astype(np.float32)


def _average_log_odds(model: Model) -> tuple[float, float]:
    """Log-odds of an average line, if the trees do not judge it and if they do."""
    slope, intercept = model.calibration
    sure = model.second.intercept * slope + intercept
    return sure, sure + _split(model).average * slope


@functools.lru_cache(maxsize=2)  # a run has a model for texts and one for HTML
def _split(model: Model) -> Split:
    return split_leaves(model.trees)


def count_reasons(
    model: Model, scored: Scored, kept: Flags, counted: Flags
) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Count the lines of each document by the reason that spoke most for what was decided.

    Parameters
    ----------
    kept, counted : bool array (n,)
        In the order of `Lines.row`: lines that are kept, and lines to count.

    Returns
    -------
    list of two dicts
        Of each document, the numbers of kept and of dropped lines by group of features, or by
        `RECURRENCE`; by `BASELINE` those that no other reason spoke for.
    """
    lines = scored.lines
    groups, contributions = group_contributions(model, scored)
    sure, doubtful = map(np.float32, _average_log_odds(model))
    average = np.where(scored.is_doubtful[lines.row], doubtful, sure)
    recurrence = scored.log_odds[lines.row] - contributions.sum(axis=0) - average
    recurrence[np.abs(recurrence) < _ROUNDING] = 0
    contributions = np.concatenate((contributions, recurrence[None]))
    contributions[:, ~kept] *= -1
    reasons = (*groups, RECURRENCE, BASELINE)
    spoke = contributions.max(axis=0) > 0
    strongest = np.where(spoke, contributions.argmax(axis=0), len(reasons) - 1)
    place = (lines.document * 2 + kept) * len(reasons) + strongest
    shape = len(lines.n_lines), 2, len(reasons)
    counts = np.bincount(place[counted], minlength=np.prod(shape)).reshape(shape)
    return [
        (dict(zip(reasons, of_kept, strict=True)), dict(zip(reasons, dropped, strict=True)))
        for dropped, of_kept in counts.tolist()
    ]


def group_contributions(model: Model, scored: Scored) -> tuple[tuple[str, ...], Floats]:
    """Give what each group of features adds to the log-odds of all lines: fast, without parts.

    Returns
    -------
    tuple of str
        The groups, without the average line.
    float32 array (n_groups, n)
        In log-odds, of the lines in the order of `Lines.row`.
    """
    groups = _arrange_groups(model)
    sums = weighted_sums(groups.weights, scored.features)
    for number, products in groups.products.items():
        sums[number] += product_sums(products, scored.features)
    slope, _ = model.calibration
    sums *= np.float32(WEIGHT_UNIT)
    rows = np.flatnonzero(scored.is_doubtful)
    start = 0
    for leaf in leaf_numbers(model.trees, scored.features.take(rows, axis=1)):
        tables, place = groups.leaves[:, start : start + len(leaf)], leaf.astype(np.intp)
        for number, of_group in enumerate(tables):
            sums[number, rows] += np.take_along_axis(of_group, place, axis=1).sum(axis=0)
        start += len(leaf)
    return groups.names, sums[:, scored.lines.row] * np.float32(slope)


class _Groups(NamedTuple):
    """The weights of the second pass by groups of features."""

    names: tuple[str, ...]
    weights: Weights
    products: dict[int, Products]  # by the group's number, where it has any
    leaves: Floats  # (n_groups, n_trees, n_leaves), shares of the trees' leaves


@functools.lru_cache(maxsize=2)  # a run has a model for texts and one for HTML
def _arrange_groups(model: Model) -> _Groups:
    of_column = [_group_of(column) for column in model.second.columns]
    of_feature = np.array([FEATURES[name].group for name in model.features])
    names = tuple(dict.fromkeys([*of_column, *of_feature.tolist()]))
    weights = [
        np.where([group == name for group in of_column], model.second.weights, 0) for name in names
    ]
    columns = model.second.columns
    products = {
        number: arrange_products(one, columns, model.features) for number, one in enumerate(weights)
    }
    return _Groups(
        names,
        arrange_weights([(one, columns) for one in weights], model.features),
        {number: one for number, one in products.items() if one.weights.size},
        np.array([_split_by(model, of_feature == name) for name in names]),
    )


def _split_by(model: Model, chosen: Flags) -> Floats:
    """Sum up the shares of the questions about some features: (n_trees, n_leaves)."""
    asked = chosen[model.trees.features].astype(np.float32)
    of_group: Floats = (_split(model).shares * asked[:, None, :]).sum(axis=2)
    return of_group


def _group_of(column: Column) -> str:
    return AROUND if column.offset else FEATURES[column.feature].group
