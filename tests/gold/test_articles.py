"""What a page record says about its article: which source wins, and what is refused."""

import json
from typing import Any

import pytest

from cleaner.errors import InputError
from cleaner.gold.articles import Article, find_article_body, read_article

SENTENCES = [f"On day {day} the river rose by another {day + 2} centimetres." for day in range(15)]


def html_with_json_ld(*bodies: object) -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps({"articleBody": body})}</script>'
        for body in bodies
    )
    return f"<html><head>{scripts}</head><body><p>Page</p></body></html>"


def test_complete_gold_with_everything() -> None:
    record = {
        "title": "Ferry returns",
        "html": html_with_json_ld(" ".join(SENTENCES)),
        "gold": {
            "kind": "parser",
            "body": ["In short: a ferry.", "It sails.", "What next", "It stops."],
            "parts": ["summary", "paragraph", "headline", "paragraph"],
            "snippets": ["It sails."],
            "not_body": ["Share"],
        },
        "consensus": {"body": ["Something else"]},
    }
    assert read_article(record, "here") == Article(
        kind="parser",
        paragraphs=("In short: a ferry.", "It sails.", "What next", "It stops."),
        standfirst=frozenset({0}),
        inside=("It sails.",),
        outside=("Share",),
        title="Ferry returns",
    )


def test_the_pages_own_text_beats_the_consensus_that_supports_it() -> None:
    record = {
        "html": html_with_json_ld("\n".join(SENTENCES)),
        "gold": {"kind": "segments", "body": [SENTENCES[3]], "not_body": ["Share"]},
        "consensus": {"body": [*SENTENCES[:14], "A caption."], "unsure": ["By Ann"]},
    }
    article = read_article(record, "here")
    assert article == Article(
        kind="json-ld",
        paragraphs=tuple(SENTENCES),
        unsure=(*SENTENCES[:14], "A caption.", "By Ann"),
        inside=(SENTENCES[3],),
        outside=("Share",),
    )


@pytest.mark.parametrize(
    ("own", "agreed"),
    [
        (SENTENCES[:5], SENTENCES),  # cut to a teaser
        (SENTENCES[:2], SENTENCES[:2]),  # too short to tell
        ([*SENTENCES, *["Buy a boat, buy a boat, buy a boat."] * 30], SENTENCES),  # mostly more
        (["Snow fell on another page than this one, all day and all night."] * 20, SENTENCES),
    ],
    ids=["teaser", "short", "more", "other"],
)
def test_the_consensus_beats_a_text_of_the_page_that_it_does_not_support(
    own: list[str], agreed: list[str]
) -> None:
    record = {"html": html_with_json_ld("\n".join(own)), "consensus": {"body": agreed}}
    article = read_article(record, "here")
    assert article == Article(kind="consensus", paragraphs=tuple(agreed))


def test_without_a_consensus_the_pages_own_text_is_believed() -> None:
    article = read_article({"html": html_with_json_ld("\n".join(SENTENCES))}, "here")
    assert article is not None
    assert (article.kind, article.is_complete) == ("json-ld", False)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"gold": None, "consensus": None},
        {"gold": {"kind": "prefix", "body": ["The ferry"]}, "consensus": {"body": []}},
        {"html": html_with_json_ld("Too short to be trusted.")},
    ],
)
def test_nothing_known(record: dict[str, Any]) -> None:
    assert read_article(record, "here") is None


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"gold": ["a"]}, "here: gold must be an object, not list"),
        ({"consensus": "a"}, "here: consensus must be an object, not str"),
        ({"gold": {"kind": "guess", "body": []}}, "here: gold kind 'guess' is not one of: annotat"),
        ({"gold": {"kind": "parser", "body": "text"}}, "here: body must be a list of texts"),
        ({"gold": {"kind": "parser", "body": [1]}}, "here: body must be a list of texts"),
        ({"consensus": {"body": [], "unsure": {}}}, "here: unsure must be a list of texts"),
    ],
)
def test_what_has_not_its_form_is_named(record: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        read_article(record, "here")
    assert str(error.value).startswith(message)


def test_article_body_is_found_anywhere_and_made_plain() -> None:
    graph = {
        "@graph": [{"@type": "WebPage"}, {"articleBody": "<p>Rain &amp;amp; snow.</p><p>Sun</p>"}]
    }
    html = (
        f"<SCRIPT id='x' type='application/ld+json' async>\n{json.dumps(graph)}\n</SCRIPT>"
        + html_with_json_ld("Short", None, 7)
        + '<script type="application/ld+json">{"articleBody": "broken" "json"}</script>'
        + '<script>{"articleBody": "not JSON-LD, and far longer than all of the others"}</script>'
    )
    assert find_article_body(html) == ("Rain & snow.", "Sun")


def test_article_body_of_hostile_pages() -> None:
    deep = '{"articleBody":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert find_article_body(f'<script type="application/ld+json">{deep}</script>') == ()
    assert find_article_body('<script type="application/ld+json">' * 20_000) == ()
