"""Adapting moves a model as far as its settings let it, and changes nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.errors import TrainingError
from cleaner.labelled import Label, LabelledDocument
from cleaner.learn import AdaptSettings, adapt, balanced_folds
from cleaner.learn.adapting import fit_change, moved_most
from cleaner.model import EXACT, LIMIT, Model, Pass, load_model, save_model


@pytest.fixture(scope="module")
def new_documents(documents: list[LabelledDocument]) -> list[LabelledDocument]:
    """Labels that contradict the model: quotations and what follows them are clutter."""
    return [
        replace(
            document,
            labels=tuple(
                "clutter" if label and any(mark in line for mark in "“„»") else label
                for label, line in zip(document.labels, document.lines, strict=True)
            ),
        )
        for document in documents
    ]


@pytest.fixture(scope="module")
def adapted(trained_model: Model, new_documents: list[LabelledDocument]) -> Model:
    return adapt(new_documents, trained_model, name="mine")


def right_share(model: Model, documents: list[LabelledDocument]) -> float:
    right = []
    for document in documents:
        for line in Cleaner(model).classify(document.text):
            label = document.labels[line.number - 1]
            right += [label == line.label] if label else []
    return float(np.mean(right))


def same(one: Model, other: Model) -> bool:
    return (
        one.lexical_weights.tolist() == other.lexical_weights.tolist()
        and one.second.weights.tolist() == other.second.weights.tolist()
        and one.second.intercept == other.second.intercept
    )


def test_it_learns_what_the_new_labels_say(
    adapted: Model, trained_model: Model, new_documents: list[LabelledDocument]
) -> None:
    def trust(model: Model) -> float:
        """Mean probability of the lines with quotations, which are clutter now."""
        found = [
            line.body_probability
            for document in new_documents
            for line in Cleaner(model).classify(document.text)
            if any(mark in line.text for mark in "“„»")
        ]
        return float(np.mean(found))

    assert trust(adapted) < trust(trained_model) - 0.05
    assert right_share(adapted, new_documents) >= right_share(trained_model, new_documents)


def test_a_strong_pull_leaves_the_model_as_it_was(
    random_model: Model, new_documents: list[LabelledDocument]
) -> None:
    """The random model has a calibration that changes something."""
    settings = AdaptSettings(lexical_c=1e-12, second_c=1e-12)
    model = adapt(new_documents, random_model, settings)
    assert model.lexical_weights.tolist() == random_model.lexical_weights.tolist()
    assert model.second.weights.tolist() == random_model.second.weights.tolist()
    for document in new_documents:
        lines, before = (Cleaner(m).classify(document.text) for m in (model, random_model))
        assert [line.label for line in lines] == [line.label for line in before]


def test_a_weaker_pull_moves_it_further(
    trained_model: Model, new_documents: list[LabelledDocument]
) -> None:
    distances = []
    for c in (1e-5, 1e-3, 1e-1):
        model = adapt(new_documents, trained_model, AdaptSettings(second_c=c))
        change = model.second.weights - trained_model.second.weights
        distances.append(float(np.abs(change).sum()))
    assert distances == sorted(set(distances))


def test_coefficients_stay_exact(
    trained_model: Model, adapted: Model, documents: list[LabelledDocument]
) -> None:
    assert LIMIT * np.abs(adapted.second.weights).sum() < EXACT
    n_columns = len(trained_model.second.weights)
    at_the_limit = np.full(n_columns, EXACT // LIMIT // n_columns + 1, np.int32)
    start = replace(trained_model, second=Pass(trained_model.second.columns, at_the_limit, 0.0))
    with pytest.raises(TrainingError, match="stronger regularisation"):
        adapt(documents, start, AdaptSettings(second_c=1e-12))


def test_the_same_documents_give_the_same_bytes(
    adapted: Model, trained_model: Model, new_documents: list[LabelledDocument], tmp_path: Path
) -> None:
    save_model(adapted, tmp_path / "one.npz")
    for n_threads in (1, 2):
        with threadpoolctl.threadpool_limits(n_threads, "blas"):
            save_model(adapt(new_documents, trained_model, name="mine"), tmp_path / "two.npz")
        assert (tmp_path / "two.npz").read_bytes() == (tmp_path / "one.npz").read_bytes()


def test_it_is_saved_and_loaded_and_knows_where_it_comes_from(
    adapted: Model, trained_model: Model, new_documents: list[LabelledDocument], tmp_path: Path
) -> None:
    save_model(adapted, tmp_path / "mine.npz")
    loaded = load_model(tmp_path / "mine.npz")
    assert same(loaded, adapted)
    assert loaded.name == "mine"
    assert loaded.provenance["documents"] == len(new_documents)
    assert loaded.provenance["started_from"] == trained_model.provenance


def test_reasons_still_sum_to_the_log_odds(
    adapted: Model, new_documents: list[LabelledDocument]
) -> None:
    for line in Cleaner(adapted).explain(new_documents[0].text):
        total = sum(reason.contribution for reason in line.reasons)
        assert 1 / (1 + np.exp(-total)) == pytest.approx(line.body_probability, abs=1e-5)


def test_anchors_hold_the_model_back(
    trained_model: Model, adapted: Model, new_documents: list[LabelledDocument],
    documents: list[LabelledDocument],
) -> None:  # fmt: skip
    held = adapt(new_documents, trained_model, AdaptSettings(anchor_weight=10), anchors=documents)
    assert held.provenance["anchors"] == len(documents)
    assert right_share(held, documents) > right_share(adapted, documents)
    weightless = adapt(
        new_documents, trained_model, AdaptSettings(anchor_weight=0), anchors=documents
    )
    assert np.abs(weightless.second.weights - adapted.second.weights).max() < 100


def test_guesses_of_a_model_teach_nothing(
    adapted: Model, trained_model: Model, new_documents: list[LabelledDocument]
) -> None:
    """A guess is as good as no label."""
    guessed = [_guess_every_third(document) for document in new_documents]
    unlabelled = [replace(document, guesses=()) for document in guessed]
    with_guesses = adapt(guessed, trained_model)
    assert same(with_guesses, adapt(unlabelled, trained_model))
    assert not same(with_guesses, adapted)


def _guess_every_third(document: LabelledDocument) -> LabelledDocument:
    labels = list(document.labels)
    guesses: list[Label | None] = [None] * len(labels)
    for number in range(0, len(labels), 3):
        guesses[number], labels[number] = labels[number], None
    return replace(document, labels=tuple(labels), guesses=tuple(guesses))


def test_too_few_labels_are_refused(trained_model: Model) -> None:
    page = LabelledDocument("a", ("It rained.",) * 25, ("body",) * 25, "x.org")
    with pytest.raises(TrainingError, match=r"0 lines are labelled clutter.* label 20 more"):
        adapt([page], trained_model)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=30), st.integers(1, 6))
def test_folds_are_balanced_and_keep_sources_together(sources: list[str], n_folds: int) -> None:
    documents = [LabelledDocument(str(n), (), (), source) for n, source in enumerate(sources)]
    folds = balanced_folds(documents, n_folds).tolist()
    assert len(folds) == len(sources)
    if len(set(sources)) >= n_folds:
        assert len(set(zip(sources, folds, strict=True))) == len(set(sources))
    else:
        assert max(map(folds.count, range(n_folds))) - min(map(folds.count, range(n_folds))) <= 1
    assert set(folds) == set(range(min(n_folds, len(documents))))


def test_the_change_is_added_to_what_was_known() -> None:
    """Where the prior is right nothing is learnt; where it is wrong, something is."""
    columns = np.tile(np.array([[1], [-1]], np.float32), (50, 1))
    label, weight = np.tile([1, 0], 50), np.ones(100)
    for prior, largest in ((np.float32(9), 0.05), (np.float32(0), 9)):
        added, _ = fit_change(columns, columns[:, 0] * prior, (label, weight), 1.0)
        assert 0 <= added[0] < largest
    assert added[0] > 1


def test_what_moved_most_comes_first(adapted: Model, trained_model: Model) -> None:
    moved = moved_most(trained_model, adapted, 5)
    sizes = [abs(change) for _, change in moved]
    assert sizes == sorted(sizes, reverse=True)
    assert len(moved) == 5
    assert all(words for words, _ in moved)
    assert not any(change for _, change in moved_most(adapted, adapted))
