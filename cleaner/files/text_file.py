"""Read the text of one file, and write one cleaned text; "-" is a standard stream."""

# ruff: noqa: PTH116, PTH123, PTH202
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator

from cleaner.errors import InputError, OutputError
from cleaner.files.decoding import Decoded, decode_bytes
from cleaner.files.names import kind_and_packing
from cleaner.files.writing import write_all, write_file

STREAM = "-"  # standard input or output in place of a path


def read_text(path: str) -> str:
    r"""Read one text file, or standard input for "-", by the policy of `cleaner.files.decoding`.

    Raises
    ------
    InputError
        If it cannot be read, is binary, or a table by its name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"One\r\nTwo")
    ...     read_text(f"{directory}/a.txt")
    'One\nTwo'
    """
    with naming_file(path):
        return read_decoded(path).data.decode("utf-8")


@contextlib.contextmanager
def naming_file(path: str) -> Iterator[None]:
    """Turn what is raised while a file is read into an InputError that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def read_decoded(path: str) -> Decoded:
    """Read one file, or standard input for "-", by the policy of `cleaner.files.decoding`.

    Raises
    ------
    OSError
        If it cannot be read.
    InputError
        If it is binary, or a table by its name.
    """
    if kind_and_packing(path)[0] == "table":
        raise InputError(
            "a table or JSON by its name, no text: write its rows as JSON Lines (in pandas,"
            " frame.to_json('a.jsonl', orient='records', lines=True)), or give it the ending .txt"
        )
    return decode_bytes(read_bytes(path))


def read_bytes(path: str) -> bytes:
    """Read a whole file, or standard input for "-"."""
    if path == STREAM:
        if sys.stdin is None:
            raise InputError("standard input is closed")
        return sys.stdin.buffer.read()
    with open(path, "rb", buffering=0) as file:
        if stat.S_ISCHR(os.fstat(file.fileno()).st_mode) and not (
            file.isatty() or path == os.devnull
        ):
            raise InputError("a device, which may never end; only files and pipes can be read")
        return file.read()


def store_output(path: str, data: bytes, force: bool) -> bool:
    """Write one output; False if another content is there and may not be overwritten."""
    try:
        if path == STREAM:
            write_to_stream(data)
            return True
        mode = os.stat(path).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):  # /dev/null: there is nothing to replace
            with open(path, "wb", buffering=0, opener=_open_read_pipe) as file:
                write_all(file, data)
            return True
        if stat.S_ISREG(mode) and not force:
            return os.path.getsize(path) == len(data) and read_bytes(path) == data
    except FileNotFoundError:
        pass
    except BrokenPipeError:  # whoever reads has read enough
        raise
    except OSError as error:
        name = "standard output" if path == STREAM else path
        raise OutputError(f"cannot write {name}: {error.strerror}") from error
    write_file(path, data)
    return True


def write_to_stream(data: bytes) -> None:
    """Write all of the data to standard output.

    Raises
    ------
    OutputError
        If it is closed.
    OSError
        If it cannot be written to; BrokenPipeError if its reader has gone.
    """
    if sys.stdout is None:
        raise OutputError("cannot write standard output: it is closed")
    sys.stdout.flush()
    # Past the buffer, which may be missing (PYTHONUNBUFFERED) and then takes what it likes.
    write_all(getattr(sys.stdout.buffer, "raw", sys.stdout.buffer), data)


def _open_read_pipe(path: str, flags: int) -> int:
    """Open a pipe or device for writing; a pipe without a reader is an error, not a long wait."""
    try:
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OutputError(
                f"cannot write {path}: nothing reads from this pipe; start its reader first"
            ) from error
        raise
