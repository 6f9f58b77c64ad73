"""Columns are features of the line and of its neighbours, each with its weight in its place."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaner.features import (
    FEATURES,
    FIRST_FEATURES,
    HASHED_WORD_FEATURES,
    JUDGED_FEATURES,
    LINE_FEATURES,
    MARKUP_FEATURES,
    PAGE_FEATURES,
    STACKED_FEATURES,
    STACKED_MARKUP_FEATURES,
)
from cleaner.model import (
    COLUMN_NAMES,
    FIRST_COLUMNS,
    LIMIT,
    SECOND_COLUMNS,
    STEPS,
    Column,
    describe,
    design_matrix,
)

NUMBER = {name: number for number, name in enumerate(FEATURES)}
NAMES = tuple(FEATURES)
N_ROWS = 20
REACH = 3  # lines on either side that a line sees


def some_features() -> NDArray[np.int8]:
    draw = np.random.default_rng(5)
    return draw.integers(-120, 121, (len(FEATURES), N_ROWS)).astype(np.int8)


def test_no_name_is_given_twice() -> None:
    parts = (
        LINE_FEATURES, PAGE_FEATURES, HASHED_WORD_FEATURES, MARKUP_FEATURES,
        STACKED_FEATURES, STACKED_MARKUP_FEATURES, JUDGED_FEATURES,
    )  # fmt: skip
    assert len(FEATURES) == sum(map(len, parts))
    for columns in (FIRST_COLUMNS, SECOND_COLUMNS):
        assert len(set(columns)) == len(columns)
        assert len(set(map(str, columns))) == len(columns)


def test_pass_1_does_not_see_its_own_judgement() -> None:
    stacked = {*STACKED_FEATURES, *STACKED_MARKUP_FEATURES}
    assert not {column.feature for column in FIRST_COLUMNS} & stacked
    assert not any(column.times for column in FIRST_COLUMNS)
    own = [column for column in FIRST_COLUMNS if not column.offset]
    single = [column for column in SECOND_COLUMNS if not column.times]
    of_lines = [column for column in single if column.feature not in stacked]
    assert of_lines == [column for column in own if column in single]
    assert FEATURES.keys() - FIRST_FEATURES.keys() == stacked | JUDGED_FEATURES.keys()


def test_every_feature_is_seen_alone_or_in_a_product_or_in_pass_1() -> None:
    """But those that only trees are given."""
    seen = {name for column in (*FIRST_COLUMNS, *SECOND_COLUMNS) for name in column[::2] if name}
    assert seen == FEATURES.keys() - JUDGED_FEATURES.keys()


def test_neighbours_are_seen_by_line_features_within_the_margin() -> None:
    for column in (*FIRST_COLUMNS, *SECOND_COLUMNS):
        assert abs(column.offset) <= REACH
        assert column.feature in LINE_FEATURES or not column.offset


@pytest.mark.parametrize(
    "column", [FIRST_COLUMNS[0], FIRST_COLUMNS[-1], *FIRST_COLUMNS[::47]], ids=str
)
def test_a_column_is_the_feature_of_a_line_further_on(column: Column) -> None:
    features = some_features()
    [taken] = design_matrix(features, NAMES, [column]).T
    for row in range(REACH, N_ROWS - REACH):
        assert taken[row] == features[NUMBER[column.feature], row + column.offset]


def test_the_design_matrix_holds_the_columns_in_order() -> None:
    features = some_features()
    design = design_matrix(features, NAMES, FIRST_COLUMNS)
    assert design.shape == (N_ROWS, len(FIRST_COLUMNS))
    assert design.dtype == np.int8
    for number in range(0, len(FIRST_COLUMNS), 31):
        [expected] = design_matrix(features, NAMES, FIRST_COLUMNS[number : number + 1]).T
        assert design[:, number].tolist() == expected.tolist()


def test_a_product_is_in_steps_of_both_deviations() -> None:
    features = some_features()
    column = Column("log_words", times="inside")
    [found] = design_matrix(features, NAMES, [column]).T
    for row in range(REACH, N_ROWS - REACH):
        factors = [int(features[NUMBER[name], row]) for name in ("log_words", "inside")]
        product = factors[0] * factors[1] / STEPS
        assert found[row] == round(min(max(product, -LIMIT), LIMIT))


def test_a_feature_that_is_left_out_takes_its_products_along() -> None:
    column = Column("log_words", times="inside")
    for name in ("log_words", "inside", "log_words*inside"):
        assert not design_matrix(some_features(), NAMES, [column], [name]).any()
        assert name in COLUMN_NAMES
    assert design_matrix(some_features(), NAMES, [column], ["place"]).any()


def test_every_column_is_described_in_words_of_its_own() -> None:
    columns = {*FIRST_COLUMNS, *SECOND_COLUMNS}
    assert len({describe(column) for column in columns}) == len(columns)
    assert describe(Column("clock", 2)) == "2 lines after: has a time of day"
    assert str(Column("clock", 2)) == "clock[+2]"


def test_columns_that_are_left_out_are_0() -> None:
    """A feature's name stands for its neighbours' columns too, theirs for themselves alone."""
    features = some_features()
    left_out = ["log_words", "clock[-1]", "place"]
    whole, some = (
        design_matrix(features, NAMES, FIRST_COLUMNS),
        design_matrix(features, NAMES, FIRST_COLUMNS, left_out),
    )
    gone = [
        column.feature in ("log_words", "place") or str(column) == "clock[-1]"
        for column in FIRST_COLUMNS
    ]
    assert sum(gone) == 1 + 2 + 1 + 1
    assert not some[:, gone].any()
    kept = np.logical_not(gone)
    assert (some[:, kept] == whole[:, kept]).all()
    assert set(left_out) < COLUMN_NAMES


@pytest.mark.parametrize(
    "name",
    ["words[0]", "words[+0]", "words[1]", "words[-1", "words[]", "[+1]x", "words*", "words[-1]*x"],
)
def test_what_is_not_the_name_of_a_column(name: str) -> None:
    with pytest.raises(ValueError, match=r"name of a column|invalid literal"):
        Column.parse(name)


def test_every_column_is_read_from_its_name() -> None:
    for columns in (FIRST_COLUMNS, SECOND_COLUMNS):
        assert tuple(map(Column.parse, map(str, columns))) == columns
