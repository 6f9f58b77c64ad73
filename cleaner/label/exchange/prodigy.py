"""Read and write Prodigy's JSON Lines: documents with spans, and lines with a category.

Only an answer of "accept" makes labels of spans. What was ignored stays unlabelled, and so does
what was rejected, unless the question was whether *one* label fits a line: then the other one
does. Spans without any answer are guesses. Format: prodi.gy/docs/api-interfaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cleaner.errors import LabelError
from cleaner.label.exchange.spans import (
    Span,
    build_document,
    check_label,
    document_info,
    line_spans,
    make_document,
    read_json_lines,
    told_where,
    write_json_lines,
)
from cleaner.labelled import Label, LabelledDocument

_ANSWERS = ("accept", "reject", "ignore", None)
_OTHER: dict[Label, Label] = {"body": "clutter", "clutter": "body"}


def write(documents: Iterable[LabelledDocument]) -> str:
    """Write one document a line, for the recipes spans.manual and ner.manual.

    Examples
    --------
    >>> text = write([LabelledDocument("a", ("It rained.",), ("body",), "x.org")])
    >>> task = next(read_json_lines(text, "all.jsonl"))[1]
    >>> task["spans"], task["answer"]
    ([{'start': 0, 'end': 10, 'label': 'body', 'answer': 'accept'}], 'accept')
    """
    return write_json_lines(map(_make_task, documents))


def _make_task(document: LabelledDocument) -> dict[str, Any]:
    spans = []
    for span in line_spans(document):
        entry = {"start": span.start, "end": span.end, "label": span.label}
        spans.append(entry if span.is_guess else {**entry, "answer": "accept"})
    task = {"text": document.text, "spans": spans, "meta": document_info(document)}
    # A document is done when a person has seen all of it.
    return task if document.guesses or not spans else {**task, "answer": "accept"}


def read(text: str, where: str) -> list[LabelledDocument]:
    """Read the output of ``prodigy db-out``.

    Tasks without spans are lines; those with the same ``meta["document"]`` become one document,
    in the order of ``meta["line"]`` if they have one.

    Raises
    ------
    LabelError
        If the file does not follow the format, or a label or an answer is unknown.

    Examples
    --------
    >>> task = '{"text": "It rained.", "label": "clutter", "answer": "%s"}'
    >>> [read(task % answer, "a")[0].labels[0] for answer in ("accept", "reject", "ignore")]
    ['clutter', 'body', None]
    """
    documents = []
    lines: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for number, task in read_json_lines(text, where):
        place = f"{where} line {number}"
        if task.get("answer") not in _ANSWERS:
            raise LabelError(f"{place}: answer {task['answer']!r:.60} is none of Prodigy's")
        with told_where(place):
            if "spans" in task and "label" not in task and "options" not in task:
                info = {"document": f"{Path(where).stem}-{number}", **(task.get("meta") or {})}
                documents.append(make_document(task["text"], _read_spans(task, place), info, place))
            else:
                name = (task.get("meta") or {}).get("document") or Path(where).stem
                lines.setdefault(str(name), []).append((place, task))
    documents += [_join_lines(name, tasks, where) for name, tasks in lines.items()]
    return documents


def _read_spans(task: dict[str, Any], where: str) -> Iterator[Span]:
    if task.get("answer") in ("reject", "ignore"):
        return
    for span in task["spans"] or ():
        match span:
            case {"start": int(start), "end": int(end), "label": label}:
                answer = span.get("answer", task.get("answer"))
            case _:
                raise LabelError(f"{where}: the span {span!r:.60} has no start, end and label")
        if answer in ("accept", None):
            yield Span(start, end, check_label(label, where), is_guess=answer is None)


def _join_lines(name: str, tasks: list[tuple[str, dict[str, Any]]], where: str) -> LabelledDocument:
    ordered = sorted(tasks, key=lambda one: (one[1].get("meta") or {}).get("line", 0))
    lines = [task["text"].replace("\r", " ").replace("\n", " ") for _, task in ordered]
    labels = []
    for place, task in ordered:
        with told_where(place):
            labels.append(_read_category(task, place))
    info = {**(ordered[0][1].get("meta") or {}), "document": name}
    return build_document(lines, labels, [None] * len(lines), info, where)


def _read_category(task: dict[str, Any], where: str) -> Label | None:
    answer = task.get("answer")
    if "options" in task or "accept" in task:  # a choice between both labels
        chosen = task.get("accept") or []
        if answer != "accept" or not chosen:
            return None
        if len(chosen) > 1:
            raise LabelError(f"{where}: {' and '.join(map(str, chosen))} are chosen; a line has"
                             " one label")  # fmt: skip
        return check_label(chosen[0], where)
    if answer not in ("accept", "reject"):
        return None
    label = check_label(task.get("label"), where)
    return label if answer == "accept" else _OTHER[label]
