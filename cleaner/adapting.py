"""Adapt a trained model to newly labelled documents, with the model itself as the prior.

Logistic regressions are fitted whose first column is the model's own log-odds and whose other
columns are its features. The first coefficient is nearly free and comes out near 1, the others
are held near 0, and both are folded into one new set of coefficients: the adapted model is as
fast, and as explainable, as the one it started from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cleaner.columns import PASS_2, describe, design_matrix
from cleaner.dataset import Dataset, build_dataset
from cleaner.labelled import LabelledDocument
from cleaner.lexical import WEIGHT_UNIT as LEXICAL_UNIT
from cleaner.model import Model, Pass
from cleaner.rows import Floats
from cleaner.scaling import STEPS, WEIGHT_UNIT
from cleaner.training import check_documents, describe_training, logistic_regression

# The model's log-odds are scaled up so much that their coefficient is hardly regularised.
_PRIOR_SCALE = 100.0


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """How far new documents may move a model; chosen by `tests/benchmarks/adapting.py`.

    Attributes
    ----------
    n_folds : int
        Of the out-of-fold scores of the words.
    lexical_c, second_c : float
        Inverse strength of the pull towards the model started from (scikit-learn's C).
    """

    n_folds: int = 5
    lexical_c: float = 0.3
    second_c: float = 0.003


def adapt(
    documents: Sequence[LabelledDocument],
    start: Model,
    settings: AdaptSettings | None = None,
    *,
    name: str = "adapted",
) -> Model:
    """Adapt a model to new documents; the data it was trained on are not needed.

    Parameters
    ----------
    documents : sequence of LabelledDocument
    start : Model

    Raises
    ------
    TrainingError
        If there are too few labelled lines, or only one label.
    """
    chosen = settings or AdaptSettings()
    check_documents(documents, fewest_sources=1)
    folded = _fold_by_document(documents, chosen.n_folds)
    data = build_dataset(folded, chosen.n_folds)
    fold_models, adapted = _adapt_words(data, start, chosen)
    odds, design = _judge_out_of_fold(data, fold_models)
    rows = np.flatnonzero(data.weight > 0)
    columns = np.concatenate(
        (odds[rows, None] * np.float32(_PRIOR_SCALE), design[rows].astype(np.float32) / STEPS),
        axis=1,
    )
    fitted = logistic_regression(chosen.second_c).fit(columns, data.label[rows], data.weight[rows])
    trust = float(fitted.coef_[0, 0]) * _PRIOR_SCALE
    moved = np.rint(fitted.coef_[0, 1:] / STEPS / WEIGHT_UNIT)
    second = Pass(
        (np.rint(start.second.weights * trust) + moved).astype(np.int32),
        start.second.intercept * trust + float(fitted.intercept_[0]),
    )
    return replace(
        adapted,
        name=name,
        second=second,
        tree_weights=np.rint(start.tree_weights * trust).astype(np.int32),
        provenance={**describe_training(documents, chosen), "started_from": start.provenance},
    )


def _fold_by_document(
    documents: Sequence[LabelledDocument], n_folds: int
) -> list[LabelledDocument]:
    """Let documents of a few sources be folded one by one: they will be met again."""
    if len({document.source for document in documents}) >= n_folds:
        return list(documents)
    return [replace(document, source=document.id) for document in documents]


def _adapt_words(
    data: Dataset, start: Model, settings: AdaptSettings
) -> tuple[dict[int, Model], Model]:
    """Adapt the lexical model: without each fold, and on everything."""
    weights = start.lexical_weights.astype(np.float32) * np.float32(LEXICAL_UNIT)
    prior = data.words @ weights + np.float32(start.lexical_intercept)
    labelled = data.weight > 0
    fold_models = {}
    for fold in sorted(set(data.fold[data.occupied].tolist())):
        rows = np.flatnonzero(labelled & (data.fold != fold))
        fold_models[fold] = _move_words(data, start, prior, rows, settings.lexical_c)
    everything = np.flatnonzero(labelled)
    return fold_models, _move_words(data, start, prior, everything, settings.lexical_c)


def _move_words(
    data: Dataset, start: Model, prior: Floats, rows: NDArray[np.int64], c: float
) -> Model:
    if np.unique(data.label[rows]).size < 2:
        return start
    from scipy.sparse import csr_matrix, hstack

    first = csr_matrix(prior[rows, None] * np.float32(_PRIOR_SCALE))
    fitted = logistic_regression(c).fit(
        hstack((first, data.words[rows])).tocsr(), data.label[rows], data.weight[rows]
    )
    # Pass 1 expects log-odds on the scale it has learnt: only the differences are taken over.
    trust = max(float(fitted.coef_[0, 0]) * _PRIOR_SCALE, 0.1)
    moved = np.rint(fitted.coef_[0, 1:] / trust / LEXICAL_UNIT)
    weights = np.clip(start.lexical_weights + moved, -(2**15) + 1, 2**15 - 1)
    return replace(start, lexical_weights=weights.astype(np.int16))


def _judge_out_of_fold(
    data: Dataset, fold_models: dict[int, Model]
) -> tuple[Floats, NDArray[np.int8]]:
    """Judge every row with the model that has not seen its document.

    Returns
    -------
    float32 array (n_rows,)
        Log-odds of pass 2, not calibrated.
    int8 array (n_rows, len(PASS_2))
        Its columns.
    """
    odds = np.zeros(len(data.label), np.float32)
    design = np.zeros((len(data.label), len(PASS_2)), np.int8)
    for part in data.parts:
        folds = data.fold[part.start : part.stop]
        for fold in sorted(set(folds[folds >= 0].tolist())):
            model = fold_models[fold]
            scored = model.score(part.batch)
            here = np.flatnonzero(folds == fold)
            slope, intercept = model.calibration
            odds[part.start + here] = (scored.log_odds[here] - intercept) / slope
            columns = design_matrix(scored.features.astype(np.int8), PASS_2)
            design[part.start + here] = columns[here]
    return odds, design


def moved_most(before: Model, after: Model, n: int = 10) -> list[tuple[str, float]]:
    """Name the columns of pass 2 whose weights moved most.

    Returns
    -------
    list of (str, float)
        In words, and the change in log-odds per standard deviation, largest first.
    """
    change = (after.second.weights - before.second.weights) * (WEIGHT_UNIT * STEPS)
    order = np.argsort(-np.abs(change), kind="stable")[:n]
    return [(describe(PASS_2[number]), float(change[number])) for number in order.tolist()]
