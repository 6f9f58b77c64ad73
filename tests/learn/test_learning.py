"""The learning report says what was learnt, and what was lost, on documents not seen."""

from dataclasses import replace
from pathlib import Path

import pytest

import cleaner
from cleaner.errors import TrainingError
from cleaner.files import read_labelled_many
from cleaner.labelled import Label, LabelledDocument
from cleaner.learn import (
    LearningReport,
    TrainingSettings,
    adapt,
    default_check,
    evaluate,
    learn,
    learn_from_scratch,
    train,
    train_from_scratch,
)
from cleaner.model import Model


@pytest.fixture(scope="module")
def split(documents: list[LabelledDocument]) -> tuple[list[LabelledDocument], ...]:
    """New documents and check documents."""
    return documents[:-2], documents[-2:]


@pytest.fixture(scope="module")
def learnt(trained_model: Model, split: tuple[list[LabelledDocument], ...]) -> LearningReport:
    return learn(split[0], trained_model, split[1], name="mine")


def test_every_document_is_scored_once(
    learnt: LearningReport, trained_model: Model, split: tuple[list[LabelledDocument], ...]
) -> None:
    for comparison, documents in zip((learnt.new, learnt.check), split, strict=True):
        found = sorted(comparison.before.documents, key=lambda one: one.id)
        expected = evaluate(trained_model, documents).documents
        assert found == sorted(expected, key=lambda one: one.id)
        after = sorted(one.id for one in comparison.after.documents)
        assert after == [one.id for one in found]


def test_it_prints_what_was_learnt(
    learnt: LearningReport, split: tuple[list[LabelledDocument], ...]
) -> None:
    text = str(learnt)
    lines = sum(label is not None for one in split[0] for label in one.labels)
    assert text.startswith(f"Used {lines:,} labelled lines")
    assert f"in {len(split[0])} documents of" in text
    assert "new documents, before" in text
    assert "check documents, after" in text
    assert "95% interval" in text
    assert learnt.moved[0][0] in text
    assert learnt.model.name == "mine"


def test_a_model_that_is_worse_is_known_as_such(learnt: LearningReport) -> None:
    worse = replace(learnt.new, before=learnt.new.after, after=learnt.new.before)
    difference = learnt.new.difference.value
    problems = (learnt.problem, replace(learnt, new=worse).problem)
    assert [bool(problem) for problem in problems] == [difference < 0, difference > 0]
    same = replace(learnt.new, after=learnt.new.before)
    assert replace(learnt, new=same).problem == ""


def page(label: Label, n_lines: int, name: str = "a") -> LabelledDocument:
    lines = tuple(f"Line {number} of {name} is here." for number in range(n_lines))
    return LabelledDocument(name, lines, (label,) * n_lines, "x.org")


@pytest.mark.parametrize(
    ("labelled", "message"),
    [
        ([], "0 lines are labelled body.* label 20 more"),
        (
            [replace(page("body", 9), labels=(None,) * 9, guesses=("body",) * 9)],
            "nothing is labell",
        ),
        ([page("body", 50), page("clutter", 5)], "5 lines are labelled clutter.* label 15 more"),
        ([replace(page("body", 40), labels=("body", "clutter") * 20)], "1 document has labels"),
    ],
)
def test_too_little_gets_a_plain_answer(
    labelled: list[LabelledDocument], message: str, trained_model: Model
) -> None:
    with pytest.raises(TrainingError, match=message):
        learn(labelled, trained_model, [])


def test_two_documents_suffice_even_of_one_label_each(trained_model: Model) -> None:
    learnt = learn([page("body", 30), page("clutter", 30, "b")], trained_model, [])
    assert len(learnt.new.after.documents) == 2
    assert learnt.problem == ""  # without either of them nothing can be learnt


def test_the_door_trains_from_scratch_and_adapts(
    documents: list[LabelledDocument], trained_model: Model
) -> None:
    assert cleaner.train is train
    documents = documents[::3]
    fresh = cleaner.train(documents, name="fresh")
    assert fresh.name == "fresh"
    assert fresh.second.weights.tolist() == train_from_scratch(documents).second.weights.tolist()
    expected = adapt(documents, trained_model).second.weights.tolist()
    adapted = cleaner.train(documents, trained_model)
    assert adapted.second.weights.tolist() == expected


def test_from_nothing_is_scored_out_of_fold(
    documents: list[LabelledDocument], quick_settings: TrainingSettings, trained_model: Model
) -> None:
    model, report = learn_from_scratch(documents, documents[:3], quick_settings)
    assert model.second.weights.tolist() == trained_model.second.weights.tolist()
    assert "cross-validated by source" in report
    seen = f"{evaluate(model, documents).texts.f1:.4f}"
    assert seen not in report.split("check documents")[0]


def test_the_corpus_is_found() -> None:
    assert default_check() == Path(__file__).parents[2] / "corpus/labelled"
    assert len(list(read_labelled_many([default_check()]))) > 50
