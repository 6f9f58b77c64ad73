"""Judge the lines of one file, to show them."""

from __future__ import annotations

import tempfile

from cleaner.cleaning import Line
from cleaner.files import (
    fetch_named,
    holds_html,
    is_address,
    read_page_file,
    read_row,
    read_text,
    record_format,
    stored_name,
)
from cleaner.runs.settings import RunSettings


def explain_file(path: str, settings: RunSettings) -> tuple[list[Line], float]:
    """Judge each line of a text, a page of HTML, or a row of a file of records, and say why.

    Parameters
    ----------
    path
        Of the file, or its address; of a row, "FILE:NUMBER".
    settings
        Model, threshold, and the field of records.

    Returns
    -------
    list of Line
    float
        The threshold of lines that are kept.

    Raises
    ------
    InputError
        If it cannot be read.
    ModelError
        If the model cannot be loaded.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"Home | News | Sport")
    ...     lines, threshold = explain_file(f"{directory}/a.txt", RunSettings())
    >>> lines[0].label
    'clutter'
    """
    if is_address(path):
        address, colon, row = path.rpartition(":")
        if record_format(stored_name(address)) is None:
            address, colon, row = path, "", ""
        with tempfile.TemporaryDirectory(prefix="clean-news-") as directory:
            local = fetch_named(address, f"{directory}/in")
            return explain_file(local + colon + row, settings)
    fields = settings.records
    of_html = bool(fields.html_field) or holds_html(path)
    cleaner = settings.load_cleaner(of_html=of_html)
    text = read_row(path, fields.html_field or fields.text_field)
    if text is None:
        text = read_page_file(path) if of_html else read_text(path)
    return cleaner.explain_html(text) if of_html else cleaner.explain(text), cleaner.threshold
