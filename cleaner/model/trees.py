"""Judge doubtful lines again by boosted trees, and split what they say among their features.

Lines of which the logistic regression is nearly sure are left to it: a tree asks the same few
questions of every line ("is this feature above that?"), the answers are the number of a leaf, and
the values of the leaves are added to the log-odds. Trees whose questions are the same on each
level are called oblivious; a batch of lines is asked all questions at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.model.columns import Steps
from cleaner.text import Bytes, Floats

# One unit of a leaf: log-odds.
LEAF_UNIT = 2.0**-8
# The answers of a line are the bits of a byte.
MOST_QUESTIONS = 8
# Answers of lines to trees that are asked together: more do not stay in the processor's cache.
_ANSWERS = 1 << 17
# Leaves of trees that are asked together: their numbers fit into two bytes, which takes a sixth of
# the time less than eight.
_LEAVES = 1 << 16


class Trees(NamedTuple):
    """Oblivious trees, and the lines that they judge."""

    features: NDArray[np.int16]  # (n_trees, n_questions), rows of the quantised features
    bounds: NDArray[np.int8]  # (n_trees, n_questions), in steps: the answer is yes above it
    leaves: NDArray[np.int8]  # (n_trees, 2**n_questions), in units of LEAF_UNIT
    band: float  # log-odds: lines nearer to 0 than this are doubtful

    @classmethod
    def none(cls) -> Trees:
        """No trees: no line is doubtful.

        Examples
        --------
        >>> len(Trees.none().leaves)
        0
        """
        questions = np.zeros((0, 1), np.int16)
        return cls(questions, questions.astype(np.int8), np.zeros((0, 2), np.int8), 0.0)


def leaf_numbers(trees: Trees, steps: Steps) -> Iterator[Bytes]:
    """Ask all questions of some lines, some trees at a time.

    Parameters
    ----------
    steps : int8 array (n_features, n)
        Quantised features of the lines.

    Yields
    ------
    uint8 array (some trees, n)
        The leaf of each line in each tree: bit q is the answer to question q.
    """
    n_lines = steps.shape[1]
    block = min(max(_ANSWERS // max(n_lines, 1), 1), _LEAVES // trees.leaves.shape[1])
    for start in range(0, len(trees.leaves), block):
        features = trees.features[start : start + block]
        bounds = trees.bounds[start : start + block]
        leaf = np.zeros((len(features), n_lines), np.uint8)
        # The last question first: doubling makes room for the answer to the one before.
        for question in reversed(range(features.shape[1])):
            yes = steps.take(features[:, question], axis=0) > bounds[:, question, None]
            leaf += leaf
            leaf |= yes.view(np.uint8)
        yield leaf


def leaf_sums(trees: Trees, steps: Steps) -> Floats:
    """Sum up the leaves of some lines.

    Returns
    -------
    float32 array (n,)
        Log-odds, exact in any order.
    """
    sums = np.zeros(steps.shape[1], np.int32)
    start = 0
    for leaf in leaf_numbers(trees, steps):
        leaves = trees.leaves[start : start + len(leaf)]
        place = leaf + (np.arange(len(leaf)) * leaves.shape[1]).astype(np.uint16)[:, None]
        sums += leaves.take(place.astype(np.intp)).sum(axis=0, dtype=np.int32)
        start += len(leaf)
    return sums * np.float32(LEAF_UNIT)


class Split(NamedTuple):
    """What each question adds to a leaf, against the leaf of the average line."""

    shares: Floats  # (n_trees, 2**n_questions, n_questions), log-odds
    average: float  # log-odds that the average line would be given


def split_leaves(trees: Trees) -> Split:
    """Split every leaf among the questions of its tree by Shapley values.

    A question's share is what its answer changes when it takes the place of the average line's
    answer, averaged over all orders in which the answers can be exchanged (Sundararajan and
    Najmi 2020, "The many Shapley values for model explanation", baseline Shapley). The shares of
    a leaf and the average line's leaf sum to the leaf.

    Examples
    --------
    >>> questions, bounds = np.array([[0, 1]], np.int16), np.zeros((1, 2), np.int8)
    >>> both = Trees(questions, bounds, np.array([[0, 0, 0, 64]], np.int8), band=2.0)
    >>> split_leaves(both).shares[0, 3].tolist()
    [0.125, 0.125]
    """
    n_trees, n_questions = trees.features.shape
    n_leaves = 1 << n_questions
    values = trees.leaves.astype(np.float32) * np.float32(LEAF_UNIT)
    # The average line has 0 steps in everything.
    bits = 1 << np.arange(n_questions)
    average = ((trees.bounds < 0) * bits).sum(axis=1)
    numbers = np.arange(n_leaves)
    # Leaf by the questions that are answered in another way than by the average line.
    changed = np.take_along_axis(values, average[:, None] ^ numbers, axis=1)
    shares = changed[:, numbers[:, None] & numbers] @ _order_weights(n_questions)
    # Back to leaves by their own number; the sets of changed questions are their difference.
    back = np.take_along_axis(shares, (average[:, None] ^ numbers)[:, :, None], axis=1)
    return Split(back.astype(np.float32), float(values[np.arange(n_trees), average].sum()))


def _order_weights(n_questions: int) -> Floats:
    """Weigh the sets of exchanged answers for each question: float32 array (n_sets, n_questions).

    A set with the question counts as often as it comes right after it in an order, one without it
    as often as it comes right before.
    """
    weights = np.zeros((1 << n_questions, n_questions))
    for chosen in range(1 << n_questions):
        size = chosen.bit_count()
        for question in range(n_questions):
            before = size - 1 if chosen >> question & 1 else size
            orders = math.factorial(before) * math.factorial(n_questions - before - 1)
            share = orders / math.factorial(n_questions)
            weights[chosen, question] = share if chosen >> question & 1 else -share
    return weights.astype(np.float32)
