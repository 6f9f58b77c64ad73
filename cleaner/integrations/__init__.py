"""Steps for other people's pipelines: Hugging Face datasets, Ray, Spark and datatrove.

All of them clean a batch of texts at a time with `Cleaner.clean_many`, and load the model once in
each process. A value that is missing (None, and NaN and NA of pandas) stays missing, as None. No
framework is needed here; the step for datatrove, a class of theirs, is in
`cleaner.integrations.datatrove`.

With a model of HTML (``news-html``) the values are pages, `str` or bytes. One that cannot be read
is a warning of the logger "cleaner", and missing in the result: it ends no run of a million.
"""

from __future__ import annotations

import functools
import logging
import math
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaner.cleaning import Cleaner, read_page
from cleaner.errors import InputError
from cleaner.text import PageLines, decode_text

if TYPE_CHECKING:
    import pandas as pd

_LOG = logging.getLogger("cleaner")

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
        ray_dataset.map_batches(CleanBatch("html", "text", model="news-html"))
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
    MissingExtraError
        If it is one of HTML, and the extra html is not installed.
    TypeError
        If a value is neither a `str` (a page: or bytes) nor missing.

    Examples
    --------
    >>> clean_texts([None, "Home | News | Sport"])
    [None, '']
    """
    cleaner = _load(model, threshold)
    present = [text for text in texts if not _is_missing(text)]
    clean = _clean_pages if cleaner.model.reads_markup else Cleaner.clean_many
    cleaned = clean(cleaner, present)
    return [None if _is_missing(text) else next(cleaned) for text in texts]


def _clean_pages(cleaner: Cleaner, pages: Collection[str | bytes]) -> Iterator[str | None]:
    """Clean pages; None for one that cannot be read."""
    read: list[PageLines | None] = []
    for page in pages:
        try:
            read.append(read_page(page))
        except InputError as error:
            _LOG.warning("a page is passed over: %s", error)
            read.append(None)
    cleaned = cleaner.clean_pages(lines for lines in read if lines is not None)
    return (None if lines is None else decode_text(next(cleaned).data) for lines in read)


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
            cleaned = clean_texts(frame[text_field], model, threshold)
            yield frame.assign(**{output_field or text_field: cleaned})

    return clean


@functools.cache
def _load(model: str, threshold: float | None) -> Cleaner:
    """Load a model, once in each process."""
    return Cleaner.load(model, threshold)
