"""Show and change the labels in a folder of labelled files, beside what the model thinks."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cleaner.cleaning import Cleaner, Line
from cleaner.errors import CleanerError, InputError
from cleaner.files import find_labelled, read_version, write_version
from cleaner.label.uncertainty import attention
from cleaner.labelled import Label, LabelledDocument
from cleaner.model import Reason

# What a person says of a line; "skip" is neither and never learnt from, "open" is not said yet.
State = Literal["body", "clutter", "skip", "open"]

# Open lines of a document that count for its place in the list, as in `cleaner.label.selection`.
_LINES_COUNTED = 10
_PARTS = 6  # of a reason that are shown


class UnknownDocumentError(InputError):
    """There is no such document in the folder, or no such line in the document."""


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document as the list shows it."""

    key: str
    name: str  # path below the folder
    lines: int  # that are not blank
    open: int  # of these, the ones that a person has not labelled
    attention: float  # summed over the open lines most worth a look
    problem: str = ""  # why it cannot be shown, or ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line that is not blank."""

    number: int  # in the document, from 1
    text: str
    state: State
    guess: Label  # what the model decides
    probability: float  # of body, from 0 to 1
    attention: float  # from 0 to 1


class ReviewFolder:
    """The labelled files below a directory. Several threads and processes may use it at once."""

    def __init__(self, directory: Path, cleaner: Cleaner) -> None:
        self.directory = directory
        self.cleaner = cleaner
        self._paths: dict[str, Path] = {}
        self._judge = lru_cache(maxsize=None)(self._judge_text)
        self._changing = threading.Lock()  # for systems where processes cannot lock

    def summaries(self) -> list[DocumentSummary]:
        """List the documents: broken ones first, then open ones, most worth a look first.

        Raises
        ------
        InputError
            If there is no labelled file.
        """
        paths = find_labelled([self.directory])
        self._paths = {self._key(path): path for path in paths}
        found = [self._summary(key, path) for key, path in self._paths.items()]
        return sorted(found, key=lambda one: (not one.problem, not one.open, -one.attention))

    def show(self, key: str) -> tuple[str, str, list[ShownLine]]:
        """Show one document as it is now: its name, its version, and its lines.

        Raises
        ------
        UnknownDocumentError, InputError, LabelError
            If there is no such document, or its file cannot be read.
        """
        path = self._path(key)
        document, version = read_version(path)
        return self._name(path), version, self._lines(document)

    def change(self, key: str, version: str, states: Mapping[int, State]) -> tuple[str, int]:
        """Write what a person says of some lines, given by their numbers.

        Returns
        -------
        tuple of str and int
            The new version, and how many lines of the document are open.

        Raises
        ------
        UnknownDocumentError
            If there is no such document, or a number is not that of a line with text.
        ConflictError
            If the file has another version now; nothing is written.
        OutputError
            If it cannot be written.
        """
        path = self._path(key)
        with self._changing:
            document, found = read_version(path)
            if found == version:
                document = self._with_states(document, states)
            # With another version, this raises ConflictError.
            version = write_version(document, path, version)
        return version, sum(map(bool, document.guesses))

    def explain(self, key: str, number: int) -> tuple[float, list[Reason]]:
        """Say why the model decides as it does about one line.

        Returns
        -------
        tuple of float and list of Reason
            The log-odds that the line is body, which all reasons sum to; and these, each with its
            strongest parts.

        Raises
        ------
        UnknownDocumentError
            If there is no such document, or the model sees no such line in it.
        """
        document, _ = read_version(self._path(key))
        line = self.cleaner.explain_line(document.text, number, document.markup)
        if line is None:
            raise UnknownDocumentError(f"there is no line {number} with text in it")
        shown = [replace(reason, parts=reason.parts[:_PARTS]) for reason in line.reasons]
        return sum(reason.contribution for reason in line.reasons), shown

    # --- files -------------------------------------------------------------------------------

    def _key(self, path: Path) -> str:
        """Name a file in addresses: paths may hold anything and must not be taken from there."""
        return hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()

    def _path(self, key: str) -> Path:
        if key not in self._paths:
            self._paths = {self._key(path): path for path in find_labelled([self.directory])}
        if key not in self._paths:
            raise UnknownDocumentError("there is no such document in the folder")
        return self._paths[key]

    def _name(self, path: Path) -> str:
        below = path.relative_to(self.directory) if path != self.directory else Path(path.name)
        name = below.with_suffix("").as_posix()
        return name.encode("utf-8", "replace").decode()  # names may hold broken characters

    def _summary(self, key: str, path: Path) -> DocumentSummary:
        try:
            lines = self._lines(read_version(path)[0])
        except CleanerError as error:
            return DocumentSummary(key, self._name(path), 0, 0, 0.0, str(error))
        worth = sorted((line.attention for line in lines if line.state == "open"), reverse=True)
        return DocumentSummary(
            key, self._name(path), len(lines), len(worth), sum(worth[:_LINES_COUNTED])
        )

    # --- lines -------------------------------------------------------------------------------

    def _lines(self, document: LabelledDocument) -> list[ShownLine]:
        guesses = document.guesses or (None,) * len(document.lines)
        judged, worth = self._judge(document.text, document.markup)
        shown = []
        for number, (text, label, guess) in enumerate(
            zip(document.lines, document.labels, guesses, strict=True), 1
        ):
            if text.strip():
                line = judged.get(number) or Line(number, text, 0.0, "clutter")
                state: State = "open" if guess else label or "skip"
                probability = round(line.body_probability, 4)
                shown.append(
                    ShownLine(number, text, state, line.label, probability, worth.get(number, 0.0))
                )
        return shown

    def _judge_text(
        self, text: str, markup: tuple[str, ...]
    ) -> tuple[dict[int, Line], dict[int, float]]:
        """Judge a text: lines, and how much they are worth a look, by their numbers."""
        lines = self.cleaner.classify(text, markup=markup)
        worth = attention([line.body_probability for line in lines])
        return (
            {line.number: line for line in lines},
            {line.number: round(value, 4) for line, value in zip(lines, worth, strict=True)},
        )

    def _with_states(
        self, document: LabelledDocument, states: Mapping[int, State]
    ) -> LabelledDocument:
        labels: list[Label | None] = list(document.labels)
        guesses: list[Label | None] = list(document.guesses or (None,) * len(document.lines))
        for number, state in states.items():
            if not (0 < number <= len(document.lines) and document.lines[number - 1].strip()):
                raise UnknownDocumentError(f"there is no line {number} with text in it")
            labels[number - 1] = state if state in ("body", "clutter") else None
            guesses[number - 1] = self._guess(document, number) if state == "open" else None
        return replace(
            document, labels=tuple(labels), guesses=tuple(guesses) if any(guesses) else ()
        )

    def _guess(self, document: LabelledDocument, number: int) -> Label:
        line = self._judge(document.text, document.markup)[0].get(number)
        return line.label if line else "clutter"
