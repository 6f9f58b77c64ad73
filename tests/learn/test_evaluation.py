"""Tests of the scores of labelled documents."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import TrainingError
from cleaner.labelled import Label, LabelledDocument
from cleaner.learn import Counts, DocumentResult, Scores, evaluate, format_table, score_document

Lines = Sequence[tuple[Label | None, str]]

LINES: Lines = (
    ("clutter", "Sign up for our newsletter today"),
    (None, ""),
    (None, "A standfirst that may stay or go"),
    ("body", "The council voted to keep the bridge."),
    ("body", "Work starts in May, the mayor said."),
    ("clutter", "Copyright"),
)


def make_document(
    name: str = "page", lang: str = "en", source: str = "example", lines: Lines = LINES
) -> LabelledDocument:
    texts = tuple(text for _, text in lines)
    return LabelledDocument(name, texts, tuple(label for label, _ in lines), source, lang)


def score(keep: str, document: LabelledDocument | None = None) -> DocumentResult:
    """Score a document of which the lines marked x are kept."""
    probability = np.array([0.9 if mark == "x" else 0.1 for mark in keep])
    return score_document(document or make_document(), probability > 0.5, probability)


def test_a_document_counts_lines_shingles_and_words() -> None:
    result = score("x..x..")
    assert result.lines == Counts(found=1, extra=1, missing=1)
    assert (result.words_lost, result.words_wrongly_kept) == (7, 6)
    # Gold has 14 words in 11 runs; kept are 6 + 7 words in 10 runs, of which 4 are gold's.
    assert result.shingles == Counts(found=4, extra=6, missing=7)


@pytest.mark.parametrize("keep", ["...xx.", ".xxxx.", "..xxx."])
def test_unlabelled_and_blank_lines_count_for_nothing(keep: str) -> None:
    result = score(keep)
    assert result.lines == Counts(2, 0, 0)
    assert result.shingles.f1 == 1.0
    assert len(result.is_body) == len(result.body_probability) == 4


labelled = st.lists(
    st.tuples(st.sampled_from(["body", "clutter", None]), st.sampled_from(["a", "b c", "d.", "é"])),
    max_size=12,
)


@given(labelled)
def test_knowing_the_labels_gives_exact_documents(lines: Lines) -> None:
    document = make_document(lines=lines)
    known = np.array([label == "body" for label in document.labels], float)
    scores = Scores((score_document(document, known > 0.5, known),))
    has_body = "body" in document.labels
    assert scores.texts.exact == scores.texts.f1 == float(has_body)
    assert scores.texts.left_empty == 1.0
    assert scores.lines.f1 == 1.0
    assert scores.calibration_error == 0.0
    assert scores.worst() == []


def test_scores_sum_lines_and_split_by_language_and_source() -> None:
    german = make_document("b", lang="de", source="beispiel")
    scores = Scores((score("...xx."), score("x..x..", german), score("......")))
    assert scores.lines == Counts(3, 1, 3)
    assert list(scores.by_language) == ["de", "en"]
    assert [d.id for d in scores.by_source["beispiel"].documents] == ["b"]
    assert scores.by_language["en"].texts.exact == 0.5
    assert sum(row.lines for row in scores.calibration) == 12
    assert scores.f1_interval.value == scores.texts.f1


def test_the_worst_documents_come_lowest_first() -> None:
    names = {"exact": "...xx.", "half": "...x..", "empty": "......", "all": "xxxxxx"}
    scores = Scores(tuple(score(keep, make_document(name)) for name, keep in names.items()))
    assert [document.id for document in scores.worst()] == ["empty", "half", "all"]
    assert [document.id for document in scores.worst(1)] == ["empty"]


def test_scores_print_every_part() -> None:
    nothing = make_document("nothing", lines=[("clutter", "Home")])
    german = make_document("b", lang="de", source="beispiel")
    printed = str(Scores((score("...xx."), score("x..x..", german), score(".", nothing))))
    rows = {line.split("  ")[0]: line.split() for line in printed.splitlines()}
    assert rows["all"][1] == "2"
    assert rows["language en"][-1] == "1.0000"
    assert rows["source beispiel"][-1] == "0.5000"
    assert "documents without body, not counted above: 1, of which left empty: 100.0%" in printed
    assert rows["0.87-0.93"] == ["0.87-0.93", "4", "0.900", "0.750"]
    assert rows["b"] == ["b", "0.3810", "7", "6"]
    assert not any(line != line.rstrip() for line in printed.splitlines())


def test_a_long_list_of_sources_is_cut_to_the_lowest() -> None:
    keep = ["...xx."] * 20 + ["......"]
    documents = [make_document(source=f"s{n:02}") for n in range(21)]
    printed = str(Scores(tuple(map(score, keep, documents))))
    assert "(the 12 lowest of 21 sources)" in printed
    assert printed.index("source s20") < printed.index("source s00")
    assert "source s19" not in printed


def test_tables_are_aligned() -> None:
    assert format_table([["a", "bb"], ["ccc", "d"]]) == "a    bb\nccc   d"


def test_evaluation_counts_what_the_cleaner_decides() -> None:
    from cleaner.cleaning import Cleaner
    from cleaner.model import load_model

    model = load_model("news")
    documents = [make_document(), make_document("b", lines=[LINES[0], *LINES[3:]])]
    for document, result in zip(documents, evaluate(model, documents).documents, strict=True):
        lines = Cleaner(model).classify(document.text)
        labelled = [line for line in lines if document.labels[line.number - 1]]
        assert [line.body_probability for line in labelled] == result.body_probability.tolist()
        right = sum(line.label == document.labels[line.number - 1] for line in labelled)
        assert right == len(labelled) - result.lines.extra - result.lines.missing


def test_evaluation_refuses_documents_without_labels() -> None:
    from cleaner.model import load_model

    with pytest.raises(TrainingError, match="none of 1 documents"):
        evaluate(load_model("news"), [make_document(lines=[(None, "one"), (None, "two")])])
