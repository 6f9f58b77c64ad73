"""Look at the rows around each row: neighbours, means over windows, distances, runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cleaner.text import Flags, Floats, Ints, Lines, log_count


def shift_rows(column: Floats, offset: int) -> Floats:
    """Give each row the value of the row `offset` further on; 0 where there is none.

    Examples
    --------
    >>> shift_rows(np.array([1, 2, 3], np.float32), 1).tolist()
    [2.0, 3.0, 0.0]
    """
    shifted = np.zeros_like(column)
    if offset > 0:
        shifted[:-offset] = column[offset:]
    elif offset < 0:
        shifted[-offset:] = column[:offset]
    else:
        shifted[:] = column
    return shifted


def forward_sums(columns: Floats, widths: tuple[int, ...]) -> dict[int, Floats]:
    """Sum each row and the rows after it, `width` rows in all, for widths 1, 2, 4, … up to MARGIN.

    Sums grow by doubling, so a row's result depends on nothing but the rows in its window and
    has the same bits in every batch.

    Parameters
    ----------
    columns : float32 array (..., n_rows)

    Examples
    --------
    >>> sums = forward_sums(np.array([1, 2, 3, 4], np.float32), (1, 2))
    >>> sums[2].tolist()
    [3.0, 5.0, 7.0, 4.0]
    """
    sums = {1: columns}
    width = 1
    while width < widths[-1]:
        doubled = sums[width].copy()
        doubled[..., :-width] += sums[width][..., width:]
        width *= 2
        sums[width] = doubled
    return {width: sums[width] for width in widths}


def inverse_counts(occupied: Floats, widths: tuple[int, ...]) -> dict[int, Floats]:
    """One over the number of lines among each row and those after it (at least one).

    Returns
    -------
    dict of float32 arrays (n_rows,) for each width
    """
    sums = forward_sums(occupied, widths)
    return {
        width: np.reciprocal(np.maximum(counts, np.float32(1))) for width, counts in sums.items()
    }


def window_means(columns: Mapping[str, Floats], inverse: Mapping[int, Floats]) -> dict[str, Floats]:
    """Average columns over the windows before and after each row.

    Parameters
    ----------
    columns : mapping of float32 arrays (n_rows,)
        By name; 0 in empty rows.
    inverse : mapping
        From `inverse_counts`; its widths are those of the windows.

    Returns
    -------
    dict of float32 arrays (n_rows,)
        By name: ``words_before_4`` is the mean of ``words`` over the four rows before.

    Examples
    --------
    >>> column = np.array([4, 2, 0], np.float32)
    >>> means = window_means({"x": column}, inverse_counts(np.ones(3, np.float32), (1,)))
    >>> means["x_before_1"].tolist(), means["x_after_1"].tolist()
    ([0.0, 4.0, 2.0], [2.0, 0.0, 0.0])
    """
    stacked = np.stack(list(columns.values()))
    means: dict[str, Floats] = {}
    for width, sums in forward_sums(stacked, tuple(inverse)).items():
        before, after = np.zeros((2, *stacked.shape), np.float32)
        np.multiply(sums[:, :-width], inverse[width][:-width], out=before[:, width:])
        np.multiply(sums[:, 1:], inverse[width][1:], out=after[:, :-1])
        for number, name in enumerate(columns):
            means[f"{name}_before_{width}"] = before[number]
            means[f"{name}_after_{width}"] = after[number]
    return means


# Distances in lines saturate here: farther makes no difference.
FAR_LINES = 50


def distances_before(lines: Lines, flags: Flags) -> Floats:
    """Lines to the previous flagged row of the same document, up to 50.

    Parameters
    ----------
    flags : bool array (..., n_rows)
        Several sets of flags can be measured at once. None is set in an empty row.

    Returns
    -------
    float32 array (..., n_rows)
        Natural logarithm of the distance; a neighbour is 0.
    """
    reach = _reach(lines)
    previous = np.where(flags, reach, _beyond(lines))
    np.maximum.accumulate(previous, axis=-1, out=previous)
    before = np.full(flags.shape, FAR_LINES - 1, np.int64)
    np.subtract(reach[1:] - 1, previous[..., :-1], out=before[..., 1:])
    return log_count(np.minimum(before, FAR_LINES - 1))


def distances_after(lines: Lines, flags: Flags) -> Floats:
    """Lines to the next flagged row of the same document, as `distances_before`."""
    reach = _reach(lines)
    following = np.where(flags, -reach, _beyond(lines))[..., ::-1]
    np.maximum.accumulate(following, axis=-1, out=following)
    after = np.full(flags.shape, FAR_LINES - 1, np.int64)
    np.subtract(-1 - reach[:-1], following[..., -2::-1], out=after[..., :-1])
    return log_count(np.minimum(after, FAR_LINES - 1))


def _reach(lines: Lines) -> Ints:
    """Lines and document in one number: whatever stands in another document is out of reach."""
    return np.arange(lines.n_rows) + lines.owner * (lines.n_rows + FAR_LINES)


def _beyond(lines: Lines) -> int:
    return -(lines.n_rows + FAR_LINES) * (len(lines.first_row) + 1)
