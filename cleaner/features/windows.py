"""Look at the rows around each row: neighbours, means over windows, distances, runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cleaner.text import Bytes, Flags, Floats, Ints, Lines


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


def neighbour_values(name: str, column: Floats, distances: Iterable[int]) -> dict[str, Floats]:
    """Give each row the values of the rows before and after it; 0 where there is none.

    Returns
    -------
    dict of float32 arrays (n_rows,)
        By name: ``words_before_2`` is the value of ``words`` two rows before.

    Examples
    --------
    >>> values = neighbour_values("x", np.array([1, 2, 3], np.float32), [1])
    >>> values["x_before_1"].tolist(), values["x_after_1"].tolist()
    ([0.0, 1.0, 2.0], [2.0, 3.0, 0.0])
    """
    return {
        f"{name}_{side}_{distance}": shift_rows(column, sign * distance)
        for distance in distances
        for side, sign in (("before", -1), ("after", 1))
    }


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


# Lines between a row and a flagged one saturate here: farther makes no difference.
FAR_LINES = 49


def lines_since(lines: Lines, flags: Flags) -> Bytes:
    """Count the lines between each row and the flagged one before it in the same document.

    Parameters
    ----------
    flags : bool array (..., n_rows)
        Several sets of flags can be measured at once. None is set in an empty row.

    Returns
    -------
    uint8 array (..., n_rows)
        0 for a neighbour, FAR_LINES at most and where there is none.
    """
    n_before = np.arange(lines.n_rows) - lines.first_row.take(lines.owner)
    return _lines_between(flags, n_before)


def lines_until(lines: Lines, flags: Flags) -> Bytes:
    """Count the lines between each row and the flagged one after it, as `lines_since`."""
    ends = lines.first_row + lines.n_lines
    n_after = ends.take(lines.owner) - np.arange(1, lines.n_rows + 1)
    return _lines_between(flags[..., ::-1], n_after[::-1])[..., ::-1]


def _lines_between(flags: Flags, n_before: Ints) -> Bytes:
    """Count lines to the flagged row before each, of which `n_before` are of its document."""
    far = np.uint8(FAR_LINES)
    since = np.where(flags, np.uint8(0), far)
    width = 1
    while width <= FAR_LINES:  # then each row knows of the last 64; a byte has room for the sums
        one_more = since[..., :-width] + np.uint8(width)
        np.minimum(since[..., width:], one_more, out=since[..., width:])
        width *= 2
    between = np.full(flags.shape, far)
    inside = since[..., :-1] < np.clip(n_before[1:], 0, FAR_LINES).astype(np.uint8)
    np.copyto(between[..., 1:], since[..., :-1], where=inside)
    return between
