"""Find pages that occur several times among page records, and choose which of them to use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from cleaner.gold.articles import WEIGHTS
from cleaner.gold.records import Page
from cleaner.text import SHARE, sketch

_PATH = re.compile(r"https?://(?:www\.)?([^/?#]+/[^#]*[^#/])/?(?:#.*)?", re.I | re.S)


def find_copies(pages: Iterable[Page]) -> frozenset[str]:
    """Find the pages that are copies of a better one: same address, or nearly the same article.

    Of several copies the one with the best gold stays, and of equals the first. Pages without an
    article are left alone.

    Returns
    -------
    frozenset of str
        Ids of the copies. About two kilobytes of memory are needed for a page.

    Examples
    --------
    >>> from cleaner.gold.articles import Article
    >>> def page(name, kind):
    ...     article = Article(kind, ("It rained all night.",))
    ...     return Page(name, "s", "x.org", "https://x.org/rain", "", "<p>", None, article)
    >>> find_copies([page("silver", "consensus"), page("gold", "annotated")])
    frozenset({'silver'})
    """
    known = [
        (WEIGHTS[page.article.kind], page.id, plain_address(page.url), sketch(page.article.text))
        for page in pages
        if page.article is not None
    ]
    known.sort(key=lambda entry: -entry[0])  # stable: equals stay in their order
    copies: set[str] = set()
    addresses: set[str] = set()
    pages_with: dict[int, list[int]] = {}  # hash -> places in `known`
    for place, (_, identifier, address, hashes) in enumerate(known):
        shared = Counter(other for value in hashes for other in pages_with.get(value, ()))
        if (address and address in addresses) or any(
            count >= SHARE * min(len(hashes), len(known[other][3]))
            for other, count in shared.items()
        ):
            copies.add(identifier)
            continue
        addresses.add(address)
        for value in hashes:
            pages_with.setdefault(value, []).append(place)
    return frozenset(copies)


def plain_address(url: str) -> str:
    """Reduce an address to what names its page; "" for a site's front page.

    Examples
    --------
    >>> plain_address("https://www.example.org/rain/#comments")
    'example.org/rain'
    >>> plain_address("https://example.org/")
    ''
    """
    match = _PATH.fullmatch(url.strip())
    return match.group(1).lower() if match else ""
