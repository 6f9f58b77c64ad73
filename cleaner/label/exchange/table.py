"""Read and write labelled documents as one table of lines, tab-separated with a header row.

For spreadsheets and data frames. The labels are the words of the labelled file: body, clutter,
``?``, and with a question mark a model's guess.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cleaner.errors import LabelError
from cleaner.label.exchange.spans import build_document, check_label, document_info
from cleaner.labelled import Label, LabelledDocument

_COLUMNS = ("document", "source", "lang", "weight", "line", "label", "text")
_NEEDED = ("label", "text")
_GUESS = "?"


def write(documents: Iterable[LabelledDocument]) -> str:
    r"""Write one line a row, blank ones included.

    Examples
    --------
    >>> write([LabelledDocument("a", ("It rained.",), ("body",), "x.org")]).splitlines()[1]
    'a\tx.org\t\t\t1\tbody\tIt rained.'
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _COLUMNS, dialect="excel-tab", lineterminator="\n")
    writer.writeheader()
    for document in documents:
        info = document_info(document)
        guesses = document.guesses or (None,) * len(document.lines)
        marks = zip(document.lines, document.labels, guesses, strict=True)
        for number, (line, label, guess) in enumerate(marks, 1):
            word = label or (f"{guess}{_GUESS}" if guess else _GUESS if line.strip() else "")
            writer.writerow({**info, "line": number, "label": word, "text": line})
    return buffer.getvalue()


def read(text: str, where: str) -> list[LabelledDocument]:
    r"""Read a table; it needs the columns label and text, in any order and among others.

    Rows with the same document stand together; without a column for it, all are one document.

    Raises
    ------
    LabelError
        If a column is missing or a label unknown.

    Examples
    --------
    >>> read("label\ttext\nbody\tIt rained.\n?\tBy Ann\n", "all.tsv")[0].labels
    ('body', None)
    """
    # A field may hold all of a page that has no line ends.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect="excel-tab")
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise LabelError(
            f"{where}: the header row has no column {' and '.join(map(repr, missing))}"
        )
    documents: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in reader:
        if None in row:
            raise LabelError(
                f"{where} line {reader.line_num}: more cells than columns; put a text that holds"
                " tabs in quotation marks"
            )
        name = row.get("document") or Path(where).stem
        documents.setdefault(name, []).append((f"{where} line {reader.line_num}", row))
    return [_make_document(name, rows, where) for name, rows in documents.items()]


def _make_document(
    name: str, rows: list[tuple[str, dict[str, Any]]], where: str
) -> LabelledDocument:
    lines: list[str] = []
    labels: list[Label | None] = []
    guesses: list[Label | None] = []
    for place, row in rows:
        word, line = (row["label"] or "").strip(), row["text"] or ""
        marked = bool(word.removesuffix(_GUESS)) and bool(line.strip())
        label = check_label(word.removesuffix(_GUESS), place) if marked else None
        lines.append(line.replace("\r\n", " ").replace("\n", " ").replace("\r", " "))
        labels.append(None if word.endswith(_GUESS) else label)
        guesses.append(label if word.endswith(_GUESS) else None)
    return build_document(lines, labels, guesses, {**rows[0][1], "document": name}, where)
