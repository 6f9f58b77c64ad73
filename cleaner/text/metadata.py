"""Read what a page says of its article: in JSON-LD, microdata, Open Graph, meta tags and its title.

Nothing is guessed: what the page does not say is "".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from cleaner.errors import needing

# Types of schema.org whose items are about the article itself.
_ARTICLE_TYPES = ("article", "posting", "report", "newsarticle", "webpage")
_LONGEST = 1000  # characters of a value; more is no title


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of its article; "" for what it does not say.

    Attributes
    ----------
    title
        The headline.
    author
        Names, with a comma and a space between them.
    date
        When it was published, as the page has it: usually ISO 8601.
    language
        As the page has it: usually a code such as "en-GB".
    site
        Name of the site or publisher.
    address
        The page's own (canonical) address.
    """

    title: str = ""
    author: str = ""
    date: str = ""
    language: str = ""
    site: str = ""
    address: str = ""

    def to_dict(self) -> dict[str, str]:
        """Give the fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_metadata(html: str) -> Metadata:
    """Read the metadata of an HTML page.

    Raises
    ------
    MissingExtraError
        If the extra metadata is not installed.

    Examples
    --------
    >>> page = "<html lang=en><meta property='og:title' content='Rain'><p>It rained."
    >>> read_metadata(page)
    Metadata(title='Rain', author='', date='', language='en', site='', address='')
    """
    with needing("reading metadata needs more packages", "metadata"):
        import extruct
        from lxml.etree import ParserError
        from lxml.html import HTMLParser, document_fromstring
    try:
        tree = document_fromstring(
            html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8")
        )
    except ParserError:  # there is no element in it
        return Metadata()

    def extract(syntax: str) -> list[Any]:
        try:
            found = extruct.extract(tree, syntaxes=[syntax], errors="ignore", uniform=True)
        except KeyError:  # it looks for what it has failed to extract (extruct 0.18)
            return []
        of_syntax: list[Any] = found.get(syntax, [])
        return of_syntax

    items = [*_articles(extract("json-ld")), *_articles(extract("microdata"))]
    graph = {key: value for item in extract("opengraph") for key, value in reversed(item.items())}
    meta = _meta_tags(tree)
    links = [str(href) for href in tree.xpath("//link[@rel='canonical']/@href")]
    languages = [str(value) for value in tree.xpath("/html/@lang")]
    return Metadata(
        title=_first(
            _values(items, "headline", "name"),
            [graph.get("og:title")],
            meta("title"),
            _titles(tree),
        ),
        author=_first([_names(items, "author", "creator")], meta("author", "article:author")),
        date=_first(
            _values(items, "datePublished"),
            meta("article:published_time", "date", "datepublished", "dc.date", "pubdate"),
        ),
        language=_first(
            _values(items, "inLanguage"),
            languages,
            [graph.get("og:locale")],
            meta("content-language", "language"),
        ),
        site=_first([graph.get("og:site_name")], [_names(items, "publisher")]),
        address=_first(links, [graph.get("og:url")], _values(items, "url")),
    )


def _articles(items: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the items about articles, those of a graph among them; pages about one come last."""
    waiting = list(items)[:100]
    pages = []
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, dict):
            continue
        waiting += item.get("@graph", []) if isinstance(item.get("@graph"), list) else []
        kinds = item.get("@type", "")
        names = [str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])]
        if any(name == "webpage" for name in names):
            pages.append(item)
        elif any(name.endswith(_ARTICLE_TYPES) for name in names):
            yield item
    yield from pages


def _values(items: Iterable[Mapping[str, Any]], *names: str) -> list[Any]:
    return [item.get(name) for item in items for name in names]


def _names(items: Iterable[Mapping[str, Any]], *fields_of: str) -> str:
    """Join the names of the persons or organisations in the first field that has some."""
    for value in _values(items, *fields_of):
        people = value if isinstance(value, list) else [value]
        named = [one.get("name") if isinstance(one, dict) else one for one in people]
        names = [name.strip() for name in named if isinstance(name, str) and name.strip()]
        if names:
            return ", ".join(dict.fromkeys(name for name in names if "://" not in name))
    return ""


def _titles(tree: Any) -> Iterator[str]:
    """Yield the page's only main heading, if its title has it too, and its title.

    Titles of pages often end with the name of the site.
    """
    # Drawings have titles, too.
    titles, headings = (
        [" ".join(element.text_content().split()) for element in tree.xpath(path)]
        for path in ("//title[not(ancestor::svg)]", "//h1")
    )
    title = next(iter(titles), "")
    yield from (heading for heading in headings if heading in title and len(headings) == 1)
    yield title


def _meta_tags(tree: Any) -> Any:
    """Give a function from names of meta tags to their contents."""
    contents: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("http-equiv") or ""
        contents.setdefault(name.lower(), element.get("content") or "")

    def find(*names: str) -> list[str]:
        values = [contents.get(name, "") for name in names]
        return [value for value in values if "://" not in value]

    return find


def _first(*candidates: Iterable[Any]) -> str:
    """Take the first text that is not blank."""
    for candidate in candidates:
        for value in candidate:
            if isinstance(value, list):
                value = next(iter(value), None)
            if isinstance(value, str) and value.strip() and len(value) <= _LONGEST:
                return " ".join(value.split())
    return ""
