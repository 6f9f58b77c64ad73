"""Labels by alignment: cases in cases/alignment.json, and what must hold for any text."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.gold.alignment import align_lines, label_of
from cleaner.labelled import Label
from cleaner.text import split_tokens

CASES = json.loads((Path(__file__).parents[1] / "cases/alignment.json").read_text("utf-8"))

words = st.sampled_from(["the", "a", "of", "rain", "fell", "north", "5", "東", "京", "said"])
paragraphs = st.lists(st.lists(words, max_size=12).map(" ".join), max_size=8)


def label_lines(lines: list[str], gold: list[str]) -> list[Label | None]:
    return [label_of(match) for match in align_lines(lines, gold)]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    assert label_lines(case["lines"], case["gold"]) == case["labels"]


@given(paragraphs, paragraphs)
def test_one_label_a_line_and_none_for_lines_without_tokens(
    lines: list[str], gold: list[str]
) -> None:
    labels = label_lines(lines, gold)
    assert [label is None for label in labels] == [not split_tokens(line) for line in lines]


@given(paragraphs, paragraphs)
def test_no_more_is_aligned_than_line_and_article_hold(lines: list[str], gold: list[str]) -> None:
    matches = align_lines(lines, gold)
    assert all(0 <= match.aligned <= match.tokens for match in matches)
    assert sum(match.aligned for match in matches) <= sum(len(split_tokens(p)) for p in gold)
    assert all((match.paragraph >= 0) == (match.aligned > 0) for match in matches)


@given(paragraphs, st.integers(0, 8))
def test_an_article_between_foreign_lines_is_found(gold: list[str], n_foreign: int) -> None:
    gold = [*gold, "this paragraph is long enough to be found"]
    lines = [*["menu"] * n_foreign, *gold, *["footer"] * n_foreign]
    labels = label_lines(lines, gold)
    expected = ["body" if split_tokens(paragraph) else None for paragraph in gold]
    assert labels == ["clutter"] * n_foreign + expected + ["clutter"] * n_foreign


def test_paragraph_with_most_of_a_line_is_named() -> None:
    gold = ["one two three four", "five six seven eight nine ten"]
    assert align_lines([" ".join(gold)], gold) == [(10, 10, 1)]


@pytest.mark.parametrize(
    ("lines", "gold"),
    [
        (["buy now"] * 20_000, ["buy now"] * 20_000),
        (["a b " * 20_000], ["b a " * 20_000]),
        ([f"item {n % 50} of the list" for n in range(20_000)], ["item 7 of the list"] * 5_000),
        (["•"] * 100_000, ["•", "a", ""] * 10_000),
        (["x"] * 50_000 + ["the article is here, whole"], ["x"] * 20_000),
    ],
    ids=["equal lines", "one huge line", "repeating list", "no tokens", "short paragraphs"],
)
def test_repetitive_pages_take_seconds_at_most(lines: list[str], gold: list[str]) -> None:
    start = time.process_time()
    label_lines(lines, gold)
    assert time.process_time() - start < 10  # 1 to 2 s on the slowest machine tried
