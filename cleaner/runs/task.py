"""Read, clean and write some files as one batch; what goes wrong in one touches no other."""

# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cleaner.collection import Collection, Company
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import (
    Done,
    Note,
    is_html,
    read_decoded,
    read_html_file,
    record_format,
    store_output,
)
from cleaner.runs.journal import Finished, Stamp, stamp
from cleaner.runs.oddities import find_oddities
from cleaner.runs.pages import RunPage, add_header, add_title, parse_page
from cleaner.runs.settings import PageSettings, RunSettings
from cleaner.runs.shard import clean_shard
from cleaner.runs.statistics import Statistics
from cleaner.text import decode_text, encode_text, normalise_line_ends

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaned
    from cleaner.runs.settings import Run


# Dropped lines are told apart by this many characters: what recurs in many files is short.
_LINE_CHARACTERS = 160


class Pair(NamedTuple):
    """One file to be cleaned; either path may be "-"."""

    source: str
    target: str
    folder: str = ""  # whose files a collection counts together
    is_ours: bool = False  # an earlier run has written the target: it may be replaced


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
    statistics: Statistics = field(default_factory=Statistics)  # of cleaned documents
    statuses: list[FileStatus] = field(default_factory=list)  # of cleaned files, if asked for
    dropped_lines: Counter[str] = field(default_factory=Counter)  # of cleaned files, the same

    def note_finished(
        self, pair: Pair, before: Stamp | None, kept: int, dropped: int, rows: int = 0
    ) -> None:
        """Note a file for the journal."""
        after = stamp(pair.target)
        if before and after:
            self.finished.append(
                Finished(pair.source, str(before), pair.target, str(after), kept, dropped, rows)
            )

    def add_done(self, done: Done) -> None:
        """Count what an earlier run had cleaned."""
        self.done += done.files
        self.files += done.files
        self.cleaned += done.files
        self.kept += done.kept
        self.dropped += done.dropped
        self.rows += done.rows
        self.rows_done += done.rows
        self.bytes_read += done.size
        self.bytes_done += done.size
        self.empty += done.empty


def clean_pairs(run: Run, pairs: Sequence[Pair]) -> TaskResult:
    """Read, clean and write some files, all of them in one batch.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from cleaner.cleaning import Cleaner
    >>> from cleaner.runs.settings import Run, RunSettings
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"")
    ...     pairs = [Pair(f"{directory}/a.txt", f"{directory}/b.txt")]
    ...     result = clean_pairs(Run(Cleaner.load(), RunSettings()), pairs)
    >>> result.files, result.cleaned, result.problems
    (1, 1, [])
    """
    result = TaskResult(files=len(pairs))
    documents: list[_Document] = []
    for pair in pairs:
        if record_format(pair.source):
            _clean_records(run, pair, result)
            continue
        try:
            document, remarks = _read(pair, run.settings)
        except Exception as error:  # whatever it is, the other files go on
            result.problems.append(Note(pair.source, _describe(error)))
            continue
        result.remarks += [Note(pair.source, text) for text in remarks]
        documents.append(document)
        result.bytes_read += document.before.size if document.before else 0
    # Texts and pages have models of their own.
    documents.sort(key=lambda document: document.page is not None)
    outcomes = [
        outcome
        for _, same in itertools.groupby(documents, lambda document: document.page is None)
        for outcome in _clean_documents(run, list(same))
    ]
    for document, cleaned in zip(documents, outcomes, strict=True):
        pair = document.pair
        source, target = pair.source, pair.target
        if isinstance(cleaned, Exception):
            result.problems.append(Note(source, _describe(cleaned)))
            continue
        run.before_write()
        try:
            data = _finish(cleaned.data, document.page, run.settings.pages)
            accepted = store_output(target, data, run.settings.force or pair.is_ours)
        except OutputError as error:
            result.problems.append(Note(source, _describe(error)))
            continue
        if not accepted:
            result.refused.append(target)
            continue
        result.cleaned += 1
        result.kept += cleaned.kept
        result.dropped += cleaned.dropped
        result.statistics.add_document(cleaned)
        if document.before:
            result.note_finished(pair, document.before, cleaned.kept, cleaned.dropped)
        if not cleaned.data:
            result.empty.append(source)
        if run.settings.surveyed:
            page = document.page
            text = document.text if page is None else encode_text(page.lines.text)
            sizes = len(text), len(cleaned.data)
            status = FileStatus(source, cleaned.kept, cleaned.dropped, *sizes, cleaned.confidence)
            result.statuses.append(status)
            result.dropped_lines.update(count_dropped_lines(text, cleaned.data))
    return result


def _clean_records(run: Run, pair: Pair, result: TaskResult) -> None:
    try:
        clean_shard(run, pair, result)
    except Exception as error:  # whatever it is, the other files go on
        result.problems.append(Note(pair.source, _describe(error)))


class _Document(NamedTuple):
    """What was read of one file."""

    pair: Pair
    text: bytes  # of a page, none: its lines are its text
    page: RunPage | None  # None for a text
    before: Stamp | None  # of the file, before it was read; None for a stream


def _read(pair: Pair, settings: RunSettings) -> tuple[_Document, list[str]]:
    """Read a text or a page, and tell what a person should know of it."""
    before = stamp(pair.source)
    if settings.max_bytes and before and before.size > settings.max_bytes:
        raise InputError(f"{before.size:,} bytes, more than --max-bytes; not cleaned")
    if is_html(pair.source):
        page = parse_page(read_html_file(pair.source), settings.pages)
        return _Document(pair, b"", page, before), []
    decoded = read_decoded(pair.source)
    remarks = [decoded.remark] if decoded.remark else []
    return _Document(pair, decoded.data, None, before), [*remarks, *find_oddities(decoded.data)]


def _clean_documents(run: Run, documents: Sequence[_Document]) -> list[Cleaned | Exception]:
    """Clean texts, or pages, in one batch; if that fails, one by one, with the error for one."""
    pages = [document.page.lines for document in documents if document.page is not None]
    try:
        if pages:
            return [*run.page_cleaner.clean_pages(pages)]
        texts = [document.text for document in documents]
        folders = [document.pair.folder for document in documents]
        company = Company(run.collection, folders) if run.collection else None
        return [*run.cleaner.clean_encoded(texts, company)]
    except Exception as error:
        if len(documents) == 1:
            return [error]
        return [one for document in documents for one in _clean_documents(run, [document])]


def _finish(data: bytes, page: RunPage | None, settings: PageSettings) -> bytes:
    """Put before the text of a page what the settings ask for."""
    if page is None:
        return data
    return add_header(add_title(data, page.metadata, settings), page.metadata, settings)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    if isinstance(error, CleanerError):
        return str(error)
    return f"could not be cleaned: {type(error).__name__} {error}".rstrip()


def count_dropped_lines(before: bytes, after: bytes) -> Counter[str]:
    r"""Count the lines of a text that its cleaning left out, without the white space around them.

    Examples
    --------
    >>> count_dropped_lines(b"Share\nIt rained.\n\n Share \n", b"It rained.\n")
    Counter({'Share': 2})
    """
    # As bytes and by distinct lines: a large run has many millions of lines.
    lines = Counter(map(bytes.rstrip, normalise_line_ends(before).split(b"\n")))
    for line in after.split(b"\n"):
        lines[line] -= 1
    dropped: Counter[str] = Counter()
    for line, number in lines.items():
        if line and number > 0:
            dropped[decode_text(line).strip()[:_LINE_CHARACTERS]] += number
    del dropped[""]
    return dropped
