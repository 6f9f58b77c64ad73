"""Clean files that are kept in storage: fetched, cleaned here, and stored, one by one.

The journal is a file beside the outputs, too, written again as a whole from time to time.
"""

from __future__ import annotations

import contextlib
import filecmp
import functools
import json
import posixpath
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import (
    Done,
    Note,
    Stored,
    check_extras,
    check_formats,
    fetch_file,
    find_stored,
    hide_credentials,
    identify_stored,
    output_ending,
    read_stored,
    store_file,
    write_stored,
)
from cleaner.runs.engines import run_on_cluster
from cleaner.runs.journal import FAILURES, JOURNAL, failed_paths, format_failures
from cleaner.runs.settings import Run, RunSettings
from cleaner.runs.task import Pair, TaskResult, clean_pairs
from cleaner.runs.workers import Rescue, RunId, run_in_workers

_SAVE_SECONDS = 10.0


class _Transfer(NamedTuple):
    """A file to be cleaned, and where to."""

    source: Stored
    target: str
    is_ours: bool  # an earlier run has written the target


def clean_stored(
    run: Run, source: str, target: str, identity: str, *, jobs: int
) -> Iterator[TaskResult]:
    """Clean the files at an address into another one; either may be a path of this machine.

    Parameters
    ----------
    source : str
        Of one file, of a directory, or a glob.
    target : str
        Of one file for one file, else of a directory.
    identity : str
        Of models and options, see `journal.identify`.

    Raises
    ------
    InputError
        If there is nothing to clean, or it cannot be reached.
    OutputError
        If the target cannot be reached, or (told of each file) written.
    """
    found = find_stored(source, run.settings.include)
    if not found:
        raise InputError(f"no file at INPUT {hide_credentials(source)} matches --include")
    check_extras(one.name for one in found)
    single = len(found) == 1 and found[0].address.rstrip("/").endswith(_last(source))
    if single:
        check_formats(found[0].name, target)
        targets = [target]
    else:
        targets = [_join(target, output_ending(one.name)) for one in found]
    inputs = {one.address for one in found}
    if twice := next((one for one in targets if one in inputs), None):
        raise OutputError(f"OUTPUT {hide_credentials(twice)} is INPUT itself; choose another one")
    return _clean_all(run, found, targets, _Journal(target, identity), jobs)


def _last(address: str) -> str:
    return posixpath.basename(address.rstrip("/"))


def _join(directory: str, name: str) -> str:
    return f"{directory.rstrip('/')}/{name}"


def _clean_all(
    run: Run, found: list[Stored], targets: list[str], journal: _Journal, jobs: int
) -> Iterator[TaskResult]:
    transfers = []
    failed = journal.failed() if run.settings.retry_failed else None
    problems: list[Note] = []
    for one, target in zip(found, targets, strict=True):
        if failed is not None and one.address not in failed:
            continue
        identity = identify_stored(target)
        if done := journal.find(one, target, identity):
            result = TaskResult()
            result.add_done(done)
            yield result
        else:
            is_ours = journal.has_written(one, target, identity)
            transfers.append(_Transfer(one, target, is_ours))
    results: Iterator[TaskResult]
    work = functools.partial(_clean_in_worker, run.settings)
    if run.settings.scheduler:
        results = run_on_cluster(work, transfers, run.settings.scheduler, _lose_transfer)
    elif jobs > 1 and len(transfers) > 1:
        rescue = Rescue(lambda transfer: [transfer], _lose_transfer)
        results = run_in_workers(work, transfers, jobs, rescue)
    else:
        results = (_clean_transfer(run, one) for one in transfers)
    try:
        for result in results:
            for finished in result.finished:
                journal.add(finished.source, finished.target, finished)
            problems += result.problems
            journal.save(problems)
            yield result
    finally:
        journal.save(problems, at_once=True)


def _clean_in_worker(settings: RunSettings, transfer: _Transfer, origin: RunId) -> TaskResult:
    from cleaner.runs.run import start_in_worker

    return _clean_transfer(start_in_worker(settings, None, origin), transfer)


def _lose_transfer(transfer: _Transfer, reason: str) -> TaskResult:
    """Tell of a file whose worker failed."""
    return TaskResult(files=1, problems=[Note(hide_credentials(transfer.source.address), reason)])


def _clean_transfer(run: Run, transfer: _Transfer) -> TaskResult:
    """Fetch, clean and store one file; the result tells of addresses."""
    source, target = transfer.source.address, transfer.target
    shown = hide_credentials(source)
    with tempfile.TemporaryDirectory(prefix="clean-news-") as directory:
        before = f"{directory}/in/{posixpath.basename(source)}"
        after = f"{directory}/out/{posixpath.basename(target)}"
        Path(before).parent.mkdir()
        try:
            fetch_file(source, before)
            result = clean_pairs(run, [Pair(before, after)])
            if result.cleaned and not _store(run, after, transfer):
                result = TaskResult(files=1, refused=[hide_credentials(target)])
        except CleanerError as error:
            return TaskResult(files=1, problems=[Note(shown, str(error))])
    result.problems = [note._replace(path=shown) for note in result.problems]
    result.remarks = [note._replace(path=shown) for note in result.remarks]
    result.empty = [shown for _ in result.empty]
    result.finished = [one._replace(source=source, target=target) for one in result.finished]
    return result


def _store(run: Run, path: str, transfer: _Transfer) -> bool:
    """Store an output; False if another content is there and may not be overwritten."""
    if not (run.settings.force or transfer.is_ours) and identify_stored(transfer.target):
        there = f"{path}.there"
        fetch_file(transfer.target, there)
        return filecmp.cmp(path, there, shallow=False)
    run.before_write()
    store_file(path, transfer.target)
    return True


class _Journal:
    """The journal in storage: the same lines as beside a directory of this machine."""

    def __init__(self, target: str, run: str) -> None:
        self._run = run
        self._path = target.rstrip("/") + JOURNAL
        self._failures = target.rstrip("/") + FAILURES
        self._rows: dict[str, dict[str, Any]] = {}  # by address of the input
        self._written: set[tuple[str, str, str]] = set()
        self._saved = time.monotonic()
        for line in read_stored(self._path).splitlines():
            try:
                row = json.loads(line)
                self._rows[row["input"]] = row
                self._written.add((row["input"], row["output"], row["output_identity"]))
            except (ValueError, KeyError, TypeError):
                continue

    def find(self, source: Stored, target: str, identity: str) -> Done | None:
        """Tell what is known of a file, if it is done in this version of the output."""
        row = self._rows.get(hide_credentials(source.address), {})
        known = [row.get(name) for name in ("run", "identity", "output", "output_identity")]
        if known != [self._run, source.identity, hide_credentials(target), identity]:
            return None
        kept, dropped, rows = (int(row.get(name, 0)) for name in ("kept", "dropped", "rows"))
        return Done(1, kept, dropped, rows)

    def has_written(self, source: Stored, target: str, identity: str) -> bool:
        """Tell if an output is as an earlier run wrote it from the same input."""
        told = hide_credentials(source.address), hide_credentials(target)
        return (*told, identity) in self._written

    def failed(self) -> set[str]:
        """Addresses that the last run failed on."""
        return failed_paths(read_stored(self._failures).splitlines())

    def add(self, source: str, target: str, finished: Any) -> None:
        """Note a file that is done."""
        shown = hide_credentials(source)
        self._rows[shown] = {
            "input": shown,
            "identity": identify_stored(source),
            "output": hide_credentials(target),
            "output_identity": identify_stored(target),
            "run": self._run,
            "kept": finished.kept,
            "dropped": finished.dropped,
            "rows": finished.rows,
        }

    def save(self, problems: list[Note], *, at_once: bool = False) -> None:
        """Write what is known, at most once in ten seconds."""
        if not at_once and time.monotonic() - self._saved < _SAVE_SECONDS:
            return
        self._saved = time.monotonic()
        rows = "".join(json.dumps(row) + "\n" for row in self._rows.values())
        failures = format_failures(problems)
        for path, data in ((self._path, rows.encode()), (self._failures, failures)):
            # The outputs are what counts: what cannot be noted is cleaned and compared again.
            with contextlib.suppress(CleanerError):
                if data or read_stored(path):
                    write_stored(path, data)
