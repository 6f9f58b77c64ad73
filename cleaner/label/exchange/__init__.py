"""Exchange labelled documents with annotation tools: read and write their files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from cleaner.errors import InputError, LabelError, OutputError
from cleaner.files import SUFFIX, write_file, write_labelled
from cleaner.label.exchange import doccano, label_studio, prodigy, table
from cleaner.label.exchange.spans import told_where
from cleaner.labelled import LabelledDocument, format_labelled
from cleaner.text import hash_text

# Of a labelled file's name, made of an id; file systems take 255 in all.
_NAME_BYTES = 150
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Modules that `write` documents as a text, and `read` them from it.
FORMATS = {
    "label-studio": label_studio,
    "doccano": doccano,
    "prodigy": prodigy,
    "tsv": table,
}


def export_documents(
    documents: Iterable[LabelledDocument], path: str | Path, format_name: str
) -> int:
    """Write labelled documents as one file of an annotation tool.

    Returns
    -------
    int
        The number of documents.

    Raises
    ------
    LabelError
        If two documents have the same id, or a text holds surrogates, which UTF-8 cannot.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> document = LabelledDocument("a", ("Sport", "It rained."), ("clutter", "body"), "x.org")
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     number = export_documents([document], f"{directory}/all.jsonl", "prodigy")
    ...     read_exchanged(f"{directory}/all.jsonl", "prodigy") == [document]
    True
    """
    listed = list(documents)
    _check_ids(listed, str(path))
    text: str = FORMATS[format_name].write(listed)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise LabelError(f"{path}: the documents cannot be written as UTF-8: {error}") from error
    write_file(str(path), data)
    return len(listed)


def read_exchanged(path: str | Path, format_name: str) -> list[LabelledDocument]:
    """Read the file of an annotation tool.

    Only what a person has decided becomes a label; what a model has proposed becomes a guess.

    Raises
    ------
    InputError
        If the file cannot be read, or is neither UTF-8 nor UTF-16 with its mark (which Excel calls
        Unicode Text).
    LabelError
        If it does not follow the format, or two documents have the same id.

    Examples
    --------
    See `export_documents`.
    """
    try:
        data = Path(path).read_bytes()
        text = data.decode("utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not {error.encoding.upper()}; save it as UTF-8"
        ) from error
    with told_where(str(path)):
        documents: list[LabelledDocument] = FORMATS[format_name].read(text, str(path))
    _check_ids(documents, str(path))
    return documents


def import_exchanged(
    paths: Sequence[str | Path], directory: str | Path, format_name: str, force: bool = False
) -> int:
    r"""Turn files of an annotation tool into labelled files DIRECTORY/ID.tsv.

    Parameters
    ----------
    force
        Overwrite labelled files that differ; without it, nothing at all is written then.

    Returns
    -------
    int
        The number of documents.

    Raises
    ------
    InputError, LabelError
        As `read_exchanged`.
    OutputError
        If a file exists and differs, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     _ = Path(directory, "all.tsv").write_text("label\ttext\nbody\tIt rained.\n")
    ...     number = import_exchanged([f"{directory}/all.tsv"], f"{directory}/labelled", "tsv")
    ...     [path.name for path in Path(directory, "labelled").iterdir()]
    ['all.tsv']
    """
    documents = [document for path in paths for document in read_exchanged(path, format_name)]
    _check_ids(documents, " and ".join(map(str, paths)))
    targets = [Path(directory, f"{_file_name(document.id)}{SUFFIX}") for document in documents]
    if not force:
        _refuse_to_overwrite(documents, targets)
    for document, target in zip(documents, targets, strict=True):
        write_labelled(document, target)
    return len(documents)


def _check_ids(documents: Iterable[LabelledDocument], where: str) -> None:
    seen: dict[str, str] = {}
    for document in documents:
        name = _file_name(document.id)
        if name in seen:
            raise LabelError(
                f"{where}: documents {seen[name]!r} and {document.id!r} would have the same name;"
                " give every document an id of its own"
            )
        seen[name] = document.id


def _file_name(document_id: str) -> str:
    """Make an id from elsewhere a safe file name.

    >>> _file_name("a.html_text"), _file_name("../news/7?x=1")
    ('a.html_text', 'news_7_x=1')
    """
    name = re.sub(r"[^\w.=+,@() -]+", "_", document_id).strip("._ ") or "document"
    encoded = name.encode("utf-8", "replace")
    if len(encoded) <= _NAME_BYTES:
        return name
    return f"{encoded[:_NAME_BYTES].decode('utf-8', 'ignore')}-{hash_text(name):x}"


def _differs(path: Path, content: bytes) -> bool:
    """Tell if something else is there."""
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _refuse_to_overwrite(documents: Iterable[LabelledDocument], targets: Iterable[Path]) -> None:
    differing = [
        target
        for document, target in zip(documents, targets, strict=True)
        if _differs(target, format_labelled(document).encode("utf-8", "replace"))
    ]
    if differing:
        raise OutputError(
            f"{len(differing)} labelled file{'s' * (len(differing) > 1)} would be overwritten with"
            f" others, such as {differing[0]}; nothing was written: choose another directory, or"
            " use --force"
        )
