"""Offer the cleaner to scikit-learn: a transformer of texts, and a classifier of feature rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from cleaner.cleaning import Cleaner, check_texts
from cleaner.model import STEPS, Scaling

# Larger numbers are as good as these, whose differences still fit a float32.
_LARGEST = 1e37


class NewsCleaner(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """Clean page texts in a scikit-learn pipeline, in front of a vectorizer for instance.

    Parameters
    ----------
    model : str or Path
        A shipped model by name, or a model file by path.
    threshold : float, optional
        Lines of at least this body probability are kept; None for the model's own.

    Notes
    -----
    Nothing is learnt: `fit` only checks that the model can be loaded, and `transform` may be
    called without it. As the text vectorizers of scikit-learn do, it takes a sequence of `str`,
    not a matrix.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> pipeline = make_pipeline(NewsCleaner(threshold=0.4), TfidfVectorizer())
    >>> NewsCleaner().fit_transform(["Home | News | Sport"])
    array([''], dtype=object)
    """

    def __init__(self, model: str | Path = "news", threshold: float | None = None) -> None:
        self.model = model
        self.threshold = threshold

    def fit(self, X: Iterable[str], y: object = None) -> NewsCleaner:  # noqa: ARG002
        """Check model, threshold and texts.

        Raises
        ------
        ModelError
            If the model cannot be loaded.
        InputError
            If the threshold does not lie between 0 and 1.
        TypeError
            If `X` is a single text, or not of texts.
        """
        Cleaner.load(self.model, self.threshold)
        list(check_texts(X))
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.object_]:
        """Clean texts.

        Returns
        -------
        object array (n_texts,)
            Of `str`, in order.

        Raises
        ------
        As `fit`.
        """
        cleaned = list(Cleaner.load(self.model, self.threshold).clean_many(X))
        column = np.empty(len(cleaned), object)
        column[:] = cleaned
        return column

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Name the one column of texts: as it came in, or "text"."""
        return np.asarray(["text"] if input_features is None else input_features, object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.requires_fit = False
        return tags


class LineClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify rows of features as the cleaner's own passes do.

    A logistic regression on features that are standardised, clipped at six standard deviations
    and rounded to a twentieth of one (`model.scaling`), so that single wild values do not count
    for more than they should.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 regularisation.
    max_iter : int
        Of the solver.

    Attributes
    ----------
    classes_ : array (n_classes,)
    coef_ : float64 array (1 or n_classes, n_features)
        In log-odds per standard deviation.
    intercept_ : float64 array (1 or n_classes,)
        Log-odds of an average row.
    scaling_ : Scaling
    regression_ : LogisticRegression
        Fitted on the scaled features.
    n_features_in_ : int
    n_iter_ : int array

    Examples
    --------
    >>> features = [[3, 0], [4, 0], [30, 1], [41, 2]]
    >>> classifier = LineClassifier().fit(features, ["clutter", "clutter", "body", "body"])
    >>> classifier.predict([[2, 0], [35, 1]])
    array(['clutter', 'body'], dtype='<U7')
    """

    def __init__(self, C: float = 1.0, max_iter: int = 1000) -> None:
        self.C = C
        self.max_iter = max_iter

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> LineClassifier:
        """Learn the scaling and the weights.

        Parameters
        ----------
        X : array (n_rows, n_features)
        y : array (n_rows,)
            Labels of any kind, two at least.
        sample_weight : array (n_rows,), optional
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        rows = np.clip(X, -_LARGEST, _LARGEST)
        weight = _check_weight(sample_weight, len(rows))
        self.scaling_ = Scaling.fit(weight @ rows, weight @ np.square(rows), weight.sum())
        regression = LogisticRegression(C=self.C, max_iter=self.max_iter)
        self.regression_ = regression.fit(self._scale(rows), y, weight)
        self.classes_ = regression.classes_
        self.coef_ = regression.coef_
        self.intercept_ = regression.intercept_
        self.n_iter_ = regression.n_iter_
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Log-odds of the second of two classes: array (n_rows,); else (n_rows, n_classes)."""
        scores: NDArray[np.float64] = self._fitted().decision_function(self._check(X))
        return scores

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities: array (n_rows, n_classes), in the order of `classes_`."""
        probabilities: NDArray[np.float64] = self._fitted().predict_proba(self._check(X))
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Likeliest class of each row: array (n_rows,)."""
        predicted: NDArray[Any] = self._fitted().predict(self._check(X))
        return predicted

    def _fitted(self) -> Any:
        check_is_fitted(self)
        return self.regression_

    def _check(self, X: ArrayLike) -> NDArray[np.float64]:
        return self._scale(validate_data(self, X, dtype=np.float64, reset=False))

    def _scale(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give standard deviations, in steps of a twentieth."""
        columns = np.clip(X, -_LARGEST, _LARGEST).T.astype(np.float32)
        steps = self.scaling_.quantise(columns, np.ones(len(X), np.bool_))
        return steps.T.astype(np.float64) / STEPS


def _check_weight(weight: ArrayLike | None, n_rows: int) -> NDArray[np.float64]:
    checked = np.ones(n_rows) if weight is None else np.asarray(weight, np.float64)
    if checked.shape != (n_rows,):
        raise ValueError(f"sample_weight has shape {checked.shape}, expected ({n_rows},)")
    if not (np.isfinite(checked).all() and (checked >= 0).all() and checked.any()):
        raise ValueError("sample_weight must be finite, not negative, and not all zero")
    return checked
