"""Turn labelled documents into the rows, labels, weights and folds that training works on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import N_COLUMNS, lexical_places, prepare_overlap
from cleaner.labelled import LabelledDocument
from cleaner.model import raw_features
from cleaner.text import (
    Batch,
    Floats,
    Ints,
    Rows,
    Words,
    encode_text,
    group_contents,
    lay_out_rows,
    make_batch,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LABEL_NUMBER = {"clutter": 0, "body": 1, None: -1}
# Of a document without lines: its empty text is one blank line.
_NO_LABELS = (None,)


class Part(NamedTuple):
    """One batch of the data set."""

    batch: Batch
    start: int  # of its rows among all rows
    stop: int


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled documents as rows (see rows.py), batch after batch.

    Attributes
    ----------
    parts : tuple of Part
    label : int8 array (n_rows,)
        1 body, 0 clutter, -1 unlabelled or an empty row.
    weight : float64 array (n_rows,)
        Each document has the same total times its own weight, spread over its lines by the root
        of their length in tokens; 0 for unlabelled lines and empty rows.
    document : int64 array (n_rows,)
        Number of the document, -1 in empty rows.
    fold : int64 array (n_rows,)
        Cross-validation fold by source, -1 in empty rows.
    raw : float32 array (n_rows, n_raw)
        Line features and surroundings, unscaled.
    words : csr matrix (n_rows, lexical.N_COLUMNS)
        Entries 1 / root of their number in the row.
    """

    parts: tuple[Part, ...]
    label: NDArray[np.int8]
    weight: NDArray[np.float64]
    document: Ints
    fold: Ints
    raw: Floats
    words: csr_matrix

    @property
    def occupied(self) -> NDArray[np.bool_]:
        """Rows that are lines: bool array (n_rows,)."""
        return self.document >= 0


# Total weight of a document of weight 1.
_DOCUMENT_WEIGHT = 100


def fold_of(source: str, n_folds: int) -> int:
    """Assign a source to a fold, the same in every run.

    Examples
    --------
    >>> fold_of("example.org", 5) == fold_of("example.org", 5)
    True
    """
    return int(hashlib.sha256(encode_text(source)).hexdigest(), 16) % n_folds


def build_dataset(documents: Sequence[LabelledDocument], n_folds: int) -> Dataset:
    """Compute everything about labelled documents that depends on no model."""
    parts: list[Part] = []
    labels, weights, numbers, raws, matrices = [], [], [], [], []
    start = 0
    for first, batch in _batches(documents):
        rows, words = lay_out_rows(batch)
        if not rows.row.size:
            continue
        line, around = raw_features(batch, rows, words, prepare_overlap(rows, words))
        label = np.full(rows.n_rows, -1, np.int8)
        number = np.full(rows.n_rows, -1, np.int64)
        number[rows.row] = first + rows.document
        members = documents[first : first + len(rows.first)]
        all_labels = [
            _LABEL_NUMBER[name] for document in members for name in document.labels or _NO_LABELS
        ]
        label[rows.row] = np.array(all_labels, np.int8)[rows.line]
        parts.append(Part(batch, start, start + rows.n_rows))
        labels.append(label)
        numbers.append(number)
        weights.append(_line_weights(rows, words, members))
        raws.append(np.concatenate((line, around)).T)
        matrices.append(_word_matrix(rows, words))
        start += rows.n_rows
    document = np.concatenate(numbers)
    label = np.concatenate(labels)
    folds = np.array([fold_of(document.source, n_folds) for document in documents] + [-1])
    from scipy.sparse import vstack

    return Dataset(
        tuple(parts),
        label,
        np.concatenate(weights) * (label >= 0),
        document,
        folds[document],
        np.concatenate(raws),
        vstack(matrices).tocsr(),
    )


def _batches(documents: Sequence[LabelledDocument]) -> Iterator[tuple[int, Batch]]:
    first = 0
    for group in group_contents(encode_text("\n".join(d.lines)) for d in documents):
        yield first, make_batch(group)
        first += len(group)


def _line_weights(
    rows: Rows, words: Words, documents: Sequence[LabelledDocument]
) -> NDArray[np.float64]:
    weight = np.zeros(rows.n_rows)
    root = np.sqrt(words.n_tokens[rows.row] + 1)
    total = np.bincount(rows.document, root, len(documents))
    own = np.array([document.weight for document in documents])
    scale = _DOCUMENT_WEIGHT * own / np.maximum(total, 1)
    weight[rows.row] = root * scale[rows.document]
    return weight


def _word_matrix(rows: Rows, words: Words) -> Any:
    from scipy.sparse import csr_matrix

    places = lexical_places(rows, words)
    value = 1 / np.sqrt(np.maximum(places.n_entries, 1))
    at, columns = places.entries()
    matrix = csr_matrix((value[at], (at, columns)), shape=(rows.n_rows, N_COLUMNS))
    matrix.sum_duplicates()
    return matrix
