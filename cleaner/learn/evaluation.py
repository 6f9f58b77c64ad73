"""Score a model on labelled documents: per document, per line, calibration, the worst documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from cleaner.errors import TrainingError
from cleaner.learn.metrics import (
    WORD,
    Bools,
    CalibrationBin,
    Counts,
    Floats,
    Interval,
    TextScores,
    calibration_bins,
    calibration_error,
    f1_interval,
    score_texts,
    shingle_counts,
)
from cleaner.learn.tables import format_table
from cleaner.learn.training_texts import describe_seen, digest_text, digests_of

if TYPE_CHECKING:
    from cleaner.cleaning import Line
    from cleaner.labelled import LabelledDocument
    from cleaner.learn.training import CrossValidatedModel
    from cleaner.model import Model

_SHOWN_WORST = 10
_SHOWN_SOURCES = 12  # the lowest ones, where there are more


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """What was kept of one labelled document; unlabelled and blank lines count for nothing."""

    id: str
    lang: str
    source: str
    shingles: Counts
    lines: Counts
    words_lost: int  # in body lines that were dropped
    words_wrongly_kept: int  # in clutter lines that were kept
    is_body: Bools = field(compare=False, repr=False)  # (n_labelled_lines,)
    body_probability: Floats = field(compare=False, repr=False)  # (n_labelled_lines,)
    seen: bool = False  # the model was trained on it, as far as its file tells


def score_document(
    document: LabelledDocument, is_kept: Bools, body_probability: Floats
) -> DocumentResult:
    """Compare the kept lines of a document with its labels.

    Parameters
    ----------
    document : LabelledDocument
    is_kept : bool array (n_lines,)
        One for each line of the document; those of unlabelled lines are ignored.
    body_probability : float64 array (n_lines,), from 0 to 1
        The same.

    Examples
    --------
    >>> from cleaner.labelled import LabelledDocument
    >>> page = LabelledDocument("a", ("Sport", "It rained."), ("clutter", "body"), "example")
    >>> probability = np.array([0.2, 0.9])
    >>> score_document(page, probability >= 0.5, probability).lines
    Counts(found=1, extra=0, missing=0)
    """
    labelled = [n for n, label in enumerate(document.labels) if label is not None]
    lines = [document.lines[n] for n in labelled]
    is_body = np.array([document.labels[n] == "body" for n in labelled], np.bool_)
    kept = is_kept[labelled]

    def text(chosen: Bools) -> str:
        return "\n".join(lines[n] for n in np.flatnonzero(chosen))

    return DocumentResult(
        id=document.id,
        lang=document.lang,
        source=document.source,
        shingles=shingle_counts(text(is_body), text(kept)),
        lines=Counts(*(int(x.sum()) for x in (is_body & kept, kept & ~is_body, is_body & ~kept))),
        words_lost=len(WORD.findall(text(is_body & ~kept))),
        words_wrongly_kept=len(WORD.findall(text(kept & ~is_body))),
        is_body=is_body,
        body_probability=np.asarray(body_probability, np.float64)[labelled],
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """Results of any number of documents; every score is derived from them. Prints as tables."""

    documents: tuple[DocumentResult, ...]

    @property
    def texts(self) -> TextScores:
        """Document scores: averages over documents."""
        return score_texts(self._shingles)

    @property
    def f1_interval(self) -> Interval:
        """Document F1 with its 95% interval."""
        return f1_interval(self._shingles)

    @property
    def lines(self) -> Counts:
        """Labelled lines over all documents; has precision, recall and f1 for body."""
        found, extra, missing = (
            sum(getattr(document.lines, name) for document in self.documents)
            for name in Counts._fields
        )
        return Counts(found, extra, missing)

    @property
    def calibration(self) -> list[CalibrationBin]:
        """Reliability table of the labelled lines."""
        return calibration_bins(
            np.concatenate([d.is_body for d in self.documents]),
            np.concatenate([d.body_probability for d in self.documents]),
        )

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the labelled lines, from 0 to 1."""
        return calibration_error(self.calibration)

    @property
    def by_language(self) -> dict[str, Scores]:
        """The scores of each language, by its code; "" for documents without."""
        return self.by(lambda document: document.lang)

    @property
    def by_source(self) -> dict[str, Scores]:
        """The scores of each source."""
        return self.by(lambda document: document.source)

    def by(self, key: Callable[[DocumentResult], str]) -> dict[str, Scores]:
        """Split by any property of the documents, for instance the first part of the id."""
        groups: dict[str, list[DocumentResult]] = {}
        for document in self.documents:
            groups.setdefault(key(document), []).append(document)
        return {name: Scores(tuple(groups[name])) for name in sorted(groups)}

    def worst(self, count: int = _SHOWN_WORST) -> list[DocumentResult]:
        """Return the documents with the lowest F1, lowest first; exact ones are left out."""
        wrong = (d for d in self.documents if d.shingles.extra or d.shingles.missing)
        return sorted(wrong, key=lambda d: (d.shingles.f1, d.id))[:count]

    @property
    def _shingles(self) -> list[Counts]:
        return [document.shingles for document in self.documents]

    def __str__(self) -> str:
        return _format_scores(self)


def evaluate(model: Model, documents: Iterable[LabelledDocument]) -> Scores:
    """Clean labelled documents and compare what is kept with their labels.

    Raises
    ------
    TrainingError
        If there is no document, or none with a labelled line.

    Examples
    --------
    >>> from cleaner.labelled import LabelledDocument
    >>> from cleaner.model import load_model
    >>> page = LabelledDocument("a", ("Sport", "", "It rained."), ("clutter", None, "body"), "x")
    >>> evaluate(load_model("news"), [page]).texts.documents
    1
    """
    from cleaner.cleaning import Cleaner

    cleaner = Cleaner(model)
    digests = digests_of(model)
    results = tuple(
        score_lines(one, cleaner.classify(one.text, markup=one.markup), digests)
        for one in documents
    )
    if not any(len(result.is_body) for result in results):
        raise TrainingError(
            f"none of {len(results)} documents has a line labelled body or clutter; "
            "evaluation needs labelled documents"
        )
    return Scores(results)


def cross_validate(
    documents: Sequence[LabelledDocument], report: Callable[[str], None] = lambda _: None
) -> Scores:
    """Score how well models trained on these documents judge sources they have not seen.

    Each document is judged by models that were trained without its source; see
    `cleaner.learn.training.train_and_test`.

    Parameters
    ----------
    documents
        From at least two sources.
    report
        Told what goes on, in short sentences.

    Raises
    ------
    TrainingError
        If there are too few documents, or only one label.

    Examples
    --------
    >>> from cleaner.labelled import LabelledDocument
    >>> pages = [
    ...     LabelledDocument(f"{n}", ("Sport", f"It rained {n} days."), ("clutter", "body"), f"{n}")
    ...     for n in range(24)
    ... ]
    >>> cross_validate(pages).texts.documents
    24
    """
    from cleaner.learn.training import train_and_test

    return score_held_out(documents, train_and_test(documents, report=report))


def score_held_out(documents: Sequence[LabelledDocument], trained: CrossValidatedModel) -> Scores:
    """Score documents by the probabilities that models trained without their sources gave."""
    return Scores(
        tuple(
            score_document(document, probability >= trained.model.threshold, probability)
            for document, probability in zip(documents, trained.probabilities, strict=True)
        )
    )


def score_lines(
    document: LabelledDocument, lines: Iterable[Line], digests: frozenset[str] = frozenset()
) -> DocumentResult:
    """Compare judged lines, as `Cleaner.classify` gives them, with the labels of their document.

    Parameters
    ----------
    document : LabelledDocument
    lines : iterable of Line
    digests : frozenset of str
        Of the texts that the model was trained on; see `cleaner.learn.training_texts`.

    Examples
    --------
    >>> from cleaner.cleaning import Line
    >>> from cleaner.labelled import LabelledDocument
    >>> page = LabelledDocument("a", ("Sport", "It rained."), ("clutter", "body"), "example")
    >>> score_lines(page, [Line(2, "It rained.", 0.9, "body")]).lines
    Counts(found=1, extra=0, missing=0)
    """
    is_kept = np.zeros(len(document.lines), np.bool_)
    body_probability = np.zeros(len(document.lines))
    for line in lines:
        is_kept[line.number - 1] = line.label == "body"
        body_probability[line.number - 1] = line.body_probability
    result = score_document(document, is_kept, body_probability)
    return replace(result, seen=bool(digests) and digest_text(document) in digests)


def _format_scores(scores: Scores) -> str:
    parts = [_format_groups(scores), _format_calibration(scores)]
    if worst := scores.worst():
        parts.append(_format_worst(worst))
    if warning := describe_seen((one.seen for one in scores.documents), "the model"):
        parts.append(warning)
    return "\n\n".join(parts)


def _format_groups(scores: Scores) -> str:
    header = ("documents", "precision", "recall", "F1", "95% interval", "exact", "|",
              "lines", "precision", "recall", "F1")  # fmt: skip
    rows = [["", *header], _group_row("all", scores)]
    sources = sorted(scores.by_source.items(), key=lambda item: item[1].texts.f1)
    sources = [(name, group) for name, group in sources if group.texts.documents]
    groups = {"language": list(scores.by_language.items()), "source": sources[:_SHOWN_SOURCES]}
    for kind, named in groups.items():
        if len(named) > 1:
            rows += [_group_row(f"{kind} {name or 'unknown'}", group) for name, group in named]
    parts = [format_table(rows)]
    if len(sources) > _SHOWN_SOURCES:
        parts.append(f"(the {_SHOWN_SOURCES} lowest of {len(sources)} sources)")
    texts = scores.texts
    if texts.without_body:
        parts.append(
            f"documents without body, not counted above: {texts.without_body}, "
            f"of which left empty: {texts.left_empty:.1%}"
        )
    return "\n".join(parts)


def _group_row(name: str, scores: Scores) -> list[str]:
    texts, interval, lines = scores.texts, scores.f1_interval, scores.lines
    return [
        name, str(texts.documents), f"{texts.precision:.4f}", f"{texts.recall:.4f}",
        f"{texts.f1:.4f}", f"{interval.low:.3f}-{interval.high:.3f}", f"{texts.exact:.1%}", "|",
        str(sum(len(document.is_body) for document in scores.documents)),
        f"{lines.precision:.4f}", f"{lines.recall:.4f}", f"{lines.f1:.4f}",
    ]  # fmt: skip


def _format_calibration(scores: Scores) -> str:
    rows = [["body probability", "lines", "predicted", "body"]]
    for row in scores.calibration:
        rows.append([
            f"{row.low:.2f}-{row.high:.2f}", str(row.lines),
            f"{row.mean_probability:.3f}", f"{row.body_share:.3f}",
        ])  # fmt: skip
    return f"calibration error {scores.calibration_error:.4f}\n{format_table(rows)}"


def _format_worst(worst: Sequence[DocumentResult]) -> str:
    rows = [["worst documents", "F1", "words lost", "words wrongly kept"]]
    for document in worst:
        lost, kept = document.words_lost, document.words_wrongly_kept
        rows.append([document.id, f"{document.shingles.f1:.4f}", str(lost), str(kept)])
    return format_table(rows)
