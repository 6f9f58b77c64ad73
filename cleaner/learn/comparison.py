"""Compare two models on the same labelled documents: scores, their difference, flipped lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cleaner.errors import TrainingError
from cleaner.learn.evaluation import DocumentResult, Scores, score_lines
from cleaner.learn.metrics import Interval, f1_difference
from cleaner.learn.tables import format_table
from cleaner.learn.training_texts import describe_seen, digests_of

if TYPE_CHECKING:
    from cleaner.cleaning import Line
    from cleaner.labelled import Label, LabelledDocument
    from cleaner.model import Model

_SHOWN_FLIPS = 20  # of each kind
_SHOWN_SOURCES = 10
_SHOWN_CHARACTERS = 70  # of a flipped line


class Flip(NamedTuple):
    """A line to which two models give different labels."""

    document: str
    number: int  # in the document, from 1
    text: str
    label: Label | None  # a person's; None if there is none
    before: Label
    after: Label
    before_probability: float  # of being body, from 0 to 1
    after_probability: float

    @property
    def kind(self) -> str:
        """One of "mended", "broken" and "unlabelled"."""
        if self.label is None:
            return "unlabelled"
        return "mended" if self.after == self.label else "broken"

    @property
    def place(self) -> str:
        """Where it stands, and how it begins."""
        text = self.text.strip()
        short = text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
        return f"{self.document}:{self.number}  {short}"

    @property
    def change(self) -> float:
        """How far the probability has moved."""
        return abs(self.after_probability - self.before_probability)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models beside each other. Prints as tables.

    Attributes
    ----------
    names : tuple of two str
    before, after : Scores
        Of the same documents in the same order.
    flips : tuple of Flip
        In the order of the documents.
    """

    names: tuple[str, str]
    before: Scores
    after: Scores
    flips: tuple[Flip, ...]

    @property
    def difference(self) -> Interval:
        """Document F1 of the second model minus that of the first, with its paired interval."""
        return _difference(self.before.documents, self.after.documents)

    def flips_of(self, kind: str) -> list[Flip]:
        """Flipped lines that are "mended", "broken" or "unlabelled", the largest change first."""
        return sorted((f for f in self.flips if f.kind == kind), key=lambda f: -f.change)

    def to_json(self) -> dict[str, Any]:
        """Plain values for programs: scores, the difference, and every flipped line."""
        return {
            "models": [
                {"name": name, **_score_values(scores)}
                for name, scores in zip(self.names, (self.before, self.after), strict=True)
            ],
            "f1_difference": self.difference._asdict(),
            "flips": [{**flip._asdict(), "kind": flip.kind} for flip in self.flips],
        }

    def __str__(self) -> str:
        return "\n\n".join(_format_parts(self))


def compare(
    models: tuple[Model, Model],
    documents: Iterable[LabelledDocument],
    names: tuple[str, str] | None = None,
) -> Comparison:
    """Clean labelled documents with two models and see what differs.

    Parameters
    ----------
    names
        What to call the models; their own names if not given.

    Raises
    ------
    TrainingError
        If there is no document with a labelled line.

    Examples
    --------
    >>> from cleaner.labelled import LabelledDocument
    >>> from cleaner.model import load_model
    >>> page = LabelledDocument("a", ("Sport", "It rained."), ("clutter", "body"), "x.org")
    >>> comparison = compare((load_model("news"), load_model("news")), [page])
    >>> comparison.difference.value, comparison.flips
    (0.0, ())
    """
    from cleaner.cleaning import Cleaner

    cleaners = Cleaner(models[0]), Cleaner(models[1])
    digests = digests_of(models[0]), digests_of(models[1])
    results: tuple[list[DocumentResult], list[DocumentResult]] = [], []
    flips: list[Flip] = []
    for document in documents:
        text, markup = document.text, document.markup
        before, after = (cleaner.classify(text, markup=markup) for cleaner in cleaners)
        for result, lines, known in zip(results, (before, after), digests, strict=True):
            result.append(score_lines(document, lines, known))
        flips += _find_flips(document, before, after)
    if not any(len(result.is_body) for result in results[0]):
        raise TrainingError(
            f"none of {len(results[0])} documents has a line labelled body or clutter; a comparison"
            " needs labelled documents"
        )
    first, second = (Scores(tuple(result)) for result in results)
    return Comparison(names or (models[0].name, models[1].name), first, second, tuple(flips))


def _find_flips(
    document: LabelledDocument, before: Sequence[Line], after: Sequence[Line]
) -> Iterator[Flip]:
    for old, new in zip(before, after, strict=True):
        if old.label != new.label:
            yield Flip(
                document=document.id,
                number=old.number,
                text=old.text,
                label=document.labels[old.number - 1],
                before=old.label,
                after=new.label,
                before_probability=old.body_probability,
                after_probability=new.body_probability,
            )


def _difference(before: Sequence[DocumentResult], after: Sequence[DocumentResult]) -> Interval:
    return f1_difference([d.shingles for d in before], [d.shingles for d in after])


def _score_values(scores: Scores) -> dict[str, Any]:
    texts, interval, lines = scores.texts, scores.f1_interval, scores.lines
    return {
        "documents": texts.documents,
        "documents_trained_on": sum(one.seen for one in scores.documents),
        "precision": texts.precision,
        "recall": texts.recall,
        "f1": texts.f1,
        "f1_low": interval.low,
        "f1_high": interval.high,
        "exact": texts.exact,
        "line_precision": lines.precision,
        "line_recall": lines.recall,
        "line_f1": lines.f1,
        "calibration_error": scores.calibration_error,
    }


def _format_parts(comparison: Comparison) -> Iterator[str]:
    before, after = (_score_values(scores) for scores in (comparison.before, comparison.after))
    rows = [["", *comparison.names, "difference"]]
    for name in ("precision", "recall", "f1", "exact", "line_precision", "line_recall", "line_f1",
                 "calibration_error"):  # fmt: skip
        values = before[name], after[name]
        title = name.replace("_", " ").replace("f1", "F1")
        rows.append([title, *(f"{x:.4f}" for x in values), f"{values[1] - values[0]:+.4f}"])
        if name == "f1":
            rows.append(["  95% interval", *(
                f"{one['f1_low']:.3f}-{one['f1_high']:.3f}" for one in (before, after)
            ), _format_interval(comparison.difference)])  # fmt: skip
    yield f"{before['documents']} documents\n{format_table(rows)}"
    yield _verdict(comparison.difference)
    for name, scores in zip(comparison.names, (comparison.before, comparison.after), strict=True):
        if warning := describe_seen((one.seen for one in scores.documents), name):
            yield warning
    yield from _format_sources(comparison)
    for kind in ("broken", "mended", "unlabelled"):
        yield from _format_flips(kind, comparison.flips_of(kind))


def _format_interval(interval: Interval) -> str:
    return f"{interval.low:+.4f} to {interval.high:+.4f}"


def _verdict(difference: Interval) -> str:
    if difference.low > 0:
        return "The second model is better on these documents."
    if difference.high < 0:
        return "The first model is better on these documents."
    return "No difference that these documents could show: its interval includes 0."


def _format_sources(comparison: Comparison) -> Iterator[str]:
    """Show the sources whose F1 has changed most."""
    before, after = comparison.before.by_source, comparison.after.by_source
    rows = []
    for name in before:
        pair = before[name].texts, after[name].texts
        if pair[0].documents and abs(change := pair[1].f1 - pair[0].f1) > 0:
            cells = [name, str(pair[0].documents), f"{pair[0].f1:.4f}", f"{pair[1].f1:.4f}"]
            rows.append((abs(change), [*cells, f"{change:+.4f}"]))
    if len(before) > 1 and rows:
        rows.sort(key=lambda row: -row[0])
        header = ["sources that changed most", "documents", *comparison.names, "difference"]
        yield format_table([header, *(cells for _, cells in rows[:_SHOWN_SOURCES])])


def _format_flips(kind: str, flips: Sequence[Flip]) -> Iterator[str]:
    if not flips:
        return
    title = {
        "broken": "lines that were right and are now wrong",
        "mended": "lines that were wrong and are now right",
        "unlabelled": "lines without a label whose decision changes",
    }[kind]
    lines = [f"{len(flips)} {title}" + (", for example:" if len(flips) > _SHOWN_FLIPS else ":")]
    lines += [
        f"  {flip.before_probability:.2f} -> {flip.after_probability:.2f}"
        f"  {flip.before} -> {flip.after:7}  {flip.place}"
        for flip in flips[:_SHOWN_FLIPS]
    ]
    yield "\n".join(lines)
