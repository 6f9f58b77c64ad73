"""Read and write labelled files, which others may be changing too.

A version is the digest of a file's bytes, so that it also tells of changes made in an editor: who
read an older version is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cleaner.errors import InputError, LabelError, OutputError
from cleaner.files.writing import lock_directory, write_file
from cleaner.labelled import LabelledDocument, format_labelled, parse_labelled
from cleaner.text import digest

SUFFIX = ".tsv"


def read_labelled(path: str | Path) -> LabelledDocument:
    """Read one labelled file.

    Raises
    ------
    InputError
        If the file cannot be read or is not UTF-8.
    LabelError
        If it does not follow the format.

    Examples
    --------
    See `write_labelled`.
    """
    return read_version(Path(path))[0]


def find_labelled(paths: Iterable[str | Path]) -> list[Path]:
    r"""Find labelled files: files as given, and every *.tsv below directories; sorted, once each.

    Raises
    ------
    InputError
        If a path does not exist, or nothing is found at all.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     _ = Path(directory, "a.tsv").write_text("body\tIt rained.\n")
    ...     [path.name for path in find_labelled([directory])]
    ['a.tsv']
    """
    listed = [Path(path) for path in paths]
    found: set[Path] = set()
    for path in listed:
        if path.is_dir():
            found.update(file for file in path.rglob(f"*{SUFFIX}") if file.is_file())
        elif path.exists():
            found.add(path)
        else:
            raise InputError(f"no such labelled file or directory: {path}")
    if not found:
        names = ", ".join(map(str, listed)) or "no path given"
        raise InputError(
            f"no labelled files (*{SUFFIX}) in: {names}; clean-news label makes them of page texts"
        )
    return sorted(found)


def read_labelled_many(paths: Iterable[str | Path]) -> Iterator[LabelledDocument]:
    r"""Read the labelled files that `find_labelled` finds, one after the other.

    Raises
    ------
    InputError, LabelError
        As `find_labelled` (at once) and `read_labelled` (when the file's turn comes).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     _ = Path(directory, "a.tsv").write_text("body\tIt rained.\n")
    ...     [document.text for document in read_labelled_many([directory])]
    ['It rained.']
    """
    files = find_labelled(paths)
    return (read_labelled(file) for file in files)


def write_labelled(document: LabelledDocument, path: str | Path) -> None:
    """Write one labelled file; a kill at any moment leaves the old file or the new, no half.

    Missing directories are made.

    Raises
    ------
    LabelError
        If a text holds surrogates, which UTF-8 cannot.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> document = LabelledDocument("a", ("It rained.",), ("body",), "example.org")
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write_labelled(document, f"{directory}/a.tsv")
    ...     read_labelled(f"{directory}/a.tsv") == document
    True
    """
    try:
        data = format_labelled(document).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LabelError(f"document {document.id!r} cannot be written as UTF-8: {error}") from error
    write_file(str(path), data)


class ConflictError(OutputError):
    """The file is no longer what it was when it was read."""


def read_version(path: Path) -> tuple[LabelledDocument, str]:
    r"""Read a labelled file, and tell its version.

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
    ...     document, version = read_version(path)
    >>> document.labels
    ('body',)
    """
    data = _read(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not UTF-8; labelled files must be UTF-8"
        ) from error
    return parse_labelled(text, str(path)), digest(data)


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
    with lock_directory(str(path.parent), waits=True):
        found = digest(_read(path)) if path.exists() else None
        if found != version:
            what = "exists already" if version is None else "was changed by somebody else"
            raise ConflictError(f"{path} {what if found else 'is gone'}")
        write_labelled(document, path)
    return digest(format_labelled(document).encode("utf-8"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read labelled file {path}: {error.strerror}") from error
