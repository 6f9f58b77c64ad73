"""What pass 2 says of the lines around a line, and of no other document."""

import numpy as np
import pytest

from cleaner.features import JUDGED_FEATURES, judged_features
from cleaner.text import lay_out_lines


def judged(documents: list[list[float]]) -> list[dict[str, list[float]]]:
    lines = lay_out_lines([b"\n".join([b"x"] * len(one)) for one in documents])
    odds = np.full(lines.n_rows, 7.5, np.float32)  # nobody may look at empty rows
    odds[lines.row] = [value for one in documents for value in one]
    columns = judged_features(lines, odds)
    assert list(columns) == list(JUDGED_FEATURES)
    return [
        {name: one[lines.row[lines.document == number]].tolist() for name, one in columns.items()}
        for number in range(len(documents))
    ]


def test_neighbours_and_windows() -> None:
    [found] = judged([[1, -2, 3, 0.5, -1]])
    assert found["judged_before_1"] == [0, 1, -2, 3, 0.5]
    assert found["judged_before_2"] == [0, 0, 1, -2, 3]
    assert found["judged_after_1"] == [-2, 3, 0.5, -1, 0]
    assert found["judged_after_2"] == [3, 0.5, -1, 0, 0]
    assert found["judged_before_4"] == pytest.approx([0, 1, -0.5, 2 / 3, 0.625])
    assert found["judged_after_4"] == pytest.approx([0.125, 2.5 / 3, -0.25, -1, 0])
    assert found["judged_after_16"] == found["judged_after_4"]


def test_log_odds_are_clipped_and_rounded() -> None:
    [found] = judged([[99, 0.26, -99]])
    assert found["judged_before_1"] == [0, 8, 0.25]
    assert found["judged_after_1"] == [0.25, -8, 0]


def test_a_document_sees_nothing_of_another() -> None:
    documents = [[4.0], [1.0, -2.0] * 12, [0.5]]
    assert judged(documents) == [judged([one])[0] for one in documents]
