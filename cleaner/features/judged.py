"""Say what pass 2 thinks of the lines around a line, for the trees that judge doubtful lines."""

from __future__ import annotations

from cleaner.features.naming import AROUND, Columns, Feature, group_features, name_columns
from cleaner.features.stacked import on_grid
from cleaner.features.windows import inverse_counts, neighbour_values, window_means
from cleaner.text import Floats, Lines

_NEIGHBOURS = (1, 2)
_WIDTHS = (4, 16)
_SIDES = ("before", "after")

JUDGED_FEATURES: dict[str, Feature] = group_features(
    AROUND,
    {
        **{
            f"judged_{side}_{k}": f"line {k} {side} it is body, at second sight"
            for k in _NEIGHBOURS
            for side in _SIDES
        },
        **{
            f"judged_{side}_{width}": f"the {width} lines {side} it are body, at second sight"
            for width in _WIDTHS
            for side in _SIDES
        },
    },
)


def judged_features(lines: Lines, log_odds: Floats) -> Columns:
    """Compute what pass 2 says of the lines around every line.

    Parameters
    ----------
    log_odds : float32 array (n_rows,)
        Of pass 2; values in empty rows mean nothing.

    Returns
    -------
    Columns
        Those of `JUDGED_FEATURES`; values in empty rows mean nothing.
    """
    # Beyond the ends of a document there is nothing that speaks for either.
    odds = on_grid(log_odds) * lines.occupied
    neighbours = neighbour_values("judged", odds, _NEIGHBOURS)
    means = window_means({"judged": odds}, inverse_counts(lines.occupied, _WIDTHS))
    return name_columns(JUDGED_FEATURES, neighbours | means)
