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
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import InputError, MissingExtraError, OutputError, needing
from cleaner.files.finding import match_names
from cleaner.files.names import kind_and_packing
from cleaner.files.writing import part_name

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|[a-z][a-z0-9+.-]+::", re.IGNORECASE)
_MAGIC = re.compile(r"[*?\[]")
_WEB = ("http://", "https://")
_WEB_MAGIC = re.compile(r"[*\[]")  # where a question mark begins a query
_CREDENTIALS = re.compile(r"://[^/@\s]*@")
# Addresses that are signed are keys to what is there.
_QUERY = re.compile(r"(https?://[^\s?'\"]*\?)[^\s'\"]+")
# Stores of objects, in which what is uploaded appears when it is complete.
_OBJECTS = frozenset([
    "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "tos", "hf", "memory",
])  # fmt: skip
# What kinds of storage tell of a file that changes with its content.
_MARKS = ("ETag", "etag", "md5Hash", "blob_id", "sha", "CRC", "mtime", "LastModified",
          "Last-Modified", "last_modified", "last_write_time", "modified", "modify", "updated",
          "created")  # fmt: skip
_PAGE = re.compile(rb"(?:\xef\xbb\xbf|\s|<!--.*?-->)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_LOOKED_AT_BYTES = 4096
_LONGEST_MESSAGE = 300


class Stored(NamedTuple):
    """A file in storage."""

    address: str
    name: str  # below the address that was looked in
    identity: str  # changes with the content; "" if the storage does not tell


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
        magic = _WEB_MAGIC if path.startswith(_WEB) else _MAGIC
        if magic.search(path):
            parts = path.split("/")
            base = "/".join(parts[: next(n for n, one in enumerate(parts) if magic.search(one))])
            return _list_stored(address, system, system.glob(path, detail=True), base, ["**"])
        if not path.endswith("/") and system.isfile(path):
            found = {path: system.info(path)}
            return _list_stored(address, system, found, posixpath.dirname(path), ["**"])
        found = system.find(path, detail=True)
        if not found:
            system.info(path)  # which says what is wrong if nothing is there
        return _list_stored(address, system, found, path, include)


def _list_stored(
    address: str, system: Any, found: Mapping[str, Any], base: str, include: Sequence[str]
) -> list[Stored]:
    """Give files that were found at an address; those in an archive name it (``zip://a::b.zip``)."""
    matches = match_names(include)
    first, _, archive = address.partition("::")
    end = f"::{archive}" if archive and "://" in first else ""
    stored = []
    for path, info in sorted(found.items()):
        plain = _without_query(path)
        name = posixpath.relpath(plain, base) if base else plain.lstrip("/")
        if info.get("type") == "file" and matches(name):
            if not _find_mark(info):  # a list of links says less than each of them
                info = system.info(path)
            identity = _identify(info) if _find_mark(info) else ""
            stored.append(Stored(system.unstrip_protocol(path) + end, name, identity))
    return stored


def _identify(info: Mapping[str, Any]) -> str:
    return f"{info.get('size')} {_find_mark(info)}"


def _find_mark(info: Mapping[str, Any]) -> str:
    """Give what changes with the content of a file; "" if the storage does not tell."""
    return next((str(mark) for name in _MARKS if (mark := info.get(name))), "")


def _without_query(address: str) -> str:
    return address.partition("?")[0] if address.startswith(_WEB) else address


def stored_name(address: str) -> str:
    """Give the name of the file at an address, or of one of this machine.

    Examples
    --------
    >>> stored_name("zip://b/a.txt::s3://bucket/x.zip"), stored_name("https://x.org/a.html?id=7")
    ('a.txt', 'a.html')
    """
    address = next((link for link in address.split("::") if "://" in link), address)
    return posixpath.basename(_without_query(address).rstrip("/"))


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


def fetch_named(address: str, directory: str) -> str:
    """Copy a file from storage to a new directory, with a name that tells what it holds.

    That is its own name; of a page of the web whose address does not say so, one in .html.

    Returns
    -------
    str
        The path of the copy.

    Raises
    ------
    InputError
        If it cannot be fetched.
    """
    Path(directory).mkdir()
    path = f"{directory}/{stored_name(address)}"
    fetch_file(address, path)
    is_known = path.lower().endswith(".txt") or kind_and_packing(path)[0] != "text"
    if is_known or not address.lower().startswith(_WEB):
        return path
    with Path(path).open("rb") as file:
        is_page = _PAGE.match(file.read(_LOOKED_AT_BYTES))
    return str(Path(path).rename(f"{path}.html")) if is_page else path


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
            why = error.__cause__
            text = "no such file, directory or bucket" + (f" ({why})" if why else "")
        raise kind(
            f"{hide_credentials(address)}: {hide_credentials(text)[:_LONGEST_MESSAGE]}"
        ) from error


def hide_credentials(text: str) -> str:
    """Leave user name, password and query out of addresses.

    Examples
    --------
    >>> hide_credentials("ftp://me:secret@example.org/a"), hide_credentials("https://x.org/a?key=7")
    ('ftp://example.org/a', 'https://x.org/a?...')
    """
    return _QUERY.sub(r"\1...", _CREDENTIALS.sub("://", text))
