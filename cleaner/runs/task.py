"""Read, clean and write some files as one batch; what goes wrong in one touches no other."""

# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cleaner.collection import Collection, Company
from cleaner.errors import CleanerError, OutputError
from cleaner.files import Note, read_decoded, store_output
from cleaner.runs.oddities import find_oddities
from cleaner.runs.status import FileStatus, count_dropped_lines

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaned, Cleaner


class Pair(NamedTuple):
    """One file to be cleaned; either path may be "-"."""

    source: str
    target: str
    folder: str = ""  # whose files a collection counts together


@dataclass(frozen=True, slots=True)
class Manner:
    """How to clean some files.

    Attributes
    ----------
    force
        Overwrite existing outputs that differ.
    surveyed
        Also give the status of each file, and count the dropped lines.
    collection
        What has counted the lines of all files, or None to judge each file alone.
    before_write
        Called before each output is written; to stop here, it ends the process.
    """

    force: bool = False
    surveyed: bool = False
    collection: Collection | None = None
    before_write: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Report:
    """What became of some files."""

    files: int = 0  # all that were to be cleaned
    counted: int = 0  # files that were only read, in the first pass over a collection
    cleaned: int = 0  # those whose output is there now
    kept: int = 0  # lines of the cleaned files, blank ones not counted
    dropped: int = 0  # lines
    empty: list[str] = field(default_factory=list)  # inputs of which no line was kept
    n_unmatched: int = 0  # files on the way that match no pattern, and were not looked at
    remarks: list[Note] = field(default_factory=list)  # what a person should know of inputs
    refused: list[str] = field(default_factory=list)  # existing outputs that differ
    problems: list[Note] = field(default_factory=list)  # what could not be cleaned, and why
    collection: Collection | None = None  # what the files are judged with; told once, if at all
    statuses: list[FileStatus] = field(default_factory=list)  # of cleaned files, if asked for
    dropped_lines: Counter[str] = field(default_factory=Counter)  # of cleaned files, the same


def clean_pairs(cleaner: Cleaner, pairs: Sequence[Pair], manner: Manner) -> Report:
    """Read, clean and write some files, all of them in one batch.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from cleaner.cleaning import Cleaner
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"")
    ...     pairs = [Pair(f"{directory}/a.txt", f"{directory}/b.txt")]
    ...     report = clean_pairs(Cleaner.load(), pairs, Manner())
    >>> report.files, report.cleaned, report.problems
    (1, 1, [])
    """
    report = Report(files=len(pairs))
    readable, texts = [], []
    for pair in pairs:
        try:
            decoded = read_decoded(pair.source)
        except Exception as error:  # whatever it is, the other files go on
            report.problems.append(Note(pair.source, _describe(error)))
            continue
        remarks = [decoded.remark] if decoded.remark else []
        report.remarks += [
            Note(pair.source, text) for text in (*remarks, *find_oddities(decoded.data))
        ]
        readable.append(pair)
        texts.append(decoded.data)
    results = _clean_texts(cleaner, texts, [pair.folder for pair in readable], manner.collection)
    for (source, target, _), text, cleaned in zip(readable, texts, results, strict=True):
        if isinstance(cleaned, Exception):
            report.problems.append(Note(source, _describe(cleaned)))
            continue
        manner.before_write()
        try:
            accepted = store_output(target, cleaned.data, manner.force)
        except OutputError as error:
            report.problems.append(Note(source, _describe(error)))
            continue
        if not accepted:
            report.refused.append(target)
            continue
        report.cleaned += 1
        report.kept += cleaned.kept
        report.dropped += cleaned.dropped
        if not cleaned.data:
            report.empty.append(source)
        if manner.surveyed:
            sizes = len(text), len(cleaned.data)
            status = FileStatus(source, cleaned.kept, cleaned.dropped, *sizes, cleaned.confidence)
            report.statuses.append(status)
            report.dropped_lines.update(count_dropped_lines(text, cleaned.data))
    return report


def _clean_texts(
    cleaner: Cleaner,
    texts: Sequence[bytes],
    folders: Sequence[str],
    collection: Collection | None,
) -> list[Cleaned | Exception]:
    """Clean texts in one batch; if that fails, one by one, with the error in a text's place."""
    try:
        company = Company(collection, folders) if collection else None
        return [*cleaner.clean_encoded(texts, company)]
    except Exception as error:
        if len(texts) == 1:
            return [error]
        return [
            result
            for text, folder in zip(texts, folders, strict=True)
            for result in _clean_texts(cleaner, [text], [folder], collection)
        ]


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    if isinstance(error, CleanerError):
        return str(error)
    return f"could not be cleaned: {type(error).__name__} {error}".rstrip()
