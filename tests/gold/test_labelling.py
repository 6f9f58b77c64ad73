"""Labels of page lines from partial and contradictory knowledge about the article."""

import pytest

from cleaner.gold.alignment import align_lines
from cleaner.gold.articles import Article, read_article
from cleaner.gold.labelling import fit, label_page_text
from cleaner.labelled import Label

FERRY = (
    "The old ferry will sail again from Monday, the harbour office said.",
    "It had been in dock since a storm tore off its bow door in March.",
    "The fare stays the same, and dogs still travel free of charge.",
)


def labels(lines: list[str], article: Article) -> list[Label | None]:
    return label_page_text(lines, article)


def test_a_standfirst_is_unlabelled() -> None:
    article = Article("parser", FERRY, standfirst=frozenset({0}))
    assert labels(["Home", *FERRY], article) == ["clutter", None, "body", "body"]


def test_unsure_lines_are_unlabelled_but_not_body() -> None:
    article = Article("consensus", FERRY, unsure=("By Ida Berg, harbour", "Share", FERRY[2]))
    lines = ["By Ida Berg, harbour", "Share", "", *FERRY, "Share", "Imprint"]
    expected = [None, None, None, "body", "body", "body", None, "clutter"]
    assert labels(lines, article) == expected


def test_short_agreed_lines_that_are_not_placed_are_unsure() -> None:
    lines = ["Fares", *["menu item"] * 12, *FERRY]
    article = Article("consensus", (*FERRY[:2], "Fares", FERRY[2]), unsure=("x",))
    assert labels(lines, article)[0] is None
    gold = Article("annotated", (*FERRY[:2], "Fares", FERRY[2]))
    assert labels(lines, gold)[0] == "clutter"


def test_the_headline_is_clutter_even_where_extractors_keep_it() -> None:
    headline = "Ferry sails again on Monday"
    lines = [headline, *FERRY]
    silver = Article("consensus", (headline, *FERRY), title="Ferry sails again on Monday!")
    assert labels(lines, silver) == ["clutter", "body", "body", "body"]
    gold = Article("annotated", (headline, *FERRY), title=headline)
    assert labels(lines, gold) == ["body"] * 4  # scores are measured against all of gold


@pytest.mark.parametrize(("kind", "label"), [("consensus", "clutter"), ("annotated", None)])
def test_a_passage_that_must_be_out(kind: str, label: Label | None) -> None:
    credit = "Photo by the harbour office archive"
    article = Article(kind, (*FERRY, credit), outside=("harbour office archive", "office", "…"))  # type: ignore[arg-type]
    lines = [*FERRY, credit, "Photo by the harbour office archive"[9:]]
    assert labels(lines, article)[:3] == ["body"] * 3  # "office" is but a small part of a line
    outside = Article(kind, (*FERRY, credit), outside=(credit,))  # type: ignore[arg-type]
    assert labels(lines, outside)[3] == label


def test_a_passage_that_must_be_in() -> None:
    note = "Tickets are sold on the pier from six o'clock."
    article = Article("consensus", FERRY, inside=("Tickets are sold on the pier", "Home"))
    assert labels(["Home", *FERRY, note], article) == ["clutter", "body", "body", "body", "body"]
    twice = labels([note, *FERRY, note], article)
    assert twice == [None, "body", "body", "body", None]  # which of the two is not known
    known = Article("consensus", (*FERRY, note), inside=("Tickets are sold on the pier",))
    assert labels([*FERRY, note, "Menu", note], known) == ["body"] * 4 + ["clutter"] * 2


def test_a_second_copy_of_the_article_is_unlabelled_but_a_teaser_is_clutter() -> None:
    article = Article("annotated", FERRY)
    assert labels([*FERRY, "Print view", *FERRY], article) == [
        *["body"] * 3,
        "clutter",
        *[None] * 3,
    ]
    assert labels([FERRY[0], "Read on", *FERRY], article)[:2] == ["clutter", "clutter"]


def test_the_lines_are_left_as_they_are() -> None:
    lines = ["Home", "", *FERRY]
    before = list(lines)
    labels(lines, Article("consensus", FERRY, unsure=("Home",), inside=("a b c d",)))
    assert lines == before


def test_fit_is_token_f1_of_the_body_lines() -> None:
    gold = ["one two three four", "five six seven eight"]
    lines = ["menu", "one two three four"]
    assert fit(align_lines(lines, gold), 8) == pytest.approx(2 * 4 / (4 + 8))
    assert fit(align_lines(gold, gold), 8) == 1
    assert fit(align_lines(["one menu item"], gold), 8) == 0
    assert fit([], 0) == 1


def test_lines_of_complete_gold_that_are_unsure_have_no_label() -> None:
    record = {
        "gold": {
            "kind": "annotated",
            "body": ["11 May 2012", "Rain fell all night in the north, the ministry said."],
            "unsure": ["11 May 2012"],
        }
    }
    article = read_article(record, "a")
    assert article is not None
    lines = ["Home", "11 May 2012", "", *article.paragraphs[1:], "12 May 2012"]
    assert label_page_text(lines, article) == ["clutter", None, None, "body", "clutter"]
