"""Find the files of a directory, however large it is."""

# ruff: noqa: PTH118, PTH206
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from cleaner.files.writing import is_part

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
    text: str  # "" for a file that simply matches no pattern
    row: int | None = None  # of a file of records, from 1
    is_problem: bool = True  # or a remark, on what is left out on purpose


def walk_directory(directory: str, include: Sequence[str]) -> Iterator[Found | Note]:
    """Walk a directory to the bottom.

    Links to files are followed; links to directories are not, since they may lead in circles.

    Parameters
    ----------
    directory
        Where to look.
    include
        Patterns such as "*.txt", matched with the name in any folder. A pattern with a "/" is
        matched with the whole path below the directory, as by `PurePath.full_match`: "*" stays
        within a folder, "**" stands for any number of folders or none.

    Returns
    -------
    iterator of Found or Note
        A problem for each directory that cannot be read, and each entry that matches without being
        a file; a remark for each link to a directory, and one without a text for each file that
        does not match. The order is that of the file system.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"It rained.")
    ...     list(walk_directory(directory, ["*.txt"]))
    [Found(name='a.txt', size=10)]
    """
    matches = match_names(include)
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


def count_files(directory: str, include: Sequence[str]) -> tuple[int, int]:
    """Count the files that match, as `walk_directory` finds them, and their bytes."""
    n_files = n_bytes = 0
    for item in walk_directory(directory, include):
        if isinstance(item, Found):
            n_files += 1
            n_bytes += item.size
    return n_files, n_bytes


def _list_entries(directory: str, *, keep_open: bool) -> Iterator[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        yield from entries if keep_open else list(entries)


def _inspect(
    entry: os.DirEntry[str], name: str, matches: Callable[[str], bool]
) -> Iterator[Found | Note]:
    """Tell what an entry is that is no directory itself; nothing of what a killed run left."""
    try:
        if entry.is_symlink() and entry.is_dir():
            text = "a link to a directory, not followed; to clean it too, give it as INPUT itself"
            yield Note(entry.path, text, is_problem=False)
        elif is_part(entry.name):
            return
        elif not matches(name):
            yield Note(entry.path, "", is_problem=False)
        elif entry.is_file():
            yield Found(name, entry.stat().st_size)
        else:
            yield Note(entry.path, "neither a file nor a link to one")
    except OSError as error:
        yield Note(entry.path, f"cannot be read: {error.strerror}")


def match_names(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Make a test of paths below a directory, from patterns as for `walk_directory`."""
    names = [fnmatch.translate(pattern) for pattern in patterns if "/" not in pattern]
    match_name = re.compile("|".join(names)).match if names else lambda _: None
    paths = [_compile_path(pattern) for pattern in patterns if "/" in pattern]

    def matches(path: str) -> bool:
        parts = path.split(os.sep)
        return bool(match_name(parts[-1])) or any(_match_parts(parts, path) for path in paths)

    return matches


# A test for each folder and the name at the end; None stands for "**".
_PathPattern = list[Callable[[str], object] | None]


def _compile_path(pattern: str) -> _PathPattern:
    parts = PurePosixPath(pattern).parts
    if parts[-1:] == ("**",):
        parts = (*parts, "*")  # a file is no folder
    return [None if one == "**" else re.compile(fnmatch.translate(one)).match for one in parts]


def _match_parts(parts: Sequence[str], pattern: _PathPattern) -> bool:
    """Match from the left; where it fails, let the last "**" take one folder more."""
    at, place = 0, 0  # in the parts, in the pattern
    retry: tuple[int, int] | None = None
    while at < len(parts):
        test = pattern[place] if place < len(pattern) else _fail
        if test is None:
            place += 1
            retry = at + 1, place
        elif test(parts[at]):
            at, place = at + 1, place + 1
        elif retry:
            at, place = retry
            retry = at + 1, place
        else:
            return False
    return place == len(pattern)


def _fail(_part: str) -> None:
    """Match nothing: the pattern has ended."""
