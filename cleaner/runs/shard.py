"""Clean one file of records: a row a document, streamed, so that memory is flat."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cleaner.cleaning import Cleaned
from cleaner.errors import InputError
from cleaner.files import (
    Batch,
    Change,
    Note,
    Origin,
    accept_part,
    is_archive,
    record_format,
    replace_file,
    row_groups,
)
from cleaner.runs.pages import add_title, parse_page
from cleaner.runs.result import Pair, TaskResult
from cleaner.runs.settings import PageSettings, RecordSettings, Run, RunSettings
from cleaner.text import Metadata, PageLines, decode_text, encode_text, group_contents

# Rows without a text that are named, of a file; the others are counted.
_NAMED_ROWS = 5
SCORES = ("confidence", "kept_lines", "dropped_lines")


def clean_shard(run: Run, pair: Pair, before: os.stat_result | None) -> TaskResult:
    """Clean the records of a file, as it was `before`, into another one.

    Raises
    ------
    InputError
        If the file is damaged, or no row has a text.
    OutputError
        If the other file cannot be written.
    OSError
        If the file cannot be read.
    """
    source, target = pair.source, pair.target
    settings = run.settings.records
    reader, writer_of = record_format(source), record_format(target)
    assert reader
    assert writer_of
    is_html = bool(settings.html_field) or is_archive(source)
    field = settings.html_field or settings.text_field
    skips = settings.on_error == "skip"
    origin = Origin(source, reader, field, skips, _new_types(run.settings, is_html=is_html))
    result = TaskResult(cleaned=1)
    n_without = 0  # rows without a text
    with replace_file(target) as part:
        with writer_of.write(part, origin) as write:
            for whole in reader.read(source, field):
                batch = _leave_out_large(whole, run.settings.max_bytes)
                metadata: list[Metadata] = []
                if is_html:
                    batch, pages, metadata = _read_pages(batch, run.settings.pages)
                    cleaned = _clean_pages(run, pages, metadata)
                else:
                    cleaned = _clean_texts(run, batch)
                n_without += len(batch.reasons)
                for number, reason in batch.reasons.items():
                    if len(result.problems) < _NAMED_ROWS:
                        result.problems.append(Note(source, f"row {number} {reason}", number))
                if n_without and settings.on_error == "fail":
                    raise InputError(f"{result.problems[0].text} (--on-error fail)")
                for one in cleaned:
                    result.add_document(one)
                result.rows += len(cleaned)
                result.empty_rows += sum(not one.data for one in cleaned)
                changes = _changes(run.settings, batch, cleaned, metadata)
                write(batch, changes)
                run.watch(batch.position, result.rows)
        if n_without and not result.rows:
            raise InputError(f"no row has a text: {result.problems[0].text}")
        run.before_write()
        if not accept_part(target, force=run.settings.force or pair.is_ours):
            return TaskResult(refused=[target])
    if n_without > _NAMED_ROWS:
        more = f"further rows without a text: {n_without - _NAMED_ROWS:,}"
        result.problems.append(Note(source, more))
    if not n_without:
        result.note_finished(pair, before, result.kept, result.dropped, result.rows)
    return result


def _leave_out_large(batch: Batch, max_bytes: int | None) -> Batch:
    """Take rows of too large a text for rows without one."""
    if not max_bytes:
        return batch
    texts, reasons = list(batch.texts), dict(batch.reasons)
    for place, text in enumerate(texts):
        size = len(encode_text(text)) if text is not None else 0
        if size > max_bytes:
            texts[place] = None
            reasons[batch.numbers[place]] = f"has {size:,} bytes, more than --max-bytes"
    return replace(batch, texts=texts, reasons=reasons)


def _clean_texts(run: Run, batch: Batch) -> list[Cleaned]:
    texts = [encode_text(text) for text in batch.texts if text is not None]
    groups = iter(text_groups(batch, run.settings.records.group_field))
    cleaned: list[Cleaned] = []
    for some in group_contents(texts):
        folders = [next(groups) for _ in some]
        cleaned += run.cleaner.clean_encoded(some, run.company(folders))
    return cleaned


def text_groups(batch: Batch, group_field: str) -> list[str]:
    """Give the group of each row that has a text, as a collection counts them."""
    groups = row_groups(batch, group_field)
    return [group for group, text in zip(groups, batch.texts, strict=True) if text is not None]


def _read_pages(
    batch: Batch, settings: PageSettings
) -> tuple[Batch, list[PageLines], list[Metadata]]:
    """Read rows of HTML; a page that the parser cannot stand is a row without a text."""
    pages: list[tuple[PageLines, Metadata]] = []
    texts: list[str | None] = []
    reasons = dict(batch.reasons)
    for number, html in zip(batch.numbers, batch.texts, strict=True):
        try:
            pages += [parse_page(html, settings)] if html is not None else []
        except InputError as error:
            reasons[number] = str(error)
        texts.append(None if number in reasons else html)
    batch = replace(batch, texts=texts, reasons=reasons)
    return batch, [lines for lines, _ in pages], [metadata for _, metadata in pages]


def _clean_pages(
    run: Run, pages: Sequence[PageLines], metadata: Sequence[Metadata]
) -> list[Cleaned]:
    return [
        one._replace(data=add_title(one.data, of_page, run.settings.pages))
        for one, of_page in zip(run.page_cleaner.clean_pages(pages), metadata, strict=True)
    ]


def _changes(
    settings: RunSettings, batch: Batch, results: Sequence[Cleaned], metadata: Sequence[Metadata]
) -> list[Change]:
    """Say what becomes of each row, from the results, and metadata, of those with a text."""
    cleaned, of_rows = iter(results), iter(metadata)
    changes: list[Change] = []
    for place, (number, text) in enumerate(zip(batch.numbers, batch.texts, strict=True)):
        if text is None:
            skipped = number in batch.reasons and settings.records.on_error == "skip"
            changes.append(None if skipped else {})
            continue
        one, of_page = next(cleaned), next(of_rows, None)
        if settings.records.drop_empty and not one.data:
            changes.append(None)
            continue
        fields = _new_fields(one, settings.records)
        if settings.pages.with_metadata and of_page:
            known, more = batch.names[place], of_page.to_dict().items()
            fields |= {name: value for name, value in more if name not in known}
        changes.append(fields)
    return changes


def _new_types(settings: RunSettings, *, is_html: bool) -> dict[str, type]:
    """Give the type of every field that `_changes` may set."""
    types: dict[str, type] = {settings.records.output_field or settings.records.text_field: str}
    if settings.records.add_scores:
        types |= dict(zip(SCORES, (float, int, int), strict=True))
    if settings.pages.with_metadata and is_html:
        types |= dict.fromkeys(Metadata().to_dict(), str)
    return types


def _new_fields(cleaned: Cleaned, settings: RecordSettings) -> dict[str, Any]:
    name = settings.output_field or settings.text_field
    fields: dict[str, Any] = {name: decode_text(cleaned.data)}
    if settings.add_scores:
        scores = (round(cleaned.confidence, 4), cleaned.kept, cleaned.dropped)
        fields |= dict(zip(SCORES, scores, strict=True))
    return fields
