"""Further documents: what is put in is clutter, what is body stays body, and folds stay apart."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.files import read_labelled_many
from cleaner.gold import augment, bank_languages, load_bank
from cleaner.gold.reshaping import _SPEAKERS, reshape
from cleaner.labelled import LabelledDocument
from cleaner.text import split_tokens

CORPUS = Path(__file__).parents[2] / "corpus" / "labelled"


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    return list(read_labelled_many([CORPUS]))


@pytest.fixture(scope="module")
def made(documents: list[LabelledDocument]) -> list[LabelledDocument]:
    return augment(documents, 3)


@pytest.fixture(scope="module")
def originals(documents: list[LabelledDocument]) -> dict[str, LabelledDocument]:
    return {document.id: document for document in documents}


def original_of(
    document: LabelledDocument, originals: dict[str, LabelledDocument]
) -> LabelledDocument:
    name, _, number = document.id.rpartition(".augmented")
    assert number.isdecimal()
    return originals[name]


def lines_with(document: LabelledDocument, label: str) -> list[str]:
    rows = zip(document.lines, document.labels, strict=True)
    return [line for line, found in rows if found == label]


def test_most_corpus_documents_can_be_used(
    documents: list[LabelledDocument], made: list[LabelledDocument]
) -> None:
    assert len({document.id.rpartition(".")[0] for document in made}) > len(documents) / 2
    assert len({document.id for document in made}) == len(made)


def test_what_is_body_says_what_the_article_says(
    made: list[LabelledDocument], originals: dict[str, LabelledDocument]
) -> None:
    """Most lines of body are lines of the article; others are made of its words and numbers."""
    whole = cut = 0
    for document in made:
        body = lines_with(original_of(document, originals), "body")
        for line in lines_with(document, "body"):
            whole += line in body
            cut += any(line in one for one in body)
    total = sum(len(lines_with(document, "body")) for document in made)
    assert whole > 0.4 * total
    assert cut > 0.7 * total


def test_nothing_of_the_article_becomes_clutter(
    made: list[LabelledDocument], originals: dict[str, LabelledDocument]
) -> None:
    for document in made:
        original = original_of(document, originals)
        long = {line for line in lines_with(original, "body") if len(split_tokens(line)) > 40}
        assert not long & set(lines_with(document, "clutter"))


def test_documents_keep_all_but_their_lines(
    made: list[LabelledDocument], originals: dict[str, LabelledDocument]
) -> None:
    for document in made:
        original = original_of(document, originals)
        assert (document.source, document.lang) == (original.source, original.lang)
        assert document.weight == original.weight
        assert "body" in document.labels


def test_many_kinds_of_pages_are_made(made: list[LabelledDocument]) -> None:
    spaced = sum("" in document.lines for document in made) / len(made)
    short = sum(len(lines_with(document, "body")) <= 5 for document in made) / len(made)
    assert 0.3 < spaced < 0.9
    assert 0.2 < short < 0.8


def test_no_template_is_used_that_is_held_out(made: list[LabelledDocument]) -> None:
    lines = {line for document in made for line in document.lines}
    used = 0
    for lang in bank_languages():
        for template in load_bank(lang).templates:
            plain = [line for line in template.lines if "{" not in line and len(line) > 25]
            used += bool(set(plain) & lines)
            assert not (template.is_held_out and set(plain) & lines), template
    assert used > 20


def test_clutter_between_paragraphs_weighs_more(made: list[LabelledDocument]) -> None:
    heavier = 0
    for document in made:
        body = [number for number, label in enumerate(document.labels) if label == "body"]
        for number, weight in enumerate(document.line_weights):
            is_between = document.labels[number] == "clutter" and body[0] < number < body[-1]
            assert (weight > 1) == is_between
            heavier += is_between
    assert heavier > len(made) / 2


def test_topics_stand_behind_the_article(made: list[LabelledDocument]) -> None:
    known = {
        lines[0]
        for lang in bank_languages()
        for kind, lines in [(one.kind, one.lines) for one in load_bank(lang).templates]
        if kind == "tags" and "{" not in lines[0] and len(lines[0]) > 5
    }
    places = [
        (number, max(n for n, label in enumerate(document.labels) if label == "body"))
        for document in made
        for number, line in enumerate(document.lines)
        if line in known and document.labels[number] == "clutter"
    ]
    assert places
    behind = sum(number > last for number, last in places)
    assert behind / len(places) > 0.8  # the others are lines of the pages themselves


def test_lines_come_from_sources_of_the_same_part_only(documents: list[LabelledDocument]) -> None:
    """Every document says its part in all of its lines."""
    marked = [
        replace(
            document,
            lines=tuple(
                f"{line} part{'ab'[number % 2]}" if line.strip() else "" for line in document.lines
            ),
            source=f"{number % 2} {document.source}",
        )
        for number, document in enumerate(documents)
    ]
    apart = augment(marked, 2, part_of=lambda source: int(source[0]))
    together = augment(marked, 2)

    def strangers(some: list[LabelledDocument]) -> int:
        other = {"0": "partb", "1": "parta"}
        return sum(other[one.source[0]] in line for one in some for line in one.lines)

    assert strangers(together) > 0
    assert strangers(apart) == 0


def test_captions_are_those_of_the_document(documents: list[LabelledDocument]) -> None:
    captions = {one.id: (f"A picture of {one.id} and its people",) for one in documents}
    found = 0
    for document in augment(documents, 3, captions):
        name = document.id.rpartition(".")[0]
        for line, label in zip(document.lines, document.labels, strict=True):
            if line.startswith("A picture of "):
                assert (line, label) == (captions[name][0], "clutter")
                found += 1
    assert found > 10


def test_the_same_documents_give_the_same(documents: list[LabelledDocument]) -> None:
    assert augment(documents, 0.5) == augment(documents, 0.5)
    assert augment(documents, 0) == []


PARAGRAPHS = (
    "The council of Holm said on Monday that it would keep the bridge, the mill, and the old quay.",
    "“We have waited,” said Anna Berg. She runs the café at North Quay. Nobody believed it.",
    "Tom Hale of Market Street paid for the boat, for the oars and for the rope in March.",
)


def test_articles_take_many_shapes_of_their_own_words() -> None:
    shapes = {tuple(reshape(PARAGRAPHS, random.Random(seed))) for seed in range(300)}
    lines = {line for shape in shapes for line in shape}
    assert len(shapes) > 20
    assert all(line.strip() for line in lines)
    assert "Nobody believed it." in lines  # a sentence by itself
    assert any(line.startswith(("- ", "• ", "* ")) for line in lines)  # a list
    assert any("\t" in line for line in lines)  # a table
    assert any(line.startswith(("TOM HALE: ", "Q: ", "Anna Berg: ")) for line in lines)
    words = set(split_tokens(" ".join((*PARAGRAPHS, *_SPEAKERS, "km")).casefold()))
    assert {token for token in split_tokens(" ".join(lines).casefold()) if token.isalpha()} <= words
