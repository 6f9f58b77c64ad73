"""Write one self-contained page about a run: what was kept and dropped, and how surely."""

from __future__ import annotations

import datetime
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cleaner.cleaning import Line
from cleaner.errors import CleanerError, InputError, OutputError, needing
from cleaner.files import STREAM, Note, is_html, read_lines, write_file
from cleaner.runs.result import TaskResult
from cleaner.runs.run import clean_files
from cleaner.runs.settings import Run, RunSettings
from cleaner.runs.summary import CONFIDENCE_BINS, SHARE_BINS, Folder, Summary

_TEMPLATE = Path(__file__).with_name("report.html")
# Documents that are shown line by line, and how much of each, so that the page stays small.
_SHOWN_DOCUMENTS = 40
_SHOWN_LINES = 300
_SHOWN_CHARACTERS = 600  # of a line
_SHOWN_FOLDERS = 30
_SHOWN_COMMON = 30
_UNITS = ((10**3, "KB"), (10**6, "MB"), (10**9, "GB"))
# Characters that a browser may not get: controls, and halves of characters.
_UNPRINTABLE = dict.fromkeys((*range(32), *range(127, 160)), " ")


def clean_and_report(
    source: str,
    target: str,
    settings: RunSettings,
    page: str | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Iterator[TaskResult]:
    """Clean files, as `clean_files` does, and write a page about it if one is asked for.

    If the page cannot be written, one more result says so.

    Parameters
    ----------
    source, target, settings, watch
        As for `clean_files`.
    page
        File to write when all is done, or None.

    Raises
    ------
    InputError
        If a page or a collection is asked for, which are about all files, and `retry_failed`.
    MissingExtraError
        At once, if a page is asked for and Jinja2 is not installed; otherwise as `clean_files`.

    Examples
    --------
    >>> import tempfile
    >>> from cleaner.runs import RunSettings
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     names = [f"{folder}/{name}" for name in ("page.txt", "clean.txt", "report.html")]
    ...     _ = Path(names[0]).write_text("Home | News | Sport")
    ...     results = list(clean_and_report(names[0], names[1], RunSettings(), names[2]))
    ...     len(results), Path(names[2]).exists()
    (1, True)
    """
    if settings.retry_failed and (page or settings.collection):
        # A report and a collection are about all files of a run.
        other = "--report" if page else "--collection"
        raise InputError(f"--retry-failed and {other} cannot go together")
    if page is None:
        return clean_files(source, target, settings, watch)
    _load_template()  # to fail before the work, not after it
    settings = replace(settings, surveyed=True)
    results = clean_files(source, target, settings, watch)
    return _report_run(results, source, target, settings, page)


def _report_run(
    results: Iterator[TaskResult], source: str, target: str, settings: RunSettings, path: str
) -> Iterator[TaskResult]:
    """Pass results on, and write the page when they end; if it cannot be, one more says so."""
    summary = Summary(source)
    collection = None
    for result in results:
        collection = collection or result.collection
        summary.add(result)
        yield result
    page = render_report(summary, Run.load(settings, collection), target)
    try:
        write_file(path, page.encode("utf-8", "replace"))
    except OutputError as error:  # the files are cleaned all the same
        yield TaskResult(problems=[Note(path, f"no report: {error}")])


def render_report(summary: Summary, run: Run, target: str) -> str:
    """Write the page about a run as HTML, which loads nothing from elsewhere.

    The least certain documents are read and judged again, to show their lines.

    Parameters
    ----------
    summary
        Of the run.
    run
        What the documents were judged with.
    target
        Where the clean texts are.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.

    Examples
    --------
    >>> run = Run.load(RunSettings())
    >>> "<h2>Files cleaned</h2><b>0</b>" in render_report(Summary("a"), run, "b")
    True
    """
    common = summary.common_lines.commonest(_SHOWN_COMMON)
    page: str = _load_template().render(
        summary=summary,
        cleaner=run.cleaner,
        source=_visible(summary.source),
        target=_visible(target),
        when=datetime.datetime.now().astimezone(),
        documents=list(_show_documents(summary, run)),
        folders=_show_folders(summary),
        common_lines=[(_visible(line), number) for line, number in common],
        empty=[_visible(str(summary.name_below(path))) for path in summary.empty],
        notes=[(_visible(note.path), _visible(note.text)) for note in summary.notes],
        confidence_labels=_labels(0.5, 1, CONFIDENCE_BINS),
        share_labels=_labels(0, 1, SHARE_BINS),
    )
    return page


def _load_template() -> Any:
    with needing("a report needs Jinja2", "report"):
        import jinja2
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["size"] = say_size
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))


def say_size(n_bytes: int) -> str:
    """Say a number of bytes as people do.

    Examples
    --------
    >>> say_size(999), say_size(12_345), say_size(3_000_000_000)
    ('999 B', '12.3 KB', '3.0 GB')
    """
    if n_bytes < 1000:
        return f"{n_bytes} B"
    unit, name = next((one for one in _UNITS if n_bytes < one[0] * 1000), _UNITS[-1])
    return f"{n_bytes / unit:.1f} {name}"


def _show_documents(summary: Summary, run: Run) -> Iterator[dict[str, Any]]:
    """Give what the page tells of files, the lines of the first ones or why there are none."""
    for place, status in enumerate(summary.least_certain):
        name, problem, lines = str(summary.name_below(status.path)), "", list[Line]()
        if place < _SHOWN_DOCUMENTS:
            try:
                lines = _judge_again(status.path, run, os.path.dirname(name))  # noqa: PTH120
            except CleanerError as error:  # changed or gone since
                problem = _visible(str(error))
        shown = [replace(line, text=_shorten(line.text)) for line in lines[:_SHOWN_LINES]]
        yield {
            "name": _visible(name), "status": status, "problem": problem,
            "lines": shown, "n_more": len(lines) - len(shown),
        }  # fmt: skip


def _judge_again(path: str, run: Run, folder: str) -> list[Line]:
    if path == STREAM:
        raise InputError("Standard input cannot be read again.")
    page = read_lines(path)
    cleaner = run.page_cleaner if is_html(path) else run.cleaner
    return cleaner.classify(page.text, run.company([folder]), page.markup)


def _shorten(text: str) -> str:
    return _visible(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " …")


def _show_folders(summary: Summary) -> list[tuple[str, Folder]]:
    """Give the folders, those with the lowest mean confidence first."""
    ranked = sorted(
        summary.folders.items(), key=lambda item: (item[1].confidence / item[1].files, item[0])
    )
    return [(_visible(name), folder) for name, folder in ranked[:_SHOWN_FOLDERS]]


def _visible(text: str) -> str:
    r"""Make text fit for a page: no control characters, no halves of characters.

    >>> _visible("a\tb\x1b\udcff")
    'a b ?'
    """
    return text.translate(_UNPRINTABLE).encode("utf-8", "replace").decode()


def _labels(low: float, high: float, bins: int) -> list[str]:
    steps = [low + (high - low) * step / bins for step in range(bins + 1)]
    return [f"{a:.0%} to {b:.0%}" for a, b in itertools.pairwise(steps)]
