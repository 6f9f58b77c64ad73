"""Clean one file of records: a row a document, streamed, so that memory is flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cleaner.collection import Company
from cleaner.errors import InputError
from cleaner.files import (
    Batch,
    Change,
    Note,
    Origin,
    Warc,
    accept_part,
    field_values,
    record_format,
    replace_file,
)
from cleaner.runs.journal import stamp
from cleaner.runs.pages import RunPage, add_title, parse_page
from cleaner.runs.settings import RecordSettings, Run
from cleaner.runs.statistics import Statistics
from cleaner.text import decode_text, encode_text, group_contents

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaned
    from cleaner.runs.task import Pair, TaskResult

# Rows without a text that are named, of a file; the others are counted.
_NAMED_ROWS = 5
SCORES = ("confidence", "kept_lines", "dropped_lines")


def clean_shard(run: Run, pair: Pair, result: TaskResult) -> None:
    """Clean the records of a file into another one, and add to a result what became of them.

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
    before = stamp(source)
    result.bytes_read += before.size if before else 0
    reader, writer_of = record_format(source), record_format(target)
    assert reader
    assert writer_of
    count = _Count(source)
    field = settings.html_field or settings.text_field
    origin = Origin(source, reader, field, skips=settings.on_error == "skip")
    with replace_file(target) as part:
        with writer_of.write(part, origin) as write:
            is_html = bool(settings.html_field) or isinstance(reader, Warc)
            for whole in reader.read(source, field):
                batch = _leave_out_large(whole, run.settings.max_bytes)
                if is_html:
                    changes = _clean_html(run, batch, count)
                else:
                    changes = _clean_texts(run, batch, count)
                if count.reasons and settings.on_error == "fail":
                    raise InputError(f"{count.reasons[0].text} (--on-error fail)")
                write(batch, changes)
                run.watch(batch.position, count.rows)
        if count.n_reasons and not count.rows:
            raise InputError(f"no row has a text: {count.reasons[0].text}")
        run.before_write()
        accepted = accept_part(target, force=run.settings.force or pair.is_ours)
    if not accepted:
        result.refused.append(target)
        return
    result.cleaned += 1
    result.rows += count.rows
    if not count.n_reasons:
        result.note_finished(pair, before, count.kept, count.dropped, count.rows)
    result.empty_rows += count.empty
    result.statistics.add(count.statistics)
    result.kept += count.kept
    result.dropped += count.dropped
    result.problems += count.reasons
    more = count.n_reasons - len(count.reasons)
    if more:
        result.problems.append(Note(source, f"further rows without a text: {more:,}"))


class _Count:
    """What the rows of a file add up to."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.rows = self.empty = self.kept = self.dropped = 0
        self.n_reasons = 0
        self.statistics = Statistics()
        self.reasons: list[Note] = []  # the first ones

    def add(self, cleaned: Cleaned) -> None:
        self.rows += 1
        self.empty += not cleaned.data
        self.kept += cleaned.kept
        self.dropped += cleaned.dropped
        self.statistics.add_document(cleaned)

    def add_reasons(self, batch: Batch) -> None:
        self.n_reasons += len(batch.reasons)
        for number, reason in list(batch.reasons.items())[: _NAMED_ROWS - len(self.reasons)]:
            self.reasons.append(Note(self.source, f"row {number} {reason}", number))


def _leave_out_large(batch: Batch, max_bytes: int) -> Batch:
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


def _clean_texts(run: Run, batch: Batch, count: _Count) -> list[Change]:
    texts = [encode_text(text) for text in batch.texts if text is not None]
    groups = iter(text_groups(batch, run.settings.records.group_field))
    cleaned: list[Cleaned] = []
    for some in group_contents(texts):
        folders = [next(groups) for _ in some]
        company = Company(run.collection, folders) if run.collection else None
        cleaned += run.cleaner.clean_encoded(some, company)
    return _changes(run, batch, cleaned, count)


def text_groups(batch: Batch, group_field: str) -> list[str]:
    """Give the group of each row that has a text, as a collection counts them."""
    values = field_values(batch, group_field) if group_field else [""] * len(batch.texts)
    return [value for value, text in zip(values, batch.texts, strict=True) if text is not None]


def _clean_html(run: Run, batch: Batch, count: _Count) -> list[Change]:
    """Clean rows of HTML; a page that the parser cannot stand is a row without a text."""
    settings = run.settings.pages
    pages: list[RunPage] = []
    texts: list[str | None] = []
    reasons = dict(batch.reasons)
    for number, html in zip(batch.numbers, batch.texts, strict=True):
        try:
            pages += [parse_page(html, settings)] if html is not None else []
        except InputError as error:
            reasons[number] = str(error)
        texts.append(None if number in reasons else html)
    lines = [page.lines for page in pages]
    cleaned = run.page_cleaner.clean_pages(lines)
    titled = [
        one._replace(data=add_title(one.data, page.metadata, settings))
        for one, page in zip(cleaned, pages, strict=True)
    ]
    changes = _changes(run, replace(batch, texts=texts, reasons=reasons), titled, count)
    if settings.with_metadata:
        metadata = iter(page.metadata for page in pages)
        for place, text in enumerate(texts):
            if text is not None:
                more = next(metadata).to_dict().items()
                known = batch.names[place]
                new = {name: value for name, value in more if name not in known}
                change = changes[place]
                changes[place] = None if change is None else {**change, **new}
    return changes


def _changes(run: Run, batch: Batch, results: Sequence[Cleaned], count: _Count) -> list[Change]:
    settings = run.settings.records
    count.add_reasons(batch)
    cleaned = iter(results)
    changes: list[Change] = []
    for number, text in zip(batch.numbers, batch.texts, strict=True):
        if text is None:
            dropped = number in batch.reasons and settings.on_error == "skip"
            changes.append(None if dropped else {})
            continue
        one = next(cleaned)
        count.add(one)
        changes.append(_change(one, settings))
    return changes


def _change(cleaned: Cleaned, settings: RecordSettings) -> Change:
    fields: dict[str, Any] = {
        settings.output_field or settings.text_field: decode_text(cleaned.data)
    }
    if settings.add_scores:
        scores = (round(cleaned.confidence, 4), cleaned.kept, cleaned.dropped)
        fields |= dict(zip(SCORES, scores, strict=True))
    return fields if cleaned.data or not settings.drop_empty else None
