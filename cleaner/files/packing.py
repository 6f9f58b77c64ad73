"""Unpack gzip and zstd, and say when what is packed is damaged."""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any

from cleaner.errors import InputError, needing


def unpack(file: Any, packing: str) -> Any:
    """Open what a binary file holds; its packing is "gz", "zst", or "" for none.

    Raises
    ------
    MissingExtraError
        For zstd, if Arrow is not installed.
    """
    if packing == "gz":
        return gzip.GzipFile(fileobj=file)
    if packing == "zst":
        return io.BufferedReader(import_arrow().CompressedInputStream(file, "zstd"))
    return file


@contextlib.contextmanager
def telling_damage(packing: str) -> Iterator[None]:
    """Turn what a damaged file raises while it is unpacked into an InputError."""
    try:
        yield
    except (EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        if "too much memory" in str(error):
            raise InputError(
                "the compressed data (zst) takes more than 128 MB of memory to unpack, as after"
                " zstd --long=31; pack it again without that"
            ) from error
        raise InputError(
            f"the compressed data ({packing}) is cut short or damaged; fetch the file again"
        ) from error


def import_arrow() -> Any:
    """Give the module pyarrow.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    with needing("Parquet, Arrow and zstd need pyarrow", "records"):
        import pyarrow
    return pyarrow
