"""Tell by its name what a file holds, and name the file of its clean text."""

# ruff: noqa: PTH110, PTH118
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import os

# What a known ending says of a file, and how it is packed; every other file is taken for text.
_KINDS: dict[str, tuple[str, str]] = {
    f".{ending}{packing and '.'}{packing}": (kind, packing)
    for kind, endings, packings in (
        ("html", ("html", "htm"), ("", "gz", "zst")),
        ("json", ("jsonl", "ndjson"), ("", "gz", "zst")),
        ("parquet", ("parquet",), ("",)),
        ("arrow", ("arrow", "feather"), ("",)),
        ("warc", ("warc",), ("", "gz")),
        ("table", ("csv", "tsv", "json"), ("", "gz")),  # which are refused
    )
    for packing in packings
    for ending in endings
}
_ENDINGS = tuple(_KINDS)
# What is cleaned in a directory beside text files.
HTML_PATTERNS = tuple(f"*{ending}" for ending, (kind, _) in _KINDS.items() if kind == "html")
RECORD_PATTERNS = tuple(
    f"*{ending}" for ending, (kind, _) in _KINDS.items() if kind not in ("html", "table")
)


def kind_and_packing(path: str) -> tuple[str, str]:
    """Tell what a file holds (html, json, parquet, arrow, warc, table, text), and its packing.

    Examples
    --------
    >>> kind_and_packing("a.jsonl.gz"), kind_and_packing("A.HTM"), kind_and_packing("a.txt")
    (('json', 'gz'), ('html', ''), ('text', ''))
    """
    return _KINDS.get(_known_ending(path), ("text", ""))


def _known_ending(path: str) -> str:
    name = path.lower()
    if not name.endswith(_ENDINGS):
        return ""
    return next(ending for ending in _ENDINGS if name.endswith(ending))


def is_html(path: str) -> bool:
    """Tell whether a file is an HTML page.

    Examples
    --------
    >>> is_html("page.htm.gz"), is_html("page.txt")
    (True, False)
    """
    return kind_and_packing(path)[0] == "html"


def is_archive(path: str) -> bool:
    """Tell whether a file is an archive of HTML pages: WARC."""
    return kind_and_packing(path)[0] == "warc"


def output_name(directory: str, name: str) -> str:
    """Name what a file in a directory is cleaned into: pages become .txt, archives .jsonl.

    Where another file of the directory would give the same name, the page's whole name is kept:
    ``page.html.txt``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"")
    ...     output_name(directory, "a.html"), output_name(directory, "b.html")
    ('a.html.txt', 'b.txt')
    """
    if not is_html(name):
        return output_ending(name)
    stem = name[: -len(_known_ending(name))]
    endings = (".txt", *(pattern[1:] for pattern in HTML_PATTERNS))
    siblings = (stem + ending for ending in endings if stem + ending != name)
    taken = any(os.path.exists(os.path.join(directory, sibling)) for sibling in siblings)
    return f"{name}.txt" if taken else f"{stem}.txt"


def output_ending(name: str) -> str:
    """Name what a file is cleaned into, where nothing is known of other files.

    Examples
    --------
    >>> output_ending("a.html"), output_ending("a.warc.gz"), output_ending("a.jsonl")
    ('a.html.txt', 'a.warc.jsonl', 'a.jsonl')
    """
    kind, packing = kind_and_packing(name)
    if kind == "warc":
        return f"{name[: len(name) - len(packing)].rstrip('.')}.jsonl"
    return f"{name}.txt" if kind == "html" else name
