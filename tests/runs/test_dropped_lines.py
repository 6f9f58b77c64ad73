"""What a worker says of one file: which of its lines were dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.runs.task import count_dropped_lines


@pytest.mark.parametrize(
    ("before", "after", "dropped"),
    [
        ("", "", {}),
        ("\n \n\t\n", "", {}),
        ("Home\nIt rained.\n", "It rained.\n", {"Home": 1}),
        ("Home \r\n Home\rIt rained.", "It rained.\n", {"Home": 2}),
        ("Share\nIt rained.\nShare\n", "Share\nIt rained.\n", {"Share": 1}),
        ("x" * 500 + "\n" + "x" * 400, "", {"x" * 160: 2}),
        ("\u2028Über uns\u00a0\n", "", {"Über uns": 1}),
    ],
)
def test_dropped_lines_are_those_of_the_input_that_are_not_in_the_output(
    before: str, after: str, dropped: dict[str, int]
) -> None:
    assert count_dropped_lines(before.encode(), after.encode()) == dropped


@given(st.lists(st.sampled_from(["Home", "Share this", " It rained all night. ", "", "\t"])))
def test_as_many_are_counted_as_the_cleaner_drops(lines: list[str]) -> None:
    content = "\n".join(lines).encode()
    [cleaned] = Cleaner.load().clean_encoded([content])
    assert count_dropped_lines(content, cleaned.data).total() == cleaned.dropped
