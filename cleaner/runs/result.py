"""What is to be cleaned into what, and what became of it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from cleaner.cleaning import Cleaned
from cleaner.collection import Collection
from cleaner.files import Note
from cleaner.runs.journal import Finished, look_at, version_of
from cleaner.runs.statistics import Statistics, count_document


class Pair(NamedTuple):
    """One file to be cleaned."""

    source: str  # path or address; "-" for standard input
    target: str  # path or address; "-" for standard output
    folder: str = ""  # whose files a collection counts together
    is_ours: bool = False  # an earlier run has written the target: it may be replaced
    version: str = ""  # of the source, if it is in storage


class FileStatus(NamedTuple):
    """What became of one file."""

    path: str  # of the input
    kept: int  # lines
    dropped: int  # lines
    bytes_before: int  # of text, in UTF-8
    bytes_after: int
    confidence: float  # from 0 to 1


@dataclass(slots=True)
class TaskResult:
    """What became of some files."""

    files: int = 0  # all that were to be cleaned
    counted: int = 0  # files that were only read, in the first pass over a collection
    bytes_read: int = 0  # of all these files, those that an earlier run had cleaned among them
    bytes_done: int = 0  # of those
    cleaned: int = 0  # those whose output is there now
    done: int = 0  # of these, those that an earlier run had cleaned
    finished: list[Finished] = field(default_factory=list)  # for the journal
    kept: int = 0  # lines of the cleaned files, blank ones not counted
    dropped: int = 0  # lines
    rows: int = 0  # documents in files of records
    rows_done: int = 0  # of these, those that an earlier run had cleaned
    empty_rows: int = 0  # those of which no line was kept
    empty: list[str] = field(default_factory=list)  # inputs of which no line was kept
    n_unmatched: int = 0  # files on the way that match no pattern, and were not looked at
    remarks: list[Note] = field(default_factory=list)  # what a person should know of inputs
    refused: list[str] = field(default_factory=list)  # existing outputs that differ
    problems: list[Note] = field(default_factory=list)  # what could not be cleaned, and why
    collection: Collection | None = None  # what the files are judged with; told once, if at all
    statistics: Statistics = field(default_factory=Counter)  # of cleaned documents
    statuses: list[FileStatus] = field(default_factory=list)  # of cleaned files, if asked for
    dropped_lines: Counter[str] = field(default_factory=Counter)  # of cleaned files, the same

    def add_document(self, cleaned: Cleaned) -> None:
        """Count a document that was cleaned."""
        self.kept += cleaned.kept
        self.dropped += cleaned.dropped
        self.statistics.update(count_document(cleaned))

    def note_finished(
        self, pair: Pair, before: os.stat_result | None, kept: int, dropped: int, rows: int = 0
    ) -> None:
        """Note a file for the journal."""
        after = look_at(pair.target)
        if before and after:
            versions = version_of(before), version_of(after)
            self.finished.append(
                Finished(pair.source, versions[0], pair.target, versions[1], kept, dropped, rows)
            )

    def add(self, other: TaskResult) -> None:
        """Add what became of other files; not what is told once."""
        for one in fields(self):
            mine, more = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, int | list):
                setattr(self, one.name, mine + more)
        self.statistics.update(other.statistics)
        self.dropped_lines.update(other.dropped_lines)

    def add_done(self, done: Finished, size: int) -> None:
        """Count a file of some bytes that an earlier run had cleaned."""
        self.files += 1
        self.cleaned += 1
        self.done += 1
        self.kept += done.kept
        self.dropped += done.dropped
        self.rows += done.rows
        self.rows_done += done.rows
        self.bytes_read += size
        self.bytes_done += size
        if not done.kept and not done.rows:
            self.empty.append(done.source)
