"""The confidence of a document: how sure the decisions on its lines are."""

from pathlib import Path

import numpy as np
import pytest

from cleaner.cleaning import Cleaner

PAGES = sorted((Path(__file__).parents[1] / "corpus/pages").glob("*.txt"))


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner.load()


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [page.read_text(encoding="utf-8") for page in PAGES]


def test_it_comes_with_the_clean_texts(cleaner: Cleaner, texts: list[str]) -> None:
    results = [*cleaner.clean_with_confidence(texts)]
    assert [text for text, _ in results] == [*cleaner.clean_many(texts)]
    for text, result in zip(texts, results, strict=True):  # alone as in a batch
        assert [*cleaner.clean_with_confidence([text])] == [result]


def test_it_is_the_mean_probability_of_being_right(cleaner: Cleaner, texts: list[str]) -> None:
    for text, (_, confidence) in zip(texts, cleaner.clean_with_confidence(texts), strict=True):
        lines = cleaner.classify(text)
        right = [max(line.body_probability, 1 - line.body_probability) for line in lines]
        length = [len(line.text.split()) + 1 for line in lines]
        # Tokens are not quite what stands between spaces.
        assert confidence == pytest.approx(np.average(right, weights=np.sqrt(length)), abs=0.02)
        assert 0.5 <= confidence <= 1


def test_documents_without_lines_are_certain(cleaner: Cleaner) -> None:
    assert [*cleaner.clean_with_confidence(["", " \n\n"])] == [("", 1.0), ("", 1.0)]


def test_less_certain_documents_are_more_often_wrong(cleaner: Cleaner, texts: list[str]) -> None:
    """What it is for: by it, the documents that need a second look are found."""
    right = []
    for page, (text, confidence) in zip(PAGES, cleaner.clean_with_confidence(texts), strict=True):
        rows = (page.parents[1] / "labelled" / f"{page.stem}.tsv").read_text(encoding="utf-8")
        lines = [row.split("\t", 1) for row in rows.split("\n") if "\t" in row]
        kept = set(text.split("\n"))
        wrong = sum((label == "body") != (line.rstrip() in kept) for label, line in lines)
        right.append((confidence, 1 - wrong / len(lines)))
    right.sort()
    half = len(right) // 2
    shares = [share for _, share in right]
    assert np.mean(shares[:half]) < np.mean(shares[half:])
