"""Tell a person, on standard error, how the cleaning of files goes on and what became of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cleaner.files import Settings
    from cleaner.groups import Report

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


def show_progress(reports: Iterator[Report], source: str, settings: Settings) -> Iterator[Report]:
    """Pass reports on; print their remarks and problems, and a bar if this is a terminal."""
    bar: Any = nullcontext()
    if sys.stderr.isatty() and os.path.isdir(source):  # noqa: PTH112
        from cleaner.finding import count_files

        # A collection is read twice.
        length = count_files(source, settings.include) * (2 if settings.collection else 1)
        bar = click.progressbar(length=length, file=sys.stderr)
    with bar as shown:
        for report in reports:
            for note in (*report.remarks, *report.problems):
                text = f"{printable(note.path)}: {printable(note.text)}"
                click.echo(_CLEAR_LINE + text if shown else text, err=True)
            if shown:
                shown.label = "Counting" if report.counted else "Cleaning"
                shown.update(report.files + report.counted)
            yield report


@dataclass
class _Names:
    """A number of files, of which the first few are named."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, names: list[str]) -> None:
        self.count += len(names)
        self.first = [*self.first, *names][:_EXAMPLES]

    def __str__(self) -> str:
        names = ", ".join(map(printable, self.first))
        return f": {names}" if self.count <= _EXAMPLES else f", for example {names}"


@dataclass
class Totals:
    """What became of all files together."""

    files: int = 0
    cleaned: int = 0
    kept: int = 0
    dropped: int = 0
    remarks: int = 0
    problems: int = 0
    empty: _Names = field(default_factory=_Names)
    refused: _Names = field(default_factory=_Names)

    @property
    def all_cleaned(self) -> bool:
        """Whether there is nothing that a person should look at."""
        return not self.problems and not self.refused.count

    def add(self, report: Report) -> None:
        """Count what one report says."""
        self.files += report.files
        self.cleaned += report.cleaned
        self.kept += report.kept
        self.dropped += report.dropped
        self.remarks += len(report.remarks)
        self.problems += len(report.problems)
        self.empty.add(report.empty)
        self.refused.add(report.refused)

    def show(self) -> None:
        """Print the closing summary."""
        for line in self.lines():
            click.echo(line, err=True)

    def lines(self) -> Iterator[str]:
        """Give the lines of the closing summary, those that are not nought.

        Examples
        --------
        >>> list(Totals(files=2, cleaned=2, kept=40, dropped=1200).lines())
        ['2 of 2 files cleaned: 40 lines kept, 1,200 dropped']
        """
        yield (
            f"{self.cleaned:,} of {count(self.files, 'file')} cleaned:"
            f" {count(self.kept, 'line')} kept, {self.dropped:,} dropped"
        )
        if self.empty.count:
            yield f"{count(self.empty.count, 'empty result')}{self.empty}"
        if self.remarks:
            yield f"{count(self.remarks, 'file')} not in sound UTF-8, decoded as told above"
        if self.refused.count:
            differ = "differs" if self.refused.count == 1 else "differ"
            yield (
                f"{count(self.refused.count, 'existing output')} {differ} from what this run"
                f" writes{self.refused}; use --force to overwrite, or choose"
                " another OUTPUT"
            )
        if self.problems:
            yield f"{count(self.problems, 'problem')}, named above"


def count(number: int, noun: str) -> str:
    """Say how many.

    Examples
    --------
    >>> count(1, "file"), count(2000, "line")
    ('1 file', '2,000 lines')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
