"""Further documents: what is put in is clutter, and the body stays as it was."""

from pathlib import Path

import pytest

from cleaner.files import read_labelled_many
from cleaner.gold import augment
from cleaner.labelled import LabelledDocument

CORPUS = Path(__file__).parents[2] / "corpus" / "labelled"


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    return list(read_labelled_many([CORPUS]))


@pytest.fixture(scope="module")
def made(documents: list[LabelledDocument]) -> list[LabelledDocument]:
    return augment(documents, 1.0)


def body_of(document: LabelledDocument) -> list[str]:
    rows = zip(document.lines, document.labels, strict=True)
    return [line for line, label in rows if label == "body"]


def test_most_corpus_documents_can_be_used(
    documents: list[LabelledDocument], made: list[LabelledDocument]
) -> None:
    assert len(made) > len(documents) / 2
    assert all(document.id.endswith(".augmented") for document in made)


def test_the_body_stays_as_it_was(
    documents: list[LabelledDocument], made: list[LabelledDocument]
) -> None:
    by_id = {document.id: document for document in documents}
    for document in made:
        original = body_of(by_id[document.id.removesuffix(".augmented")])
        # A tail may take the place of everything behind the last long paragraph.
        assert body_of(document) == original[: len(body_of(document))]
        assert len(body_of(document)) >= len(original) / 2


def test_what_is_put_in_is_clutter(
    documents: list[LabelledDocument], made: list[LabelledDocument]
) -> None:
    by_id = {document.id: document for document in documents}
    for document in made:
        known = set(by_id[document.id.removesuffix(".augmented")].lines)
        rows = zip(document.lines, document.labels, strict=True)
        added = [label for line, label in rows if line.strip() and line not in known]
        assert added
        assert set(added) == {"clutter"}


def test_further_documents_weigh_less_and_keep_their_source(
    documents: list[LabelledDocument], made: list[LabelledDocument]
) -> None:
    by_id = {document.id: document for document in documents}
    for document in made:
        original = by_id[document.id.removesuffix(".augmented")]
        assert 0 < document.weight < original.weight
        assert (document.source, document.lang) == (original.source, original.lang)


def test_the_same_documents_give_the_same(documents: list[LabelledDocument]) -> None:
    assert augment(documents, 0.5) == augment(documents, 0.5)
    assert augment(documents, 0.0) == []
