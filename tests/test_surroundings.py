"""Distances, repeats and shared words against slow counts; layout by example."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.batch import encode_text, make_batch
from cleaner.features import line_features
from cleaner.rows import Floats, Rows, Words, lay_out_rows
from cleaner.surroundings import (
    SURROUNDINGS,
    Slots,
    cohesion,
    distances,
    document_of_rows,
    line_hashes,
    surrounding_features,
)

FAR = 50
PARAGRAPH = "The council said on Monday that it would keep the old bridge over the river."
# Documents as numbers of lines, each a flag.
flagged_documents = st.lists(st.lists(st.booleans(), max_size=70), min_size=1, max_size=4)


def rows_of(*texts: str) -> tuple[Rows, Words]:
    return lay_out_rows(make_batch([encode_text(text) for text in texts]))


def surroundings_of(text: str) -> dict[str, Floats]:
    """Surroundings of each line that is not blank, by name."""
    batch = make_batch([encode_text(text)])
    rows, words = lay_out_rows(batch)
    columns = surrounding_features(rows, words, *line_features(batch, rows, words))
    return dict(zip(SURROUNDINGS, columns[:, rows.row], strict=True))


@given(flagged_documents)
def test_distances_to_flagged_lines_of_the_same_document(documents: list[list[bool]]) -> None:
    rows, _ = rows_of(*("\n".join("x" * len(document)) for document in documents))
    flags = np.zeros(rows.n_rows, bool)
    flags[rows.row] = [flag for document in documents for flag in document]
    before, after = distances(rows, flags)
    expected = [
        (_distance(document[:n][::-1]), _distance(document[n + 1 :]))
        for document in documents
        for n in range(len(document))
    ]
    found = list(zip(before[rows.row].tolist(), after[rows.row].tolist(), strict=True))
    assert found == [pytest.approx(pair) for pair in expected]


def _distance(flags: list[bool]) -> float:
    """Logarithm of the distance to the first flag."""
    return math.log1p(min(flags.index(True), FAR - 1) if True in flags else FAR - 1)


@st.composite
def keyed_documents(draw: st.DrawFn) -> list[list[list[int]]]:
    """Documents of lines of keys, few enough that keys repeat; spread over all 64 bits."""
    key = st.integers(1, 12).map(lambda n: n * 0x1234567890ABCDEF % 2**64)
    return draw(st.lists(st.lists(st.lists(key, max_size=5), max_size=6), min_size=1, max_size=4))


@given(keyed_documents(), st.data())
def test_slots_find_the_first_and_last_equal_key(
    documents: list[list[list[int]]], data: st.DataObject
) -> None:
    keys = [key for document in documents for line in document for key in line]
    document = [n for n, lines in enumerate(documents) for line in lines for _ in line]
    row = [n for n, line in enumerate(itertools.chain(*documents)) for _ in line]
    slots = Slots(np.array(keys, np.uint64), np.array(document, np.int64), len(documents))
    among = data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))
    first, last = slots.ends(np.flatnonzero(among))
    supporting = np.array(among, bool)
    shared = slots.shared(np.array(row, np.int64), supporting)
    occurrences = slots.occurrences()
    for n, key in enumerate(keys):
        same = [m for m, k in enumerate(keys) if (k, document[m]) == (key, document[n])]
        candidates = [m for m in same if among[m]]
        expected = (candidates[0], candidates[-1]) if candidates else (-1, -1)
        # Two keys in one slot may hide one another, but are never taken for one another.
        if (first[n], last[n]) != expected:
            assert -1 in (first[n], last[n])
            assert occurrences[n] > len(same)
            continue
        assert shared[n] == any(row[m] != row[n] for m in expected if m >= 0)
        assert occurrences[n] >= len(same)


def test_slots_miss_few_of_many_keys() -> None:
    keys = np.random.default_rng(1).integers(1, 2**64, 20_000, np.uint64)
    slots = Slots(np.concatenate((keys, keys)), np.zeros(40_000, np.int64), 1)
    first, last = slots.ends(np.arange(40_000))
    found = (first == np.tile(np.arange(20_000), 2)) & (last == first + 20_000)
    assert found.mean() > 0.9
    assert (slots.occurrences() == 2).mean() > 0.9


def test_hashes_of_lines_tell_order_and_fold_digits() -> None:
    text = "Read this now\nread THIS now\nNow this read\nRead this\n10 people\n25 people"
    rows, words = rows_of(text)
    same, also, other, shorter, ten, twenty_five = line_hashes(words)[rows.row].tolist()
    assert same == also
    assert len({same, other, shorter}) == 3
    assert ten == twenty_five


def test_document_of_rows() -> None:
    rows, _ = rows_of("a\nb", "", "c")
    assert document_of_rows(rows)[rows.row].tolist() == [0, 0, 2]


def test_cohesion_is_the_share_of_words_in_other_supporting_lines() -> None:
    article = "Harbour ferry captain storm\nferry captain island\nbakery piano\n12 ! 7"
    other = "bakery piano"
    rows, words = rows_of(article, other)
    supporting = np.zeros(rows.n_rows, bool)
    supporting[rows.row[:2]] = True
    shared = cohesion(rows, words, supporting)[0][rows.row]
    assert 0 < shared[0] < shared[1] < 1
    # Neither a line's own words nor those of other documents count.
    assert shared[2:].tolist() == [0, 0, 0]


def test_names_are_capitalised_words_but_the_first() -> None:
    text = "Minister Anna Berg spoke\nthen Anna Berg left\nMinister Olaf Holm spoke\nno names here"
    rows, words = rows_of(text)
    supporting = np.zeros(rows.n_rows, bool)
    supporting[rows.row[:2]] = True
    names = cohesion(rows, words, supporting)[1][rows.row]
    assert names.tolist() == [1, 1, 0, 0.5]


def test_repeats() -> None:
    long = "Ten quiet lakes to swim in before the summer ends"
    found = surroundings_of(f"Share\n{long}\nThe weather\nSHARE\n{long}")
    assert found["repeated"].tolist() == [1, 1, 0, 1, 1]
    assert found["repeated_later"].tolist() == [0, 0, 0, 1, 1]
    assert found["repeated_long"].tolist() == [0, 1, 0, 0, 1]
    assert found["near_repeat"][[1, 4]].tolist() == [1, 1]
    assert found["near_repeat"][2] == 0


def test_blank_lines() -> None:
    found = surroundings_of("one\ntwo\n\nthree\n\n\nfour")
    assert found["blank_before"].tolist() == [3, 0, 1, 2]
    assert found["blank_after"].tolist() == [0, 1, 2, 3]
    assert found["alone"].tolist() == [0, 0, 1, 1]
    assert found["blank_habit"] == pytest.approx([2 / 3] * 4)
    assert found["log_block"] == pytest.approx(np.log1p([2, 2, 1, 1]))


@pytest.mark.parametrize("before", ["", "\n\n\n", " \n\t\n"])
@pytest.mark.parametrize("after", ["", "\n\n\n\n"])
def test_blank_lines_around_a_document_are_nothing(before: str, after: str) -> None:
    text = f"Home\n\n{PARAGRAPH}\n{PARAGRAPH}"
    plain, spaced = surroundings_of(text), surroundings_of(before + text + after)
    assert {k: v.tolist() for k, v in plain.items()} == {k: v.tolist() for k, v in spaced.items()}


def test_places_and_running_text() -> None:
    found = surroundings_of(f"Home\n{PARAGRAPH}\nShare\n{PARAGRAPH}\nMore")
    assert found["place"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert found["before_good"].tolist() == [1, 1, 0, 0, 0]
    assert found["after_good"].tolist() == [0, 0, 0, 1, 1]
    assert found["between_good"].tolist() == [0, 0, 1, 0, 0]
    assert found["good_share"] == pytest.approx([0.4] * 5)
    assert found["good_before_1"].tolist() == [0, 0, 1, 0, 1]
    assert found["good_after_1"].tolist() == [1, 0, 1, 0, 0]


@given(st.lists(st.sampled_from(["", "Home", PARAGRAPH, "中文", "🙂", "\ud800"]), max_size=30))
def test_any_text_has_finite_surroundings(lines: list[str]) -> None:
    if any(lines):
        for name, values in surroundings_of("\n".join(lines)).items():
            assert np.isfinite(values).all(), name
