"""Read, clean and write some files as one batch; what goes wrong in one touches no other."""

# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cleaner.collection import Collection, Company
from cleaner.errors import CleanerError, OutputError
from cleaner.files import Note, read_decoded, record_format, store_output
from cleaner.runs.oddities import find_oddities
from cleaner.runs.shard import clean_shard
from cleaner.text import decode_text, normalise_line_ends

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaned
    from cleaner.runs.settings import Run


# Dropped lines are told apart by so many characters: what recurs in many files is short.
_LINE_CHARACTERS = 160


class Pair(NamedTuple):
    """One file to be cleaned; either path may be "-"."""

    source: str
    target: str
    folder: str = ""  # whose files a collection counts together


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
    cleaned: int = 0  # those whose output is there now
    kept: int = 0  # lines of the cleaned files, blank ones not counted
    dropped: int = 0  # lines
    rows: int = 0  # documents in files of records
    empty_rows: int = 0  # those of which no line was kept
    empty: list[str] = field(default_factory=list)  # inputs of which no line was kept
    n_unmatched: int = 0  # files on the way that match no pattern, and were not looked at
    remarks: list[Note] = field(default_factory=list)  # what a person should know of inputs
    refused: list[str] = field(default_factory=list)  # existing outputs that differ
    problems: list[Note] = field(default_factory=list)  # what could not be cleaned, and why
    collection: Collection | None = None  # what the files are judged with; told once, if at all
    statuses: list[FileStatus] = field(default_factory=list)  # of cleaned files, if asked for
    dropped_lines: Counter[str] = field(default_factory=Counter)  # of cleaned files, the same


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
    readable, texts = [], []
    for pair in pairs:
        if record_format(pair.source):
            _clean_records(run, pair, result)
            continue
        try:
            decoded = read_decoded(pair.source)
        except Exception as error:  # whatever it is, the other files go on
            result.problems.append(Note(pair.source, _describe(error)))
            continue
        remarks = [decoded.remark] if decoded.remark else []
        result.remarks += [
            Note(pair.source, text) for text in (*remarks, *find_oddities(decoded.data))
        ]
        readable.append(pair)
        texts.append(decoded.data)
    outcomes = _clean_texts(run, texts, [pair.folder for pair in readable])
    for (source, target, _), text, cleaned in zip(readable, texts, outcomes, strict=True):
        if isinstance(cleaned, Exception):
            result.problems.append(Note(source, _describe(cleaned)))
            continue
        run.before_write()
        try:
            accepted = store_output(target, cleaned.data, run.settings.force)
        except OutputError as error:
            result.problems.append(Note(source, _describe(error)))
            continue
        if not accepted:
            result.refused.append(target)
            continue
        result.cleaned += 1
        result.kept += cleaned.kept
        result.dropped += cleaned.dropped
        if not cleaned.data:
            result.empty.append(source)
        if run.settings.surveyed:
            sizes = len(text), len(cleaned.data)
            status = FileStatus(source, cleaned.kept, cleaned.dropped, *sizes, cleaned.confidence)
            result.statuses.append(status)
            result.dropped_lines.update(count_dropped_lines(text, cleaned.data))
    return result


def _clean_records(run: Run, pair: Pair, result: TaskResult) -> None:
    try:
        clean_shard(run, pair.source, pair.target, result)
    except Exception as error:  # whatever it is, the other files go on
        result.problems.append(Note(pair.source, _describe(error)))


def _clean_texts(
    run: Run, texts: Sequence[bytes], folders: Sequence[str]
) -> list[Cleaned | Exception]:
    """Clean texts in one batch; if that fails, one by one, with the error in a text's place."""
    try:
        company = Company(run.collection, folders) if run.collection else None
        return [*run.cleaner.clean_encoded(texts, company)]
    except Exception as error:
        if len(texts) == 1:
            return [error]
        return [
            result
            for text, folder in zip(texts, folders, strict=True)
            for result in _clean_texts(run, [text], [folder])
        ]


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
