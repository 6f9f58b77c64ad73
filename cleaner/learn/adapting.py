"""Adapt a trained model to newly labelled documents, with the model itself as the prior.

Each stage keeps its coefficients and learns what to add to them, by a logistic regression that
starts from the log-odds the model gives and is pulled towards no change at all. The sum is one
set of coefficients again: the adapted model is as fast, and as explainable, as its start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import TrainingError
from cleaner.features import WEIGHT_UNIT as LEXICAL_UNIT
from cleaner.labelled import LabelledDocument
from cleaner.learn.dataset import Dataset, build_dataset
from cleaner.learn.stages import LARGEST_WORD, round_words
from cleaner.learn.training import check_documents, describe_training, make_pass
from cleaner.model import STEPS, WEIGHT_UNIT, Model, describe, design_matrix
from cleaner.text import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_ITERATIONS = 200


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """How far new documents may move a model; `tests/benchmarks/adapting.py` measures the effect.

    Attributes
    ----------
    n_folds : int
        Of the out-of-fold scores of the words.
    lexical_c, second_c : float
        Inverse strength of the pull towards the start (as scikit-learn's C).
    anchor_weight : float
        Of each anchor document; a new document has 1 (or what its file says).
    """

    n_folds: int = 5
    lexical_c: float = 0.3
    second_c: float = 0.001
    anchor_weight: float = 0.5


def adapt(
    documents: Sequence[LabelledDocument],
    start: Model,
    settings: AdaptSettings | None = None,
    *,
    anchors: Sequence[LabelledDocument] = (),
    name: str = "unnamed",
) -> Model:
    """Adapt a model to new documents; the data it was trained on are not needed.

    Parameters
    ----------
    documents : sequence of LabelledDocument
    start : Model
    settings : AdaptSettings, optional
    anchors : sequence of LabelledDocument
        Labelled documents on which the model must not get worse: they are learnt from, with
        less weight. corpus/ is meant for this.
    name : str
        Name of the adapted model.

    Raises
    ------
    TrainingError
        If there are too few labelled lines, only one label, or the pull is far too weak.
    """
    check_documents(documents, fewest_sources=1)
    check_markup([*documents, *anchors], start)
    chosen = settings or AdaptSettings()
    lighter = [replace(one, weight=one.weight * chosen.anchor_weight) for one in anchors]
    everything = [*documents, *lighter]
    # New documents and anchors are dealt apart, so that every fold has its share of both.
    folds = [balanced_folds(some, chosen.n_folds) for some in (documents, lighter)]
    data = build_dataset(everything, chosen.n_folds)
    data = replace(data, fold=np.concatenate((*folds, [-1]))[data.document])
    fold_models, adapted = _adapt_words(data, start, chosen.lexical_c)
    moved = _move_second(data, fold_models, adapted, chosen.second_c)
    facts = {**describe_training(documents, chosen, anchors), "anchors": len(anchors)}
    return replace(moved, name=name, provenance={**facts, "started_from": start.provenance})


def check_markup(documents: Sequence[LabelledDocument], start: Model) -> None:
    """Refuse documents of texts for a model of HTML.

    Raises
    ------
    TrainingError
        Names the first one.
    """
    missing = [one.id for one in documents if one.lines and not one.markup]
    if start.reads_markup and missing:
        raise TrainingError(
            f"the model {start.name!r} judges HTML, but {len(missing)} of {len(documents)}"
            f" documents are texts, such as {missing[0]!r}: label HTML with --model"
            f" {start.name}, or start from a model of texts"
        )


def balanced_folds(documents: Sequence[LabelledDocument], n_folds: int) -> Ints:
    """Deal documents into folds of about the same size, the same in every run.

    Sources are kept together if there are as many as folds; else documents are dealt one by one,
    for they are met again. Fewer documents than folds give one fold each.

    Returns
    -------
    int64 array (n_documents,)
        From 0.

    Examples
    --------
    >>> page = LabelledDocument("a", ("It rained.",), ("body",), "x.org")
    >>> balanced_folds([page, replace(page, id="b")], 5).tolist()
    [1, 0]
    """
    by_source = len({document.source for document in documents}) >= n_folds
    groups: dict[str, list[int]] = {}
    for number, document in enumerate(documents):
        group = document.source if by_source else f"{document.id} {number}"
        groups.setdefault(group, []).append(number)
    order = sorted(groups, key=lambda name: (-len(groups[name]), _digest(name)))
    sizes = np.zeros(n_folds, np.int64)
    folds = np.zeros(len(documents), np.int64)
    for name in order:
        fold = int(sizes.argmin())
        folds[groups[name]] = fold
        sizes[fold] += len(groups[name])
    return folds


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _adapt_words(data: Dataset, start: Model, c: float) -> tuple[list[Model], Model]:
    """Adapt the lexical model: without each fold, and on everything."""
    weights = start.lexical_weights.astype(np.float32) * np.float32(LEXICAL_UNIT)
    prior = data.words[0] @ weights + np.float32(start.lexical_intercept)
    without = [
        _move_words(data, start, prior, np.flatnonzero((data.weight > 0) & (data.fold != fold)), c)
        for fold in range(int(data.fold.max()) + 1)
    ]
    return without, _move_words(data, start, prior, np.flatnonzero(data.weight > 0), c)


def _move_words(data: Dataset, start: Model, prior: Floats, rows: Ints, c: float) -> Model:
    """Adapt the lexical weights; its intercept stays, for pass 1 expects it."""
    words = data.words[0][rows]
    met = np.unique(words.indices)
    added, _ = fit_change(words[:, met], prior[rows], (data.label[rows], data.weight[rows]), c)
    weights = start.lexical_weights.astype(np.int64)
    weights[met] += round_words(added)
    clipped = np.clip(weights, -LARGEST_WORD, LARGEST_WORD)
    return replace(start, lexical_weights=clipped.astype(np.int16))


def _judge_out_of_fold(
    data: Dataset, fold_models: Sequence[Model]
) -> tuple[Floats, NDArray[np.int8]]:
    """Judge every row with the model whose words have not seen its document.

    Returns
    -------
    float32 array (n_rows,)
        Calibrated log-odds.
    int8 array (n_rows, n_columns)
        What pass 2 sees.
    """
    odds = np.zeros(len(data.label), np.float32)
    features, columns = fold_models[0].features, fold_models[0].second.columns
    design = np.zeros((len(data.label), len(columns)), np.int8)
    for part in data.parts:
        folds = data.fold[part.start : part.stop]
        for fold in np.unique(folds[folds >= 0]).tolist():
            scored = fold_models[fold].score(part.lay_out())
            here = np.flatnonzero(folds == fold)
            odds[part.start + here] = scored.log_odds[here]
            rows = design_matrix(scored.features, features, columns)
            design[part.start + here] = rows[here]
    return odds, design


def _move_second(data: Dataset, fold_models: Sequence[Model], model: Model, c: float) -> Model:
    """Adapt pass 2; its calibration stays."""
    odds, design = _judge_out_of_fold(data, fold_models)
    rows = np.flatnonzero(data.weight > 0)
    columns = design[rows].astype(np.float32) / np.float32(STEPS)
    target = data.label[rows], data.weight[rows]
    added, intercept = fit_change(columns, odds[rows], target, c)
    slope, _ = model.calibration
    coefficients = model.second.weights * (STEPS * WEIGHT_UNIT) + added / slope
    second = make_pass(
        model.second.columns, coefficients, model.second.intercept + intercept / slope
    )
    return replace(model, second=second)


def fit_change(
    columns: Floats | csr_matrix, prior: Floats, target: tuple[Any, Any], c: float
) -> tuple[NDArray[np.float64], float]:
    """Fit what to add to given log-odds: a logistic regression with an offset.

    The change is penalised as scikit-learn penalises coefficients; the intercept is, too, so that
    a strong pull leaves everything as it was.

    Parameters
    ----------
    columns : array or csr matrix of floats (n_rows, n_columns)
    prior : float32 array (n_rows,)
        Log-odds to start from.
    target : tuple of two arrays (n_rows,)
        Labels (1 body, 0 clutter) and weights.
    c : float
        Inverse strength of the pull towards no change.

    Returns
    -------
    float64 array (n_columns,)
        What each column adds.
    float
        What every row is given.

    Examples
    --------
    >>> columns = np.array([[1], [-1]], np.float32)
    >>> target = np.array([1, 0]), np.ones(2)
    >>> added, intercept = fit_change(columns, np.zeros(2, np.float32), target, 1e-9)
    >>> added.round(3).tolist()
    [0.0]
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    label, weight = target
    n_columns = columns.shape[1]
    transposed = columns.T

    def loss(change: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = prior + (columns @ change[:n_columns].astype(columns.dtype)) + change[n_columns]
        signed = np.where(label == 1, odds, -odds).astype(np.float64)
        value = c * (weight @ np.logaddexp(0, -signed)) + change @ change / 2
        residual = weight * (expit(odds.astype(np.float64)) - label)
        gradient = np.append(transposed @ residual.astype(columns.dtype), residual.sum())
        return float(value), c * gradient + change

    found = minimize(
        loss, np.zeros(n_columns + 1), method="L-BFGS-B", jac=True,
        options={"maxiter": _ITERATIONS, "ftol": 1e-7},
    ).x  # fmt: skip
    return found[:n_columns], float(found[n_columns])


def moved_most(before: Model, after: Model, n: int = 10) -> list[tuple[str, float]]:
    """Name the columns of pass 2 whose weights moved most.

    Returns
    -------
    list of (str, float)
        In words, and the change in log-odds per standard deviation, largest first.
    """
    change = (after.second.weights - before.second.weights) * (WEIGHT_UNIT * STEPS)
    order = np.argsort(-np.abs(change), kind="stable")[:n]
    return [
        (describe(after.second.columns[number]), float(change[number])) for number in order.tolist()
    ]
