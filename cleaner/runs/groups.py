"""Gather the files of a directory into groups that make good batches, without what is done."""

# ruff: noqa: PTH118
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cleaner.files import Found, Note, is_html, output_name
from cleaner.runs.journal import Journal, look_at, version_of
from cleaner.runs.result import TaskResult
from cleaner.text import BATCH_BYTES

# A group is cleaned as one batch: of at most BATCH_BYTES and this many files.
_GROUP_FILES = 256
# About one in this many bytes of a page is text.
_BYTES_OF_TEXT = 12
# Groups of small files that a cluster is handed at a time: a fifth of a second of work.
_GROUPS_OF_TASK = 4
_TASK_BYTES = _GROUPS_OF_TASK * BATCH_BYTES


@dataclass(frozen=True, slots=True)
class Group:
    """Files to be cleaned together.

    Attributes
    ----------
    names
        Paths below the directory.
    size
        Bytes of all files; of pages, about those of their text.
    ours
        Names whose outputs an earlier run has written.
    known
        What is known before they are cleaned: what was met on the way to them, and files left out
        because they are done.
    """

    names: list[str]
    size: int
    ours: frozenset[str] = frozenset()
    known: TaskResult = field(default_factory=TaskResult)


def gather_groups(found: Iterable[Found | Note]) -> Iterator[Group]:
    """Gather what was found into groups of at most BATCH_BYTES; a larger file is one of its own.

    Examples
    --------
    >>> [group.names for group in gather_groups([Found("a", 9), Found("b", 1_200_000)])]
    [['a'], ['b']]
    """
    names, size, known = list[str](), 0, TaskResult()
    for item in found:
        if isinstance(item, Note) and not item.text:
            known.n_unmatched += 1
            continue
        more = _text_size(item) if isinstance(item, Found) else 0
        full = len(names) + len(known.problems) + len(known.remarks) >= _GROUP_FILES
        if full or (names and size + more > BATCH_BYTES):
            yield Group(names, size, known=known)
            names, size, known = [], 0, TaskResult()
        if isinstance(item, Found):
            names.append(item.name)
            size += more
        else:
            (known.problems if item.is_problem else known.remarks).append(item)
    if names or _tells(known):
        yield Group(names, size, known=known)


def _text_size(found: Found) -> int:
    """Estimate how much there is to clean in a file."""
    return found.size // _BYTES_OF_TEXT if is_html(found.name) else found.size


def _tells(known: TaskResult) -> bool:
    """Whether there is more to tell than how many files are done, which can wait."""
    return bool(known.problems or known.remarks or known.n_unmatched)


def leave_out_done(
    groups: Iterable[Group], source: str, target: str, journal: Journal, chosen: set[str] | None
) -> Iterator[Group]:
    """Leave out of groups what is done, and mark what an earlier run has written otherwise.

    Parameters
    ----------
    chosen : set of str, optional
        Paths: leave out all others, too.
    """
    known = TaskResult()
    for group in groups:
        known.add(group.known)
        names, ours = [], []
        for name in group.names:
            path = os.path.join(source, name)
            if chosen is not None and path not in chosen:
                continue
            output = output_name(source, name)
            there = None if journal.is_empty else look_at(os.path.join(target, output))
            before = look_at(path) if there else None
            after = version_of(there) if there else ""
            if before and (done := journal.find(name, version_of(before), output, after)):
                known.add_done(done._replace(source=path), before.st_size)
                continue
            names.append(name)
            if after and journal.has_written(output, after):
                ours.append(name)
        if names or _tells(known):
            yield replace(group, names=names, ours=frozenset(ours), known=known)
            known = TaskResult()
    if known.files:
        yield Group([], 0, known=known)


def halve_group(group: Group) -> list[Group]:
    """Halve a group whose worker died; one of a single file is not divided.

    The halves share its bytes by their number of files, so that none are counted twice.

    Examples
    --------
    >>> halves = halve_group(Group(["a", "b", "c"], 9, known=TaskResult(n_unmatched=7)))
    >>> [(half.names, half.size, half.known.n_unmatched) for half in halves]
    [(['a'], 3, 7), (['b', 'c'], 6, 0)]
    """
    middle = len(group.names) // 2
    if not middle:
        return [group]
    first, second = group.names[:middle], group.names[middle:]
    size = group.size * middle // len(group.names)
    return [
        replace(group, names=first, size=size),
        Group(second, group.size - size, group.ours),
    ]


def lose_group(source: str, group: Group, reason: str) -> TaskResult:
    """Tell of files that could not be cleaned, for one reason, and what else is known.

    Examples
    --------
    >>> group = Group(["a.txt"], 9, known=TaskResult(n_unmatched=7))
    >>> result = lose_group("in", group, "its worker failed")
    >>> result.problems[0].text, result.n_unmatched
    ('its worker failed', 7)
    """
    problems = [Note(os.path.join(source, name), reason) for name in group.names]
    result = TaskResult(files=len(problems), problems=problems)
    result.add(group.known)
    return result


def gather_tasks(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Gather groups of small files for a cluster; a shard is a task of its own.

    Examples
    --------
    >>> groups = [Group(["a"], 9), Group(["b"], 9), Group(["c.parquet"], 1 << 30), Group(["d"], 9)]
    >>> [[group.names for group in task] for task in gather_tasks(groups)]
    [[['a'], ['b']], [['c.parquet']], [['d']]]
    """
    task: list[Group] = []
    size = 0
    for group in groups:
        if task and (len(task) == _GROUPS_OF_TASK or size + group.size > _TASK_BYTES):
            yield task
            task, size = [], 0
        task.append(group)
        size += group.size
    if task:
        yield task
