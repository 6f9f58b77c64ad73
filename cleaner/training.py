"""Train a model on labelled documents: words first, then pass 1, then pass 2 with its trees.

What a later stage sees of an earlier one comes from models that have not seen the line's source
(out of fold); otherwise it would trust it too much.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.columns import PASS_1, PASS_2, design_matrix
from cleaner.context import context_features
from cleaner.dataset import Dataset, build_dataset
from cleaner.errors import TrainingError
from cleaner.features import LINE_FEATURES
from cleaner.growing import grow_trees
from cleaner.labelled import LabelledDocument, format_labelled
from cleaner.lexical import WEIGHT_UNIT as LEXICAL_UNIT
from cleaner.lexical import lexical_features
from cleaner.model import Model, Pass, judge
from cleaner.overlap import prepare_overlap
from cleaner.rows import Floats, lay_out_rows
from cleaner.scaling import EXACT, LIMIT, STEPS, WEIGHT_UNIT, Scaling
from cleaner.trees import N_LEAVES, Trees

Report = Callable[[str], None]

# Fewer lines of a label, or fewer sources, cannot be learnt from and tested on.
_FEWEST_LINES = 20
_FEWEST_SOURCES = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the defaults were chosen by cross-validation (models/news.md).

    Attributes
    ----------
    n_folds : int
        Of the out-of-fold scores, by source.
    lexical_c, first_c, second_c : float
        Inverse strength of the L2 regularisation of each stage (scikit-learn's C).
    n_trees : int
        Small trees that are inputs of pass 2; more than 0 needs the extra ``train``.
    easy_share : float
        Of the clutter lines that the stage before is sure of, the share that is trained on
        (with more weight in return): the rest teaches nothing new.
    """

    n_folds: int = 5
    lexical_c: float = 3.0
    first_c: float = 0.2
    second_c: float = 0.2
    n_trees: int = 0
    easy_share: float = 0.15


# Clutter below these log-odds is easy.
_EASY_ODDS = -3.0
_ITERATIONS = 200


def train(
    documents: Sequence[LabelledDocument],
    settings: Settings | None = None,
    *,
    name: str = "unnamed",
    report: Report = lambda _: None,
) -> Model:
    """Train a model from nothing.

    Parameters
    ----------
    documents : sequence of LabelledDocument
        From at least two sources.
    settings : Settings, optional
    name : str
        Name of the model.
    report : callable
        Told what goes on, in short sentences.

    Raises
    ------
    TrainingError
        If there are too few documents, or only one label.
    """
    chosen = settings or Settings()
    _check_documents(documents)
    data = build_dataset(documents, chosen.n_folds)
    report(f"{int((data.weight > 0).sum()):,} labelled lines in {len(documents):,} documents")
    lexical_odds, lexical = _fit_lexical(data, chosen)
    report("words are learnt")
    before = _features_before_context(data, lexical_odds)
    scaling_1 = _fit_scaling(before, data)
    quantised = _quantise(before, scaling_1, data)
    del before
    first_weight = _thin_out(data, lexical_odds, chosen.easy_share)
    design = design_matrix(quantised, PASS_1)
    first_odds, first = _fit_pass(data, design, first_weight, chosen.first_c)
    report("pass 1 is learnt")
    context = _context(data, first_odds)
    scaling_2 = _fit_scaling(context, data)
    quantised = np.concatenate((quantised, _quantise(context, scaling_2, data)))
    del context, design
    second_weight = _thin_out(data, first_odds, chosen.easy_share)
    design = design_matrix(quantised, PASS_2)
    second_odds, second = _fit_pass(data, design, second_weight, chosen.second_c)
    report("pass 2 is learnt")
    trees, tree_weights = _grow(data, design, second_weight, second, chosen)
    return Model(
        name=name,
        lexical_weights=lexical[0],
        lexical_intercept=lexical[1],
        scaling=Scaling(
            np.concatenate((scaling_1.mean, scaling_2.mean)),
            np.concatenate((scaling_1.deviation, scaling_2.deviation)),
        ),
        first=first,
        second=second,
        trees=trees,
        tree_weights=tree_weights,
        calibration=_calibrate(data, second_odds),
        provenance=_provenance(documents, chosen),
    )


def _check_documents(documents: Sequence[LabelledDocument]) -> None:
    labels = [label for document in documents for label in document.labels]
    for label in ("body", "clutter"):
        found = labels.count(label)
        if found < _FEWEST_LINES:
            raise TrainingError(
                f"{found} lines are labelled {label}; training needs at least {_FEWEST_LINES} "
                f"of each label: label {_FEWEST_LINES - found} more"
            )
    sources = {document.source for document in documents}
    if len(sources) < _FEWEST_SOURCES:
        raise TrainingError(
            f"all {len(documents)} documents are of the source {next(iter(sources))!r}; training "
            "needs two sources at least, to test on one what it learnt on the other: "
            "set `#source:` in the labelled files"
        )


def _logistic_regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=_ITERATIONS, tol=1e-3)


def _out_of_fold(
    data: Dataset, weight: NDArray[np.float64], c: float, take: Callable[[NDArray[np.int64]], Any]
) -> tuple[Floats, Any]:
    """Fit on all folds but one, predict that one, for each; then fit on all.

    Parameters
    ----------
    take : callable
        Row numbers to the matrix of those rows.
    """
    odds = np.zeros(len(data.label), np.float32)
    for fold in range(int(data.fold.max()) + 1):
        held_out = np.flatnonzero(data.fold == fold)
        rest = np.flatnonzero((data.fold != fold) & (weight > 0))
        if held_out.size and np.unique(data.label[rest]).size == 2:
            fitted = _logistic_regression(c).fit(take(rest), data.label[rest], weight[rest])
            odds[held_out] = fitted.decision_function(take(held_out))
    everything = np.flatnonzero(weight > 0)
    fitted = _logistic_regression(c).fit(
        take(everything), data.label[everything], weight[everything]
    )
    return odds, fitted


def _fit_lexical(
    data: Dataset, settings: Settings
) -> tuple[Floats, tuple[NDArray[np.int16], float]]:
    odds, fitted = _out_of_fold(
        data, data.weight, settings.lexical_c, lambda rows: data.words[rows]
    )
    units = np.rint(fitted.coef_[0] / LEXICAL_UNIT)
    weights = np.clip(units, -(2**15) + 1, 2**15 - 1).astype(np.int16)
    return odds, (weights, float(fitted.intercept_[0]))


def _features_before_context(data: Dataset, lexical_odds: Floats) -> Floats:
    words = [
        lexical_features(lay_out_rows(part.batch)[0], lexical_odds[part.start : part.stop]).T
        for part in data.parts
    ]
    return np.concatenate((data.raw, np.concatenate(words)), axis=1)


def _context(data: Dataset, odds: Floats) -> Floats:
    contexts = []
    for part in data.parts:
        rows, words = lay_out_rows(part.batch)
        raw = np.ascontiguousarray(data.raw[part.start : part.stop].T)
        lines, around = raw[: len(LINE_FEATURES)], raw[len(LINE_FEATURES) :]
        overlap = prepare_overlap(rows, words)
        judged = judge(rows, words, overlap, (lines, around), odds[part.start : part.stop])
        contexts.append(context_features(judged).T)
    return np.concatenate(contexts)


def _fit_scaling(features: Floats, data: Dataset) -> Scaling:
    lines = features[data.occupied].astype(np.float64)
    return Scaling.fit(lines.sum(axis=0), np.square(lines).sum(axis=0), len(lines))


def _quantise(features: Floats, scaling: Scaling, data: Dataset) -> NDArray[np.int8]:
    """Quantised features: int8 array (n_features, n_rows)."""
    occupied = data.occupied.astype(np.float32)
    parts = [
        scaling.quantise(
            np.ascontiguousarray(features[part.start : part.stop].T),
            occupied[part.start : part.stop],
        ).astype(np.int8)
        for part in data.parts
    ]
    return np.concatenate(parts, axis=1)


def _thin_out(data: Dataset, odds: Floats, share: float) -> NDArray[np.float64]:
    """Weights in which most easy clutter has 0, and the rest of it more in return."""
    easy = (data.label == 0) & (odds < _EASY_ODDS)
    drawn = np.random.default_rng(0).random(len(odds)) < share
    return np.where(easy, np.where(drawn, data.weight / share, 0), data.weight)


def _fit_pass(
    data: Dataset, design: NDArray[np.int8], weight: NDArray[np.float64], c: float
) -> tuple[Floats, Pass]:
    def take(rows: NDArray[np.int64]) -> Floats:
        return design[rows].astype(np.float32) / np.float32(STEPS)

    odds, fitted = _out_of_fold(data, weight, c, take)
    return odds, make_pass(fitted.coef_[0], float(fitted.intercept_[0]))


def _grow(
    data: Dataset,
    design: NDArray[np.int8],
    weight: NDArray[np.float64],
    second: Pass,
    settings: Settings,
) -> tuple[Trees, NDArray[np.int32]]:
    if not settings.n_trees:
        return Trees.none(), np.zeros((0, N_LEAVES), np.int32)
    rows = np.flatnonzero(weight > 0)
    taken = design[rows]
    units = second.weights.astype(np.float32) * np.float32(WEIGHT_UNIT)
    odds = np.concatenate([part @ units for part in np.array_split(taken, 64)])
    grown = grow_trees(
        taken, data.label[rows], weight[rows], odds + second.intercept, settings.n_trees
    )
    return grown.trees, np.rint(grown.values / WEIGHT_UNIT).astype(np.int32)


def make_pass(coefficients: NDArray[np.floating[Any]], intercept: float) -> Pass:
    """Round coefficients (per standard deviation) to whole units.

    Raises
    ------
    TrainingError
        If they are so large that sums would not be exact: the regularisation is far too weak.
    """
    weights = np.rint(coefficients / STEPS / WEIGHT_UNIT).astype(np.int64)
    if LIMIT * int(np.abs(weights).sum()) >= EXACT:
        raise TrainingError(
            f"the coefficients sum to {np.abs(coefficients).sum():.0f} log-odds per standard "
            "deviation, too large to be exact; use a stronger regularisation (a smaller C)"
        )
    return Pass(weights.astype(np.int32), intercept)


def _calibrate(data: Dataset, odds: Floats) -> tuple[float, float]:
    """Fit slope and intercept on out-of-fold log-odds, each line counting once (Platt 1999)."""
    lines = np.flatnonzero(data.weight > 0)
    fitted = _logistic_regression(1e6).fit(odds[lines, None], data.label[lines])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _provenance(documents: Sequence[LabelledDocument], settings: Settings) -> dict[str, Any]:
    digest = hashlib.sha256()
    languages: dict[str, int] = {}
    for document in documents:
        digest.update(format_labelled(document).encode("utf-8", "surrogatepass"))
        languages[document.lang] = languages.get(document.lang, 0) + 1
    return {
        "documents": len(documents),
        "sources": len({document.source for document in documents}),
        "languages": dict(sorted(languages.items())),
        "sha256": digest.hexdigest(),
        "settings": {key: getattr(settings, key) for key in settings.__slots__},
        "versions": {name: version(name) for name in ("numpy", "scikit-learn")},
    }
