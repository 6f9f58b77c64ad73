"""Columns are features of the line and of its neighbours, each with its weight in its place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaner.features import CONTEXT, LEXICAL_CONTEXT, LINE_FEATURES, SURROUNDINGS
from cleaner.model import COLUMN_NAMES, FEATURES, PASS_1, PASS_2, describe, design_matrix
from cleaner.model.columns import (
    N_BEFORE_CONTEXT,
    OFFSETS,
    Column,
    column_places,
    shifted_views,
    weight_matrix,
)
from cleaner.text.lines import MARGIN

NUMBER = {name: number for number, name in enumerate(FEATURES)}
N_ROWS = 20


def some_features() -> NDArray[np.int8]:
    draw = np.random.default_rng(5)
    return draw.integers(-120, 121, (len(FEATURES), N_ROWS)).astype(np.int8)


def test_no_name_is_given_twice() -> None:
    parts = (LINE_FEATURES, SURROUNDINGS, LEXICAL_CONTEXT, CONTEXT)
    assert len(FEATURES) == sum(map(len, parts))
    for columns in (PASS_1, PASS_2):
        assert len(set(columns)) == len(columns)
        assert len(set(map(str, columns))) == len(columns)


def test_pass_1_does_not_see_its_own_judgement() -> None:
    assert not {column.feature for column in PASS_1} & set(CONTEXT)
    assert [column for column in PASS_2 if column.feature not in CONTEXT] == list(PASS_1)
    assert set(list(FEATURES)[N_BEFORE_CONTEXT:]) == set(CONTEXT)


def test_neighbours_are_seen_by_line_features_within_the_margin() -> None:
    for column in PASS_2:
        assert abs(column.offset) <= min(OFFSETS[-1], MARGIN)
        assert column.feature in LINE_FEATURES or not column.offset


@pytest.mark.parametrize("column", [PASS_2[0], PASS_2[-1], *PASS_2[::97]], ids=str)
def test_a_column_is_the_feature_of_a_line_further_on(column: Column) -> None:
    features = some_features()
    [feature], [offset] = column_places((column,))
    taken = shifted_views(features)[feature, offset]
    reach = OFFSETS[-1]
    expected = [
        features[NUMBER[column.feature], row + column.offset]
        for row in range(reach, N_ROWS - reach)
    ]
    assert taken.tolist() == expected


def test_the_design_matrix_holds_the_columns_in_order() -> None:
    features = some_features()
    design = design_matrix(features, PASS_2)
    assert design.shape == (N_ROWS, len(PASS_2))
    assert design.dtype == np.int8
    reach = OFFSETS[-1]
    views = shifted_views(features)
    places = list(zip(*column_places(PASS_2), strict=True))
    for number in range(0, len(PASS_2), 31):
        expected = views[places[number]]
        assert design[reach:-reach, number].tolist() == expected.tolist()


def test_weights_are_arranged_by_offset_and_feature() -> None:
    weights = np.arange(1, len(PASS_2) + 1, dtype=np.int32)
    matrix = weight_matrix(weights, PASS_2)
    assert matrix.shape == (len(OFFSETS), len(FEATURES))
    for number in range(0, len(PASS_2), 31):
        column = PASS_2[number]
        assert matrix[OFFSETS.index(column.offset), NUMBER[column.feature]] == number + 1
    assert np.count_nonzero(matrix) == len(PASS_2)


def test_every_column_is_described_in_words_of_its_own() -> None:
    assert len({describe(column) for column in PASS_2}) == len(PASS_2)
    assert describe(Column("quote", 2)) == "2 lines after: has quotation marks"
    assert str(Column("quote", 2)) == "quote[+2]"


def test_columns_that_are_left_out_are_0() -> None:
    """A feature's name stands for its neighbours' columns too, theirs for themselves alone."""
    features = some_features()
    left_out = ["words", "quote[-1]", "odds"]
    whole, some = design_matrix(features, PASS_2), design_matrix(features, PASS_2, left_out)
    gone = [column.feature in ("words", "odds") or str(column) == "quote[-1]" for column in PASS_2]
    assert sum(gone) == 1 + 4 + 1 + 1
    assert not some[:, gone].any()
    kept = np.logical_not(gone)
    assert (some[:, kept] == whole[:, kept]).all()
    assert set(left_out) < COLUMN_NAMES
