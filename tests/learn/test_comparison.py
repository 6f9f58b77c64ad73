"""Two models on the same documents: who is better, by how much, and on which lines."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.cleaning import Cleaner
from cleaner.errors import TrainingError
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.learn import Comparison, adapt, compare, evaluate, f1_difference
from cleaner.learn.training_texts import digest_texts
from cleaner.model import Model, load_model, save_model

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def documents() -> list[LabelledDocument]:
    """A quarter of the corpus."""
    return list(read_labelled_many([ROOT / "corpus/labelled"]))[::4]


@pytest.fixture(scope="module")
def models() -> tuple[Model, Model]:
    """The shipped model, and one that keeps far too little."""
    shipped = load_model("news")
    return shipped, replace(shipped, name="strict", threshold=0.95)


@pytest.fixture(scope="module")
def comparison(models: tuple[Model, Model], documents: list[LabelledDocument]) -> Comparison:
    return compare(models, documents)


def test_scores_are_those_of_the_evaluation(
    comparison: Comparison, models: tuple[Model, Model], documents: list[LabelledDocument]
) -> None:
    assert comparison.names == ("news", "strict")
    assert comparison.before == evaluate(models[0], documents)
    assert comparison.after == evaluate(models[1], documents)
    shingles = [
        [d.shingles for d in one.documents] for one in (comparison.before, comparison.after)
    ]
    assert comparison.difference == f1_difference(*shingles)
    assert comparison.difference.high < 0


def test_flips_are_the_lines_with_another_label(
    comparison: Comparison, models: tuple[Model, Model], documents: list[LabelledDocument]
) -> None:
    expected = []
    for document in documents:
        before, after = (Cleaner(model).classify(document.text) for model in models)
        for old, new in zip(before, after, strict=True):
            if old.label != new.label:
                label = document.labels[old.number - 1]
                right = (
                    "unlabelled" if label is None else "mended" if new.label == label else "broken"
                )
                expected.append((document.id, old.number, old.text, right))
    assert expected
    assert [(f.document, f.number, f.text, f.kind) for f in comparison.flips] == expected
    assert {flip.after for flip in comparison.flips} == {"clutter"}


def test_flips_come_with_the_largest_change_first(comparison: Comparison) -> None:
    kinds = ("broken", "mended", "unlabelled")
    flips = {kind: comparison.flips_of(kind) for kind in kinds}
    assert sum(map(len, flips.values())) == len(comparison.flips)
    for listed in flips.values():
        assert [f.change for f in listed] == sorted((f.change for f in listed), reverse=True)


def test_it_prints_as_tables(comparison: Comparison) -> None:
    text = str(comparison)
    assert "news  strict  difference\n" in text
    assert "The first model is better on these documents." in text
    assert f"{len(comparison.flips_of('broken'))} lines that were right and are now wrong" in text
    assert "sources that changed most" in text


def test_a_model_compared_with_itself(
    models: tuple[Model, Model], documents: list[LabelledDocument]
) -> None:
    comparison = compare((models[0], models[0]), documents[:5], ("old", "new"))
    assert comparison.difference == (0, 0, 0)
    assert comparison.flips == ()
    assert "No difference" in str(comparison)
    assert "old" in str(comparison)


def test_json_holds_all_of_it(comparison: Comparison) -> None:
    values = json.loads(json.dumps(comparison.to_json()))
    assert [model["name"] for model in values["models"]] == ["news", "strict"]
    assert values["models"][0]["f1"] == comparison.before.texts.f1
    assert values["f1_difference"]["low"] == comparison.difference.low
    assert len(values["flips"]) == len(comparison.flips)
    assert values["flips"][0]["kind"] == comparison.flips[0].kind


def test_documents_without_labels_cannot_be_compared(models: tuple[Model, Model]) -> None:
    for documents in ([], [LabelledDocument("a", ("Home",), (None,), "x.org")]):
        with pytest.raises(TrainingError, match="needs labelled documents"):
            compare(models, documents)


def test_documents_that_a_model_was_trained_on_are_told(
    models: tuple[Model, Model], documents: list[LabelledDocument], tmp_path: Path
) -> None:
    # The shipped model was trained on the documents as they are.
    documents = [
        replace(one, lines=tuple(f"{line} again" if line else "" for line in one.lines))
        for one in documents
    ]
    taught, anchors, new = documents[:8], documents[8:10], documents[10:13]
    save_model(adapt(taught, models[0], anchors=anchors), tmp_path / "mine.npz")
    mine = load_model(tmp_path / "mine.npz")
    again = adapt(documents[20:26], mine)
    tested = [*taught, *anchors, *new]
    for model in (mine, again):
        text = str(compare((models[0], model), tested, ("news", "mine.npz")))
        assert "10 of 13 documents were in the training data of mine.npz" in text
        assert "training data of news" not in text
        assert "10 of 13 documents were in the training data" in str(evaluate(model, tested))
    assert "training data" not in str(compare((mine, again), new))
    values = compare((models[0], mine), tested).to_json()["models"]
    assert [one["documents_trained_on"] for one in values] == [0, 10]


def test_a_model_of_very_many_documents_stays_small(documents: list[LabelledDocument]) -> None:
    assert len(digest_texts(documents[:5] * 400)) == 5
    assert digest_texts(documents[:5] * 401) == []
