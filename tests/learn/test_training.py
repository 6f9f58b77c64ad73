"""Training gives the same bytes each time, refuses what cannot teach, and cleans what it learnt."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

from cleaner.cleaning import Cleaner
from cleaner.errors import TrainingError
from cleaner.features import JUDGED_FEATURES
from cleaner.labelled import Label, LabelledDocument
from cleaner.learn import (
    TrainingSettings,
    adapt,
    compare,
    evaluate,
    train_and_test,
    train_from_scratch,
)
from cleaner.learn.training import make_pass
from cleaner.model import (
    EXACT,
    LIMIT,
    SECOND_COLUMNS,
    STEPS,
    WEIGHT_UNIT,
    Model,
    load_model,
    save_model,
)


def file_bytes(model: Model, path: Path) -> bytes:
    save_model(model, path)
    return path.read_bytes()


def test_the_same_documents_give_the_same_bytes(
    trained_model: Model,
    documents: list[LabelledDocument],
    quick_settings: TrainingSettings,
    tmp_path: Path,
) -> None:
    expected = file_bytes(trained_model, tmp_path / "one.npz")
    for n_threads in (1, 2):
        with threadpoolctl.threadpool_limits(n_threads, "blas"):
            again = train_from_scratch(list(documents), settings=quick_settings, name="quick")
        assert file_bytes(again, tmp_path / "two.npz") == expected


def test_another_process_gives_the_same_bytes(trained_model: Model, tmp_path: Path) -> None:
    """With other random hashes of Python and another number of threads."""
    script = """if True:
        import sys
        from cleaner.files import read_labelled_many
        from cleaner.model import save_model
        from cleaner.learn import train_from_scratch
        from cleaner.learn.training import TrainingSettings
        documents = read_labelled_many([sys.argv[1]])
        documents = [one for one in documents if one.lang in ("de", "en") and len(one.lines) > 45]
        documents = documents[::8]
        settings = TrainingSettings(n_folds=2, lexical_c=0.2, first_c=0.02, second_c=0.02)
        save_model(train_from_scratch(documents, settings, name="quick"), sys.argv[2])
    """
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "5"}
    subprocess.run(
        [sys.executable, "-c", script, root / "corpus" / "labelled", tmp_path / "there.npz"],
        env=environment,
        check=True,
    )
    expected = file_bytes(trained_model, tmp_path / "here.npz")
    assert (tmp_path / "there.npz").read_bytes() == expected


def test_a_trained_model_is_saved_and_loaded(trained_model: Model, tmp_path: Path) -> None:
    save_model(trained_model, tmp_path / "quick.npz")
    loaded = load_model(tmp_path / "quick")
    assert loaded.name == "quick"
    assert loaded.provenance == trained_model.provenance
    assert loaded.second.weights.tolist() == trained_model.second.weights.tolist()


def test_provenance_says_what_it_was_trained_on(
    trained_model: Model, documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    found = trained_model.provenance
    assert found["documents"] == len(documents)
    assert found["sources"] == len({document.source for document in documents})
    assert sum(found["languages"].values()) == len(documents)
    assert len(found["sha256"]) == 64
    assert found["settings"]["second_c"] == quick_settings.second_c


def test_every_document_counts(
    trained_model: Model, documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    last = documents[-1]
    other = replace(last, labels=tuple(_swapped(label) for label in last.labels))
    model = train_from_scratch([*documents[:-1], other], quick_settings)
    assert model.provenance["sha256"] != trained_model.provenance["sha256"]
    assert model.second.weights.tolist() != trained_model.second.weights.tolist()


def _swapped(label: Label | None) -> Label | None:
    return {"body": "clutter", "clutter": "body", None: None}[label]


def test_what_it_learnt_holds_on_documents_it_has_not_seen(
    trained_model: Model, documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    seen, unseen = documents[:-2], documents[-2:]
    cleaner = Cleaner(train_from_scratch(seen, quick_settings))
    right = total = 0
    for document in unseen:
        for line in cleaner.classify(document.text):
            label = document.labels[line.number - 1]
            right += label == line.label
            total += label is not None
    assert total > 50
    assert right / total > 0.75


def test_training_says_what_goes_on(
    documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    said: list[str] = []
    train_from_scratch(documents, quick_settings, report=said.append)
    assert any("labelled lines" in sentence for sentence in said)


def test_blank_and_unlabelled_documents_are_context_at_most(
    documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    blank = LabelledDocument("blank", ("", " "), (None, None), "blank.example")
    unlabelled = LabelledDocument("none", ("One line", "Two"), (None, None), "none.example")
    model = train_from_scratch([blank, *documents, unlabelled], quick_settings)
    assert model.provenance["documents"] == len(documents) + 2


def lines(label: Label, n: int, source: str) -> LabelledDocument:
    texts = tuple(f"Line {number} of {source} is here." for number in range(n))
    return LabelledDocument("page", texts, (label,) * n, source)


def test_weights_of_lines_count_in_pass_2_alone(
    documents: list[LabelledDocument], trained_model: Model, quick_settings: TrainingSettings
) -> None:
    heavier = [
        replace(one, line_weights=tuple(9.0 if label == "clutter" else 1.0 for label in one.labels))
        for one in documents
    ]
    model = train_from_scratch(heavier, quick_settings, name="quick")
    assert model.lexical_weights.tobytes() == trained_model.lexical_weights.tobytes()
    assert model.first.weights.tobytes() == trained_model.first.weights.tobytes()
    assert model.second.intercept < trained_model.second.intercept


def test_what_is_left_out_has_no_say(
    documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    """A line feature, one of pass 2, and one neighbour; in both passes."""
    left_out = ("log_words", "own_share", "clock[-1]")
    model = train_from_scratch(documents, replace(quick_settings, left_out=left_out))
    assert model.provenance["settings"]["left_out"] == list(left_out)
    for columns, weights in (model.first[:2], model.second[:2]):
        unused = np.array(
            [{column.feature, str(column)} & set(left_out) != set() for column in columns]
        )
        assert unused.any()
        assert not weights[unused].any()
        assert np.count_nonzero(weights) > len(columns) / 2


def test_unknown_names_cannot_be_left_out(
    documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    names = ("log_words", "log_wrods", "surest[+1]")
    with pytest.raises(TrainingError, match=r"called 'log_wrods', 'surest\[\+1\]'"):
        train_from_scratch(documents, replace(quick_settings, left_out=names))


def test_documents_of_no_weight_are_judged_but_teach_nothing(
    documents: list[LabelledDocument], quick_settings: TrainingSettings
) -> None:
    *others, last = documents
    one, other = (
        train_and_test([*others, replace(last, labels=labels, weight=0.0)], quick_settings)
        for labels in (last.labels, tuple(_swapped(label) for label in last.labels))
    )
    assert one.model.second.weights.tolist() == other.model.second.weights.tolist()
    assert one.probabilities[-1].tolist() == other.probabilities[-1].tolist()
    body = np.array([label == "body" for label in last.labels])
    assert one.probabilities[-1][body].mean() > 0.5 > one.probabilities[-1][~body].mean()


BOTH: tuple[Label, ...] = ("body", "clutter")


def both_labels(sources: str) -> list[LabelledDocument]:
    return [lines(label, 15, source) for source in sources for label in BOTH]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "label 20 more"),
        ([lines("body", 50, "a"), lines("body", 50, "b")], "0 lines are labelled clutter"),
        ([lines("clutter", 50, "a"), lines("body", 19, "b")], "19 lines are labelled body"),
        ([lines("body", 30, "a"), lines("clutter", 30, "a")], "two sources"),
    ],
)
def test_documents_that_cannot_teach(documents: list[LabelledDocument], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        train_from_scratch(documents)


@pytest.mark.parametrize("sources", ["ab", "abcd"])
def test_two_sources_suffice(quick_settings: TrainingSettings, sources: str) -> None:
    model = train_from_scratch(both_labels(sources), settings=quick_settings)
    assert model.provenance["sources"] == len(sources)


def test_sources_of_one_label_each(quick_settings: TrainingSettings) -> None:
    """Then no fold can be learnt from alone, and the out-of-fold scores say nothing."""
    documents = [lines("body", 30, "a"), lines("clutter", 30, "b")]
    assert train_from_scratch(documents, quick_settings).provenance["sources"] == 2


def test_coefficients_become_whole_units() -> None:
    coefficients = np.zeros(len(SECOND_COLUMNS))
    coefficients[:3] = [1.0, -0.5, 1e-9]
    made = make_pass(SECOND_COLUMNS, coefficients, 0.25)
    assert made.intercept == 0.25
    assert made.weights.dtype == np.int32
    unit = STEPS * WEIGHT_UNIT
    assert made.weights[:3] * unit == pytest.approx([1, -0.5, 0], abs=unit)


def test_coefficients_too_large_to_be_exact_are_refused() -> None:
    coefficients = np.full(
        len(SECOND_COLUMNS), EXACT / LIMIT / len(SECOND_COLUMNS) * STEPS * WEIGHT_UNIT * 1.1
    )
    with pytest.raises(TrainingError, match="stronger regularisation"):
        make_pass(SECOND_COLUMNS, coefficients, 0.0)
    make_pass(SECOND_COLUMNS, coefficients / 1.3, 0.0)


def test_documents_without_lines_are_harmless(
    documents: list[LabelledDocument], quick_settings: TrainingSettings, trained_model: Model
) -> None:
    empty = LabelledDocument("", (), (), "nobody")
    trained = train_and_test([empty, *documents, empty], quick_settings)
    assert [len(lines) for lines in trained.probabilities] == [
        0, *(len(one.lines) for one in documents), 0
    ]  # fmt: skip
    adapted = adapt([empty, *documents], trained_model, anchors=[empty])
    assert adapted.provenance["documents"] == len(documents) + 1
    assert len(evaluate(trained_model, [empty, *documents]).documents) == len(documents) + 1
    assert len(compare((trained_model, adapted), [empty, *documents]).before.documents) > 1


@pytest.mark.slow
def test_trees_judge_doubtful_lines_out_of_fold_too(
    documents: list[LabelledDocument], quick_settings: TrainingSettings, tmp_path: Path
) -> None:
    pytest.importorskip("catboost")
    without = train_and_test(documents, quick_settings)
    grown = train_and_test(documents, replace(quick_settings, n_trees=20), name="grown")
    assert len(grown.model.trees.leaves) == 20
    assert np.array_equal(grown.model.second.weights, without.model.second.weights)
    assert set(grown.model.features) - set(without.model.features) == JUDGED_FEATURES.keys()
    # Lines of which the regression was sure are judged as before, but for the calibration.
    before, after = (np.concatenate(one.probabilities) for one in (without, grown))
    assert np.corrcoef(before, after)[0, 1] > 0.9
    assert not np.array_equal(before, after)
    # The file holds all of it: the loaded model judges lines as the trained one does.
    path = tmp_path / "grown.npz"
    save_model(grown.model, path)
    texts = [document.text for document in documents[:3]]
    kept = list(Cleaner(grown.model).clean_many(texts))
    assert list(Cleaner(load_model(path)).clean_many(texts)) == kept
    # What adapts a model leaves its trees alone.
    adapted = adapt(documents[:5], grown.model)
    assert np.array_equal(adapted.trees.leaves, grown.model.trees.leaves)
