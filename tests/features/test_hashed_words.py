"""Columns of words, pairs and places, and their sums against a slow count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import (
    N_COLUMNS,
    WEIGHT_UNIT,
    hashed_word_features,
    lexical_log_odds,
    lexical_places,
)
from cleaner.text import encode_text, lay_out_lines

WEIGHTS = np.random.default_rng(3).integers(-(2**15) + 1, 2**15, N_COLUMNS).astype(np.int16)
any_text = st.text(st.sampled_from("ab Z9.中ا🙂\n\n\u2028\ud800"), max_size=60)


def columns_of(text: str) -> list[list[int]]:
    """Columns of each line that is not blank, sorted."""
    lines = lay_out_lines([encode_text(text)])
    at, columns = lexical_places(lines).entries()
    return [sorted(columns[at == row].tolist()) for row in lines.row.tolist()]


@given(any_text)
def test_entries_are_counted(text: str) -> None:
    lines = lay_out_lines([encode_text(text)])
    places = lexical_places(lines)
    at, columns = places.entries()
    assert np.bincount(at, minlength=lines.n_rows).tolist() == places.n_entries.tolist()
    assert ((columns >= 0) & (columns < N_COLUMNS)).all()


@given(any_text)
def test_log_odds_are_scaled_sums_of_weights(text: str) -> None:
    lines = lay_out_lines([encode_text(text)])
    odds = lexical_log_odds(lexical_places(lines), WEIGHTS, 0.5)[0]
    expected = [
        WEIGHTS[columns].astype(float).sum() * WEIGHT_UNIT / len(columns) ** 0.5 + 0.5
        for columns in columns_of(text)
    ]
    assert odds[lines.row].tolist() == pytest.approx(expected, rel=1e-6)
    assert not np.delete(odds, lines.row).any()


@given(any_text)
def test_columns_fold_case_and_digits(text: str) -> None:
    other = text.swapcase().replace("9", "4")
    assert columns_of(text) == columns_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("read more", "more read"),  # order
        ("Share", "Share Share"),  # number
        ("Share", "Share this page with all of your friends"),  # a word of a short line
        ("the bridge is open, the road is closed", "the road is open, the bridge is closed"),
    ],
)
def test_columns_tell_lines_apart(one: str, other: str) -> None:
    assert columns_of(one) != columns_of(other)
    assert set(columns_of(one)[0]) - set(columns_of(other)[0])


def test_a_line_knows_the_words_of_its_neighbours_and_of_no_other_document() -> None:
    texts = ["a\nb\nc", "d\ne"]
    lines = lay_out_lines([encode_text(text) for text in texts])
    odds = np.full(lines.n_rows, 99, np.float32)
    odds[lines.row] = [1, 2, -3, 4, 5]
    columns = hashed_word_features(lines, odds, odds, odds)
    by_name = {name: column[lines.row] for name, column in columns.items()}
    assert by_name["lexical"].tolist() == [1, 2, -3, 4, 5]
    assert by_name["lexical+1"].tolist() == [2, -3, 0, 5, 0]
    assert by_name["lexical-1"].tolist() == [0, 1, 2, 0, 4]
    assert by_name["lexical_head"].tolist() == [1, 2, -3, 4, 5]
    assert by_name["lexical_before_4"].tolist() == [0, 1, 1.5, 0, 4]
    assert by_name["lexical_after_16"].tolist() == [-0.5, -3, 0, 5, 0]


def test_the_first_and_the_last_words_of_a_line_are_weighed_by_themselves() -> None:
    """Of five tokens at either end: their words, and their pairs with one another."""
    text = "one two three four five six seven\n\neight"
    lines = lay_out_lines([encode_text(text)])
    places = lexical_places(lines)
    _, heads, tails = lexical_log_odds(places, WEIGHTS, 0.5)
    for end, odds, words in (
        (0, heads, "one two three four five"),
        (1, tails, "three four five six seven"),
    ):
        rows, columns, number = places.end_entries(end)
        assert np.bincount(rows, minlength=lines.n_rows)[lines.row].tolist() == [9, 1]
        assert number[lines.row].tolist() == [9, 1]
        whole = lexical_places(lay_out_lines([encode_text(words)]))
        expected = sorted([*whole.of_words.tolist(), *whole.of_pairs[:-1].tolist()])
        assert sorted(columns[rows == lines.row[0]].tolist()) == expected
        total = WEIGHTS[expected].astype(float).sum() * WEIGHT_UNIT / 3 + 0.5
        assert odds[lines.row[0]] == pytest.approx(total, rel=1e-6)
    assert heads[lines.row[1]] == tails[lines.row[1]]
    assert not np.delete(heads, lines.row).any()


@given(any_text)
def test_entries_of_ends_are_those_that_are_weighed(text: str) -> None:
    lines = lay_out_lines([encode_text(text)])
    places = lexical_places(lines)
    for end, odds in enumerate(lexical_log_odds(places, WEIGHTS, 0.5)[1:]):
        rows, columns, number = places.end_entries(end)
        total = np.bincount(rows, WEIGHTS[columns].astype(float), lines.n_rows)
        expected = total * WEIGHT_UNIT / np.sqrt(number) + 0.5
        assert odds[lines.row].tolist() == pytest.approx(expected[lines.row].tolist(), rel=1e-5)
