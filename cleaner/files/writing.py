"""Write a file so that a kill at any moment leaves the old content or the new one, never a half."""

# ruff: noqa: PTH113, PTH103, PTH105, PTH108, PTH118, PTH123
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import select
from collections.abc import Iterator
from typing import Any

from cleaner.errors import OutputError

# Begin and end of the names of temporary files: what a killed run leaves is known by them.
PART_PREFIX = ".clean-news-"
PART_SUFFIX = ".part"


def write_file(path: str, data: bytes) -> None:
    """Write a file through a temporary one beside it; missing directories are made.

    The temporary name follows from the file's name, so that running again replaces what a killed
    run left; it is hashed because a name may already be as long as the file system allows.

    Raises
    ------
    OutputError
        If the file cannot be written; the old content, if any, is then still there.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write_file(f"{directory}/new/a.txt", b"It rained.")
    ...     pathlib.Path(directory, "new/a.txt").read_bytes()
    b'It rained.'
    """
    directory, name = os.path.split(path)
    part = _part_path(directory, name)
    try:
        try:
            _write(part, data)
        except FileNotFoundError:
            os.makedirs(directory, exist_ok=True)
            _write(part, data)
        os.replace(part, path)
    except BaseException as error:  # an interruption by the user leaves nothing behind either
        with contextlib.suppress(OSError):  # often it was never made
            os.unlink(part)
        if isinstance(error, OSError):
            raise OutputError(f"cannot write {path}: {error.strerror}") from error
        raise


@contextlib.contextmanager
def replace_file(path: str) -> Iterator[str]:
    """Give the path of a temporary file to be written, and put in place by `accept_part`.

    What is not accepted is removed; missing directories are made.

    Raises
    ------
    OutputError
        If it cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with replace_file(f"{directory}/new/a.txt") as part:
    ...         size = pathlib.Path(part).write_bytes(b"It rained.")
    ...         accept_part(f"{directory}/new/a.txt", force=False)
    ...     os.listdir(f"{directory}/new")
    True
    ['a.txt']
    """
    directory, name = os.path.split(path)
    part = _part_path(directory, name)
    try:
        if directory:
            os.makedirs(directory, exist_ok=True)
        yield part
    except OSError as error:
        # What cannot be read names its file; the rest is about this one.
        if error.filename not in (None, part, path, directory):
            raise
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def accept_part(path: str, *, force: bool) -> bool:
    """Put a temporary file in its place; False if another content is there and may stay."""
    part = _part_path(*os.path.split(path))
    if not force and os.path.lexists(path):
        same = os.path.isfile(path) and filecmp.cmp(part, path, False)
        os.unlink(part)
        return same
    os.replace(part, path)
    return True


def _part_path(directory: str, name: str) -> str:
    return os.path.join(directory, part_name(name))


def part_name(name: str) -> str:
    """Name the temporary file of a file of this name: always the same, and never too long."""
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return f"{PART_PREFIX}{digest}{PART_SUFFIX}"


def remove_part(path: str) -> None:
    """Remove the temporary file of a file, if whoever was writing it was killed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     remove_part(f"{directory}/a.txt")
    """
    with contextlib.suppress(OSError):
        os.unlink(_part_path(*os.path.split(path)))


@contextlib.contextmanager
def lend_file(directory: str, data: bytes | memoryview) -> Iterator[str]:
    """Write a file for other processes to read, and remove it at the end.

    There is one in a directory at a time; `remove_lent` removes what a killed run left.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with lend_file(directory, b"data") as path:
    ...         pathlib.Path(path).read_bytes()
    ...     os.listdir(directory)
    b'data'
    []
    """
    path = _lent_path(directory)
    try:
        try:
            _write(path, data)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from error
        yield path
    finally:
        remove_lent(directory)


def remove_lent(directory: str) -> None:
    """Remove the file of `lend_file`, if a killed run left one.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     remove_lent(directory)
    """
    with contextlib.suppress(OSError):  # Windows: a worker that was killed may hold it still
        os.unlink(_lent_path(directory))


def _lent_path(directory: str) -> str:
    return _part_path(directory, "/")  # no file that is cleaned has this name


def _write(path: str, data: bytes | memoryview) -> None:
    with open(path, "wb", buffering=0) as file:
        write_all(file, data)


def write_all(file: Any, data: bytes | memoryview) -> None:
    """Write all of the data to an unbuffered file, however little of it goes at a time.

    A write may stop early: at 2 GB, on a nearly full disk, or where a reader is slow and the
    stream does not block; then this waits.

    Raises
    ------
    OSError
        If the rest cannot be written.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> write_all(file, b"It rained.")
    >>> file.getvalue()
    b'It rained.'
    """
    rest = memoryview(data)
    while rest:
        written = file.write(rest)
        if written is None:  # the stream does not block, and is full
            select.select([], [file], [])
        rest = rest[written or 0 :]


@contextlib.contextmanager
def lock_directory(path: str, *, waits: bool = False) -> Iterator[None]:
    """Keep others who lock it out of a directory; a kill releases it.

    Where the system or the file system has no such locks, nothing happens.

    Parameters
    ----------
    waits
        For whoever holds it, in place of an error.

    Raises
    ------
    OutputError
        If another run holds the directory.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            raise OutputError(
                f"another run is writing to {path}; wait for its end or choose another OUTPUT"
            ) from None
        except OSError:  # not every network file system can lock
            pass
        yield
    finally:
        os.close(descriptor)


def is_part(name: str) -> bool:
    """Tell if a file name is that of a temporary file, left by a killed run.

    Examples
    --------
    >>> is_part(".clean-news-0123456789abcdef.part"), is_part("a.txt")
    (True, False)
    """
    return name.startswith(PART_PREFIX) and name.endswith(PART_SUFFIX)
