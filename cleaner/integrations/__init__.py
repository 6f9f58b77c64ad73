"""Steps for other people's pipelines: Hugging Face datasets, Ray, Spark and datatrove.

All of them clean a batch of texts at a time with `Cleaner.clean_many`, and load the model once in
each process. A value that is missing (None, and NaN and NA of pandas) stays missing, as None. No
framework is needed here; the step for datatrove, a class of theirs, is in
`cleaner.integrations.datatrove`.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaner.cleaning import Cleaner

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CleanBatch", "clean_frames", "clean_texts"]


class CleanBatch:
    """Cleans one column of a batch: for `Dataset.map(batched=True)` and Ray's `map_batches`.

    Examples
    --------
    >>> clean = CleanBatch()
    >>> clean({"text": ["Home | News | Sport", None], "id": [1, 2]})
    {'text': ['', None], 'id': [1, 2]}

    With Hugging Face datasets, and with Ray::

        dataset.map(CleanBatch(), batched=True, num_proc=2)
        ray_dataset.map_batches(CleanBatch("content"))
    """

    def __init__(
        self,
        text_field: str = "text",
        output_field: str | None = None,
        model: str = "news",
        threshold: float | None = None,
    ) -> None:
        """Choose the columns and the model.

        Parameters
        ----------
        text_field, output_field : str
            Column of the texts, and of the clean texts; None for the same one.
        model, threshold
            As for `Cleaner.load`.
        """
        self.text_field = text_field
        self.output_field = output_field or text_field
        self.model = model
        self.threshold = threshold

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Clean a batch: the same columns, with the clean texts.

        Raises
        ------
        ModelError
            If the model cannot be loaded.
        KeyError
            If there is no such column.
        TypeError
            If a value is neither a `str` nor missing.
        """
        texts = clean_texts(batch[self.text_field], self.model, self.threshold)
        return {**batch, self.output_field: texts}


def clean_texts(
    texts: Collection[Any], model: str = "news", threshold: float | None = None
) -> list[str | None]:
    """Clean texts, of which some may be missing: None, NaN or `pandas.NA`, which become None.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    TypeError
        If a value is neither a `str` nor missing.

    Examples
    --------
    >>> clean_texts([None, "Home | News | Sport"])
    [None, '']
    """
    cleaner = _load(model, threshold)
    cleaned = iter(cleaner.clean_many([text for text in texts if not _is_missing(text)]))
    return [None if _is_missing(text) else next(cleaned) for text in texts]


def _is_missing(value: object) -> bool:
    pandas = sys.modules.get("pandas")  # not loaded, it has made no value
    is_nan = isinstance(value, float | np.floating) and math.isnan(value)
    return value is None or is_nan or (pandas is not None and value is pandas.NA)


def clean_frames(
    text_field: str = "text",
    output_field: str | None = None,
    model: str = "news",
    threshold: float | None = None,
) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """Make a function for Spark's `mapInPandas`.

    Parameters
    ----------
    text_field, output_field, model, threshold
        As for `CleanBatch`.

    Examples
    --------
    With a Spark data frame::

        frame.mapInPandas(clean_frames("content"), frame.schema)
    """

    def clean(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            cleaned = clean_texts(list(frame[text_field]), model, threshold)
            yield frame.assign(**{output_field or text_field: cleaned})

    return clean


@functools.cache
def _load(model: str, threshold: float | None) -> Cleaner:
    """Load a model, once in each process."""
    return Cleaner.load(model, threshold)
