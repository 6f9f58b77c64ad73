"""Clean files that are kept in storage: fetched, cleaned here, and stored, one by one.

The journal is a file beside the outputs, too, written again as a whole from time to time.
"""

from __future__ import annotations

import contextlib
import filecmp
import functools
import tempfile
import time
from collections.abc import Iterator

from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import (
    Note,
    check_extras,
    check_formats,
    fetch_file,
    fetch_named,
    find_stored,
    hide_credentials,
    identify_stored,
    output_ending,
    read_stored,
    store_file,
    stored_name,
    write_stored,
)
from cleaner.runs.engines import run_on_cluster
from cleaner.runs.journal import (
    FAILURES,
    JOURNAL,
    Finished,
    Journal,
    failed_paths,
    format_failures,
)
from cleaner.runs.result import Pair, TaskResult
from cleaner.runs.settings import Run, RunSettings, start_in_worker
from cleaner.runs.task import clean_pairs
from cleaner.runs.workers import Rescue, RunId, run_in_workers

_SAVE_SECONDS = 10.0


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
    found = find_stored(source, run.settings.patterns)
    if not found:
        raise InputError(f"no file at INPUT {hide_credentials(source)} matches --include")
    check_extras(one.name for one in found)
    single = len(found) == 1 and stored_name(found[0].address) == stored_name(source)
    if single:
        check_formats(found[0].name, target)
        targets = [target]
    else:
        targets = [_join(target, output_ending(one.name)) for one in found]
    inputs = {one.address for one in found}
    if twice := next((one for one in targets if one in inputs), None):
        raise OutputError(f"OUTPUT {hide_credentials(twice)} is INPUT itself; choose another one")
    pairs = [
        Pair(one.address, output, version=one.identity)
        for one, output in zip(found, targets, strict=True)
    ]
    return _clean_all(run, source, target, pairs, identity, jobs)


def _join(directory: str, name: str) -> str:
    return f"{directory.rstrip('/')}/{name}"


def _clean_all(
    run: Run, source: str, target: str, pairs: list[Pair], identity: str, jobs: int
) -> Iterator[TaskResult]:
    """Clean files that are not done into their targets, and keep the journal."""
    lines = _read_lines(target, JOURNAL)
    failed = failed_paths(_read_lines(target, FAILURES)) if run.settings.retry_failed else None
    journal = Journal(lines, hide_credentials(source), identity)
    to_do = []
    for pair in pairs:
        shown, told = hide_credentials(pair.source), hide_credentials(pair.target)
        if failed is not None and shown not in failed:
            continue
        after = identify_stored(pair.target)
        if pair.version and (done := journal.find(shown, pair.version, told, after)):
            result = TaskResult()
            result.add_done(done, 0)
            yield result
        else:
            to_do.append(pair._replace(is_ours=journal.has_written(told, after)))
    problems: list[Note] = []
    saved = time.monotonic()
    try:
        for result in _clean_pairs(run, to_do, jobs):
            lines.append(journal.format(result.finished))
            problems += result.problems
            if time.monotonic() - saved > _SAVE_SECONDS:
                _save(target, lines, problems)
                saved = time.monotonic()
            yield result
    finally:
        _save(target, lines, problems)


def _read_lines(target: str, ending: str) -> list[bytes]:
    return read_stored(target.rstrip("/") + ending).splitlines(keepends=True)


def _clean_pairs(run: Run, pairs: list[Pair], jobs: int) -> Iterator[TaskResult]:
    """Clean files here, in workers, or on a cluster."""
    work = functools.partial(_clean_in_worker, run.settings)
    if run.settings.scheduler:
        tasks = ([pair] for pair in pairs)
        return run_on_cluster(work, tasks, run.settings.scheduler, _lose_pair)
    if jobs > 1 and len(pairs) > 1:
        rescue = Rescue(lambda pair: [pair], _lose_pair)
        return run_in_workers(work, pairs, jobs, rescue)
    return (_clean_pair(run, pair) for pair in pairs)


def _clean_in_worker(settings: RunSettings, pair: Pair, origin: RunId) -> TaskResult:
    return _clean_pair(start_in_worker(settings, None, origin), pair)


def _lose_pair(pair: Pair, reason: str) -> TaskResult:
    """Tell of a file whose worker failed."""
    return TaskResult(files=1, problems=[Note(hide_credentials(pair.source), reason)])


def _clean_pair(run: Run, pair: Pair) -> TaskResult:
    """Fetch, clean and store one file; the result tells of addresses."""
    source, target = pair.source, pair.target
    shown = hide_credentials(source)
    with tempfile.TemporaryDirectory(prefix="clean-news-") as directory:
        after = f"{directory}/out/{stored_name(target)}"
        try:
            before = fetch_named(source, f"{directory}/in")
            result = clean_pairs(run, [Pair(before, after)])
            if result.cleaned and not _store(run, after, pair):
                result = TaskResult(files=1, refused=[hide_credentials(target)])
            after = identify_stored(target)
        except CleanerError as error:
            return TaskResult(files=1, problems=[Note(shown, str(error))])
    result.problems = [note._replace(path=shown) for note in result.problems]
    result.remarks = [note._replace(path=shown) for note in result.remarks]
    result.empty = [shown for _ in result.empty]
    result.finished = [
        Finished(shown, pair.version, hide_credentials(target), after, *one[-3:])
        for one in result.finished
    ]
    return result


def _store(run: Run, path: str, pair: Pair) -> bool:
    """Store an output; False if another content is there and may not be overwritten."""
    if not (run.settings.force or pair.is_ours) and identify_stored(pair.target):
        there = f"{path}.there"
        fetch_file(pair.target, there)
        return filecmp.cmp(path, there, shallow=False)
    run.before_write()
    store_file(path, pair.target)
    return True


def _save(target: str, lines: list[bytes], problems: list[Note]) -> None:
    """Write the journal and the failures; the outputs are what counts: errors stop no run."""
    failures = format_failures(problems)
    for ending, data in ((JOURNAL, b"".join(lines)), (FAILURES, failures)):
        path = target.rstrip("/") + ending
        with contextlib.suppress(CleanerError):
            if data or read_stored(path):
                write_stored(path, data)
