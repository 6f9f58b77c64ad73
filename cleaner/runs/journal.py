"""Remember beside the outputs which files are done, and which could not be, as JSON lines.

A file is done if its output is there as it was written, and neither the file, the model nor the
options have changed since. What an earlier run wrote, and nobody has changed, may be replaced.
"""

# ruff: noqa: PTH108, PTH116, PTH118, PTH123
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

from cleaner.files import Done, Group, Note, output_name, write_all
from cleaner.runs.settings import RunSettings
from cleaner.text import digest, hash_text

# Behind the name of the output directory: nothing but outputs stands in it.
JOURNAL = ".journal.jsonl"
FAILURES = ".failures.jsonl"


class Stamp(NamedTuple):
    """What tells one version of a file from another."""

    size: int  # bytes
    mtime_ns: int


def stamp(path: str) -> Stamp | None:
    """Look at a file; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


class Finished(NamedTuple):
    """A file that was cleaned."""

    source: str  # path
    before: Stamp  # of the source, before it was read
    target: str  # path
    after: Stamp  # of what was written
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
    """The journal of an output directory: 64 bits in memory for each file that is done."""

    def __init__(self, source: str, target: str, run: str) -> None:
        """Read what earlier runs have noted.

        Parameters
        ----------
        source, target : str
            The directories.
        run : str
            From `identify`.
        """
        self._source, self._target, self._run = source, target, run
        self._origin = os.path.realpath(source)
        self._path = target.rstrip(os.sep) + JOURNAL
        self._done: dict[int, int] = {}  # with the counts of each, as one whole number
        self._written: set[int] = set()
        self._file = _Appended(self._path)
        with contextlib.suppress(OSError), open(self._path, "rb") as file:
            for line in file:
                self._take(line)

    def _take(self, line: bytes) -> None:
        """Take a line; one that a kill cut short is passed over."""
        try:
            row = json.loads(line)
            output = Stamp(row["output_size"], row["output_mtime_ns"])
            if row["source"] == self._origin:
                self._written.add(_key("written", row["output"], output))
            if row["run"] == self._run:
                before = Stamp(row["size"], row["mtime_ns"])
                key = _key("done", row["input"], before, row["output"], output)
                counts = [int(row[name]) for name in ("rows", "dropped", "kept")]
                self._done[key] = functools.reduce(_pack, counts)
        except (ValueError, KeyError, TypeError):
            return

    def find(self, name: str, output: str) -> Done | None:
        """Tell what is known of a file (a path below INPUT), if it is done in this output."""
        if not self._done:
            return None
        after = stamp(os.path.join(self._target, output))
        before = stamp(os.path.join(self._source, name)) if after else None
        if before is None or after is None:
            return None
        counts = self._done.get(_key("done", name, before, output, after))
        if counts is None:
            return None
        rest, kept = divmod(counts, _COUNT)
        rows, dropped = divmod(rest, _COUNT)
        path = os.path.join(self._source, name)
        return Done(1, kept, dropped, rows, () if after.size else (path,))

    def has_written(self, output: str) -> bool:
        """Tell if an output is as an earlier run over the same INPUT wrote it."""
        if not self._written:
            return False
        found = stamp(os.path.join(self._target, output))
        return found is not None and _key("written", output, found) in self._written

    def add(self, finished: Sequence[Finished]) -> None:
        """Note files that are done."""
        if not finished:
            return
        lines = [json.dumps(self._row(one), ensure_ascii=True) for one in finished]
        self._file.write("\n".join([*lines, ""]).encode())

    def _row(self, one: Finished) -> dict[str, Any]:
        return {
            "input": one.source[len(self._source) :].lstrip(os.sep),
            "size": one.before.size,
            "mtime_ns": one.before.mtime_ns,
            "source": self._origin,
            "output": one.target[len(self._target) :].lstrip(os.sep),
            "output_size": one.after.size,
            "output_mtime_ns": one.after.mtime_ns,
            "run": self._run,
            "kept": one.kept,
            "dropped": one.dropped,
            "rows": one.rows,
        }

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Appended:
    """A file that grows by whole lines; where it cannot be written, nothing is remembered."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._is_lost = False

    def write(self, lines: bytes) -> None:
        """Append lines; the outputs are what counts, so that a full disk stops no run here."""
        if self._is_lost:
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


def leave_out_done(
    groups: Iterable[Group], source: str, journal: Journal, chosen: set[str] | None
) -> Iterator[Group]:
    """Leave out of groups what is done, and mark what an earlier run has written otherwise.

    Parameters
    ----------
    chosen : set of str, optional
        Paths: leave out all others, too.
    """
    done = Done()
    for group in groups:
        names, ours = [], []
        for name in group.names:
            if chosen is not None and os.path.join(source, name) not in chosen:
                continue
            output = output_name(source, name)
            if found := journal.find(name, output):
                done = done.plus(found)
                continue
            names.append(name)
            if journal.has_written(output):
                ours.append(name)
        if names or group.problems or group.remarks or group.n_unmatched:
            yield group._replace(names=names, ours=frozenset(ours), done=done)
            done = Done()
    if done.files:
        yield Group([], 0, done=done)


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


class Failures:
    """What could not be cleaned, for programs and for ``--retry-failed``: one JSON line each."""

    def __init__(self, target: str) -> None:
        self._path = target.rstrip(os.sep) + FAILURES
        self._file = _Appended(self._path)

    def read(self) -> set[str]:
        """Paths of the inputs that the last run failed on."""
        with contextlib.suppress(OSError), open(self._path, "rb") as file:
            return failed_paths(file)
        return set()

    def start(self) -> None:
        """Forget what the last run failed on."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def add(self, problems: Sequence[Note]) -> None:
        """Note problems."""
        if problems:
            self._file.write(format_failures(problems))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
