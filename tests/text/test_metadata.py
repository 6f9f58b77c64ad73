"""What a page says of itself: where its title is found, and that nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text import Metadata, read_metadata

pytest.importorskip("extruct")

HEAD = "<title>Rain in Holm - The Holm Courier</title>"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<meta property='og:title' content='It rained'>" + HEAD, "It rained"),
        ("<meta name=title content='It rained'>" + HEAD, "It rained"),
        (HEAD, "Rain in Holm - The Holm Courier"),
        # The main heading is the title without the name of the site, if it is the only one.
        (HEAD + "<h1>Rain  in\nHolm</h1>", "Rain in Holm"),
        (HEAD + "<h1>Rain in Holm</h1><h1>Sport</h1>", "Rain in Holm - The Holm Courier"),
        (HEAD + "<h1>Courier of the year</h1>", "Rain in Holm - The Holm Courier"),
        (HEAD + "<h1></h1>", "Rain in Holm - The Holm Courier"),
        ("<body><svg><title>Icon</title></svg><title>Rain</title>", "Rain"),
        ("<body><svg><title>Icon</title></svg><h1>Icon</h1>", ""),
        ("<title> </title><h1>Rain</h1>", ""),
        ("<h1>Rain</h1>", ""),
    ],
)
def test_the_title_is_that_of_the_metadata_or_of_the_page(page: str, title: str) -> None:
    assert read_metadata(page).title == title


@pytest.mark.parametrize(
    ("page", "language"),
    [
        ("<html lang=en-GB><meta http-equiv=Content-Language content=de>", "en-GB"),
        ("<meta property='og:locale' content=fr_CA><meta name=language content=de>", "fr_CA"),
        ("<meta http-equiv=Content-Language content=de><p>Es regnet.", "de"),
        ("<meta name=language content=de><p>Es regnet.", "de"),
        ("<meta http-equiv=refresh content=5><p>Es regnet.", ""),
    ],
)
def test_the_language_is_what_the_page_says(page: str, language: str) -> None:
    assert read_metadata(page).language == language


@pytest.mark.parametrize(("length", "is_taken"), [(1000, True), (1001, False)])
def test_a_very_long_title_is_none(length: int, is_taken: bool) -> None:
    title = "x" * length
    assert read_metadata(f"<title>{title}</title>").title == title * is_taken


PAGE_ITEM = '{"@type":"WebPage","name":"Holm"}'
ARTICLE_ITEM = '{"@type":"NewsArticle","headline":"Rain"}'


@pytest.mark.parametrize(
    ("items", "title"),
    [
        (PAGE_ITEM, "Holm"),
        (f'{{"@graph":[{PAGE_ITEM},{ARTICLE_ITEM}]}}', "Rain"),
        ('{"@type":"Person","name":"Jane Roe"}', ""),
    ],
)
def test_an_article_says_more_than_the_page_it_stands_on(items: str, title: str) -> None:
    page = f"<script type='application/ld+json'>{items}</script>"
    assert read_metadata(page).title == title


def test_a_page_that_says_nothing_has_no_metadata() -> None:
    assert read_metadata("<p>By Jane Roe, 4 March 2024. It rained.") == Metadata()


def test_what_cannot_be_extracted_takes_nothing_else_with_it() -> None:
    page = (
        "<html lang=en><title>Rain</title><div itemscope itemtype='https://schema.org/Article'>"
        "<meta name=author content='Jane Roe'>\x08"
    )
    assert read_metadata(page) == Metadata(title="Rain", author="Jane Roe", language="en")


PIECES = st.sampled_from([
    "<title>", "</title>", "<h1>", "</h1>", "<svg>", "<meta name=author content=", "'", '"', ">",
    "<meta property='og:title' content='", '<script type="application/ld+json">', "</script>",
    '{"@type":"NewsArticle","headline":', "[", "]", "{", "}", "null", "<html lang=", "\0", "\ud800",
    "<link rel=canonical href=", "<div itemscope itemtype='https://schema.org/Article'>", " ", "x",
])  # fmt: skip


@given(st.lists(PIECES | st.characters(), max_size=25).map("".join))
def test_any_page_has_metadata_of_bounded_length(page: str) -> None:
    assert all(len(value) <= 1000 for value in read_metadata(page).to_dict().values())
