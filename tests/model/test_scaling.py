"""Features become small whole numbers whose weighted sums are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cleaner.model import EXACT, LIMIT, STEPS, Scaling
from cleaner.text import Flags, Floats

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
    part = scaling.part(1, 3)
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
