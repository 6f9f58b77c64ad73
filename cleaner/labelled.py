"""Labelled documents: page text whose lines are marked body or clutter, and its file format.

A labelled file is UTF-8 text with one document: optional header lines, then one line for each
source line, made of its label, a tab and its text::

    #source: example.org
    #lang: en
    clutter<TAB>Home | Sport

    body<TAB>The council voted on Monday to keep the bridge.
    ?<TAB>A standfirst that may be kept or not.

Blank source lines stay blank. The first word of a line is all that a person has to change.
A label with a question mark (``body?``, ``clutter?``) is a model's guess that no person has
confirmed: training and evaluation take the line as unlabelled. Taking the question mark away
confirms the guess.

A document made of HTML has the header ``#markup: yes``: behind each text stand a tab and where the
line stood in the markup (see `cleaner.text.read_html`). So it can be trained on without the page,
and as a text by whoever does not look at the markup.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cleaner.errors import LabelError

Label = Literal["body", "clutter"]

# First word of a line -> its label, and the model's guess where there is no label.
_MARKS: dict[str, tuple[Label | None, Label | None]] = {
    "body": ("body", None),
    "clutter": ("clutter", None),
    "?": (None, None),
    "body?": (None, "body"),
    "clutter?": (None, "clutter"),
}
_WORD_OF_MARK = {mark: word for word, mark in _MARKS.items()}
_LABELS = ("body", "clutter", None)
_HEADERS = ("id", "source", "lang", "weight", "markup")


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    r"""The lines of one page text, in order, each with its label.

    Attributes
    ----------
    id
        Name of the document; a safe file name.
    lines
        Every source line without its line end, blank ones included.
    labels
        As many as `lines`: "body", "clutter", or None for lines that are blank or unlabelled
        (used as context only).
    source
        The group that cross-validation keeps together, usually the publisher.
    lang
        ISO 639-1 code, or "" if unknown.
    weight
        Weight of the document in training, 0 or more.
    guesses
        A model's labels for lines that no person has labelled, to be confirmed: as many as
        `lines`, with None for all other lines; or () if there are none at all.
    markup
        Where each line stands in the HTML that it comes from (see `cleaner.text.read_html`): as
        many as `lines`, or () for a text.
    line_weights
        How much each line counts beside the others of the document when pass 2 is trained: as
        many as `lines`, or () if all count alike. Labelled files do not hold them.

    Raises
    ------
    LabelError
        If labels and lines differ in number, a label is unknown, a labelled line has a guess, a
        line holds a line end, or the weight is negative or not finite.

    Examples
    --------
    >>> document = LabelledDocument("a", ("Sport", "It rained."), ("clutter", "body"), "x.org")
    >>> document.text
    'Sport\nIt rained.'
    """

    id: str
    lines: tuple[str, ...]
    labels: tuple[Label | None, ...]
    source: str
    lang: str = ""
    weight: float = 1.0
    guesses: tuple[Label | None, ...] = ()
    markup: tuple[str, ...] = ()
    line_weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.lines) != len(self.labels):
            raise LabelError(
                f"document {self.id!r}: {len(self.lines)} lines but {len(self.labels)} labels;"
                " give one label (or None) for each line"
            )
        for what, of_lines in (("markup", self.markup), ("weights", self.line_weights)):
            if of_lines and len(of_lines) != len(self.lines):
                raise LabelError(
                    f"document {self.id!r}: {len(self.lines)} lines but {what} for {len(of_lines)}"
                )
        self._check_guesses()
        for number, (line, label) in enumerate(zip(self.lines, self.labels, strict=True), 1):
            if label not in _LABELS:
                raise LabelError(
                    f"document {self.id!r} line {number}: label {label!r} is neither 'body' nor"
                    " 'clutter' nor None"
                )
            if "\n" in line or "\r" in line:
                raise LabelError(f"document {self.id!r} line {number}: the text holds a line end")
        for name in ("id", "source", "lang"):
            value = getattr(self, name)
            if value != value.strip() or "\n" in value or "\r" in value:
                raise LabelError(
                    f"document {self.id!r}: {name} {value!r} has white space around it"
                    " or a line end in it"
                )
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise LabelError(
                f"document {self.id!r}: weight {self.weight} is not a number from 0 upwards"
            )

    def _check_guesses(self) -> None:
        if not self.guesses:
            return
        if len(self.guesses) != len(self.lines):
            raise LabelError(
                f"document {self.id!r}: {len(self.lines)} lines but {len(self.guesses)} guesses;"
                " give one guess (or None) for each line, or none at all"
            )
        if not any(self.guesses):
            raise LabelError(f"document {self.id!r}: every guess is None; give () instead")
        for number, mark in enumerate(zip(self.labels, self.guesses, strict=True), 1):
            if mark[1] is not None and mark not in _WORD_OF_MARK:
                raise LabelError(
                    f"document {self.id!r} line {number}: guess {mark[1]!r} with label"
                    f" {mark[0]!r}; a guess is 'body' or 'clutter' and has no label beside it"
                )

    @property
    def text(self) -> str:
        """The page text: all lines, joined by line ends."""
        return "\n".join(self.lines)


def format_labelled(document: LabelledDocument) -> str:
    r"""Write a document in the labelled file format.

    A header is left out where the value is the default; labels and guesses on blank lines are
    lost.

    Examples
    --------
    >>> format_labelled(LabelledDocument("a", ("It rained.", ""), ("body", None), "x.org"))
    '#id: a\n#source: x.org\nbody\tIt rained.\n\n'
    """
    headers = [f"#id: {document.id}", f"#source: {document.source}"]
    if document.lang:
        headers.append(f"#lang: {document.lang}")
    if document.weight != 1.0:
        headers.append(f"#weight: {document.weight!r}")
    guesses = document.guesses or (None,) * len(document.lines)
    marks = zip(document.labels, guesses, strict=True)
    if document.markup:
        headers.append("#markup: yes")
    behind = [f"\t{markup}" for markup in document.markup] or [""] * len(document.lines)
    rows = [
        f"{_WORD_OF_MARK[mark]}\t{line}{more}" if line.strip() else line.replace("\t", " ")
        for line, mark, more in zip(document.lines, marks, behind, strict=True)
    ]
    return "\n".join([*headers, *rows]) + "\n"


def parse_labelled(text: str, where: str) -> LabelledDocument:
    r"""Read a document from the text of a labelled file.

    Parameters
    ----------
    text
        Content of the file; lines may end in "\n" or "\r\n".
    where
        Name of the file, for error messages; its stem is the id (and the source) of a document
        that has no such header.

    Raises
    ------
    LabelError
        If a line has no label, an unknown one, or a header is unknown, repeated or malformed.

    Examples
    --------
    >>> document = parse_labelled("#source: x.org\nbody\tIt rained.\n\nbody?\tBy Ann\n", "a.tsv")
    >>> document.labels, document.guesses
    (('body', None, None), (None, None, 'body'))
    """
    rows = text.removeprefix("\ufeff").split("\n")
    if rows[-1] == "":
        rows.pop()
    rows = [row.removesuffix("\r") for row in rows]
    headers = _parse_headers(rows, where)
    lines: list[str] = []
    markup: list[str] = []
    has_markup = _has_markup(headers, where)
    marks: list[tuple[Label | None, Label | None]] = []
    for number, row in enumerate(rows[len(headers) :], len(headers) + 1):
        if not row.strip():
            lines.append(row)
            marks.append((None, None))
            markup.append("")
            continue
        word, tab, line = row.partition("\t")
        if not tab or word not in _MARKS:
            raise LabelError(
                f"{where} line {number}: {row[:40]!r} does not begin with 'body', 'clutter',"
                " '?', 'body?' or 'clutter?' and a tab"
            )
        if has_markup:
            line, tab, of_line = line.rpartition("\t")
            if not tab:
                raise LabelError(f"{where} line {number}: no markup behind the text and a tab")
            markup.append(of_line if line.strip() else "")
        lines.append(line)
        marks.append(_MARKS[word] if line.strip() else (None, None))
    guesses = tuple(guess for _, guess in marks)
    stem = Path(where).stem.strip()
    try:
        return LabelledDocument(
            id=headers.get("id", stem),
            lines=tuple(lines),
            labels=tuple(label for label, _ in marks),
            source=headers.get("source", stem),
            lang=headers.get("lang", ""),
            weight=float(headers.get("weight", "1")),
            guesses=guesses if any(guesses) else (),
            markup=tuple(markup) if has_markup else (),
        )
    except LabelError as error:
        raise LabelError(f"{where}: {error}") from None
    except ValueError:
        raise LabelError(f"{where}: weight {headers['weight']!r} is not a number") from None


def _has_markup(headers: dict[str, str], where: str) -> bool:
    value = headers.get("markup", "no")
    if value not in ("yes", "no"):
        raise LabelError(f"{where}: header markup is {value!r}; it is 'yes' or 'no'")
    return value == "yes"


def _parse_headers(rows: list[str], where: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if not row.startswith("#"):
            break
        name, colon, value = row[1:].partition(":")
        name = name.strip()
        if not colon or name not in _HEADERS or name in headers:
            raise LabelError(
                f"{where} line {number}: header {row[:40]!r} is not one of"
                f" {', '.join(f'#{known}: …' for known in _HEADERS)}, each at most once"
            )
        headers[name] = value.strip()
    return headers
