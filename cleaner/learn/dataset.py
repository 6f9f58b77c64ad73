"""Turn labelled documents into the rows, labels, weights and folds that training works on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import (
    MARKUP_LEVELS,
    N_COLUMNS,
    N_MARKUP_COLUMNS,
    lay_out_columns,
    lexical_places,
    markup_places,
    prepare_overlap,
)
from cleaner.labelled import LabelledDocument
from cleaner.model import raw_features
from cleaner.text import (
    Floats,
    Ints,
    Lines,
    encode_text,
    group_contents,
    lay_out_lines,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LABEL_NUMBER = {"clutter": 0, "body": 1, None: -1}
# Of a document without lines: its empty text is one blank line.
_NO_LABELS = (None,)


class DatasetPart(NamedTuple):
    """One batch of the data set."""

    contents: list[bytes]  # its documents
    markup: list[tuple[str, ...]]  # of each line of each document; empty if it is not known
    start: int  # of its rows among all rows
    stop: int

    def lay_out(self) -> Lines:
        """Lay the lines out again: they take more memory than the texts."""
        return lay_out_lines(self.contents, self.markup)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled documents as rows (see text/lines.py), batch after batch.

    Attributes
    ----------
    parts : tuple of DatasetPart
    label : int8 array (n_rows,)
        1 body, 0 clutter, -1 unlabelled or an empty row.
    weight : float64 array (n_rows,)
        Each document has the same total times its own weight, spread over its lines by the root
        of their length in tokens; 0 for unlabelled lines and empty rows.
    line_weight : float32 array (n_rows,)
        What documents say their lines count beside; 1 where they say nothing.
    document : int64 array (n_rows,)
        Number of the document, -1 in empty rows.
    fold : int64 array (n_rows,)
        Cross-validation fold by source, -1 in empty rows.
    raw : float32 array (n_rows, n_raw)
        Line and page features, unscaled.
    words : three csr matrices (n_rows, features.N_COLUMNS)
        All words of the lines, those at their beginning, those at their end. Entries are 1 / root
        of their number in the row.
    markup : four csr matrices (n_rows, features.N_MARKUP_COLUMNS), or ()
        All words of the markup of the lines, and those of each level, likewise.
    """

    parts: tuple[DatasetPart, ...]
    label: NDArray[np.int8]
    weight: NDArray[np.float64]
    line_weight: Floats
    document: Ints
    fold: Ints
    raw: Floats
    words: tuple[csr_matrix, ...]
    markup: tuple[csr_matrix, ...] = ()

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
    parts: list[DatasetPart] = []
    labels, weights, line_weights, numbers, raws = [], [], [], [], []
    words: list[list[csr_matrix]] = []
    markup: list[list[csr_matrix]] = []
    # Markup is learnt from if it is known of all: of some of them, only the text is.
    of_markup = all(document.markup or not document.lines for document in documents)
    start = 0
    for first, contents in _batches(documents):
        members = documents[first : first + len(contents)]
        part_markup = [document.markup for document in members] if of_markup else []
        lines = lay_out_lines(contents, part_markup)
        if not lines.row.size:
            continue
        columns = raw_features(lines, prepare_overlap(lines))
        label = np.full(lines.n_rows, -1, np.int8)
        number = np.full(lines.n_rows, -1, np.int64)
        number[lines.row] = first + lines.document
        all_labels = [
            _LABEL_NUMBER[name] for document in members for name in document.labels or _NO_LABELS
        ]
        label[lines.row] = np.array(all_labels, np.int8)[lines.number]
        beside = np.ones(lines.n_rows, np.float32)
        all_weights = [
            weight
            for one in members
            for weight in one.line_weights or [1.0] * len(one.labels or _NO_LABELS)
        ]
        beside[lines.row] = np.array(all_weights, np.float32)[lines.number]
        parts.append(DatasetPart(contents, part_markup, start, start + lines.n_rows))
        labels.append(label)
        numbers.append(number)
        weights.append(_spread_weights(lines, members))
        line_weights.append(beside)
        raws.append(lay_out_columns(columns, columns).T)
        words.append([_word_matrix(lines), _end_matrix(lines, 0), _end_matrix(lines, 1)])
        if of_markup:
            markup.append(_markup_matrices(lines))
        start += lines.n_rows
    document = np.concatenate(numbers)
    label = np.concatenate(labels)
    folds = np.array([fold_of(document.source, n_folds) for document in documents] + [-1])
    from scipy.sparse import vstack

    return Dataset(
        tuple(parts),
        label,
        np.concatenate(weights) * (label >= 0),
        np.concatenate(line_weights),
        document,
        folds[document],
        np.concatenate(raws),
        tuple(vstack(matrices).tocsr() for matrices in zip(*words, strict=True)),
        tuple(vstack(matrices).tocsr() for matrices in zip(*markup, strict=True)),
    )


def _batches(documents: Sequence[LabelledDocument]) -> Iterator[tuple[int, list[bytes]]]:
    first = 0
    for group in group_contents(encode_text("\n".join(d.lines)) for d in documents):
        yield first, group
        first += len(group)


def _spread_weights(lines: Lines, documents: Sequence[LabelledDocument]) -> NDArray[np.float64]:
    weight = np.zeros(lines.n_rows)
    root = np.sqrt(lines.n_tokens[lines.row] + 1)
    total = np.bincount(lines.document, root, len(documents))
    own = np.array([document.weight for document in documents])
    scale = _DOCUMENT_WEIGHT * own / np.maximum(total, 1)
    weight[lines.row] = root * scale[lines.document]
    return weight


def _word_matrix(lines: Lines) -> Any:
    from scipy.sparse import csr_matrix

    places = lexical_places(lines)
    value = 1 / np.sqrt(np.maximum(places.n_entries, 1))
    at, columns = places.entries()
    matrix = csr_matrix((value[at], (at, columns)), shape=(lines.n_rows, N_COLUMNS))
    matrix.sum_duplicates()
    return matrix


def _end_matrix(lines: Lines, end: int) -> Any:
    from scipy.sparse import csr_matrix

    rows, columns, number = lexical_places(lines).end_entries(end)
    value = 1 / np.sqrt(number)
    return csr_matrix((value[rows], (rows, columns)), shape=(lines.n_rows, N_COLUMNS))


def _markup_matrices(lines: Lines) -> list[Any]:
    """Words of the markup: of all elements, and of each level."""
    from scipy.sparse import csr_matrix

    places = markup_places(lines)
    n_distinct, n_elements = len(places.n_entries), len(places.word_starts) - 1
    ones = np.ones(len(places.columns))
    words = csr_matrix(
        (ones, places.columns, places.word_starts), shape=(n_elements, N_MARKUP_COLUMNS)
    )
    of_lines = csr_matrix(
        (np.ones(len(places.row)), (places.row, places.of_line)),
        shape=(lines.n_rows, n_distinct),
    )
    levels = []
    for level in range(MARKUP_LEVELS):
        starts = places.starts[level:-1:MARKUP_LEVELS]
        stops = places.starts[level + 1 :: MARKUP_LEVELS]
        count = stops - starts
        at = np.repeat(starts - np.cumsum(count) + count, count) + np.arange(count.sum())
        of_markup = csr_matrix(
            (
                np.repeat(1 / np.sqrt(places.n_entries), count),
                places.elements[at],
                np.concatenate(([0], np.cumsum(count))),
            ),
            shape=(n_distinct, n_elements),
        )
        levels.append((of_lines @ (of_markup @ words)).tocsr())
    return [sum(levels[1:], levels[0]), *levels]
