"""Fetch and store files at any address that fsspec knows: `s3://`, `gs://`, `hdfs://`, `memory://`.

A file is fetched whole, cleaned on this machine and stored whole, so every format can be read, and
nothing half-written is ever seen: object stores show an upload when it is complete, elsewhere it is
written under a temporary name and moved.
"""

# Addresses are no paths of this machine.

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from cleaner.errors import InputError, MissingExtraError, OutputError, needing
from cleaner.files.finding import match_names
from cleaner.files.writing import part_name

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|[a-z][a-z0-9+.-]+::", re.IGNORECASE)
_MAGIC = re.compile(r"[*?\[]")
_CREDENTIALS = re.compile(r"://[^/@\s]*@")
# Stores of objects, in which what is uploaded appears when it is complete.
_OBJECTS = frozenset(["s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "memory"])
_LONGEST_MESSAGE = 300


class Stored(NamedTuple):
    """A file in storage."""

    address: str
    name: str  # below the address that was looked in
    identity: str  # changes with the content


def is_address(path: str) -> bool:
    """Tell whether a path is the address of some storage rather than a path of this machine.

    Examples
    --------
    >>> is_address("s3://bucket/a.jsonl"), is_address("a.jsonl"), is_address("C:/a.jsonl")
    (True, False, False)
    """
    return _ADDRESS.match(path) is not None


def find_stored(address: str, include: Sequence[str]) -> list[Stored]:
    """Find the files at an address: one file, those that a glob matches, or those of a directory.

    Parameters
    ----------
    address : str
        An address, or a path of this machine.
    include : sequence of str
        Patterns of the files in a directory, as for `walk_directory`.

    Raises
    ------
    InputError
        If it cannot be reached; credentials are never told.
    MissingExtraError
        If fsspec, or what it needs for this kind of address, is not installed.
    """
    with _opening(address, InputError) as (system, path):
        system.invalidate_cache()
        if _MAGIC.search(path):
            found = system.glob(path, detail=True)
            parts = path.split("/")
            base = "/".join(parts[: next(n for n, one in enumerate(parts) if _MAGIC.search(one))])
            return _stored(system, found, base)
        if system.isfile(path):
            return _stored(system, {path: system.info(path)}, posixpath.dirname(path))
        found = system.find(path, detail=True)
        matches = match_names(include)
        files = _stored(system, found, path)
        return [one for one in files if matches(one.name)]


def _stored(system: Any, found: Mapping[str, Any], base: str) -> list[Stored]:
    return [
        Stored(system.unstrip_protocol(path), posixpath.relpath(path, base or "/"), _identify(info))
        for path, info in sorted(found.items())
        if info.get("type") == "file"
    ]


def _identify(info: Mapping[str, Any]) -> str:
    marks = [info.get(name) for name in ("ETag", "etag", "md5Hash", "mtime", "LastModified",
                                         "created")]  # fmt: skip
    return f"{info.get('size')} {next((mark for mark in marks if mark), '')}"


def identify_stored(address: str) -> str:
    """Tell which version of a file is there; "" if there is none."""
    with _opening(address, InputError) as (system, path):
        system.invalidate_cache()
        return _identify(system.info(path)) if system.isfile(path) else ""


def fetch_file(address: str, path: str) -> None:
    """Copy a file from storage to this machine.

    Raises
    ------
    InputError
        If it cannot be fetched.
    """
    with _opening(address, InputError) as (system, remote):
        system.get_file(remote, path)


def store_file(path: str, address: str) -> None:
    """Copy a file of this machine to storage; it is seen there when it is complete.

    Raises
    ------
    OutputError
        If it cannot be stored.
    """
    with _opening(address, OutputError) as (system, remote):
        protocols = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
        if protocols & _OBJECTS:
            system.put_file(path, remote)
            return
        directory, name = posixpath.split(remote)
        part = posixpath.join(directory, part_name(name))
        system.makedirs(directory, exist_ok=True)
        try:
            system.put_file(path, part)
            system.mv(part, remote)
        except BaseException:
            if system.exists(part):
                system.rm_file(part)
            raise


def read_stored(address: str) -> bytes:
    """Read a small file from storage; nothing if there is none."""
    with _opening(address, InputError) as (system, path):
        return bytes(system.cat_file(path)) if system.isfile(path) else b""


def write_stored(address: str, data: bytes) -> None:
    """Write a small file to storage."""
    with _opening(address, OutputError) as (system, path):
        system.pipe_file(path, data)


def _open(address: str) -> tuple[Any, str]:
    with needing("addresses need fsspec", "storage"):
        from fsspec.core import url_to_fs
    try:
        system, path = url_to_fs(address)
    except ImportError as error:  # of what fsspec needs for this kind of address
        raise MissingExtraError(
            f"{hide_credentials(address)}: {error!s:.200}; extra storage has what s3:// needs"
        ) from error
    return system, str(path)


@contextmanager
def _opening(address: str, kind: type[InputError | OutputError]) -> Iterator[tuple[Any, str]]:
    """Give a storage and the path in it; whatever it raises becomes one of our errors."""
    try:
        yield _open(address)
    except (InputError, OutputError, MissingExtraError):
        raise
    except Exception as error:  # each library has its own kinds
        text = f"{type(error).__name__}: {error}".rstrip(": ")
        if isinstance(error, FileNotFoundError):
            text = "no such file, directory or bucket"
        raise kind(
            f"{hide_credentials(address)}: {hide_credentials(text)[:_LONGEST_MESSAGE]}"
        ) from error


def hide_credentials(text: str) -> str:
    """Leave user name and password out of addresses.

    Examples
    --------
    >>> hide_credentials("ftp://me:secret@example.org/a")
    'ftp://example.org/a'
    """
    return _CREDENTIALS.sub("://", text)
