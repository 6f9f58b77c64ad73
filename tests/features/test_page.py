"""Distances against slow counts; repeats, layout and places by example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import line_features, page_features, prepare_overlap
from cleaner.features.windows import FAR_LINES, lines_since, lines_until
from cleaner.text import Floats, Lines, encode_text, lay_out_lines

PARAGRAPH = "The council said on Monday that it would keep the old bridge over the river."
# Documents as numbers of lines, each a flag.
flagged_documents = st.lists(st.lists(st.booleans(), max_size=70), min_size=1, max_size=4)


def rows_of(*texts: str) -> Lines:
    return lay_out_lines([encode_text(text) for text in texts])


def surroundings_of(text: str) -> dict[str, Floats]:
    """Surroundings of each line that is not blank, by name."""
    lines = lay_out_lines([encode_text(text)])
    line, good = line_features(lines)
    columns = page_features(lines, line, good, prepare_overlap(lines))
    return {name: column[lines.row] for name, column in columns.items()}


@given(flagged_documents)
def test_distances_to_flagged_lines_of_the_same_document(documents: list[list[bool]]) -> None:
    lines = rows_of(*("\n".join("x" * len(document)) for document in documents))
    flags = np.zeros(lines.n_rows, bool)
    flags[lines.row] = [flag for document in documents for flag in document]
    before, after = lines_since(lines, flags), lines_until(lines, flags)
    expected = [
        (_distance(document[:n][::-1]), _distance(document[n + 1 :]))
        for document in documents
        for n in range(len(document))
    ]
    found = list(zip(before[lines.row].tolist(), after[lines.row].tolist(), strict=True))
    assert found == expected


def _distance(flags: list[bool]) -> int:
    """Count lines to the first flag."""
    return min(flags.index(True), FAR_LINES) if True in flags else FAR_LINES


def test_repeats() -> None:
    long = "Ten quiet lakes to swim in before the summer ends"
    found = surroundings_of(f"Share\n{long}\nThe weather\nSHARE\n{long}")
    assert found["repeated"].tolist() == [1, 1, 0, 1, 1]
    assert found["repeated_long"].tolist() == [0, 1, 0, 0, 1]
    assert found["near_repeat"][[1, 4]].tolist() == [1, 1]
    assert found["near_repeat"][2] == 0


def test_blank_lines() -> None:
    found = surroundings_of("one\ntwo\n\nthree\n\n\nfour")
    assert found["blank_before"].tolist() == [3, 0, 1, 2]
    assert found["blank_after"].tolist() == [0, 1, 2, 3]
    assert found["alone"].tolist() == [0, 0, 1, 1]
    assert found["no_blank_before"].tolist() == [0, 1, 0, 0]
    assert found["one_blank_after"].tolist() == [0, 1, 0, 0]
    assert found["joined_before_unusual"] == pytest.approx([0, 2 / 3, 0, 0])
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
    assert found["gap_lines"][2] == 0
    assert found["gap_lines"][[1, 3]].tolist() == [0, 0]
    assert found["good_before_4"] == pytest.approx([0, 0, 0.5, 1 / 3, 0.5])
    assert found["few_good"].tolist() == [1] * 5
    assert found["below_longest"][[1, 3]].tolist() == [0, 0]
    assert found["below_longest"][0] > 1


def test_a_list_is_introduced_by_a_colon() -> None:
    intro = PARAGRAPH.replace(" over the river.", " and two more:")
    found = surroundings_of(f"{intro}\nStone Bridge\nMill Bridge\n{PARAGRAPH}\nShare")
    assert found["introduced"].tolist() == [0, 1, 1, 1, 0]


@given(st.lists(st.sampled_from(["", "Home", PARAGRAPH, "中文", "🙂", "\ud800"]), max_size=30))
def test_any_text_has_finite_surroundings(lines: list[str]) -> None:
    if any(lines):
        for name, values in surroundings_of("\n".join(lines)).items():
            assert np.isfinite(values).all(), name
