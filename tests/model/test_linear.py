"""Features become small whole numbers; weighted sums of them are exact, and training's sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cleaner.features import FEATURES, FIRST_FEATURES, Columns
from cleaner.model import (
    EXACT,
    LIMIT,
    STEPS,
    Column,
    Model,
    Scaling,
    design_matrix,
    quantise_columns,
)
from cleaner.model.linear import arrange_products, arrange_weights, product_sums, weighted_sums
from cleaner.text import Flags, Floats

NAMES = tuple(FEATURES)
REACH = 3  # lines on either side that a line sees
INNER = slice(REACH, -REACH)
floats = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float64, (50, 3), elements=st.floats(-1e3, 1e3)))
def test_fitted_scaling_standardises(
    lines: NDArray[np.float64],
) -> None:
    scaling = Scaling.fit(lines.sum(axis=0), np.square(lines).sum(axis=0), len(lines))
    assert scaling.mean == pytest.approx(lines.mean(axis=0), abs=1e-3)
    assert scaling.deviation == pytest.approx(lines.std(axis=0), abs=0.05)
    assert (scaling.deviation > 0).all()


def test_a_constant_feature_is_an_average_one() -> None:
    scaling = Scaling.fit(np.array([30.0]), np.array([90.0]), 10)
    quantised = scaling.quantise(np.full((1, 4), 3, np.float32), np.ones(4, bool))
    assert quantised.tolist() == [[0, 0, 0, 0]]


@given(
    arrays(np.float32, (2, 30), elements=floats),
    arrays(np.float32, 2, elements=floats),
    arrays(np.float32, 2, elements=st.floats(2**-20, 1e6, width=32)),
    arrays(np.bool_, 30),
)
def test_quantised_features(
    columns: Floats,
    mean: Floats,
    deviation: Floats,
    occupied: Flags,
) -> None:
    before = columns.tobytes()
    quantised = Scaling(mean, deviation).quantise(columns, occupied)
    assert columns.tobytes() == before
    assert quantised.dtype == np.float32
    assert (quantised == np.rint(quantised)).all()
    assert (np.abs(quantised) <= LIMIT).all()
    assert not quantised[:, ~occupied].any()


def test_steps() -> None:
    scaling = Scaling(np.array([5], np.float32), np.array([2], np.float32))
    columns = np.array([[5, 7, 3, 5.1, 99, -99]], np.float32)
    quantised = scaling.quantise(columns, np.ones(6, bool))
    assert quantised.tolist() == [[0, STEPS, -STEPS, 1, LIMIT, -LIMIT]]
    assert np.int8(LIMIT) == LIMIT


def test_part() -> None:
    scaling = Scaling(np.arange(5, dtype=np.float32), np.arange(1, 6, dtype=np.float32))
    part = scaling.part(slice(1, 3))
    assert part.mean.tolist() == [1, 2]
    assert part.deviation.tolist() == [2, 3]


@given(st.permutations(range(40)), st.integers(0, 2**32))
def test_sums_below_the_limit_are_exact_in_any_order(order: list[int], seed: int) -> None:
    draw = np.random.default_rng(seed)
    weights = draw.integers(-EXACT // LIMIT // 40, EXACT // LIMIT // 40, 40)
    values = draw.integers(-LIMIT, LIMIT + 1, 40)
    products = (weights * values).astype(np.float32)
    total = np.float32(0)
    for place in order:
        total += products[place]
    assert total == int((weights * values).sum())


def some_steps(n_rows: int) -> NDArray[np.int8]:
    draw = np.random.default_rng(2)
    return draw.integers(-LIMIT, LIMIT + 1, (len(NAMES), n_rows)).astype(np.int8)


def test_columns_are_quantised_by_name() -> None:
    draw = np.random.default_rng(2)
    names = tuple(NAMES[:70])
    columns: Columns = {
        name: draw.normal(0, 2, 50).astype(np.float32) for name in reversed(NAMES[:80])
    }
    for name in NAMES[20:60:3]:
        columns[name] = columns[name] > 1  # flags have the values 0 and 1
    occupied = np.ones(50, np.float32)
    occupied[:9] = 0
    scaling = Scaling(
        draw.normal(0, 1, 70).astype(np.float32), draw.uniform(0.01, 2, 70).astype(np.float32)
    )
    steps = quantise_columns(columns, names, scaling, occupied)
    for number, name in enumerate(names):
        part = scaling.part(slice(number, number + 1))
        assert steps[number].tolist() == part.quantise(columns[name][None], occupied)[0].tolist()


@pytest.mark.parametrize("n_rows", [33, 1024, 9000])
def test_sums_are_those_of_the_design_matrix(random_model: Model, n_rows: int) -> None:
    steps = some_steps(n_rows)
    passes = (random_model.first, random_model.second)
    weights = arrange_weights([(one.weights, one.columns) for one in passes], NAMES)
    products = [product_sums(arrange_products(*one[1::-1], NAMES), steps) for one in passes]
    assert not products[0].any()
    assert products[1].any()
    sums = weighted_sums(weights, steps) + products
    for one, found in zip(passes, sums, strict=True):
        expected = design_matrix(steps, NAMES, one.columns).astype(np.int64) @ one.weights
        assert found[INNER].tolist() == expected[INNER].tolist()


def test_sums_of_parts_of_the_features_add_up(random_model: Model) -> None:
    steps, n_first = some_steps(60), len(FIRST_FEATURES)
    weights = arrange_weights([random_model.second[1::-1]], NAMES)
    parts = slice(n_first), slice(n_first, None)
    first, second = (weighted_sums(weights.part(part), steps[part]) for part in parts)
    assert (first + second).tolist() == weighted_sums(weights, steps).tolist()


def test_neighbours_of_whom_nothing_counts_are_left_out() -> None:
    columns = Column(NAMES[0]), Column(NAMES[1], 2), Column(NAMES[40], -1)
    passes = [(np.array([7, 5, 0], np.int32), columns), (np.array([1, 0, 3], np.int32), columns)]
    weights = arrange_weights(passes, NAMES)
    assert weights.shifted == ((0, 2), (1, -1))
    assert weights.part(slice(10)).shifted == ((0, 2),)
    assert weights.part(slice(10, None)).shifted == ((1, -1),)


@pytest.mark.parametrize("offset", range(-REACH, REACH + 1))
@pytest.mark.parametrize("feature", [NAMES[0], NAMES[40], NAMES[-1]])
def test_a_weight_takes_the_feature_of_the_line_that_many_further_on(
    feature: str, offset: int
) -> None:
    """Of any feature, those made of what pass 1 says among them."""
    column = Column(feature, offset)
    steps = some_steps(40)
    weights = arrange_weights([(np.array([7], np.int32), (column,))], NAMES)
    taken = np.roll(steps[NAMES.index(feature)], -offset).astype(int)
    assert weighted_sums(weights, steps)[0, INNER].tolist() == (7 * taken[INNER]).tolist()
