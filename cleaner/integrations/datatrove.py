"""A pipeline step for datatrove, a formatter: it changes the text of every document.

from cleaner.integrations.datatrove import NewsFormatter

LocalPipelineExecutor([JsonlReader("raw"), NewsFormatter(), JsonlWriter("clean")]).run()

Behind a reader of WARC files, which gives HTML: `NewsFormatter("news-html")`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from cleaner.errors import MissingExtraError
from cleaner.integrations import clean_texts

try:
    from datatrove.pipeline.formatters.base import BaseFormatter
except ImportError as error:
    raise MissingExtraError(
        f"this step is for datatrove, which cannot be loaded ({error}): pip install datatrove"
    ) from error

_BATCH_DOCUMENTS = 256


class NewsFormatter(BaseFormatter):  # type: ignore[misc]
    """Keeps the article of every document, in batches."""

    name = "📰 clean-news"

    def __init__(self, model: str = "news", threshold: float | None = None) -> None:
        """Choose the model, as for `Cleaner.load`."""
        super().__init__()
        self.model = model
        self.threshold = threshold

    def format(self, text: str) -> str:
        """Clean one text."""
        [cleaned] = clean_texts([text], self.model, self.threshold)
        return cleaned or ""

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """Clean documents, some hundreds at a time; datatrove calls this."""
        documents = iter(data)
        while batch := list(itertools.islice(documents, _BATCH_DOCUMENTS)):
            with self.track_time("batch"):
                texts = clean_texts([one.text for one in batch], self.model, self.threshold)
            for document, text in zip(batch, texts, strict=True):
                self.stat_update("total")
                document.text = text or ""  # of a page that cannot be read
                yield document
