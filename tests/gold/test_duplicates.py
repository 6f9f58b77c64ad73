"""Copies among pages: which are found, and which of them stays."""

from typing import Any

import pytest

from cleaner.gold import Page, find_copies
from cleaner.gold.articles import Article
from cleaner.text import sketch

RAIN = [f"On day {day} the river rose by another {day + 2} centimetres." for day in range(15)]
SNOW = [f"In week {week} the snow lay {week + 7} metres deep on the pass." for week in range(15)]


def page(name: str, body: list[str], url: str = "", kind: Any = "consensus") -> Page:
    article = Article(kind, tuple(body))
    return Page(name, "set", "source", url, "en", "<p></p>", None, article)


def test_the_page_with_the_best_gold_stays_and_of_equals_the_first() -> None:
    pages = [
        page("silver", RAIN),
        page("gold", RAIN, kind="annotated"),
        page("more gold", RAIN, kind="parser"),
        page("own", RAIN, kind="json-ld"),
        page("other", SNOW),
    ]
    assert find_copies(pages) == {"silver", "more gold", "own"}
    assert find_copies(reversed(pages)) == {"silver", "gold", "own"}


def test_nearly_the_same_article_is_a_copy() -> None:
    assert find_copies([page("a", RAIN), page("b", RAIN[1:])]) == {"b"}
    assert find_copies([page("a", RAIN), page("b", [*RAIN, "By our own reporter"])]) == {"b"}
    assert find_copies([page("a", RAIN), page("b", RAIN[:8] + SNOW[8:])]) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "is_copy"),
    [
        ("https://www.example.org/news/1/", "http://example.org/news/1#top", True),
        ("https://www.example.org/news/1/", "http://example.org/news/2", False),
        ("HTTPS://Example.org/A/", "https://example.org/a", True),
        ("https://example.org/a?id=2", "https://example.org/a?id=2", True),
        ("https://example.org/a?id=2", "https://example.org/a?id=3", False),
        ("https://example.org/?id=2", "https://example.org/?id=2", True),
        # Front pages, and what is no address, name no page.
        ("https://example.org", "https://example.org", False),
        ("https://example.org/", "https://example.org/#top", False),
        ("file:///tmp/x", "file:///tmp/x", False),
        ("", "", False),
    ],
)
def test_the_same_address_is_a_copy(one: str, other: str, is_copy: bool) -> None:
    assert find_copies([page("a", RAIN, one), page("b", SNOW, other)]) == (
        {"b"} if is_copy else frozenset()
    )


def test_front_pages_short_texts_and_unknown_articles_are_no_copies() -> None:
    nothing = Page("c", "set", "source", "", "en", None, "", None)
    pages = [page("a", ["Rain."], "https://example.org/"), page("b", ["Rain."]), nothing, nothing]
    assert find_copies(pages) == frozenset()


def test_a_sketch_does_not_depend_on_layout() -> None:
    assert sketch("\n\n".join(RAIN)) == sketch(" ".join(RAIN).replace(".", " –"))
