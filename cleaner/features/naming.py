"""Name and group features, and lay named columns out as the rows of a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.text import Floats

# A column before it is laid out: numbers or flags, array (n_rows,).
Values = NDArray[Any]
# Features by name: float32 arrays (n_rows,), or bool where a line has something or not.
Columns = dict[str, NDArray[Any]]

# The groups by which reasons are told; with the average line they are ten.
WORDS = "its words"
SHAPE = "its length and shape"
CUES = "cues in it"
PLACE = "its place"
BLANKS = "blank lines"
AROUND = "the lines around it"
HEADS = "section heads"
SHARED = "words it shares"
ARTICLE = "the article on the page"
# Two more where the markup is known.
MARKUP = "its markup"
TEMPLATE = "the page's template"


class Feature(NamedTuple):
    """What a feature means, in words, and the group by which it is told."""

    meaning: str
    group: str


def group_features(group: str, meanings: Mapping[str, str]) -> dict[str, Feature]:
    """Give features their group.

    Examples
    --------
    >>> group_features(WORDS, {"lexical": "its words"})
    {'lexical': Feature(meaning='its words', group='its words')}
    """
    return {name: Feature(meaning, group) for name, meaning in meanings.items()}


def name_columns(table: Iterable[str], values: Mapping[str, Values]) -> Columns:
    """Take the columns that a table of features names, in its order, flags as they are.

    Raises
    ------
    KeyError
        If the values are not those of the table, no more and no fewer.

    Examples
    --------
    >>> name_columns(["words", "quote"], {"quote": np.ones(1, bool), "words": np.zeros(1)})
    {'words': array([0.], dtype=float32), 'quote': array([ True])}
    """
    columns = {name: _as_column(values[name]) for name in table}
    if len(columns) != len(values):
        raise KeyError(f"columns that no table names: {sorted(values.keys() - columns.keys())}")
    return columns


def _as_column(values: Values) -> Values:
    return values if values.dtype == np.bool_ else np.asarray(values, np.float32)


def lay_out_columns(columns: Mapping[str, Values], names: Iterable[str]) -> Floats:
    """Lay columns out in the order of their names: float32 array (n_names, n_rows).

    Examples
    --------
    >>> lay_out_columns({"a": np.zeros(2, np.float32), "b": np.ones(2, np.float32)}, ["b", "a"])
    array([[1., 1.],
           [0., 0.]], dtype=float32)
    """
    return np.stack([columns[name] for name in names], dtype=np.float32)
