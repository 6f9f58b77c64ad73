"""Read and write tasks of Label Studio: JSON as it imports and as it exports ("JSON").

The labelling interface of the project, whose names the file uses::

    <View>
      <Labels name="label" toName="text"><Label value="body"/><Label value="clutter"/></Labels>
      <Text name="text" value="$text"/>
    </View>

Labels are an annotation, guesses a prediction. Format: labelstud.io/guide/task_format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cleaner.errors import LabelError
from cleaner.label.exchange.spans import (
    Span,
    check_label,
    check_text,
    document_info,
    line_spans,
    make_document,
    told_where,
)
from cleaner.labelled import LabelledDocument


def write(documents: Iterable[LabelledDocument]) -> str:
    """Write tasks, one a document.

    Examples
    --------
    >>> document = LabelledDocument("a", ("It rained.",), ("body",), "x.org")
    >>> task = json.loads(write([document]))[0]
    >>> task["annotations"][0]["result"][0]["value"]
    {'start': 0, 'end': 10, 'text': 'It rained.', 'labels': ['body']}
    """
    tasks = [_make_task(document) for document in documents]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def _make_task(document: LabelledDocument) -> dict[str, Any]:
    spans = list(line_spans(document))
    labels = [_make_region(document, span) for span in spans if not span.is_guess]
    guesses = [_make_region(document, span) for span in spans if span.is_guess]
    task: dict[str, Any] = {"data": {"text": document.text, **document_info(document)}}
    if labels:
        task["annotations"] = [{"result": labels, "was_cancelled": False}]
    if guesses:
        task["predictions"] = [{"model_version": "clean-news", "result": guesses}]
    return task


def _make_region(document: LabelledDocument, span: Span) -> dict[str, Any]:
    return {
        "id": f"{'guess' if span.is_guess else 'label'}-{span.start}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": document.text[span.start : span.end],
            "labels": [span.label],
        },
    }


def read(text: str, where: str) -> list[LabelledDocument]:
    """Read tasks. Skipped ("cancelled") annotations are no labels, and predictions are guesses.

    Where a task has several annotations, the one marked as ground truth counts, or else the
    latest.

    Raises
    ------
    LabelError
        If the file is not what Label Studio exports as "JSON", or a label is unknown.

    Examples
    --------
    >>> document = LabelledDocument("a", ("It rained.",), ("body",), "x.org")
    >>> read(write([document]), "all.json") == [document]
    True
    """
    try:
        tasks = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{where} is not JSON: {error!s:.200}") from None
    if not isinstance(tasks, list):
        raise LabelError(f"{where}: expected a list of tasks, found {type(tasks).__name__}")
    documents = []
    for number, task in enumerate(tasks, 1):
        with told_where(f"{where} task {number}"):
            documents.append(_read_task(task, number, where))
    return documents


def _read_task(task: Any, number: int, where: str) -> LabelledDocument:
    place = f"{where} task {number}"
    if not isinstance(task, dict) or "data" not in task:
        raise LabelError(f"{place} has no 'data'; export as JSON, not as JSON-MIN")
    data = check_text(task["data"], f"{place} data")
    annotations = _check_list(task, "annotations", place)
    predictions = _check_list(task, "predictions", place)
    done = [one for one in annotations if not one.get("was_cancelled")]
    spans: list[Span] = []
    if done:
        best = max(done, key=lambda one: (bool(one.get("ground_truth")), _time(one)))
        spans += _read_regions(best, data["text"], place, is_guess=False)
    if predictions:
        spans += _read_regions(predictions[-1], data["text"], place, is_guess=True)
    info = {"document": f"{Path(where).stem}-{task.get('id', number)}", **data}
    return make_document(data["text"], spans, info, place)


def _check_list(task: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    values = task.get(key) or []
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise LabelError(f"{where}: its {key!r} are not a list of objects")
    return values


def _time(annotation: dict[str, Any]) -> str:
    return str(annotation.get("updated_at") or annotation.get("created_at") or "")


def _read_regions(
    annotation: dict[str, Any], text: str, where: str, *, is_guess: bool
) -> Iterator[Span]:
    for region in _check_list(annotation, "result", where):
        if region.get("type") != "labels":  # a rating or comment beside the labels, for instance
            continue
        match region.get("value"):
            case {"start": int(start), "end": int(end), "labels": [*labels], **more}:
                pass
            case value:
                raise LabelError(f"{where}: {value!r:.60} is not a labelled part of a plain text")
        _check_quote(text[start:end], more.get("text"), where)
        for label in labels:
            yield Span(start, end, check_label(label, where), is_guess)


def _check_quote(found: str, quoted: object, where: str) -> None:
    r"""Compare what stands at the offsets with the quotation, in which line ends may be "\\n"."""
    if isinstance(quoted, str):
        expected = "".join(quoted.replace("\\n", " ").split())
        if "".join(found.replace("\\n", " ").split()) != expected:
            raise LabelError(
                f"{where}: its offsets point at {found[:30]!r}, but it quotes {quoted[:30]!r}; "
                "old versions of Label Studio counted some characters twice: export with a new one"
            )
