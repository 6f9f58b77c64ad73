"""Clean a directory of text files into another one, in parallel if it pays, or a single file.

Files are found, cleaned in groups and forgotten, so that memory is flat; a run that was killed
is finished by running again. For a collection, all files are read once before, to count lines.
"""

# ruff: noqa: PTH100, PTH103, PTH108, PTH112, PTH118, PTH120
# Os.path never raises where a directory may not be read, and is twice as fast as pathlib.

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import replace

from cleaner.collection import Collection
from cleaner.errors import InputError, OutputError
from cleaner.files import (
    RECORD_PATTERNS,
    STREAM,
    Found,
    Note,
    check_extras,
    check_formats,
    is_address,
    is_archive,
    is_html,
    lend_file,
    lock_directory,
    output_name,
    record_format,
    remove_lent,
    remove_part,
    walk_directory,
)
from cleaner.model import PAGE_MODEL, TEXT_MODEL, find_model
from cleaner.runs.counting import hash_groups, hash_rows
from cleaner.runs.engines import run_on_cluster
from cleaner.runs.groups import (
    Group,
    gather_groups,
    gather_tasks,
    halve_group,
    leave_out_done,
    lose_group,
)
from cleaner.runs.journal import (
    FAILURES,
    JOURNAL,
    AppendedFile,
    format_failures,
    identify,
    read_failures,
    read_journal,
)
from cleaner.runs.places import check_directories, check_file, is_inside
from cleaner.runs.remote import clean_stored
from cleaner.runs.result import Pair, TaskResult
from cleaner.runs.settings import Run, RunSettings, start_in_worker
from cleaner.runs.task import clean_pairs
from cleaner.runs.workers import Rescue, RunId, run_in_workers

# Below this much text, the start of worker processes takes longer than they save: where they cannot
# be forked, two of them take 0.7 s to start, and one process cleans some 20 MB in a second.
_PARALLEL_BYTES = 16 * 1024 * 1024
_NAMED_PATTERNS = 3


def clean_files(
    source: str,
    target: str,
    settings: RunSettings,
    watch: Callable[[int, int], None] | None = None,
) -> Iterator[TaskResult]:
    r"""Clean a directory of text files into another one, or one file into another.

    Parameters
    ----------
    source
        Directory (walked to the bottom; links to directories are told, not followed), file,
        or "-" for standard input.
    target
        Directory for a directory, where structure and names are kept; file, or "-" for standard
        output. An existing file is left alone if it has the same content, and refused if not.
    watch
        Called while this process cleans a file of records, with the bytes and rows of it that
        have been read.

    Returns
    -------
    iterator of TaskResult
        One for each group of files, in no particular order, as soon as the group is written; for
        a collection also one for each group that was read in the first pass.

    Raises
    ------
    InputError
        If there is no source, or no file in it that matches, or if a collection is asked for and
        the source is no directory.
    OutputError
        If the target cannot be used: it is a file for a directory or the other way round, lies
        inside the source or around it, cannot be written to, or (raised by the iterator) another
        run is writing to it.
    ModelError
        If the model cannot be loaded.
    MissingExtraError
        If files of a directory, or a cluster, need packages that are not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     page = pathlib.Path(directory, "page.txt")
    ...     size = page.write_bytes(b"")
    ...     [result] = clean_files(str(page), f"{directory}/clean.txt", RunSettings())
    >>> result.files, result.kept, result.problems
    (1, 0, [])
    """
    if is_address(source) or is_address(target):
        return _clean_stored(source, target, settings)
    if settings.scheduler:  # workers stand in folders of their own
        source, target = os.path.abspath(source), os.path.abspath(target)
    whole_directory = os.path.isdir(source)
    if whole_directory:
        check_directories(source, target)
    else:
        check_file(source, target)
        check_formats(source, target)
        if settings.collection and not (record_format(source) and settings.records.group_field):
            raise InputError(
                f"--collection looks for lines that recur in many files, but INPUT {source} is"
                " one; give a directory, or a file of records and --group-field, or leave"
                " --collection out"
            )
    if settings.collection:
        settings = _without_records(settings)
    run = Run.load(settings)
    if watch:
        run = replace(run, watch=watch)
    if whole_directory:
        return _clean_directory(run, source, target)
    if settings.collection:
        run = replace(run, collection=_count_rows(source, settings))
    return (clean_pairs(run, [pair]) for pair in [Pair(source, target)])


def _count_rows(source: str, settings: RunSettings) -> Collection:
    collection = Collection()
    for hashes in hash_rows(source, settings.records):
        collection.add(hashes)
    return collection


def _clean_stored(source: str, target: str, settings: RunSettings) -> Iterator[TaskResult]:
    if settings.collection:
        raise InputError("--collection is for directories of this machine, not for addresses")
    if STREAM in (source, target):
        raise InputError("standard input and output do not go together with addresses")
    run = Run.load(settings)
    return clean_stored(run, source, target, _identify(settings), jobs=settings.jobs or 1)


def _identify(settings: RunSettings) -> str:
    """Digest the models and options of a run."""
    names = [settings.model] if settings.model else [TEXT_MODEL, PAGE_MODEL]
    return identify(settings, [find_model(name).read_bytes() for name in names])


def _without_records(settings: RunSettings) -> RunSettings:
    """Restrict a collection to text files, and to records whose groups are named."""
    grouped = bool(settings.records.group_field)
    if settings.records.html_field:
        raise InputError("--collection counts the lines of texts; leave --html-field out")
    if not settings.include:
        patterns = itertools.filterfalse(is_archive, RECORD_PATTERNS) if grouped else ()
        return replace(settings, include=("*.txt", *patterns))
    if any(map(is_html, settings.include)):
        raise InputError("--collection counts the lines of texts; leave HTML out")
    if not grouped and any(map(record_format, settings.include)):
        raise InputError(
            "--collection counts the lines of text files; for records, name the field that"
            " holds their site with --group-field"
        )
    return settings


# --- directories -----------------------------------------------------------------------------


def _clean_directory(run: Run, source: str, target: str) -> Iterator[TaskResult]:
    settings = run.settings
    walked = walk_directory(source, settings.patterns)
    check_extras(item.name for item in walked if isinstance(item, Found))
    found = gather_groups(walk_directory(source, settings.patterns))
    first, size = [], 0
    for group in found:
        first.append(group)
        size += group.size
        if size > _PARALLEL_BYTES:
            break
    if not any(group.names or group.known.problems for group in first):
        patterns = " or ".join(settings.patterns[:_NAMED_PATTERNS])
        patterns += " or another pattern" * (len(settings.patterns) > _NAMED_PATTERNS)
        number = sum(group.known.n_unmatched for group in first)
        others = f"; {number:,} have other names" if number else ""
        raise InputError(f"no file in INPUT {source} matches {patterns} (see --include){others}")
    try:
        os.makedirs(target, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make OUTPUT {target}: {error.strerror}") from error
    if not os.access(target, os.W_OK | os.X_OK):
        raise OutputError(f"OUTPUT {target} may not be written to: change its permissions")
    jobs = settings.jobs or (_count_cores() if size > _PARALLEL_BYTES else 1)
    groups = itertools.chain(first, found)
    clean = _clean_twice if settings.collection else _clean_journalled
    return _hold(target, clean(run, source, target, groups, jobs))


def _hold(target: str, results: Iterator[TaskResult]) -> Iterator[TaskResult]:
    """Keep others out of the output while results are made, and note what failed."""
    path = target.rstrip(os.sep) + FAILURES
    with lock_directory(target), closing(AppendedFile(path)) as failures:
        remove_lent(target)
        try:
            for result in results:
                failures.write(format_failures(result.problems))
                yield result
        finally:
            if isinstance(results, Generator):  # nobody writes once others may
                results.close()


def _clean_journalled(
    run: Run, source: str, target: str, groups: Iterable[Group], jobs: int
) -> Iterator[TaskResult]:
    """Clean what no earlier run has cleaned with the same model and options."""
    settings = run.settings
    beside = target.rstrip(os.sep)
    chosen = read_failures(target) if settings.retry_failed else None
    with suppress(OSError):
        os.unlink(beside + FAILURES)
    journal = read_journal(source, target, _identify(settings))
    # A report needs to know all files.
    if not settings.surveyed:
        groups = leave_out_done(groups, source, target, journal, chosen)
    with closing(AppendedFile(beside + JOURNAL)) as notes:
        for result in _clean_groups(run, source, target, groups, jobs):
            notes.write(journal.format(result.finished))
            yield result


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: the cores that this process may use
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _clean_twice(
    run: Run, source: str, target: str, groups: Iterable[Group], jobs: int
) -> Iterator[TaskResult]:
    """Count the lines of all files, then clean these, which are looked for again."""
    collection = Collection()
    for group, lines in hash_groups(source, groups, jobs, run.settings.records):
        collection.add(lines)
        yield TaskResult(counted=len(group.names), bytes_read=group.size)
    yield TaskResult(collection=collection)
    found = gather_groups(walk_directory(source, run.settings.patterns))
    yield from _clean_groups(replace(run, collection=collection), source, target, found, jobs)


def _clean_groups(
    run: Run, source: str, target: str, groups: Iterable[Group], jobs: int
) -> Iterator[TaskResult]:
    """Clean groups of files, here or in workers, which read and write their files themselves."""
    scheduler = run.settings.scheduler
    if jobs == 1 and not scheduler:
        yield from (_clean_group(run, source, target, group) for group in groups)
        return
    counts = run.collection
    with lend_file(target, counts.to_bytes()) if counts else nullcontext() as cells:
        work = functools.partial(_clean_group_in_worker, source, target, run.settings, cells)
        lose = functools.partial(lose_group, source)
        if scheduler:
            yield from run_on_cluster(work, gather_tasks(groups), scheduler, lose)
        else:
            rescue = Rescue(halve_group, lose, functools.partial(_clear_group, source, target))
            yield from run_in_workers(work, groups, jobs, rescue)


def _clear_group(source: str, target: str, group: Group) -> None:
    """Remove what a worker that was killed left of the files that it was writing."""
    for name in group.names:
        remove_part(os.path.join(target, output_name(source, name)))


def _clean_group(run: Run, source: str, target: str, group: Group) -> TaskResult:
    pairs, problems = [], []
    folders = {os.path.dirname(name) for name in group.names}
    back = {folder for folder in folders if _leads_back(source, os.path.join(target, folder))}
    for name in group.names:
        path, folder = os.path.join(source, name), os.path.dirname(name)
        if folder in back:
            text = f"not cleaned: OUTPUT {os.path.join(target, folder)} is a link into INPUT"
            problems.append(Note(path, text))
        else:
            output = os.path.join(target, output_name(source, name))
            pairs.append(Pair(path, output, folder, name in group.ours))
    result = clean_pairs(run, pairs)
    result.files += len(problems)
    result.problems += problems
    result.add(group.known)
    return result


def _leads_back(source: str, folder: str) -> bool:
    """Tell if a folder below OUTPUT is, through a link, INPUT or a folder inside it."""
    return os.path.isdir(folder) and is_inside(folder, source)


# --- in a worker -----------------------------------------------------------------------------


def _clean_group_in_worker(
    source: str, target: str, settings: RunSettings, cells: str | None, group: Group, origin: RunId
) -> TaskResult:
    return _clean_group(start_in_worker(settings, cells, origin), source, target, group)
