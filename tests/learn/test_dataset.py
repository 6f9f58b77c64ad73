"""Labelled documents become rows with labels, weights and folds."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import N_COLUMNS, prepare_overlap
from cleaner.labelled import Label, LabelledDocument
from cleaner.learn import fold_of
from cleaner.learn.dataset import build_dataset
from cleaner.model import raw_features
from cleaner.text import lay_out_lines

PARAGRAPH = "The council said on Monday that it would keep the old bridge over the river."
LABELS: list[Label | None] = ["body", "clutter", None]


def document(
    *rows: tuple[Label | None, str], source: str = "a", weight: float = 1.0
) -> LabelledDocument:
    return LabelledDocument(
        "page", tuple(r[1] for r in rows), tuple(r[0] for r in rows), source, weight=weight
    )


PAGE = document(("clutter", "Home | News"), (None, ""), (None, "By Joanna"), ("body", PARAGRAPH))


@st.composite
def some_documents(draw: st.DrawFn) -> list[LabelledDocument]:
    line = st.sampled_from(["Home", PARAGRAPH, "Read more", "中文", "🙂"])
    row = st.tuples(st.sampled_from(LABELS), line) | st.just((None, ""))
    one = st.lists(row, min_size=1, max_size=8)
    return [
        document(*rows, source=draw(st.sampled_from("abc")), weight=draw(st.floats(0.1, 3)))
        for rows in draw(st.lists(one, min_size=1, max_size=6))
        if any(line for _, line in rows)
    ] or [PAGE]


@given(some_documents())
def test_rows_are_the_lines_of_the_documents_with_their_labels(
    documents: list[LabelledDocument],
) -> None:
    data = build_dataset(documents, 5)
    number = {"body": 1, "clutter": 0, None: -1}
    expected = [
        (place, number[label])
        for place, document in enumerate(documents)
        for line, label in zip(document.lines, document.labels, strict=True)
        if line
    ]
    lines = data.occupied
    found = zip(data.document[lines].tolist(), data.label[lines].tolist(), strict=True)
    assert list(found) == expected
    assert set(data.label[~lines].tolist()) == {-1}
    assert set(data.fold[~lines].tolist()) == {-1}
    sources = [fold_of(documents[place].source, 5) for place, _ in expected]
    assert data.fold[lines].tolist() == sources


@given(some_documents())
def test_documents_weigh_what_they_are_given(documents: list[LabelledDocument]) -> None:
    data = build_dataset(documents, 5)
    assert not data.weight[data.label < 0].any()
    for place, document in enumerate(documents):
        total = data.weight[data.document == place].sum()
        unlabelled = [
            line for line, label in zip(document.lines, document.labels, strict=True)
            if line and label is None
        ]  # fmt: skip
        if unlabelled:
            assert total < 100 * document.weight
        else:
            assert total == pytest.approx(100 * document.weight)


def test_long_lines_weigh_more_but_not_by_their_length() -> None:
    data = build_dataset([document(("body", "one"), ("body", "one " * 7), ("clutter", "x"))], 5)
    short, long, _ = data.weight[data.weight > 0]
    assert long / short == pytest.approx(2)


def test_lines_may_weigh_more_by_themselves() -> None:
    page = document(("body", "one two"), ("clutter", ""), ("clutter", "one two"))
    heavier = replace(page, line_weights=(1.0, 1.0, 3.0))
    data = build_dataset([heavier, page], 5)
    assert data.line_weight[data.occupied].tolist() == [1, 3, 1, 1]
    assert len(set(data.weight[data.occupied])) == 1


@given(some_documents())
def test_features_are_those_of_cleaning(documents: list[LabelledDocument]) -> None:
    data = build_dataset(documents, 5)
    for part in data.parts:
        lines = lay_out_lines(part.contents)
        raw = raw_features(lines, prepare_overlap(lines))
        assert (
            data.raw[part.start : part.stop].T.tobytes() == np.stack(list(raw.values())).tobytes()
        )


@given(some_documents())
def test_words_are_entries_of_one_size_in_a_row(documents: list[LabelledDocument]) -> None:
    data = build_dataset(documents, 5)
    words = data.words[0]
    assert words.shape == (len(data.label), N_COLUMNS)
    norms = np.asarray(words.multiply(words).sum(axis=1))[:, 0]
    # 1 where no column occurs twice.
    assert (norms[data.occupied] > 0.999).all()
    assert not norms[~data.occupied].any()


def test_many_documents_are_many_parts() -> None:
    documents = [
        document(("body", f"{PARAGRAPH} {n}"), ("clutter", "x"), source=str(n)) for n in range(600)
    ]
    data = build_dataset(documents, 5)
    assert len(data.parts) > 1
    assert [part.start for part in data.parts[1:]] == [part.stop for part in data.parts[:-1]]
    assert data.document[data.occupied].tolist() == [n for n in range(600) for _ in range(2)]
    counts = Counter(data.fold[data.occupied].tolist())
    assert sorted(counts) == list(range(5))
    assert min(counts.values()) > 150


@pytest.mark.parametrize("n_blank", [1, 300])
def test_blank_documents_are_no_obstacle(n_blank: int) -> None:
    blank = document((None, ""), (None, " "))
    data = build_dataset([*[blank] * n_blank, PAGE, *[blank] * n_blank], 5)
    assert set(data.document.tolist()) == {-1, n_blank}
    assert data.label[data.occupied].tolist() == [0, -1, 1]


def test_folds_hold_sources_together() -> None:
    folds = [fold_of(f"source-{n}", 4) for n in range(400)]
    assert folds == [fold_of(f"source-{n}", 4) for n in range(400)]
    assert min(Counter(folds).values()) > 60
    assert {fold_of(name, 1) for name in ("", "a", "\ud800")} == {0}


def test_a_document_without_lines_leaves_the_labels_of_the_others_in_place() -> None:
    others = [document(("body", PARAGRAPH), ("clutter", "x")), document(("clutter", "Home"))]
    empty = LabelledDocument("empty", (), (), "s")
    expected = build_dataset(others, 5)
    data = build_dataset([empty, others[0], empty, others[1], empty], 5)
    assert data.label[data.occupied].tolist() == expected.label[expected.occupied].tolist()
    assert data.weight.sum() == pytest.approx(expected.weight.sum())
    assert set(data.document.tolist()) == {-1, 1, 3}
