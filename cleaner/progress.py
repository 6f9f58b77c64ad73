"""Show on a terminal how far a run is: share, time left, and files, rows and bytes a second."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cleaner.runs import TaskResult


class Progress:
    """A bar over the bytes of the input.

    What an earlier run has cleaned is no part of it, so that rates and time left are those of this
    run.
    """

    def __init__(self, n_files: int | None, n_bytes: int | None, file: Any) -> None:
        """Begin.

        Parameters
        ----------
        n_files, n_bytes : int, optional
            Of the whole run; None if it is not known.
        file : text file
            A terminal.
        """
        self._total = n_files
        self._files = self._rows = self._bytes = 0
        self._within = (0, 0)  # bytes and rows of the file that is under way
        self._started = time.monotonic()
        # Without a length, click wants something to go through.
        self._bar: Any = click.progressbar(
            itertools.count(),
            length=n_bytes,
            file=file,
            width=0,
            item_show_func=lambda _: self.rates(),
        )

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._bar.finish()
            self._bar.render_progress()
        self._bar.__exit__(*error)

    def watch(self, n_bytes: int, n_rows: int) -> None:
        """Take how much has been read of a file of records that is under way."""
        self._within = n_bytes, n_rows
        self._bar.label = "Cleaning"
        self._move()

    def add(self, result: TaskResult) -> None:
        """Take what became of some files."""
        self._within = 0, 0
        done = result.bytes_done
        if self._bar.length is not None:
            self._bar.length = max(self._bar.length - done, 1)
        self._files += result.files + result.counted
        self._rows += result.rows - result.rows_done
        self._bytes += result.bytes_read - done
        self._bar.label = "Counting" if result.counted else "Cleaning"
        self._move()

    def _move(self) -> None:
        self._bar.update(max(self._bytes + self._within[0] - self._bar.pos, 0))

    def rates(self) -> str:
        """Say how much was done, and how much in a second."""
        seconds = max(time.monotonic() - self._started, 0.001)
        n_bytes, n_rows = self._bytes + self._within[0], self._rows + self._within[1]
        told = [f"{self._files:,}{f'/{self._total:,}' if self._total else ''} files"]
        if n_rows:
            told.append(f"{n_rows / seconds:,.0f} rows/s")
        return ", ".join([*told, f"{n_bytes / seconds / 1e6:.1f} MB/s"])
