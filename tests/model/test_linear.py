"""Running sums over quantised features are those of the design matrix that training multiplies."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cleaner.features import LINE_FEATURES
from cleaner.model import FEATURES, PASS_1, PASS_2, Model, Scaling, design_matrix
from cleaner.model.columns import N_BEFORE_CONTEXT, OFFSETS, column_places, shifted_views
from cleaner.model.linear import Tally, arrange_weights
from cleaner.text import Floats
from cleaner.text.lines import MARGIN

N_FEATURES = len(FEATURES)
INNER = slice(OFFSETS[-1], -OFFSETS[-1])


def some_columns(n_rows: int) -> tuple[Floats, Floats]:
    """Unscaled features of lines, and which rows are lines."""
    draw = np.random.default_rng(2)
    columns = draw.normal(0, 2, (N_FEATURES, n_rows)).astype(np.float32)
    occupied = np.ones(n_rows, np.float32)
    occupied[:MARGIN] = occupied[-MARGIN:] = occupied[n_rows // 2] = 0
    return columns, occupied


def tally_of(
    weights: tuple[NDArray[np.int32], NDArray[np.int32]], columns: Floats, occupied: Floats
) -> Tally:
    scaling = Scaling(np.full(N_FEATURES, 0.5, np.float32), np.ones(N_FEATURES, np.float32))
    tally = Tally(scaling, arrange_weights(*weights), occupied)
    # In the same order, in whatever parts.
    tally.add(columns[: len(LINE_FEATURES)])
    tally.add(columns[len(LINE_FEATURES) : 100])
    tally.add(columns[100:])
    assert tally.features.tobytes() == scaling.quantise(columns, occupied).astype(np.int8).tobytes()
    return tally


@pytest.mark.parametrize("n_rows", [2 * MARGIN + 1, 1024, 9000])
def test_sums_are_those_of_the_design_matrix(random_model: Model, n_rows: int) -> None:
    columns, occupied = some_columns(n_rows)
    weights = random_model.first.weights, random_model.second.weights
    tally = tally_of(weights, columns, occupied)
    for number, names in enumerate((PASS_1, PASS_2)):
        expected = design_matrix(tally.features, names).astype(np.int64) @ weights[number]
        assert tally.sums(number)[INNER].tolist() == expected[INNER].tolist()


def test_pass_1_does_not_wait_for_the_context(random_model: Model) -> None:
    columns, occupied = some_columns(100)
    tally = tally_of((random_model.first.weights, random_model.second.weights), columns, occupied)
    early = Tally(
        Scaling(np.full(N_FEATURES, 0.5, np.float32), np.ones(N_FEATURES, np.float32)),
        arrange_weights(random_model.first.weights, random_model.second.weights),
        occupied,
    )
    early.add(columns[:N_BEFORE_CONTEXT])
    assert early.sums(0).tobytes() == tally.sums(0).tobytes()


def test_a_weight_on_a_neighbour_takes_the_neighbours_feature() -> None:
    number = next(n for n, column in enumerate(PASS_2) if column.offset == 1)
    weights = np.zeros(len(PASS_2), np.int32)
    weights[number] = 7
    tally = tally_of((np.zeros(len(PASS_1), np.int32), weights), *some_columns(60))
    [feature], [offset] = column_places((PASS_2[number],))
    taken = shifted_views(tally.features)[feature, offset].astype(int)
    assert tally.sums(1)[INNER].tolist() == (7 * taken).tolist()
