"""The promises of the Cleaner: lines of the input, in order, the same in any company."""

import json
import math
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cleaner
from cleaner.cleaning import Cleaned, Cleaner, clean
from cleaner.errors import InputError, ModelError
from cleaner.labelled import LabelledDocument
from cleaner.model import Model, document_confidence
from cleaner.text import LARGEST_LINES, encode_text, lay_out_lines, split_content

CASES = json.loads((Path(__file__).parent / "cases/texts.json").read_text(encoding="utf-8"))
CASE_TEXTS = [case["text"] * case.get("times", 1) for case in chain(*CASES.values())]
SHORT_TEXTS = [text for text in CASE_TEXTS if len(text) < 5000]
line_text = st.sampled_from([line for text in SHORT_TEXTS for line in text.split("\n")]) | st.text(
    st.characters() | st.characters(categories=["Cs"]), max_size=20
)
any_text = st.lists(line_text | st.just(""), max_size=25).map("\n".join)
LONGEST_LINE = 65_536  # bytes of a line that are looked at
# Memory that a huge document may take: the arrays of its tokens (most in scripts without spaces),
# and a row of features for each line.
BYTES_PER_BYTE = 90
BYTES_PER_LINE = 4500
# What bytes.rstrip takes away.
ASCII_SPACE = " \t\n\r\x0b\x0c"


@pytest.fixture(scope="module")
def random_cleaner(random_model: Model) -> Cleaner:
    return Cleaner(random_model)


@pytest.fixture(scope="module")
def trained_cleaner(trained_model: Model) -> Cleaner:
    return Cleaner(trained_model)


def source_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def check_promises(cleaner: Cleaner, text: str) -> None:
    """Every promise on one text, by way of what `classify` says of its lines."""
    lines = cleaner.classify(text)
    source = source_lines(text)
    assert [line.text for line in lines] == [source[line.number - 1] for line in lines]
    assert all(before.number < after.number for before, after in pairwise(lines))
    judged = {line.number for line in lines}
    for number, words in enumerate(source, 1):
        assert number in judged or not any(map(str.isalnum, words))

    expected: list[str] = []
    last = 0
    for line in lines:
        if line.label == "body":
            between = range(last + 1, line.number)
            if expected and any(number not in judged for number in between):
                expected.append("")
            expected.append(line.text.rstrip(ASCII_SPACE))
            last = line.number
    result = cleaner.clean(text)
    assert result == "".join(f"{line}\n" for line in expected)

    [cleaned] = cleaner.clean_encoded([encode_text(text)])
    labels = [line.label for line in lines]
    assert (cleaned.kept, cleaned.dropped) == (labels.count("body"), labels.count("clutter"))
    assert 0.5 <= cleaned.confidence <= 1
    assert encode_text(result) == cleaned.data


@settings(max_examples=60)
@given(text=any_text)
def test_any_text(random_cleaner: Cleaner, text: str) -> None:
    check_promises(random_cleaner, text)


@pytest.mark.parametrize("text", CASE_TEXTS, ids=lambda text: ascii(text[:20]))
def test_hostile_texts(random_cleaner: Cleaner, text: str) -> None:
    check_promises(random_cleaner, text)


def test_the_random_model_keeps_some_and_drops_some(random_cleaner: Cleaner) -> None:
    """Or the tests with it could not fail."""
    cleaned = random_cleaner.clean_encoded([encode_text(text) for text in CASE_TEXTS])
    assert sum(document.kept > 0 for document in cleaned) > 5
    assert sum(document.dropped > 0 for document in cleaned) > 5


@settings(max_examples=30)
@given(texts=st.lists(any_text, max_size=8), order=st.randoms(use_true_random=False))
def test_the_same_alone_and_in_any_batch_and_order(
    random_cleaner: Cleaner, texts: list[str], order: Random
) -> None:
    alone = [random_cleaner.clean(text) for text in texts]
    assert list(random_cleaner.clean_many(texts)) == alone
    places = list(range(len(texts)))
    order.shuffle(places)
    shuffled = list(random_cleaner.clean_many(texts[place] for place in places))
    assert shuffled == [alone[place] for place in places]
    batch = random_cleaner.clean_encoded([encode_text(text) for text in texts])
    singles = [random_cleaner.clean_encoded([encode_text(text)])[0] for text in texts]
    assert batch == singles  # data, counts and confidence


def test_hostile_texts_in_any_company(random_cleaner: Cleaner) -> None:
    alone = [random_cleaner.clean(text) for text in CASE_TEXTS]
    assert list(random_cleaner.clean_many(CASE_TEXTS)) == alone
    assert list(random_cleaner.clean_many(CASE_TEXTS[::-1])) == alone[::-1]


def test_many_small_documents_cross_batches(random_cleaner: Cleaner) -> None:
    texts = [f"{text}\nline {n} of many" for n in range(60) for text in SHORT_TEXTS]
    assert len(texts) > 600
    found = list(random_cleaner.clean_many(texts))
    assert found[::50] == [random_cleaner.clean(text) for text in texts[::50]]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@given(text=any_text)
def test_line_ends_do_not_matter(random_cleaner: Cleaner, end: str, text: str) -> None:
    lines = "\n".join(source_lines(text))
    assert random_cleaner.clean(lines.replace("\n", end)) == random_cleaner.clean(lines)


@pytest.mark.parametrize("times", [1, 900])
def test_one_line_is_explained_as_among_all(trained_cleaner: Cleaner, times: int) -> None:
    """Also in a document of over 20,000 lines, which is judged in parts."""
    page = "Home | News | Sport\r\n\r\nIt rained on Monday, and the bridge was closed.\n"
    text = (page + "".join(f"By Ann Weller {n}\n\n" for n in range(10))) * times
    classified = trained_cleaner.classify(text)
    near_the_seam = [one for one in classified if abs(one.number - LARGEST_LINES) < 3]
    for line in [*classified[:: len(classified) // 6], *near_the_seam, classified[-1]]:
        explained = trained_cleaner.explain_line(text, line.number)
        assert explained
        assert replace(explained, reasons=()) == line
        total = sum(reason.contribution for reason in explained.reasons)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(line.body_probability, abs=1e-6)
    for number in (-1, 0, 2, text.count("\n") + 1, 10**6):
        assert trained_cleaner.explain_line(text, number) is None


@given(text=any_text)
def test_explain_decides_as_classify_and_clean(random_cleaner: Cleaner, text: str) -> None:
    classified, explained = random_cleaner.classify(text), random_cleaner.explain(text)
    assert [(line.number, line.text, line.body_probability, line.label) for line in explained] == [
        (line.number, line.text, line.body_probability, line.label) for line in classified
    ]
    assert all(line.reasons for line in explained)
    assert not any(line.reasons for line in classified)
    for line in explained:
        odds = sum(reason.contribution for reason in line.reasons)
        assert line.body_probability == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-3)


@pytest.mark.parametrize("threshold", [0.01, 0.3, 0.5, 0.9, 0.99])
def test_the_threshold_is_a_probability(random_model: Model, threshold: float) -> None:
    chosen = Cleaner(random_model, threshold)
    lines = [line for text in SHORT_TEXTS for line in chosen.classify(text)]
    assert len(lines) > 30
    for line in lines:
        if abs(line.body_probability - threshold) > 1e-6:
            assert line.label == ("body" if line.body_probability > threshold else "clutter")


def test_a_higher_threshold_keeps_fewer_lines(random_model: Model) -> None:
    kept = [
        sum(cleaned.kept for cleaned in Cleaner(random_model, threshold).clean_encoded(
            [encode_text(text) for text in SHORT_TEXTS]
        ))
        for threshold in (0.001, 0.5, 0.999)
    ]  # fmt: skip
    assert kept[0] > kept[1] > kept[2]


@pytest.mark.parametrize("threshold", [0, 1, -0.1, 1.5, math.nan, math.inf])
def test_thresholds_that_are_refused(random_model: Model, threshold: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        Cleaner(random_model, threshold)


def test_a_threshold_takes_the_place_of_the_models_own(random_model: Model) -> None:
    assert Cleaner(random_model).threshold == random_model.threshold
    assert Cleaner(random_model, 0.2).threshold == 0.2


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n\u2028", "\n" * 5000, "\u200b"])
def test_nothing_gives_nothing(random_cleaner: Cleaner, text: str) -> None:
    assert random_cleaner.clean(text) == ""
    assert random_cleaner.classify(text) == []
    [cleaned] = random_cleaner.clean_encoded([encode_text(text)])
    assert cleaned == Cleaned(b"", 0, 0, 1.0)


def test_no_documents(random_cleaner: Cleaner) -> None:
    assert random_cleaner.clean_encoded([]) == []
    assert list(random_cleaner.clean_many([])) == []


def test_texts_are_taken_as_they_are_needed(random_cleaner: Cleaner) -> None:
    """A stream without end is cleaned in constant memory."""
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield CASE_TEXTS[0]

    results = random_cleaner.clean_many(endless())
    first = [next(results) for _ in range(600)]
    assert len(set(first)) == 1
    assert taken < 1200


@pytest.mark.parametrize(
    "text",
    [
        "The council said on Monday that it would keep the bridge. " * 180_000,
        "a" * 10_000_000,
        "中" * 1_500_000,
        "(/ " * 1_000_000,
        "\n" * 1_000_000,
        "abc\n" * 300_000,
    ],
    ids=["a line of 10 MB", "one letter", "ideographs", "brackets", "empty lines", "short lines"],
)
def test_huge_documents(random_cleaner: Cleaner, text: str) -> None:
    content = encode_text(text)
    n_lines = sum(map(bool, text.split("\n")))
    tracemalloc.start()
    try:
        [cleaned] = random_cleaner.clean_encoded([content])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50e6 + BYTES_PER_BYTE * len(content) + BYTES_PER_LINE * n_lines
    assert cleaned.kept + cleaned.dropped == n_lines
    assert cleaned.kept == 0 or cleaned.data in (
        text.rstrip().encode() + b"\n",
        b"abc\n" * cleaned.kept,
    )


def test_a_document_of_very_many_lines_is_judged_in_parts(random_cleaner: Cleaner) -> None:
    text = "\n\n".join(f"{line}" for line in CASE_TEXTS[0].splitlines() if line.strip())
    text = f"{text}\n" * (2 * LARGEST_LINES // (text.count("\n") + 1))
    parts = split_content(encode_text(text))
    assert len(parts) > 1
    assert b"\n".join(parts) == encode_text(text)
    assert max(part.count(b"\n") for part in parts) < LARGEST_LINES
    lines = random_cleaner.classify(text)
    source = text.split("\n")
    assert [line.text for line in lines] == [line for line in source if line.strip()]
    assert all(source[line.number - 1] == line.text for line in lines)
    kept = [line.text.rstrip() for line in lines if line.label == "body"]
    assert [line for line in random_cleaner.clean(text).split("\n") if line] == kept


def test_a_huge_document_changes_nothing_for_its_neighbours(random_cleaner: Cleaner) -> None:
    small = CASE_TEXTS[0]
    texts = [small, "The bridge. " * 50_000, small]
    found = list(random_cleaner.clean_many(texts))
    assert found[0] == found[2] == random_cleaner.clean(small)


def test_confidence_is_the_probability_of_being_right(random_cleaner: Cleaner) -> None:
    texts = [text for text in SHORT_TEXTS if random_cleaner.classify(text)]
    scored = random_cleaner.model.score(lay_out_lines([encode_text(text) for text in texts]))
    for text, confidence in zip(texts, document_confidence(scored), strict=True):
        right = [
            max(line.body_probability, 1 - line.body_probability)
            for line in random_cleaner.classify(text)
        ]
        assert min(right) - 0.01 <= confidence <= max(right) + 0.01


def test_confidence_of_certain_and_of_open_decisions(random_model: Model) -> None:
    lines = lay_out_lines([b"one\ntwo\nthree", b"four", b""])
    scored = random_model.score(lines)
    for odds, expected in ((0, 0.5), (50, 1), (-50, 1)):
        sure = scored._replace(log_odds=np.full_like(scored.log_odds, odds))
        assert document_confidence(sure).tolist() == [expected, expected, 1]


def test_training_on_a_few_documents_already_helps(
    trained_cleaner: Cleaner, documents: list[LabelledDocument]
) -> None:
    """On the documents it has seen; what it does on others is measured by `evaluate`."""
    right = total = 0
    for document in documents:
        for line in trained_cleaner.classify(document.text):
            label = document.labels[line.number - 1]
            right += label == line.label
            total += label is not None
    assert right / total > 0.9


def test_a_saved_model_cleans_as_before(
    trained_cleaner: Cleaner, documents: list[LabelledDocument], tmp_path: Path
) -> None:
    from cleaner.model import save_model

    save_model(trained_cleaner.model, tmp_path / "mine.npz")
    loaded = Cleaner.load(tmp_path / "mine.npz")
    texts = [document.text for document in documents]
    assert list(loaded.clean_many(texts)) == list(trained_cleaner.clean_many(texts))
    with pytest.raises(ModelError, match="no model"):
        Cleaner.load(tmp_path / "yours.npz")


def test_the_shipped_model_cleans(documents: list[LabelledDocument]) -> None:
    shipped = Cleaner.load()
    texts = [document.text for document in documents]
    results = [cleaner.clean(text) for text in texts]
    assert results == list(shipped.clean_many(texts))
    assert 0 < len("".join(results)) < len("".join(texts))


@pytest.mark.parametrize("wrong", [None, b"It rained.", ["It rained."], 1])
def test_what_is_no_text_is_refused(wrong: Any) -> None:
    cleaner = Cleaner.load()
    for method in (cleaner.clean, cleaner.classify, cleaner.explain, clean):
        with pytest.raises(TypeError, match=f"expected a text, a str, not {type(wrong).__name__}"):
            method(wrong)
    with pytest.raises(TypeError, match=f"expected a text, a str, not {type(wrong).__name__}"):
        cleaner.explain_line(wrong, 1)
    with pytest.raises(TypeError, match="text 1 is not a str but"):
        list(cleaner.clean_many(["It rained.", wrong]))


@pytest.mark.parametrize("wrong", ["It rained.", b"It rained.", None, np.array([["It rained."]])])
def test_what_is_not_many_texts_is_refused_at_once(wrong: Any) -> None:
    cleaner = Cleaner.load()
    for method in (cleaner.clean_many, cleaner.clean_with_confidence):
        with pytest.raises(TypeError, match="expected a sequence of texts, not a "):
            method(wrong)


def test_a_line_that_is_too_long_to_be_looked_at_whole_comes_out_whole() -> None:
    cleaner = Cleaner.load()
    paragraph = "The council said on Monday that engineers had found cracks in the bridge. " * 4000
    text = f"Home | News\n\n{paragraph}\n\nAnother day, the council promised, it would reopen.\n"
    assert len(paragraph) > 2 * LONGEST_LINE
    assert paragraph.rstrip() in cleaner.clean(text)
    assert [line.text for line in cleaner.classify(text)] == [
        line for line in text.split("\n") if line
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("shape", ["one line of quotes", "lines of quotes"])
def test_memory_is_bounded_for_any_line(shape: str) -> None:
    line = {"one line of quotes": "'" * 8_000_000, "lines of quotes": ("'" * 60_000 + "\n") * 133}
    program = (
        "import sys, resource, cleaner\n"
        "text = sys.stdin.read()\n"
        "cleaner.clean('')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "cleaner.clean(text)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=line[shape], capture_output=True, text=True
    )
    assert int(done.stdout) * 1024 < 30 * len(line[shape]), done.stderr
