"""Learn from labelled documents, and say what was learnt: gains, losses, flips, moved features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from cleaner.errors import InputError, TrainingError
from cleaner.labelled import LabelledDocument
from cleaner.learn.adapting import adapt, balanced_folds, check_markup, moved_most
from cleaner.learn.comparison import Comparison, compare
from cleaner.learn.evaluation import Scores, evaluate, score_held_out
from cleaner.learn.tables import format_table
from cleaner.learn.training import (
    Report,
    TrainingSettings,
    check_documents,
    train_and_test,
    train_from_scratch,
)
from cleaner.model import Model

_SHOWN_FLIPS = 20
_SHOWN_FEATURES = 10
# Of the new documents and of the check documents: each is judged by a model that has not seen it.
_N_FOLDS = 5
# Fewer documents cannot be learnt from and tested on.
_FEWEST_DOCUMENTS = 2
_NAMES = ("before", "after")


def train(
    documents: Sequence[LabelledDocument],
    start: Model | None = None,
    *,
    name: str = "unnamed",
    report: Report = lambda _: None,
) -> Model:
    """Train a model: from scratch, or from a model that is adapted.

    `train_from_scratch` and `adapt` do the same with settings of their own.

    Parameters
    ----------
    documents : sequence of LabelledDocument
        Without start, from at least two sources.
    start : Model, optional
        The model to adapt; the data it was trained on are not needed.
    name : str
        Name of the new model.
    report : callable
        Told what goes on, in short sentences.

    Raises
    ------
    TrainingError
        If there are too few labelled lines, or only one label.

    Examples
    --------
    >>> train([])
    Traceback (most recent call last):
        ...
    cleaner.errors.TrainingError: 0 lines are labelled body; ...
    """
    if start is None:
        return train_from_scratch(documents, name=name, report=report)
    return adapt(documents, start, name=name)


@dataclass(frozen=True, slots=True)
class LearningReport:
    """An adapted model and what it learnt. Prints as a report.

    Attributes
    ----------
    model : Model
        Adapted to all documents.
    new : Comparison
        Start and adapted models on the new documents, each judged by a model that was adapted
        without its fold.
    check : Comparison
        The same on the check documents.
    moved : list of (str, float)
        Features whose weights moved most, in words, and by how much.
    """

    model: Model
    new: Comparison
    check: Comparison
    moved: list[tuple[str, float]]

    @property
    def problem(self) -> str:
        """Why the model should not be used: it does worse on new documents; "" if it does not."""
        fall = -self.new.difference.value
        if fall <= 0:
            return ""
        return (
            f"not written: F1 on the new documents falls by {fall:.4f}, judged by "
            "cross-validation; label more documents or check their labels, or write the model "
            "anyway with --force"
        )

    def __str__(self) -> str:
        return "\n\n".join(_format_learnt(self))


def learn(
    documents: Sequence[LabelledDocument],
    start: Model,
    check: Sequence[LabelledDocument],
    *,
    name: str = "unnamed",
) -> LearningReport:
    """Adapt a model to new documents, anchored by the check documents, and test it on both.

    Parameters
    ----------
    documents : sequence of LabelledDocument
        At least two.
    start : Model
    check : sequence of LabelledDocument
        On which the model must not get worse; see `default_check`.
    name : str

    Raises
    ------
    TrainingError
        If there is too little to learn from; says how much is missing.
    """
    labelled = [one for one in documents if any(one.labels)]
    if documents and not labelled:
        raise TrainingError(
            "nothing is labelled yet: guesses (body?, clutter?) are learnt from when they are"
            " confirmed, with clean-news review or in an editor"
        )
    check_markup(labelled, start)
    check = _known_to(start, check)
    check_documents(labelled, fewest_sources=1)
    if len(labelled) < _FEWEST_DOCUMENTS:
        raise TrainingError(
            f"{len(labelled)} document has labels; training needs {_FEWEST_DOCUMENTS} at least, "
            "to test on one what it learnt on the others: label "
            f"{_FEWEST_DOCUMENTS - len(labelled)} more"
        )
    folds = [balanced_folds(some, _N_FOLDS) for some in (labelled, check)]
    tests: tuple[list[Comparison], list[Comparison]] = [], []
    for fold in np.unique(np.concatenate(folds)).tolist():
        seen = [_pick(s, f != fold) for s, f in zip((labelled, check), folds, strict=True)]
        held_out = [_pick(s, f == fold) for s, f in zip((labelled, check), folds, strict=True)]
        model = _adapt_to_some(seen[0], start, seen[1])
        for some, results in zip(held_out, tests, strict=True):
            if any(any(one.labels) for one in some):
                results.append(compare((start, model), some, _NAMES))
    model = adapt(labelled, start, anchors=check, name=name)
    new, old = (_merge(results) for results in tests)
    return LearningReport(model, new, old, moved_most(start, model, _SHOWN_FEATURES))


def _known_to(model: Model, check: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """Leave out the documents without markup, if a model needs it: the corpus has none."""
    return [one for one in check if one.markup or not model.reads_markup]


def _pick(documents: Sequence[LabelledDocument], chosen: np.ndarray) -> list[LabelledDocument]:
    return [documents[number] for number in np.flatnonzero(chosen).tolist()]


def _adapt_to_some(
    documents: Sequence[LabelledDocument], start: Model, anchors: Sequence[LabelledDocument]
) -> Model:
    """Adapt to all folds but one; from too little of them nothing is learnt."""
    try:
        check_documents(documents, fewest_sources=1)
    except TrainingError:
        return start
    return adapt(documents, start, anchors=anchors)


def _merge(parts: Sequence[Comparison]) -> Comparison:
    return Comparison(
        _NAMES,
        Scores(tuple(one for part in parts for one in part.before.documents)),
        Scores(tuple(one for part in parts for one in part.after.documents)),
        tuple(flip for part in parts for flip in part.flips),
    )


def learn_from_scratch(
    documents: Sequence[LabelledDocument],
    check: Sequence[LabelledDocument],
    settings: TrainingSettings | None = None,
    *,
    name: str = "unnamed",
    report: Report = lambda _: None,
) -> tuple[Model, str]:
    """Train a model on the given documents alone.

    Returns
    -------
    Model
    str
        Its scores on the documents, cross-validated by source, and on the check documents.

    Raises
    ------
    TrainingError
        As `training.train_and_test`.
    """
    trained = train_and_test(documents, settings, name=name, report=report)
    tested = score_held_out(documents, trained)
    rows = [_HEADER, _score_row("these documents, cross-validated by source", tested)]
    if checked := _known_to(trained.model, check):
        rows.append(_score_row("check documents", evaluate(trained.model, checked)))
    return trained.model, f"{_count_used(tested)}\n\n{format_table(rows)}"


def default_check() -> Path:
    """Find the labelled corpus: in an installed wheel, or in corpus/ beside the package.

    Raises
    ------
    InputError
        If it is in neither place.

    Examples
    --------
    >>> default_check().is_dir()
    True
    """
    folders = [
        Path(str(files("cleaner"))) / "corpus",
        Path(__file__).parents[2] / "corpus" / "labelled",
    ]
    for folder in folders:
        if folder.is_dir():
            return folder
    raise InputError(
        f"no labelled corpus in {' or '.join(map(str, folders))}; name labelled files with --check"
    )


_HEADER = ["", "documents", "precision", "recall", "F1", "line F1"]


def _score_row(title: str, scores: Scores) -> list[str]:
    texts = scores.texts
    values = (texts.precision, texts.recall, texts.f1, scores.lines.f1)
    return [title, str(texts.documents), *(f"{value:.4f}" for value in values)]


def _count_used(scores: Scores) -> str:
    documents = scores.documents
    body = sum(int(one.is_body.sum()) for one in documents)
    lines = sum(len(one.is_body) for one in documents)
    sources = len({one.source for one in documents})
    return (
        f"Used {lines:,} labelled lines ({body:,} body, {lines - body:,} clutter) in "
        f"{_plural(len(documents), 'document')} of {_plural(sources, 'source')}."
    )


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _format_learnt(learnt: LearningReport) -> Iterator[str]:
    yield _count_used(learnt.new.before)
    tests = {"new documents": learnt.new, "check documents": learnt.check}
    rows = [_HEADER]
    for title, one in tests.items():
        rows.append(_score_row(f"{title}, before", one.before))
        rows.append(_score_row(f"{title}, after", one.after))
    yield f"Every document is judged by a model that has not seen it:\n{format_table(rows)}"
    yield "\n".join(
        f"F1 on the {title}: {value:+.4f} (95% interval {low:+.4f} to {high:+.4f})"
        for title, (value, low, high) in ((name, one.difference) for name, one in tests.items())
    )
    yield from _format_flips(learnt.new)
    moved = [[words, f"{change:+.3f}"] for words, change in learnt.moved if change]
    if moved:
        yield f"Moved most (log-odds per standard deviation):\n{format_table(moved)}"


def _format_flips(comparison: Comparison) -> Iterator[str]:
    flips = sorted(comparison.flips, key=lambda flip: -flip.change)
    if not flips:
        yield "No line of the new documents changes its label."
        return
    counts = ", ".join(
        f"{len(comparison.flips_of(kind))} {kind}" for kind in ("mended", "broken", "unlabelled")
    )
    shown = f"; the first {_SHOWN_FLIPS}" if len(flips) > _SHOWN_FLIPS else ""
    rows = [
        f"  {flip.kind:10}  {flip.before_probability:.2f} -> {flip.after_probability:.2f} "
        f"{flip.after:7}  {flip.place}"
        for flip in flips[:_SHOWN_FLIPS]
    ]
    yield "\n".join([f"{_plural(len(flips), 'line')} changed: {counts}{shown}:", *rows])
