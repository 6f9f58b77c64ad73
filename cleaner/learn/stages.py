"""Fit one stage of a model, and judge every line by what was fitted without the line's source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features import WEIGHT_UNIT as LEXICAL_UNIT
from cleaner.learn.dataset import Dataset
from cleaner.model import STEPS
from cleaner.text import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Rows that are judged at a time when whole folds are.
_BLOCK_ROWS = 50_000
_ITERATIONS = 300
# Units to which lexical weights are rounded: 1/32 of log-odds, before they are averaged.
_WORD_STEP = 8
LARGEST_WORD = 2**15 - 1


def logistic_regression(c: float, solver: str = "lbfgs") -> Any:
    """Make scikit-learn's logistic regression, as every stage uses it."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=_ITERATIONS, tol=1e-4, solver=solver)


class StageModel(NamedTuple):
    """A fitted stage."""

    coefficients: NDArray[np.floating[Any]]
    intercept: float
    decide: Callable[[Ints], NDArray[np.floating[Any]]]  # row numbers to log-odds, or to several

    def rounded_words(self) -> NDArray[np.int16]:
        """Give the weights of the lexical model in whole units."""
        return round_words(self.coefficients)


def round_words(coefficients: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Round weights of words, in log-odds, to a few whole units, for small files.

    Examples
    --------
    >>> round_words(np.array([0.1, 0.11, 2.0])).tolist()
    [24, 32, 512]
    """
    units = np.rint(coefficients / LEXICAL_UNIT / _WORD_STEP) * _WORD_STEP
    rounded: NDArray[np.int16] = np.clip(units, -LARGEST_WORD, LARGEST_WORD).astype(np.int16)
    return rounded


Learn = Callable[[Ints], StageModel]  # from the numbers of rows


def out_of_fold(
    data: Dataset, weight: NDArray[np.float64], learn: Learn, width: int = 1
) -> tuple[Floats, StageModel]:
    """Learn on all folds but one, judge that one, for each; then learn on all.

    Parameters
    ----------
    weight : float64 array (n_rows,)
        Rows of weight 0 are judged only.
    learn : callable
        From `learn_words` or `learn_pass`: row numbers to StageModel.
    width : int
        How many log-odds the model gives for a row.

    Returns
    -------
    float32 array (n_rows,), or (n_rows, width) where that is more than 1
        Log-odds.
    StageModel
        Learnt on all.
    """
    import sklearn.linear_model  # noqa: F401
    from joblib import Parallel, delayed
    from threadpoolctl import threadpool_limits

    odds = np.zeros((len(data.label), width) if width > 1 else len(data.label), np.float32)

    def judge_fold(fold: int) -> None:
        held_out = np.flatnonzero(data.fold == fold)
        rest = np.flatnonzero((data.fold != fold) & (weight > 0))
        if held_out.size and np.unique(data.label[rest]).size == 2:
            odds[held_out] = learn(rest).decide(held_out)

    def learn_all() -> StageModel:
        return learn(np.flatnonzero(weight > 0))

    # One fit is bound by memory and hardly faster with more threads; folds run side by side. The
    # limit holds for what is loaded already: scikit-learn's linear algebra must be, or the first
    # training of a process would sum in another order than the next.
    folds = [delayed(judge_fold)(fold) for fold in range(int(data.fold.max()) + 1)]
    with threadpool_limits(1):
        fitted = Parallel(n_jobs=-1, prefer="threads")([delayed(learn_all)(), *folds])[0]
    return odds, fitted


def learn_words(data: Dataset, matrices: Sequence[csr_matrix], c: float) -> Learn:
    """Make what fits a lexical model on given rows of the first matrix, and judges by each."""

    def learn(rows: Ints) -> StageModel:
        fitted = logistic_regression(c).fit(matrices[0][rows], data.label[rows], data.weight[rows])
        return StageModel(
            fitted.coef_[0],
            float(fitted.intercept_[0]),
            lambda others: np.stack(
                [fitted.decision_function(matrix[others]) for matrix in matrices], axis=1
            ),
        )

    return learn


def learn_pass(
    data: Dataset, design: NDArray[np.int8], weight: NDArray[np.float64], c: float
) -> Learn:
    """Make what fits a pass on given rows of its columns.

    Parameters
    ----------
    design : int8 array (n_rows, n_columns)
        Quantised.
    weight : float64 array (n_rows,)
    c : float
        Inverse strength of the L2 regularisation.
    """

    # float64: for float32, scikit-learn's solver converts the whole matrix at every step, which
    # takes fifty times as long (1.9).
    def take(rows: Ints) -> NDArray[np.float64]:
        return design[rows] / STEPS

    def learn(rows: Ints) -> StageModel:
        # There are far fewer columns than rows: a few Newton steps suffice.
        model = logistic_regression(c, "newton-cholesky")
        fitted = model.fit(take(rows), data.label[rows], weight[rows])

        def decide(others: Ints) -> NDArray[np.floating[Any]]:
            odds = [
                fitted.decision_function(take(block))
                for block in np.array_split(others, max(len(others) // _BLOCK_ROWS, 1))
            ]
            return np.concatenate(odds)

        return StageModel(fitted.coef_[0], float(fitted.intercept_[0]), decide)

    return learn
