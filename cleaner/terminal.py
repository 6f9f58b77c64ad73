"""Tell a person, on standard error, how the cleaning of files goes on and what became of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import click

from cleaner.errors import OutputError

if TYPE_CHECKING:
    from cleaner.files import Note
    from cleaner.progress import Progress
    from cleaner.runs import RunSettings, Summary, TaskResult

INTERRUPTED = 130  # the exit code that shells use for Ctrl-C
_EXAMPLES = 3  # names shown in the summary
_CLEAR_LINE = "\r\x1b[K"


def printable(text: str) -> str:
    r"""Make text safe to print: the name of a file may hold control characters and raw bytes.

    Examples
    --------
    >>> print(printable("a\x1b[2J\udcff"))
    a\x1b[2J\udcff
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def tell(message: str) -> None:
    """Say something on standard error; if that cannot be written to, there is nobody to tell."""
    with suppress(OSError):
        click.echo(message, err=True)


def show(text: str) -> None:
    """Print a line on standard output, without styles unless it is a terminal.

    Characters that its encoding does not have, as in many a console of Windows, become "?".

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from cleaner.files import write_to_stream

    if sys.stdout is not None:
        line = f"{text if sys.stdout.isatty() else click.unstyle(text)}\n"
        data = line.encode(sys.stdout.encoding or "utf-8", "replace")
    else:
        data = b""
    try:
        write_to_stream(data)
    except BrokenPipeError:  # whoever reads has read enough
        raise
    except OSError as error:
        raise OutputError(f"cannot write standard output: {error.strerror}") from error


def clean_and_tell(
    source: str,
    target: str,
    settings: RunSettings,
    page: str | None = None,
    *,
    summary_file: str | None = None,
    quiet: bool = False,
) -> bool:
    """Clean files; show how it goes on, and at the end, or when interrupted, what was done.

    Parameters
    ----------
    source, target, settings, page
        As for `cleaner.runs.clean_and_report`, and with the same errors.
    summary_file
        File to write, as JSON, what was done, also after an interruption; "-" is standard output.
    quiet
        Print nothing but problems: no progress, remarks or summary.

    Returns
    -------
    bool
        Whether there is nothing left that a person should look at.

    Raises
    ------
    OutputError
        If both OUTPUT and the summary are to be standard output.
    SystemExit
        After an interruption.
    """
    from cleaner.runs import Summary, clean_and_report

    if summary_file == target == "-":
        raise OutputError("OUTPUT and --json-summary cannot both be standard output")
    summary = Summary(source)
    results: Iterator[TaskResult] = iter(())
    try:
        progress = None if quiet else _make_progress(source, settings)
        watch = progress.watch if progress else None
        results = clean_and_report(source, target, settings, page, watch)
        with progress or nullcontext():
            for result in results:
                for note in (*(() if quiet else result.remarks), *result.problems):
                    text = f"{printable(note.path)}: {printable(note.text)}"
                    tell(_CLEAR_LINE + text if progress else text)
                summary.add(result)
                if progress:
                    progress.add(result)
    except KeyboardInterrupt:
        if isinstance(results, Generator):  # workers end, and leave nothing half-written
            results.close()
        tell("Interrupted; run the same command again to do the rest.")
        raise SystemExit(INTERRUPTED) from None
    finally:
        if (summary.files or summary.n_problems) and not quiet:
            for line in show_summary(summary, settings.patterns):
                tell(line)
        if summary_file is not None:
            from cleaner.files import write_file

            text = json.dumps(summary_to_json(summary), indent=1)
            if summary_file == "-":
                show(text)
            else:
                write_file(summary_file, text.encode() + b"\n")
    return summary.all_cleaned


def _make_progress(source: str, settings: RunSettings) -> Progress | None:
    """Make a bar, if somebody looks and it takes some time."""
    from cleaner.files import count_files, is_address, record_format
    from cleaner.progress import Progress

    if sys.stderr is None or not sys.stderr.isatty():
        return None
    if os.path.isdir(source):  # noqa: PTH112
        n_files, n_bytes = count_files(source, settings.patterns)
        passes = 2 if settings.collection else 1  # a collection is read twice
        return Progress(n_files * passes, n_bytes * passes, sys.stderr)
    if record_format(source) and os.path.isfile(source):  # noqa: PTH113
        return Progress(1, os.path.getsize(source), sys.stderr)  # noqa: PTH202
    return Progress(None, None, sys.stderr) if is_address(source) else None


def show_summary(summary: Summary, include: Sequence[str]) -> Iterator[str]:
    """Give the lines of the closing summary, without counts of 0.

    Parameters
    ----------
    include
        The patterns of the run.

    Examples
    --------
    >>> from cleaner.runs import Summary
    >>> list(show_summary(Summary("in", files=2, cleaned=2, kept=40, dropped=1200), ["*.txt"]))
    ['2 of 2 files cleaned: 40 lines kept, 1,200 dropped']
    """
    yield (
        f"{summary.cleaned:,} of {count(summary.files, 'file')} cleaned:"
        f" {count(summary.kept, 'line')} kept, {summary.dropped:,} dropped"
    )
    if summary.done:
        yield f"{count(summary.done, 'file')} of these had been cleaned by an earlier run"
    if summary.rows:
        yield f"{count(summary.rows, 'row')} of records, {summary.empty_rows:,} of them now empty"
    if summary.n_unmatched:
        shown = [f"--include {printable(pattern)}" for pattern in include[:_EXAMPLES]]
        more = " ..." if len(include) > _EXAMPLES else ""
        others = count(summary.n_unmatched, "other file")
        yield f"{others} did not match {' '.join(shown)}{more}"
    if summary.n_empty:
        yield count(summary.n_empty, "empty result") + _name_some(summary.empty, summary.n_empty)
    if summary.n_remarks:
        yield f"{count(summary.n_remarks, 'remark')}, listed above"
    if summary.n_refused:
        differ = "differs" if summary.n_refused == 1 else "differ"
        yield (
            f"{count(summary.n_refused, 'existing output')} {differ} from what this run"
            f" writes{_name_some(summary.refused, summary.n_refused)};"
            " use --force to overwrite, or choose another OUTPUT"
        )
    if summary.n_problems:
        yield f"{count(summary.n_problems, 'problem')}, listed above"


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """Give plain values for programs: the counts, and the first hundred of what to look at.

    Examples
    --------
    >>> from cleaner.runs import Summary
    >>> found = summary_to_json(Summary("in", files=2, cleaned=2, kept=40, dropped=1200))
    >>> found["files"], found["lines_kept"], found["problems"]
    (2, 40, [])
    """
    from cleaner.runs import statistics_to_json

    return {
        "source": printable(summary.source),
        "files": summary.files,
        "files_cleaned": summary.cleaned,
        "files_done_before": summary.done,
        "files_not_matched": summary.n_unmatched,
        "rows": summary.rows,
        "lines_kept": summary.kept,
        "lines_dropped": summary.dropped,
        "empty_files": summary.n_empty,
        "empty_rows": summary.empty_rows,
        "n_problems": summary.n_problems + summary.n_refused,
        "n_remarks": summary.n_remarks,
        "all_cleaned": summary.all_cleaned,
        **statistics_to_json(summary.statistics),
        "problems": [_note_to_json(note) for note in summary.problems],
        "remarks": [_note_to_json(note) for note in summary.remarks],
    }


def _note_to_json(note: Note) -> dict[str, str | int | None]:
    return {"path": printable(note.path), "row": note.row, "reason": printable(note.text)}


def _name_some(names: Sequence[str], number: int) -> str:
    """Name the first of `number` files."""
    shown = ", ".join(map(printable, names[:_EXAMPLES]))
    return f": {shown}" if number <= _EXAMPLES else f", for example {shown}"


def count(number: int, noun: str) -> str:
    """Say how many.

    Examples
    --------
    >>> count(1, "file"), count(2000, "line")
    ('1 file', '2,000 lines')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
