"""Change labelled files that others may be changing too: whoever read an older version is refused.

A version is the digest of a file's bytes, so that it also tells of changes made in an editor.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cleaner.errors import InputError, OutputError
from cleaner.labelled import LabelledDocument, format_labelled, parse_labelled, write_labelled


class ConflictError(OutputError):
    """The file is no longer what it was when it was read."""


class Versioned(NamedTuple):
    """A labelled document and the version of the file that it was read from."""

    document: LabelledDocument
    version: str


def read_version(path: Path) -> Versioned:
    r"""Read a labelled file and tell its version.

    Raises
    ------
    InputError
        If the file cannot be read or is not UTF-8.
    LabelError
        If it does not follow the format.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = Path(directory, "a.tsv")
    ...     _ = path.write_text("body\tIt rained.\n")
    ...     read_version(path).document.labels
    ('body',)
    """
    data = _read(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not UTF-8; labelled files must be UTF-8"
        ) from error
    return Versioned(parse_labelled(text, str(path)), _digest(data))


def write_version(document: LabelledDocument, path: Path, version: str | None) -> str:
    r"""Write a labelled file, unless somebody has changed it in the meantime.

    Parameters
    ----------
    document
        What to write.
    path
        Where; missing directories are made.
    version
        What `read_version` told, or None if there must be no such file yet.

    Returns
    -------
    str
        The new version.

    Raises
    ------
    ConflictError
        If the file has another version now; nothing is written.
    LabelError, OutputError
        If the document cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> document = LabelledDocument("a", ("It rained.",), ("body",), "example.org")
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = Path(directory, "a.tsv")
    ...     version = write_version(document, path, None)
    ...     version == write_version(document, path, version)
    True
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    with _lock(path.parent):
        found = _digest(_read(path)) if path.exists() else None
        if found != version:
            what = "exists already" if version is None else "was changed by somebody else"
            raise ConflictError(f"{path} {what if found else 'is gone'}")
        write_labelled(document, path)
    return _digest(format_labelled(document).encode("utf-8"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read labelled file {path}: {error.strerror}") from error


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Wait for other writers in this directory, in any process; a kill releases the lock.

    Where the system or the file system has no such locks, nothing happens.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # not every network file system can lock
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
