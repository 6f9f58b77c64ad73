"""Find pages that occur several times among page records, and choose which of them to use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from cleaner.articles import WEIGHTS
from cleaner.matching import split_tokens
from cleaner.page_records import Page

# Tokens in a row that are compared; eight hardly ever agree by chance.
SHINGLE = 8
# An article is known by its smallest shingle hashes, so many of them at most.
SKETCH = 64
# Two articles are one if they share so much of the smaller sketch.
SHARE = 0.8
# Shorter articles are compared by address only (in tokens).
MIN_TOKENS = 50

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
    >>> from cleaner.articles import Article
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


def sketch(text: str) -> frozenset[int]:
    """Sketch a text: the smallest hashes of its eight-token shingles; empty if it is short.

    Examples
    --------
    >>> rain = " ".join(f"On day {day} it rained." for day in range(20))
    >>> len(sketch(rain)), sketch(rain) == sketch(rain.upper()), len(sketch("It rained."))
    (64, True, 0)
    """
    tokens = split_tokens(text)
    if len(tokens) < MIN_TOKENS:
        return frozenset()
    shingles = {" ".join(tokens[k : k + SHINGLE]) for k in range(len(tokens) - SHINGLE + 1)}
    hashes = (
        int.from_bytes(blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest())
        for shingle in shingles
    )
    return frozenset(sorted(hashes)[:SKETCH])
