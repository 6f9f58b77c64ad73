"""Read page records: JSON Lines files with one page a line, as HTML or text, and its article.

A record is an object with `id`, `html` or `text`, and what is known about the article (`gold`,
`consensus`, or a JSON-LD articleBody in the HTML; see `cleaner.gold.articles`). `set`, `publisher`,
`url`, `lang` and `title` may be left out.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from cleaner.errors import InputError
from cleaner.gold.articles import Article, read_article

# Characters of an id that are kept in file names; the view and ".tsv" come behind it.
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 120
_CANONICAL = re.compile(
    r"<(?:link\b[^<>]{0,200}\brel=[\"']?canonical\b|meta\b[^<>]{0,200}\bog:url\b)[^<>]{0,500}>",
    re.I,
)
_ADDRESS = re.compile(r"\b(?:href|content)=[\"']?(https?://[^\"'\s<>]+)", re.I)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
# Second-level labels below which names are registered, as in example.co.uk.
_REGISTRIES = frozenset(["ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or", "org"])


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its HTML or its text, and what is known about its article.

    Attributes
    ----------
    id
        Unique among the pages read together, and a safe file name.
    set
        Name of the collection it comes from, a safe file name.
    source
        The publisher: the registered domain where an address is known.
    url, lang
        "" if unknown.
    html, text
        The page; exactly one of them is not None.
    article
        None if nothing is known about it.
    """

    id: str
    set: str
    source: str
    url: str
    lang: str
    html: str | None
    text: str | None
    article: Article | None


def read_pages(paths: Iterable[str | Path]) -> Iterator[Page]:
    """Read the pages of JSON Lines files (gzip if the name ends in .gz), in order.

    Raises
    ------
    InputError
        If a file cannot be read, or a line is not a page record; with path and line number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     path = Path(directory, "rain.jsonl")
    ...     _ = path.write_text('{"id": "a b", "html": "<p>Rain", "publisher": "www.x.org"}')
    ...     [(page.id, page.set, page.source) for page in read_pages([path])]
    [('a_b', 'rain', 'x.org')]
    """
    seen: dict[str, int] = {}
    for path in map(Path, paths):
        for number, line in _numbered_lines(path):
            page = _make_page(_parse(line, f"{path} line {number}"), path, number)
            seen[page.id] = seen.get(page.id, 0) + 1
            yield page if seen[page.id] == 1 else _renamed(page, seen)


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError as error:
        raise InputError(f"{path} line {number}: not UTF-8 (byte {error.start})") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file after line {number}: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _parse(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {error}") from None
    if not isinstance(record, dict):
        raise InputError(f"{where}: a page must be a JSON object, not {type(record).__name__}")
    return cast(dict[str, Any], record)


def _make_page(record: Mapping[str, Any], path: Path, number: int) -> Page:
    where = f"{path} line {number}"
    identifier = _text(record, "id", where)
    if not identifier:
        raise InputError(f"{where}: a page needs an id")
    html, text = (
        _text(record, name, where) if record.get(name) is not None else None
        for name in ("html", "text")
    )
    if html is None and text is None:
        raise InputError(f"{where}: page {identifier!r} has neither html nor text")
    url = _text(record, "url", where) or find_canonical_url(html or "")
    publisher = _text(record, "publisher", where)
    domain = registered_domain(url) or registered_domain(publisher)
    lang = _text(record, "lang", where)
    return Page(
        id=_safe_name(identifier),
        set=_safe_name(_text(record, "set", where) or path.name.split(".")[0]),
        source=" ".join((domain or publisher or identifier).split()),
        url=url,
        lang=lang if re.fullmatch(r"[a-z]{2,3}", lang) else "",
        html=html,
        text=text if html is None else None,
        article=read_article(record, where),
    )


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{where}: {name} must be text, not {type(value).__name__}")
    # JSON can hold half a surrogate pair, which no file and no converter accepts.
    return value.encode("utf-8", "replace").decode("utf-8")


def _safe_name(identifier: str) -> str:
    return _UNSAFE.sub("_", identifier).strip(".")[:_LONGEST_NAME] or "page"


def _renamed(page: Page, seen: dict[str, int]) -> Page:
    name = f"{page.id}_{seen[page.id]}"
    while name in seen:
        name += "_"
    seen[name] = 1
    return replace(page, id=name)


def find_canonical_url(html: str) -> str:
    """Find the address that a page gives as its own, "" if none.

    Examples
    --------
    >>> find_canonical_url('<link rel="canonical" href="https://example.org/rain">')
    'https://example.org/rain'
    """
    for tag in _CANONICAL.finditer(html):
        address = _ADDRESS.search(tag.group())
        if address:
            return address.group(1)
    return ""


def registered_domain(address: str) -> str:
    """Reduce an address or host name to the domain that its publisher registered, "" if none.

    An archived page counts for the site it was taken from.

    Examples
    --------
    >>> registered_domain("https://www.news.example.co.uk/rain"), registered_domain("uk/Metro")
    ('example.co.uk', '')
    >>> registered_domain("https://web.archive.org/web/2013/http://blog.example.org/x")
    'example.org'
    """
    address = re.split(r"https?://", address.lower())[-1]
    host = re.split(r"[/?#]", address)[0].rpartition("@")[2].split(":")[0]
    if not _HOST.fullmatch(host):
        return ""
    labels = host.split(".")
    with_registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3:] if with_registry else labels[-2:])
