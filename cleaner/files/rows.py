"""What readers of records give and writers take: rows in batches, and what becomes of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

# Rows of a batch, at most.
BATCH_ROWS = 256


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file, in order.

    Attributes
    ----------
    texts
        The text of each row; None where there is none.
    reasons
        Why a row has no text, by its number in the file, from 1.
    numbers
        The number of each row in the file.
    rows
        The rows as their file has them: of JSON, a list of line and object (None if it is none);
        of a table, a table of Arrow.
    names
        The names of the fields of each row.
    position
        Bytes of the file that have been read, about.
    """

    texts: Sequence[str | None]
    reasons: Mapping[int, str]
    numbers: Sequence[int]
    rows: Any
    names: Sequence[Collection[str]] = ()
    position: int = 0


# What becomes of a row: new values by name, none for a row that stays as it is; None leaves it out.
Change = Mapping[str, Any] | None


# Writes the rows of a batch with their changes, one for each row.
WriteRows = Callable[[Batch, Sequence[Change]], None]


class RecordFormat(Protocol):
    """How one kind of file is read and written."""

    def read(self, path: str, field: str) -> Iterator[Batch]:
        """Give the rows of a file and, of each, the text in the field."""

    def schema(self, path: str, field: str, *, skips: bool) -> Any:
        """Give the Arrow schema of a table for the rows; `skips`: for those with a text."""

    def write(self, path: str, origin: Origin) -> AbstractContextManager[WriteRows]:
        """Open a new file for the changed rows of another one, of whatever format."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The file whose changed rows are written.

    Attributes
    ----------
    path
    reader
        Its format.
    field
        The one that holds the text.
    skips
        Whether rows without a text are left out.
    new_fields
        What the changes of rows may set, with its type; a table has a column for each, also if no
        row has a value for it.
    """

    path: str
    reader: RecordFormat
    field: str
    skips: bool = False
    new_fields: Mapping[str, type] = dataclasses.field(default_factory=dict)

    def schema(self) -> Any:
        """Give the Arrow schema of its rows."""
        return self.reader.schema(self.path, self.field, skips=self.skips)


# Of an address, the part that stands for the site.
_HOST = re.compile(r"\s*https?://(?:[^/?#@\s]*@)?([^/?#:\s]+)", re.IGNORECASE)


def row_groups(batch: Batch, field: str) -> list[str]:
    """Give the group of each row: what a field says, of a web address its host; "" for nothing."""
    if isinstance(batch.rows, list):  # of JSON Lines and WARC
        values = [(record or {}).get(field) for _, record in batch.rows]
    else:
        place = batch.rows.schema.get_field_index(field)
        values = batch.rows.column(place).to_pylist() if place >= 0 else [None] * len(batch.texts)
    texts = ["" if value is None else str(value) for value in values]
    return [host[1].lower() if (host := _HOST.match(text)) else text for text in texts]
