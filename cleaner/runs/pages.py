"""Read HTML pages as a run's settings say, and put their metadata and headline before the text."""

from __future__ import annotations

import json
import re

from cleaner.runs.settings import PageSettings
from cleaner.text import (
    Metadata,
    PageLines,
    encode_text,
    read_html,
    read_metadata,
)

# What stands in no YAML but as an escape (YAML 1.2, 5.1).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def parse_page(html: str, settings: PageSettings) -> tuple[PageLines, Metadata]:
    """Read the lines of a page, and its metadata: empty if no setting needs them.

    Raises
    ------
    InputError
        If the parser cannot stand the page.
    MissingExtraError
        If a package is not installed.
    """
    lines = read_html(html, markdown=settings.markdown)
    wanted = settings.with_metadata or settings.keep_title
    return lines, read_metadata(html) if wanted else Metadata()


def add_title(data: bytes, metadata: Metadata, settings: PageSettings) -> bytes:
    r"""Put the headline before a text.

    Examples
    --------
    >>> add_title(b"It rained.\n", Metadata("Rain"), PageSettings(keep_title=True))
    b'Rain\n\nIt rained.\n'
    """
    if not settings.keep_title or not metadata.title:
        return data
    title = ("# " if settings.markdown else "") + metadata.title
    return encode_text(title) + (b"\n\n" + data if data else b"\n")


def add_header(data: bytes, metadata: Metadata, settings: PageSettings) -> bytes:
    r"""Put what a page says of its article before a text, as YAML front matter.

    Examples
    --------
    >>> add_header(b"It rained.\n", Metadata("Rain"), PageSettings(with_metadata=True))
    b'---\ntitle: "Rain"\n---\n\nIt rained.\n'
    """
    if not settings.with_metadata:
        return data
    # Texts in JSON are texts in YAML, but for what cannot be printed.
    rows = [
        f"{name}: {_UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))}"
        for name, value in metadata.to_dict().items()
        if value
    ]
    return encode_text("\n".join(["---", *rows, "---", ""])) + (b"\n" + data if data else b"")


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
