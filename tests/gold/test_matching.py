"""Runs of equal tokens: what must hold for any two sequences, and chosen examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.gold.matching import find_runs, match_tokens
from cleaner.text import split_tokens

SHINGLE = 4  # equal tokens that make a run
tokens = st.lists(st.sampled_from("abc"), max_size=40)


@given(tokens, tokens)
def test_runs_are_equal_maximal_and_complete(page: list[str], gold: list[str]) -> None:
    runs = find_runs(page, gold)
    assert len(set(runs)) == len(runs)
    for i, j, n in runs:
        assert n >= SHINGLE
        assert page[i : i + n] == gold[j : j + n]
        assert i == 0 or j == 0 or page[i - 1] != gold[j - 1]
        assert i + n == len(page) or j + n == len(gold) or page[i + n] != gold[j + n]
    covered = {(run.page + k, run.gold + k) for run in runs for k in range(run.length)}
    for i in range(len(page) - SHINGLE + 1):
        for j in range(len(gold) - SHINGLE + 1):
            if page[i : i + SHINGLE] == gold[j : j + SHINGLE]:
                assert (i, j) in covered


@given(tokens, tokens, st.frozensets(st.integers(0, 40)), st.frozensets(st.integers(0, 40)))
def test_matched_tokens_are_equal_and_matched_once(
    page: list[str], gold: list[str], page_breaks: frozenset[int], gold_breaks: frozenset[int]
) -> None:
    gold_at = match_tokens(page, gold, page_breaks, gold_breaks)
    matched = [(i, j) for i, j in enumerate(gold_at) if j >= 0]
    assert len(gold_at) == len(page)
    assert all(page[i] == gold[j] for i, j in matched)
    assert len({j for _, j in matched}) == len(matched)


@given(tokens)
def test_a_text_matches_itself(text: list[str]) -> None:
    expected = list(range(len(text))) if len(text) >= SHINGLE else [-1] * len(text)
    assert match_tokens(text, text) == expected


def test_short_runs_do_not_match_out_of_order() -> None:
    page = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d"]
    gold = ["a", "b", "c", "d", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert match_tokens(page, gold) == [*range(4, 13), -1, -1, -1, -1]


def test_the_border_of_two_matches_is_put_where_lines_begin() -> None:
    # "q1 q2 q3 q4" stands twice: set large at 4 to 7, and in its paragraph at 8 to 11.
    page = ["p1", "p2", "p3", "p4", "q1", "q2", "q3", "q4", "q1", "q2", "q3", "q4", "r1", "r2"]
    gold = ["p1", "p2", "p3", "p4", "q1", "q2", "q3", "q4", "r1", "r2"]
    assert match_tokens(page, gold, {0, 4, 8}, {0, 4})[4:8] == [-1] * 4


def test_the_commonest_shingles_are_left_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    page = gold = ["x"] * 20 + ["a", "b", "c", "d"]
    monkeypatch.setattr("cleaner.gold.matching.MAX_PAIRS", 100)  # the x's alone give 17 x 17 pairs
    assert find_runs(page, gold) == [(0, 0, 24)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("_ – …", []),
        ("snake_case", ["snake", "case"]),
        ("Ⅳ ﬁve ½", ["iv", "five", "1", "2"]),
        ("서울에서 비가", ["서울에서", "비가"]),
        ("हिन्दी में बारिश।", ["हिन्दी", "में", "बारिश"]),
        ("مُدُن قديمة، ثم", ["مُدُن", "قديمة", "ثم"]),
        ("Tokyo東京2020年", ["tokyo", "東", "京", "2020", "年"]),
    ],
)
def test_split_tokens(text: str, expected: list[str]) -> None:
    assert split_tokens(text) == expected
