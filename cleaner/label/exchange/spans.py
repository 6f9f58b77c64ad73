"""Turn the labels of lines into labels of character spans, as annotation tools have, and back."""

from __future__ import annotations

import bisect
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import LabelError
from cleaner.labelled import Label, LabelledDocument

_LINE_END = re.compile(r"\r\n|\r|\n")
# A span that covers less of a line than this was meant for the line before or after it.
_LEAST_COVERED = 0.5
_DEFAULTS = {"lang": "", "weight": 1.0}


class Span(NamedTuple):
    """A labelled part of a text."""

    start: int  # in code points
    end: int  # in code points, excluded
    label: Label
    is_guess: bool = False  # a model's, not a person's


@contextlib.contextmanager
def told_where(where: str) -> Iterator[None]:
    """Tell what is not of the type it should be as a LabelError that says where it stands.

    Examples
    --------
    >>> with told_where("all.jsonl line 7"):
    ...     {}["text"]
    Traceback (most recent call last):
    cleaner.errors.LabelError: all.jsonl line 7: does not follow the format (KeyError: 'text')
    """
    try:
        yield
    except (TypeError, LookupError, AttributeError, ValueError, RecursionError) as error:
        kind = type(error).__name__
        raise LabelError(f"{where}: does not follow the format ({kind}: {error!s:.200})") from error


def check_label(label: object, where: str) -> Label:
    """Give a label that may come from a person's project in an annotation tool.

    Raises
    ------
    LabelError
        If it is neither "body" nor "clutter".

    Examples
    --------
    >>> check_label("body", "a.json")
    'body'
    """
    if label == "body" or label == "clutter":
        return label
    raise LabelError(f"{where}: label {label!r:.60} is neither 'body' nor 'clutter'")


def line_spans(document: LabelledDocument) -> Iterator[Span]:
    """Give one span for each line that has a label or a guess, without white space around it.

    Examples
    --------
    >>> document = LabelledDocument("a", ("Sport", " It rained. "), ("clutter", "body"), "x.org")
    >>> [(document.text[start:end], label) for start, end, label, _ in line_spans(document)]
    [('Sport', 'clutter'), ('It rained.', 'body')]
    """
    guesses = document.guesses or (None,) * len(document.lines)
    offset = 0
    for line, label, guess in zip(document.lines, document.labels, guesses, strict=True):
        if (mark := label or guess) and line.strip():
            start = offset + len(line) - len(line.lstrip())
            yield Span(start, start + len(line.strip()), mark, is_guess=label is None)
        offset += len(line) + 1


def make_document(
    text: str, spans: Iterable[Span], info: Mapping[str, Any], where: str
) -> LabelledDocument:
    r"""Label every line with the label that covers most of it, and at least half.

    Parameters
    ----------
    info
        What is known of the document under the names that `document_info` gives; other names
        are passed over.
    where
        File and place in it, for errors; its stem is the id of a document without one.

    Raises
    ------
    LabelError
        If a span lies outside the text, two labels cover a line equally, or `info` is malformed.

    Examples
    --------
    >>> make_document("Sport\nIt rained.", [Span(6, 15, "body")], {"document": "a"}, "a").labels
    (None, 'body')
    """
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    lines = _LINE_END.split(text)
    votes: list[Counter[tuple[Label, bool]]] = [Counter() for _ in lines]
    for span in spans:
        if not 0 <= span.start < span.end <= len(text):
            raise LabelError(
                f"{where}: the span from {span.start} to {span.end} lies outside the text of"
                f" {len(text)} characters"
            )
        first = bisect.bisect(starts, span.start) - 1
        for number in range(first, bisect.bisect_left(starts, span.end)):
            end = min(span.end, starts[number] + len(lines[number]))
            covered = text[max(span.start, starts[number]) : end]
            votes[number][span.label, span.is_guess] += _size(covered)
    labels = [_elect(vote, False, line, where) for vote, line in zip(votes, lines, strict=True)]
    guesses = [
        None if label else _elect(vote, True, line, where)
        for vote, line, label in zip(votes, lines, labels, strict=True)
    ]
    return build_document(lines, labels, guesses, info, where)


def _elect(
    vote: Mapping[tuple[Label, bool], int], is_guess: bool, line: str, where: str
) -> Label | None:
    body, clutter = vote.get(("body", is_guess), 0), vote.get(("clutter", is_guess), 0)
    if max(body, clutter) < max(_LEAST_COVERED * _size(line), 1):
        return None
    if body == clutter:
        raise LabelError(
            f"{where}: the line {line[:40]!r} is labelled both body and clutter; leave one label"
        )
    return "body" if body > clutter else "clutter"


def _size(text: str) -> int:
    """Count characters, without white space."""
    return len("".join(text.split()))


def document_info(document: LabelledDocument) -> dict[str, Any]:
    """Give what there is to a document beside its lines; defaults are left out.

    Examples
    --------
    >>> document_info(LabelledDocument("a", (), (), "x.org", lang="en"))
    {'document': 'a', 'source': 'x.org', 'lang': 'en'}
    """
    info = {"document": document.id, "source": document.source}
    more = {name: getattr(document, name) for name in _DEFAULTS}
    return info | {name: value for name, value in more.items() if value != _DEFAULTS[name]}


def build_document(
    lines: Sequence[str],
    labels: Sequence[Label | None],
    guesses: Sequence[Label | None],
    info: Mapping[str, Any],
    where: str,
) -> LabelledDocument:
    """Make a document of its lines and of what `document_info` gave.

    Raises
    ------
    LabelError
        If the weight is no number, or the document is not sound otherwise.

    Examples
    --------
    >>> build_document(["It rained."], ["body"], [None], {"document": "a"}, "all.json").source
    'a'
    """
    name = str(info.get("document") or Path(where).stem).strip()
    weight = info.get("weight")
    try:
        return LabelledDocument(
            id=name,
            lines=tuple(lines),
            labels=tuple(labels),
            source=str(info.get("source") or name).strip(),
            lang=str(info.get("lang") or "").strip(),
            weight=1.0 if weight in (None, "") else float(weight),
            guesses=tuple(guesses) if any(guesses) else (),
        )
    except (TypeError, ValueError):
        raise LabelError(f"{where}: weight {weight!r} is not a number") from None


def write_json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    r"""Write one JSON object a line.

    Examples
    --------
    >>> write_json_lines([{"text": "Über uns"}])
    '{"text": "Über uns"}\n'
    """
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def read_json_lines(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    r"""Read one JSON object a line; blank lines are passed over.

    Yields
    ------
    tuple of int and dict
        Number of the line, from 1, and its object, the "text" of which is a `str`.

    Raises
    ------
    LabelError
        If a line is not a JSON object with a text.

    Examples
    --------
    >>> list(read_json_lines('{"text": "Home"}\n', "all.jsonl"))
    [(1, {'text': 'Home'})]
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{where} line {number}"
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LabelError(f"{place} is not JSON: {error!s:.200}") from None
            yield number, check_text(record, place)


def check_text(record: Any, where: str) -> dict[str, Any]:
    """Give a JSON value that has to be an object with a "text".

    Raises
    ------
    LabelError
        If it is something else.

    Examples
    --------
    >>> check_text({"text": "Home"}, "all.jsonl line 1")
    {'text': 'Home'}
    """
    if isinstance(record, dict) and isinstance(record.get("text"), str):
        return record
    found = f"keys {', '.join(record) or 'none'}" if isinstance(record, dict) else repr(record)[:40]
    raise LabelError(f"{where}: expected an object with a 'text', found {found}")
