"""Read, clean and write some files as one batch; what goes wrong in one touches no other."""

# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cleaner.cleaning import Cleaned
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import (
    Note,
    is_html,
    read_decoded,
    read_html_file,
    record_format,
    store_output,
)
from cleaner.runs.journal import look_at
from cleaner.runs.oddities import find_oddities
from cleaner.runs.pages import add_header, add_title, parse_page
from cleaner.runs.result import FileStatus, Pair, TaskResult
from cleaner.runs.settings import Run, RunSettings
from cleaner.runs.shard import clean_shard
from cleaner.text import Metadata, PageLines, decode_text, encode_text, normalise_line_ends

# Dropped lines are told apart by this many characters: what recurs in many files is short.
_LINE_CHARACTERS = 160


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
            result.add(_clean_records(run, pair))
            continue
        try:
            document, remarks = _read(pair, run.settings)
        except Exception as error:  # whatever it is, the other files go on
            result.problems.append(Note(pair.source, _describe(error)))
            continue
        result.remarks += [Note(pair.source, text) for text in remarks]
        documents.append(document)
        result.bytes_read += document.before.st_size if document.before else 0
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
            data, pages = cleaned.data, run.settings.pages
            if document.page is not None:
                data = add_title(data, document.metadata, pages)
                data = add_header(data, document.metadata, pages)
            accepted = store_output(target, data, run.settings.force or pair.is_ours)
        except OutputError as error:
            result.problems.append(Note(source, _describe(error)))
            continue
        if not accepted:
            result.refused.append(target)
            continue
        result.cleaned += 1
        result.add_document(cleaned)
        result.note_finished(pair, document.before, cleaned.kept, cleaned.dropped)
        if not cleaned.data:
            result.empty.append(source)
        if run.settings.surveyed:
            sizes = len(document.text), len(cleaned.data)
            status = FileStatus(source, cleaned.kept, cleaned.dropped, *sizes, cleaned.confidence)
            result.statuses.append(status)
            result.dropped_lines.update(count_dropped_lines(document.text, cleaned.data))
    return result


def _clean_records(run: Run, pair: Pair) -> TaskResult:
    before = look_at(pair.source)
    try:
        result = clean_shard(run, pair, before)
    except Exception as error:  # whatever it is, the other files go on
        result = TaskResult(problems=[Note(pair.source, _describe(error))])
    result.bytes_read = before.st_size if before else 0
    return result


class _Document(NamedTuple):
    """What was read of one file."""

    pair: Pair
    text: bytes  # of a page, only if the run is surveyed
    page: PageLines | None  # None for a text
    metadata: Metadata  # of a page, if it is asked for
    before: os.stat_result | None  # of the file, before it was read; None for a stream


def _read(pair: Pair, settings: RunSettings) -> tuple[_Document, list[str]]:
    """Read a text or a page, and tell what a person should know of it."""
    before = look_at(pair.source)
    if settings.max_bytes and before and before.st_size > settings.max_bytes:
        raise InputError(f"{before.st_size:,} bytes, more than --max-bytes; not cleaned")
    if is_html(pair.source):
        page, metadata = parse_page(read_html_file(pair.source), settings.pages)
        text = encode_text(page.text) if settings.surveyed else b""
        return _Document(pair, text, page, metadata, before), []
    decoded = read_decoded(pair.source)
    remarks = [decoded.remark] if decoded.remark else []
    remarks += find_oddities(decoded.data)
    return _Document(pair, decoded.data, None, Metadata(), before), remarks


def _clean_documents(run: Run, documents: Sequence[_Document]) -> list[Cleaned | Exception]:
    """Clean texts, or pages, in one batch; if that fails, one by one, with the error for one."""
    pages = [document.page for document in documents if document.page is not None]
    try:
        if pages:
            return [*run.page_cleaner.clean_pages(pages)]
        texts = [document.text for document in documents]
        folders = [document.pair.folder for document in documents]
        return [*run.cleaner.clean_encoded(texts, run.company(folders))]
    except Exception as error:
        if len(documents) == 1:
            return [error]
        return [one for document in documents for one in _clean_documents(run, [document])]


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
