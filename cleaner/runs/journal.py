"""Remember beside the outputs which files are done, and which could not be, as JSON lines.

A file is done if its output is there as it was written, and neither the file, the model nor the
options have changed since. What an earlier run wrote, and nobody has changed, may be replaced.
"""

# ruff: noqa: PTH116, PTH123
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import IO, Any, NamedTuple

from cleaner.files import Note, write_all
from cleaner.runs.settings import RunSettings
from cleaner.text import digest, hash_text

# Behind the name of the output directory: nothing but outputs stands in it.
JOURNAL = ".journal.jsonl"
FAILURES = ".failures.jsonl"


def look_at(path: str) -> os.stat_result | None:
    """Look at a file; None if there is none."""
    try:
        return os.stat(path)
    except OSError:
        return None


def version_of(found: os.stat_result) -> str:
    """Tell one version of a file from another."""
    return f"{found.st_size} {found.st_mtime_ns}"


class Finished(NamedTuple):
    """A file that was cleaned; its versions are texts that change with the content."""

    source: str  # path or address
    before: str  # version of the source, before it was read
    target: str  # path or address
    after: str  # version of what was written
    kept: int  # lines
    dropped: int  # lines
    rows: int  # of a file of records


def identify(settings: RunSettings, models: Sequence[bytes]) -> str:
    """Digest all that outputs depend on beside their inputs: options, models, version.

    Examples
    --------
    >>> identify(RunSettings(), [b"a"]) == identify(RunSettings(jobs=2, force=True), [b"a"])
    True
    >>> identify(RunSettings(), [b"a"]) == identify(RunSettings(threshold=0.4), [b"a"])
    False
    """
    options = (
        settings.threshold,
        settings.max_bytes,
        asdict(settings.records),
        asdict(settings.pages),
    )
    told = [version("clean-news"), repr(options), *map(digest, models)]
    return digest("\n".join(told).encode())


class Journal:
    """What runs have done, as lines of JSON: 64 bits in memory for each file that is done."""

    def __init__(
        self, lines: Iterable[bytes], origin: str, run: str, *, source: str = "", target: str = ""
    ) -> None:
        """Take the lines of earlier runs.

        Parameters
        ----------
        lines : iterable of bytes
            One that a kill cut short is passed over.
        origin : str
            INPUT: what a run over the same one has written, and nobody has changed, is ours.
        run : str
            From `identify`.
        source, target : str
            Directories below which files are named; "" to name them in full.
        """
        self._origin, self._run = origin, run
        self._source, self._target = source, target
        self._done: dict[int, int] = {}  # with the counts of each, as one whole number
        self._written: set[int] = set()
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._take(json.loads(line))

    def _take(self, row: dict[str, Any]) -> None:
        output = row["output"], row["output_version"]
        if row["source"] == self._origin:
            self._written.add(_key("written", *output))
        if row["run"] == self._run:
            counts = [int(row[name]) for name in ("rows", "dropped", "kept")]
            key = _key("done", row["input"], row["version"], *output)
            self._done[key] = functools.reduce(_pack, counts)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known, so that no version need be looked up."""
        return not self._done and not self._written

    def find(self, name: str, before: str, output: str, after: str) -> Finished | None:
        """Tell what is known of a file, if this version of it gave this version of the output."""
        counts = self._done.get(_key("done", name, before, output, after))
        if counts is None:
            return None
        rest, kept = divmod(counts, _COUNT)
        rows, dropped = divmod(rest, _COUNT)
        return Finished(name, before, output, after, kept, dropped, rows)

    def has_written(self, output: str, after: str) -> bool:
        """Tell if an output is as an earlier run over the same INPUT wrote it."""
        return _key("written", output, after) in self._written

    def format(self, finished: Iterable[Finished]) -> bytes:
        """Write files that are done as lines."""
        rows = (
            {
                "input": _name_below(one.source, self._source),
                "version": one.before,
                "source": self._origin,
                "output": _name_below(one.target, self._target),
                "output_version": one.after,
                "run": self._run,
                "kept": one.kept,
                "dropped": one.dropped,
                "rows": one.rows,
            }
            for one in finished
        )
        return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _name_below(path: str, directory: str) -> str:
    return path[len(directory) :].lstrip(os.sep) if directory else path


def read_journal(source: str, target: str, run: str) -> Journal:
    """Read the journal of an output directory, as `Journal` takes it."""
    lines = _lines_of(target.rstrip(os.sep) + JOURNAL)
    return Journal(lines, os.path.realpath(source), run, source=source, target=target)


def read_failures(target: str) -> set[str]:
    """Read the paths of the inputs that the last run into an output directory failed on."""
    return failed_paths(_lines_of(target.rstrip(os.sep) + FAILURES))


def _lines_of(path: str) -> Iterator[bytes]:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        yield from file


class AppendedFile:
    """A file that grows by whole lines; where it cannot be written, nothing is remembered."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._is_lost = False

    def write(self, lines: bytes) -> None:
        """Append lines; the outputs are what counts, so that a full disk stops no run here."""
        if self._is_lost or not lines:
            return
        try:
            if self._file is None:
                self._file = open(self._path, "ab", buffering=0)  # noqa: SIM115
                if self._file.tell():  # a kill may have cut the last line short
                    write_all(self._file, b"\n")
            write_all(self._file, lines)
        except OSError:
            self._is_lost = True

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


# Counts are packed in digits of this base.
_COUNT = 1 << 40


def _pack(number: int, digit: int) -> int:
    return number * _COUNT + digit


def _key(*parts: Any) -> int:
    return hash_text(repr(parts))


def format_failures(problems: Sequence[Note]) -> bytes:
    r"""Write problems as JSON lines.

    Examples
    --------
    >>> format_failures([Note("a.txt", "binary")])
    b'{"path": "a.txt", "row": null, "reason": "binary"}\n'
    """
    rows = [{"path": note.path, "row": note.row, "reason": note.text} for note in problems]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def failed_paths(lines: Iterable[bytes]) -> set[str]:
    """Read the paths of problems; a line that a kill cut short is passed over."""
    paths = set()
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            paths.add(str(json.loads(line)["path"]))
    return paths
