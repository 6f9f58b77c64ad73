"""Read and write doccano's JSON Lines for sequence labelling.

A model's guesses are labels of their own, "body?" and "clutter?", as in labelled files: doccano
has one kind of label only. It counts characters as JavaScript does, in code units of UTF-16, of
which an emoji takes two (github.com/doccano/doccano/issues/2290).
Format: doccano.github.io/doccano/tutorial.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from cleaner.errors import LabelError
from cleaner.label.exchange.spans import (
    Span,
    check_label,
    document_info,
    line_spans,
    make_document,
    read_json_lines,
    told_where,
    write_json_lines,
)
from cleaner.labelled import LabelledDocument

# Names that versions of doccano and its kinds of project give to the labels.
_KEYS = ("label", "labels", "entities")
_GUESS = "?"


def write(documents: Iterable[LabelledDocument]) -> str:
    r"""Write one document a line.

    Examples
    --------
    >>> write([LabelledDocument("a", ("It rained.",), ("body",), "x.org")])
    '{"text": "It rained.", "label": [[0, 10, "body"]], "document": "a", "source": "x.org"}\n'
    """
    return write_json_lines(map(_make_record, documents))


def _make_record(document: LabelledDocument) -> dict[str, Any]:
    units = _code_units(document.text)
    labels = [
        [units[span.start], units[span.end], span.label + _GUESS * span.is_guess]
        for span in line_spans(document)
    ]
    return {"text": document.text, "label": labels, **document_info(document)}


def _code_units(text: str) -> list[int]:
    """Count the code units of UTF-16 before each code point, and before the end."""
    return list(accumulate((1 + (char > "\uffff") for char in text), initial=0))


def read(text: str, where: str) -> list[LabelledDocument]:
    """Read one document a line.

    Raises
    ------
    LabelError
        If the file does not follow the format, or a label is unknown.

    Examples
    --------
    >>> read('{"id": 7, "text": "It rained.", "label": [[0, 10, "body"]]}', "all.jsonl")[0].labels
    ('body',)
    """
    documents = []
    for number, record in read_json_lines(text, where):
        place = f"{where} line {number}"
        name = f"{Path(where).stem}-{record.get('id', number)}"
        with told_where(place):
            info = {"document": name, **(record.get("meta") or {}), **record}
            spans = _read_spans(record, place)
            documents.append(make_document(record["text"], spans, info, place))
    return documents


def _read_spans(record: dict[str, Any], where: str) -> Iterator[Span]:
    key = next((key for key in _KEYS if key in record), None)
    if key is None:
        raise LabelError(f"{where}: has no 'label'; export the project as JSONL with label texts")
    points = {unit: point for point, unit in enumerate(_code_units(record["text"]))}
    for entry in record[key] or ():
        match entry:
            case [int(start), int(end), str(label)]:
                pass
            case {"start_offset": int(start), "end_offset": int(end), "label": str(label)}:
                pass
            case _:
                raise LabelError(
                    f"{where}: {entry!r:.60} is not [start, end, label]; the project has to be one"
                    " for sequence labelling"
                )
        yield Span(
            points.get(start, start),
            points.get(end, end),
            check_label(label.removesuffix(_GUESS), where),
            label.endswith(_GUESS),
        )
