"""Train a model on labelled documents: words first, then pass 1, pass 2, and trees.

What a later stage sees of an earlier one comes from models that have not seen the line's source
(out of fold); otherwise it would trust it too much.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import TrainingError
from cleaner.features import (
    FEATURES,
    FIRST_FEATURES,
    HASHED_WORD_FEATURES,
    JUDGED_FEATURES,
    LINE_FEATURES,
    MARKUP_FEATURES,
    PAGE_FEATURES,
    STACKED_FEATURES,
    STACKED_MARKUP_FEATURES,
    TEXT_FEATURES,
    hashed_word_features,
    judged_features,
    lay_out_columns,
    markup_features,
    markup_places,
    prepare_overlap,
    stacked_features,
    stacked_markup_features,
)
from cleaner.labelled import LabelledDocument, format_labelled
from cleaner.learn.boosting import grow_trees
from cleaner.learn.dataset import Dataset, build_dataset
from cleaner.learn.stages import (
    StageModel,
    learn_pass,
    learn_words,
    logistic_regression,
    out_of_fold,
)
from cleaner.learn.training_texts import digest_texts
from cleaner.model import (
    COLUMN_NAMES,
    EXACT,
    LIMIT,
    STEPS,
    WEIGHT_UNIT,
    Column,
    Model,
    Pass,
    Scaling,
    Trees,
    design_matrix,
    leaf_sums,
    pass_columns,
    probabilities,
)
from cleaner.text import Floats, vocabulary_digest

Report = Callable[[str], None]

# Fewer lines of a label, or fewer sources, cannot be learnt from and tested on.
_FEWEST_LINES = 20
_FEWEST_SOURCES = 2


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to train; the defaults were chosen by cross-validation (models/news.md).

    Attributes
    ----------
    n_folds : int
        Of the out-of-fold scores, by source.
    lexical_c, markup_c, first_c, second_c : float
        Inverse strength of the L2 regularisation of each stage (scikit-learn's C).
    easy_share : float
        Of the clutter lines that the stage before is sure of, the share that is trained on
        (with more weight in return): the rest teaches nothing new.
    n_trees : int
        Trees that judge doubtful lines (the extra ``train`` grows them).
    left_out : tuple of str
        Features that are not used, with all their columns (``log_words``), or single columns of
        neighbours (``log_words[-1]``), to measure what they are worth. What other features are
        computed from them stays.
    """

    n_folds: int = 5
    lexical_c: float = 3.0
    markup_c: float = 1.0
    first_c: float = 0.3
    second_c: float = 0.3
    easy_share: float = 0.1
    n_trees: int = 0
    left_out: tuple[str, ...] = ()


# Clutter below these log-odds is easy.
_EASY_ODDS = -3.0


class CrossValidatedModel(NamedTuple):
    """A model, and how it judged every document when it had not seen its source."""

    model: Model
    probabilities: tuple[NDArray[np.float64], ...]  # (n_lines,) a document; 0 for blank lines


def train_and_test(
    documents: Sequence[LabelledDocument],
    settings: TrainingSettings | None = None,
    *,
    name: str = "unnamed",
    report: Report = lambda _: None,
) -> CrossValidatedModel:
    """Train a model from scratch, and judge every document by cross-validation grouped by source.

    Each stage judges a line by a model that was fitted without the line's source. (What it was
    fitted on was itself judged out of fold, by models that may have seen that source.)

    Parameters
    ----------
    documents : sequence of LabelledDocument
        From at least two sources.
    settings : TrainingSettings, optional
    name : str
        Name of the model.
    report : callable
        Told what goes on, in short sentences.

    Raises
    ------
    TrainingError
        If there are too few documents, or only one label, or no feature has a name left out.
    """
    chosen = settings or TrainingSettings()
    _check_settings(chosen)
    check_documents(documents)
    data = build_dataset(documents, chosen.n_folds)
    report(f"{int((data.weight > 0).sum()):,} labelled lines in {len(documents):,} documents")
    lexical_odds, words = out_of_fold(
        data, data.weight, learn_words(data, data.words, chosen.lexical_c), len(data.words)
    )
    report("words are learnt")
    markup_odds, markup = _learn_markup(data, chosen.markup_c)
    raw = _first_features(data, lexical_odds, markup_odds)
    names = [*(FEATURES if data.markup else TEXT_FEATURES)]
    if not chosen.n_trees:
        names = [name for name in names if name not in JUDGED_FEATURES]
    first_names = [name for name in names if name in FIRST_FEATURES]
    first_columns, second_columns = pass_columns(names)
    scaling_1 = _fit_scaling(raw, data)
    before = _quantise(raw, scaling_1, data)
    del raw
    weight = _thin_out(data, lexical_odds[:, 0], chosen.easy_share)
    design = design_matrix(before, first_names, first_columns, chosen.left_out)
    learn = learn_pass(data, design, weight, chosen.first_c)
    first_odds, first = out_of_fold(data, weight, learn)
    report("pass 1 is learnt")
    stacked = _stacked_features(data, lexical_odds[:, 0], first_odds)
    scaling_2 = _fit_scaling(stacked, data)
    features = np.concatenate((before, _quantise(stacked, scaling_2, data)))
    del stacked, before
    # Pass 2 decides. Words and pass 1 say what lines are, whatever is at stake.
    weight = _thin_out(data, first_odds, chosen.easy_share)
    design = design_matrix(features, names, second_columns, chosen.left_out)
    learn = learn_pass(data, design, weight * data.line_weight, chosen.second_c)
    odds, second = out_of_fold(data, weight, learn)
    report("pass 2 is learnt")
    scalings, trees = [scaling_1, scaling_2], Trees.none()
    if chosen.n_trees:
        judged = _judged_features(data, odds)
        scalings.append(_fit_scaling(judged, data))
        features = np.concatenate((features, _quantise(judged, scalings[-1], data)))
        # What counts less in pass 2, for its few weights would have to give way, counts fully.
        weight *= np.maximum(data.line_weight, 1)
        odds, trees = _grow_out_of_fold(data, features, odds, weight, chosen.n_trees)
        report("trees are grown")
    slope, intercept = _calibrate(data, odds)
    model = Model(
        name=name,
        lexical_weights=words.rounded_words(),
        lexical_intercept=words.intercept,
        markup_weights=markup.rounded_words() if markup else np.zeros(0, np.int16),
        markup_intercept=markup.intercept if markup else 0.0,
        features=tuple(names),
        scaling=Scaling(
            np.concatenate([one.mean for one in scalings]),
            np.concatenate([one.deviation for one in scalings]),
        ),
        first=make_pass(first_columns, first.coefficients, first.intercept),
        second=make_pass(second_columns, second.coefficients, second.intercept),
        vocabulary=vocabulary_digest(),
        trees=trees,
        calibration=(slope, intercept),
        provenance=describe_training(documents, chosen),
    )
    return CrossValidatedModel(model, _by_document(documents, data, odds * slope + intercept))


def train_from_scratch(
    documents: Sequence[LabelledDocument],
    settings: TrainingSettings | None = None,
    *,
    name: str = "unnamed",
    report: Report = lambda _: None,
) -> Model:
    """Train a model on the given documents alone; parameters and errors as `train_and_test`."""
    return train_and_test(documents, settings, name=name, report=report).model


def check_documents(
    documents: Sequence[LabelledDocument], fewest_sources: int = _FEWEST_SOURCES
) -> None:
    """Refuse documents that nothing can be learnt from, and say how much is missing.

    Raises
    ------
    TrainingError
        If a label has too few lines, or there are too few sources.
    """
    labels = [label for document in documents for label in document.labels]
    for label in ("body", "clutter"):
        found = labels.count(label)
        if found < _FEWEST_LINES:
            raise TrainingError(
                f"{found} lines are labelled {label}; training needs at least {_FEWEST_LINES} "
                f"of each label: label {_FEWEST_LINES - found} more"
            )
    sources = {document.source for document in documents}
    if len(sources) < fewest_sources:
        raise TrainingError(
            f"all {len(documents)} documents are of the source {next(iter(sources))!r}; training "
            "needs two sources at least, to test on one what it learnt on the other: "
            "set `#source:` in the labelled files"
        )


def _check_settings(settings: TrainingSettings) -> None:
    """Refuse what cannot be done before anything is done."""
    if unknown := [name for name in settings.left_out if name not in COLUMN_NAMES]:
        raise TrainingError(
            f"no feature or column to leave out is called {', '.join(map(repr, unknown))}; names "
            "are those in cleaner/model/columns.py, as 'clock', or 'clock[-1]' of the line before"
        )


def _learn_markup(data: Dataset, c: float) -> tuple[Floats | None, StageModel | None]:
    if not data.markup:
        return None, None
    return out_of_fold(data, data.weight, learn_words(data, data.markup, c), len(data.markup))


def _first_features(data: Dataset, lexical_odds: Floats, markup_odds: Floats | None) -> Floats:
    features = []
    for part in data.parts:
        lines, of_part = part.lay_out(), slice(part.start, part.stop)
        columns = hashed_word_features(lines, *lexical_odds[of_part].T)
        names = [*HASHED_WORD_FEATURES]
        if markup_odds is not None:
            odds = markup_odds[of_part].T
            columns |= markup_features(lines, markup_places(lines), odds, columns["lexical"])
            names += MARKUP_FEATURES
        features.append(lay_out_columns(columns, names).T)
    return np.concatenate((data.raw, np.concatenate(features)), axis=1)


def _stacked_features(data: Dataset, lexical: Floats, odds: Floats) -> Floats:
    names = (*LINE_FEATURES, *PAGE_FEATURES)
    features = []
    for part in data.parts:
        lines = part.lay_out()
        raw = np.ascontiguousarray(data.raw[part.start : part.stop].T)
        columns = dict(zip(names, raw, strict=True))
        columns["lexical"] = np.clip(lexical[part.start : part.stop], -6, 6) * lines.occupied
        overlap = prepare_overlap(lines)
        of_part = odds[part.start : part.stop]
        stacked = stacked_features(lines, overlap, columns, of_part)
        table = [*STACKED_FEATURES]
        if data.markup:
            stacked |= stacked_markup_features(lines, markup_places(lines), of_part)
            table += STACKED_MARKUP_FEATURES
        features.append(lay_out_columns(stacked, table).T)
    return np.concatenate(features)


def _judged_features(data: Dataset, odds: Floats) -> Floats:
    features = []
    for part in data.parts:
        columns = judged_features(part.lay_out(), odds[part.start : part.stop])
        features.append(lay_out_columns(columns, JUDGED_FEATURES).T)
    return np.concatenate(features)


def _grow_out_of_fold(
    data: Dataset,
    features: NDArray[np.int8],
    odds: Floats,
    weight: NDArray[np.float64],
    n_trees: int,
) -> tuple[Floats, Trees]:
    """Grow trees on all folds but one and judge that one, for each; then grow them on all.

    Returns
    -------
    float32 array (n_rows,)
        Log-odds, those of doubtful rows with what the trees add.
    Trees
        Grown on all.
    """
    judged = odds.copy()
    for fold in range(int(data.fold.max()) + 1):
        rest = np.where(data.fold == fold, 0, weight)
        trees = grow_trees(features, data.label, rest, odds, n_trees)
        rows = np.flatnonzero((data.fold == fold) & (np.abs(odds) < trees.band) & data.occupied)
        judged[rows] += leaf_sums(trees, features.take(rows, axis=1))
    return judged, grow_trees(features, data.label, weight, odds, n_trees)


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


def make_pass(
    columns: tuple[Column, ...], coefficients: NDArray[np.floating[Any]], intercept: float
) -> Pass:
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
    return Pass(columns, weights.astype(np.int32), intercept)


def _calibrate(data: Dataset, odds: Floats) -> tuple[float, float]:
    """Fit slope and intercept on out-of-fold log-odds, each line counting once (Platt 1999)."""
    lines = np.flatnonzero(data.weight > 0)
    fitted = logistic_regression(1e6).fit(odds[lines, None], data.label[lines])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _by_document(
    documents: Sequence[LabelledDocument], data: Dataset, odds: Floats
) -> tuple[NDArray[np.float64], ...]:
    """Body probability of every line of every document; 0 for blank lines."""
    by_document = []
    for part in data.parts:
        lines = part.lay_out()
        of_lines = np.zeros(len(lines.line_starts))
        of_lines[lines.number] = probabilities(odds[part.start + lines.row])
        by_document += np.split(of_lines, lines.document_starts[1:-1])
    # The empty text of a document without lines is one blank line.
    judged = zip(documents, by_document, strict=True)
    return tuple(lines[: len(document.lines)] for document, lines in judged)


def describe_training(
    documents: Sequence[LabelledDocument], settings: Any, anchors: Sequence[LabelledDocument] = ()
) -> dict[str, Any]:
    """Say what a model was trained on: counts, digests, settings (a dataclass), versions."""
    digest = hashlib.sha256()
    languages: dict[str, int] = {}
    for document in documents:
        digest.update(format_labelled(document).encode("utf-8", "surrogatepass"))
        languages[document.lang] = languages.get(document.lang, 0) + 1
    values = {key: getattr(settings, key) for key in settings.__slots__}
    return {
        "documents": len(documents),
        "sources": len({document.source for document in documents}),
        "languages": dict(sorted(languages.items())),
        "sha256": digest.hexdigest(),
        "text_digests": digest_texts([*documents, *anchors]),
        # As they are read back from JSON.
        "settings": {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()},
        "versions": {name: version(name) for name in ("numpy", "scikit-learn")},
    }
