"""Tell files of records by their names, and read one row of them."""

from __future__ import annotations

import os
import re

from cleaner.errors import InputError, OutputError
from cleaner.files import warc
from cleaner.files.json_lines import JsonLines
from cleaner.files.names import is_archive, is_html, kind_and_packing
from cleaner.files.rows import RecordFormat
from cleaner.files.tables import ARROW, PARQUET

_ROW = re.compile(r"(.+):([0-9]{1,12})", re.DOTALL)


def record_format(path: str) -> RecordFormat | None:
    """Tell by its name what kind of records a file holds; None for any other file.

    Examples
    --------
    >>> record_format("a.jsonl.zst"), record_format("a.txt")
    (JsonLines(compression='zst'), None)
    """
    kind, packing = kind_and_packing(path)
    if kind == "json":
        return JsonLines(packing)
    tables: dict[str, RecordFormat] = {"parquet": PARQUET, "arrow": ARROW, "warc": warc}
    return tables.get(kind)


def holds_html(path: str) -> bool:
    """Tell by its name whether a file, or the row that "FILE:NUMBER" names, is a page of HTML.

    Examples
    --------
    >>> holds_html("a.html"), holds_html("a.warc.gz:7"), holds_html("a.jsonl:7")
    (True, True, False)
    """
    match = _ROW.fullmatch(path)
    return is_html(path) or (match is not None and is_archive(match[1]))


def check_formats(source: str, target: str) -> None:
    """Refuse to write records as text, text as records, or anything as WARC.

    Raises
    ------
    OutputError
        With the ending to give.

    Examples
    --------
    >>> check_formats("a.jsonl", "b.parquet")
    """
    before, after = record_format(source), record_format(target)
    if is_archive(target) or (is_archive(source) and after is None):
        raise OutputError(
            f"the pages of a WARC file become records: give OUTPUT {target} the ending .jsonl or"
            " .parquet"
        )
    if (before is None) != (after is None):
        kinds = ["text" if one is None else "records" for one in (before, after)]
        ending = ".txt" if before is None else ".jsonl or .parquet"
        raise OutputError(
            f"OUTPUT {target} would be {kinds[1]} by its name, but INPUT {source} is {kinds[0]};"
            f" give it an ending such as {ending}"
        )


def read_row(path: str, field: str) -> str | None:
    """Read the text of one row, "FILE:NUMBER" from 1; None if that is not what the path says.

    In JSON Lines the number is that of the line.

    Raises
    ------
    InputError
        If there is no such row, or it has no text.
    MissingExtraError
        If Arrow is needed and not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.jsonl").write_bytes(b'{"text": "It rained."}')
    ...     read_row(f"{directory}/a.jsonl:1", "text")
    'It rained.'
    """
    match = _ROW.fullmatch(path)
    reader = record_format(match[1]) if match else None
    if match is None or reader is None or os.path.lexists(path):
        return None
    name, number = match[1], int(match[2])
    last = 0
    try:
        for batch in reader.read(name, field):
            last = batch.numbers[-1]
            if number in batch.reasons:
                raise InputError(f"{name}: row {number} {batch.reasons[number]}")
            if batch.numbers[0] <= number <= last:
                text = batch.texts[number - batch.numbers[0]]
                if text is not None:
                    return text
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    raise InputError(f"{name}: there is no row {number} with a text; its last row is {last}")
