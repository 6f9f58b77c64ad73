"""Measure agreement with gold: counts, averages over documents, intervals and calibration.

The document score is the one of the scrapinghub article-extraction-benchmark (its evaluate.py), so
that numbers made here stand beside published ones: runs of four words ("shingles") of the gold
text and of the kept text are compared as multisets, precision and recall are averaged over the
documents, and F1 is taken from the two averages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHINGLE_WORDS = 4  # as in evaluate.py
WORD = re.compile(r"\w+")

RESAMPLES = 1000  # the default of evaluate.py
_SEED = 20240501  # fixed, so that the same results give the same interval
_RESAMPLED_AT_ONCE = 1 << 20  # array elements: 8 MB of indices
_OUTSIDE_95 = (2.5, 97.5)  # percentiles

CALIBRATION_BINS = 15  # of equal width; the usual number since Guo et al. (2017)


class Counts(NamedTuple):
    """Agreement of a result with gold, in shingles or in lines."""

    found: int  # in both
    extra: int  # in the result only
    missing: int  # in gold only

    @property
    def precision(self) -> float:
        """Share of the result that is right: 1 if nothing differs, 0 for a wrong or empty one."""
        found, extra, missing = self
        return 1.0 if extra == missing == 0 else found / max(found + extra, 1)

    @property
    def recall(self) -> float:
        """Share of gold that is in the result: 1 if nothing differs."""
        found, extra, missing = self
        return 1.0 if extra == missing == 0 else found / max(found + missing, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic_mean(self.precision, self.recall)


class Interval(NamedTuple):
    """A value with its 95% bootstrap interval."""

    value: float
    low: float
    high: float


class TextScores(NamedTuple):
    """Document scores, averaged over the documents that have a body (shares from 0 to 1)."""

    documents: int  # with a body
    precision: float  # over documents with any output, as evaluate.py does
    recall: float
    f1: float  # of the two averages
    exact: float  # share of documents with no shingle extra and none missing
    without_body: int  # documents whose gold is empty; they count in no average
    left_empty: float  # share of those for which the result is empty too; 1 if there are none


class CalibrationBin(NamedTuple):
    """Lines with similar body probability."""

    low: float
    high: float
    lines: int
    mean_probability: float
    body_share: float  # share of the lines that are body


def shingle_counts(gold_text: str, text: str) -> Counts:
    r"""Compare two texts by their runs of four words; shorter texts are one run.

    Examples
    --------
    >>> shingle_counts("one two three four five", "one two three four\nSubscribe!")
    Counts(found=1, extra=1, missing=1)
    >>> shingle_counts("", "")
    Counts(found=0, extra=0, missing=0)
    """
    gold, result = _shingles(gold_text), _shingles(text)
    found = (gold & result).total()
    return Counts(found, result.total() - found, gold.total() - found)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    if len(words) < SHINGLE_WORDS:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[k:] for k in range(SHINGLE_WORDS)), strict=False))


def score_texts(counts: Sequence[Counts]) -> TextScores:
    """Average the shingle counts of documents.

    Precision leaves out documents with an empty result and recall those with empty gold, as
    evaluate.py does. Documents with empty gold are counted apart here: nothing can be found in
    them, so the question is only whether they were left empty.

    Examples
    --------
    >>> scores = score_texts([Counts(9, 1, 0), Counts(5, 0, 5), Counts(0, 3, 0)])
    >>> scores.precision, scores.recall, scores.without_body, scores.left_empty
    (0.95, 0.75, 1, 0.0)
    """
    precision, recall, has_output = _per_document(counts)
    empty_gold = [count for count in counts if not count.found + count.missing]
    left_empty = sum(not count.extra for count in empty_gold)
    exact = sum(count.extra == count.missing == 0 for count in counts) - left_empty
    documents = len(recall)
    mean_precision = float((precision * has_output).sum() / max(has_output.sum(), 1))
    mean_recall = float(recall.sum() / max(documents, 1))
    return TextScores(
        documents=documents,
        precision=mean_precision,
        recall=mean_recall,
        f1=_harmonic_mean(mean_precision, mean_recall),
        exact=exact / max(documents, 1),
        without_body=len(empty_gold),
        left_empty=left_empty / len(empty_gold) if empty_gold else 1.0,
    )


def f1_interval(counts: Sequence[Counts]) -> Interval:
    """Document F1 with its 95% interval, resampling documents with a fixed seed.

    Examples
    --------
    >>> interval = f1_interval([Counts(9, 1, 0), Counts(5, 0, 5)] * 20)
    >>> print(" ".join(f"{value:.3f}" for value in interval))
    0.838 0.794 0.877
    """
    low, high = np.percentile(_resampled_f1(counts), _OUTSIDE_95)
    return Interval(score_texts(counts).f1, float(low), float(high))


def f1_difference(before: Sequence[Counts], after: Sequence[Counts]) -> Interval:
    """F1 after minus F1 before on the same documents, with its paired 95% interval.

    Parameters
    ----------
    before, after : sequences of Counts
        Of two results for the same documents in the same order.

    Raises
    ------
    ValueError
        If the two do not have the same gold, document by document.

    Examples
    --------
    >>> before, after = [Counts(5, 0, 5)] * 20, [Counts(10, 0, 0)] * 20
    >>> round(f1_difference(before, after).low, 3)
    0.333
    """
    return macro_f1_difference([before], [after])


def macro_f1_difference(
    before: Sequence[Sequence[Counts]], after: Sequence[Sequence[Counts]]
) -> Interval:
    """F1 after minus F1 before, averaged over groups of documents that count equally.

    Parameters
    ----------
    before, after : sequences of sequences of Counts
        Of two results for the same documents, group by group, in the same order. Documents are
        resampled within their group.

    Raises
    ------
    ValueError
        If the two do not have the same gold, document by document.

    Examples
    --------
    >>> same, worse, better = [Counts(9, 1, 0)] * 9, [Counts(5, 0, 5)] * 20, [Counts(10, 0, 0)] * 20
    >>> round(macro_f1_difference([same, worse], [same, better]).value, 3)
    0.167
    """
    values, resampled = [], []
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        sizes = [[count.found + count.missing for count in counts] for counts in (one, other)]
        if sizes[0] != sizes[1]:
            raise ValueError("a paired difference needs two results for the same gold documents")
        # Equal seeds draw equal resamples, so the difference is paired; groups are independent.
        seed = _SEED + number
        resampled.append(_resampled_f1(other, seed) - _resampled_f1(one, seed))
        values.append(score_texts(other).f1 - score_texts(one).f1)
    low, high = np.percentile(np.mean(resampled, axis=0), _OUTSIDE_95)
    return Interval(float(np.mean(values)), float(low), float(high))


def _per_document(counts: Sequence[Counts]) -> tuple[Floats, Floats, Bools]:
    """Precision, recall and whether there is output, of the documents with gold."""
    with_gold = [count for count in counts if count.found + count.missing]
    return (
        np.array([count.precision for count in with_gold], np.float64),
        np.array([count.recall for count in with_gold], np.float64),
        np.array([count.found + count.extra > 0 for count in with_gold], np.bool_),
    )


def _resampled_f1(counts: Sequence[Counts], seed: int = _SEED) -> Floats:
    """F1 of `RESAMPLES` random draws of as many documents, with replacement."""
    precision, recall, has_output = _per_document(counts)
    documents = len(recall)
    if not documents:
        return np.zeros(RESAMPLES)
    precision = precision * has_output
    random = np.random.default_rng(seed)
    rows = max(_RESAMPLED_AT_ONCE // documents, 1)
    parts = []
    for start in range(0, RESAMPLES, rows):
        size = (min(rows, RESAMPLES - start), documents)
        drawn = random.integers(documents, size=size)
        with_output = np.maximum(has_output[drawn].sum(axis=1), 1)
        p, r = precision[drawn].sum(axis=1) / with_output, recall[drawn].mean(axis=1)
        parts.append(2 * p * r / np.maximum(p + r, np.finfo(np.float64).tiny))
    return np.concatenate(parts)


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def calibration_bins(is_body: Bools, body_probability: Floats) -> list[CalibrationBin]:
    """Compare predicted with true shares in `CALIBRATION_BINS` equal bins, empty ones left out.

    Parameters
    ----------
    is_body : bool array (n_lines,)
    body_probability : float64 array (n_lines,), from 0 to 1

    Examples
    --------
    >>> calibration_bins(np.array([True, False]), np.array([0.97, 0.99]))[0].body_share
    0.5
    """
    bins = np.minimum((body_probability * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    lines, bodies, probability = (
        np.bincount(bins, weights, CALIBRATION_BINS)
        for weights in (None, is_body.astype(np.float64), body_probability)
    )
    return [
        CalibrationBin(
            low=k / CALIBRATION_BINS,
            high=(k + 1) / CALIBRATION_BINS,
            lines=int(lines[k]),
            mean_probability=float(probability[k] / lines[k]),
            body_share=float(bodies[k] / lines[k]),
        )
        for k in np.flatnonzero(lines).tolist()
    ]


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Average the distance of predicted and true share over the lines: the expected error.

    Examples
    --------
    >>> bins = calibration_bins(np.array([True, False]), np.array([0.97, 0.99]))
    >>> round(calibration_error(bins), 2)
    0.48
    """
    distance = sum(row.lines * abs(row.mean_probability - row.body_share) for row in bins)
    return distance / max(sum(row.lines for row in bins), 1)
