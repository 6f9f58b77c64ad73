"""Find the text files of a directory, however large it is, in groups that make good batches."""

# ruff: noqa: PTH118
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cleaner.files.writing import is_part
from cleaner.text import BATCH_BYTES

# A group is cleaned as one batch: of at most BATCH_BYTES, and of so many files.
_GROUP_FILES = 256
# Directories kept open while those inside them are walked; deeper ones are listed at once, as
# the system limits open files.
_OPEN_DIRECTORIES = 64


class Found(NamedTuple):
    """A file that matches."""

    name: str  # path below the directory
    size: int  # bytes


class Note(NamedTuple):
    """Something to say about one file or directory."""

    path: str
    text: str


class Group(NamedTuple):
    """Files to be cleaned together."""

    names: list[str]  # paths below the directory
    size: int  # bytes of all files
    problems: list[Note]  # what was met on the way and cannot be read


def find_files(directory: str, include: Sequence[str]) -> Iterator[Found | Note]:
    """Walk a directory to the bottom.

    Links to files are followed; links to directories are not, since they may lead in circles.

    Parameters
    ----------
    directory
        Where to look.
    include
        Patterns such as "*.txt": matched with the name, or with the path below the directory if
        the pattern has a "/".

    Returns
    -------
    iterator of Found or Note
        A Note for each directory that cannot be read, each link to a directory, and each entry
        that matches without being a file. The order is that of the file system.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"It rained.")
    ...     list(find_files(directory, ["*.txt"]))
    [Found(name='a.txt', size=10)]
    """
    matches = _compile_patterns(include)
    levels = [("", _list_entries(directory, keep_open=True))]
    while levels:
        prefix, entries = levels[-1]
        try:
            entry = next(entries, None)
        except OSError as error:
            levels.pop()
            yield Note(os.path.join(directory, prefix), f"cannot be read: {error.strerror}")
            continue
        if entry is None:
            levels.pop()
        elif entry.is_dir(follow_symlinks=False):
            below = _list_entries(entry.path, keep_open=len(levels) < _OPEN_DIRECTORIES)
            levels.append((f"{prefix}{entry.name}{os.sep}", below))
        else:
            yield from _inspect(entry, prefix + entry.name, matches)


def count_files(directory: str, include: Sequence[str]) -> int:
    """Count the files that `find_files` finds."""
    return sum(isinstance(item, Found) for item in find_files(directory, include))


def _list_entries(directory: str, *, keep_open: bool) -> Iterator[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        yield from entries if keep_open else list(entries)


def _inspect(
    entry: os.DirEntry[str], name: str, matches: Callable[[str], object]
) -> Iterator[Found | Note]:
    """Tell what an entry is that is no directory itself; nothing if it does not match."""
    try:
        if entry.is_symlink() and entry.is_dir():
            yield Note(entry.path, "a link to a directory, not followed; give it as INPUT itself")
        elif not matches(name) or is_part(entry.name):
            return
        elif entry.is_file():
            yield Found(name, entry.stat().st_size)
        else:
            yield Note(entry.path, "neither a file nor a link to one")
    except OSError as error:
        yield Note(entry.path, f"cannot be read: {error.strerror}")


def _compile_patterns(patterns: Sequence[str]) -> Callable[[str], object]:
    """Make a test of paths below the directory."""
    parts = [("" if "/" in one else "(?:.*/)?") + fnmatch.translate(one) for one in patterns]
    match = re.compile("|".join(parts), re.DOTALL).match
    return match if os.sep == "/" else lambda name: match(name.replace(os.sep, "/"))


def gather_groups(found: Iterator[Found | Note]) -> Iterator[Group]:
    """Gather what was found into groups of at most BATCH_BYTES; a larger file is one of its own.

    Examples
    --------
    >>> [group.names for group in gather_groups(iter([Found("a", 9), Found("b", 600_000)]))]
    [['a'], ['b']]
    """
    group = Group([], 0, [])
    for item in found:
        size = 0 if isinstance(item, Note) else item.size
        full = len(group.names) + len(group.problems) >= _GROUP_FILES
        if full or (group.names and group.size + size > BATCH_BYTES):
            yield group
            group = Group([], 0, [])
        if isinstance(item, Note):
            group.problems.append(item)
        else:
            group.names.append(item.name)
            group = group._replace(size=group.size + size)
    if group.names or group.problems:
        yield group
