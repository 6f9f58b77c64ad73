"""The estimators behave as scikit-learn expects, and clean as the cleaner does."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError, ModelError
from cleaner.estimators import LineClassifier, NewsCleaner

PAGES = sorted((Path(__file__).parents[1] / "corpus/pages").glob("en-*.txt"))[:12]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [page.read_text(encoding="utf-8") for page in PAGES]


# --- NewsCleaner ------------------------------------------------------------------------------


def test_it_cleans_as_the_cleaner_does(texts: list[str]) -> None:
    for threshold in (None, 0.2):
        cleaned = NewsCleaner(threshold=threshold).transform(texts)
        assert cleaned.shape == (len(texts),)
        assert cleaned.tolist() == [*Cleaner.load("news", threshold).clean_many(texts)]


# Scikit-learn generates its checks for estimators of matrices only; these need no matrix.
CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
)


@pytest.mark.parametrize("name", CHECKS)
def test_checks_that_apply_to_transformers_of_texts(name: str) -> None:
    getattr(estimator_checks, name)("NewsCleaner", NewsCleaner())


def test_in_a_pipeline_with_a_grid_search(texts: list[str]) -> None:
    labels = [len(text) > 2500 for text in texts]
    pipeline = make_pipeline(NewsCleaner(), TfidfVectorizer(), LogisticRegression())
    thresholds = [0.3, 0.6]
    search = GridSearchCV(pipeline, {"newscleaner__threshold": thresholds}, cv=2)
    search.fit(texts, labels)
    assert search.best_params_["newscleaner__threshold"] in thresholds
    assert len(search.predict(texts)) == len(texts)


def test_feature_names_pass_through_a_pipeline(texts: list[str]) -> None:
    pipeline = make_pipeline(NewsCleaner(), TfidfVectorizer()).fit(texts)
    expected = TfidfVectorizer().fit([*Cleaner.load().clean_many(texts)])
    assert [*pipeline.get_feature_names_out()] == [*expected.get_feature_names_out()]
    assert [*NewsCleaner().get_feature_names_out()] == ["text"]
    assert [*NewsCleaner().get_feature_names_out(["body"])] == ["body"]


def test_a_column_of_a_table(texts: list[str]) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"page": texts, "year": range(len(texts))})
    transformer = make_column_transformer(
        (make_pipeline(NewsCleaner(), TfidfVectorizer()), "page"), remainder="drop"
    )
    assert transformer.fit_transform(table).shape[0] == len(texts)
    with pytest.raises(TypeError, match="select one column"):
        NewsCleaner().transform(table)


def test_clones_and_pickles(texts: list[str]) -> None:
    estimator = NewsCleaner(threshold=0.3)
    expected = estimator.fit(texts).transform(texts).tolist()
    for copy in (clone(estimator), pickle.loads(pickle.dumps(estimator))):
        assert copy.get_params() == {"model": "news", "threshold": 0.3}
        assert copy.transform(texts).tolist() == expected


@pytest.mark.parametrize(
    ("estimator", "texts", "error", "message"),
    [
        (NewsCleaner(), "one text", TypeError, "not a single str"),
        (NewsCleaner(), b"one text", TypeError, "not a single bytes"),
        (NewsCleaner(), 5, TypeError, "not a single int"),
        (NewsCleaner(), ["a", None], TypeError, "text 1 is not a str but NoneType"),
        (NewsCleaner(), np.array([["a"]]), TypeError, "not a table"),
        (NewsCleaner(threshold=1.0), ["a"], InputError, "threshold 1.0"),
        (NewsCleaner(model="nonsense"), ["a"], ModelError, "nonsense"),
    ],
)
def test_wrong_input(
    estimator: NewsCleaner, texts: Any, error: type[Exception], message: str
) -> None:
    for method in (estimator.fit, estimator.transform):
        with pytest.raises(error, match=message):
            method(texts)


def test_no_texts() -> None:
    assert NewsCleaner().fit_transform([]).tolist() == []


# --- LineClassifier ---------------------------------------------------------------------------


@parametrize_with_checks([LineClassifier()])  # type: ignore[untyped-decorator]
def test_line_classifier_checks(estimator: LineClassifier, check: Any) -> None:
    check(estimator)


def make_rows() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(0)
    features = random.normal(size=(400, 3)) * [1, 50, 1e-3] + [0, 1000, 0]
    odds = features @ [1, 0.05, 500] - 50
    return features, np.where(odds + random.logistic(size=400) > 0, "body", "clutter")


def test_it_learns_whatever_the_scale_of_a_feature() -> None:
    features, labels = make_rows()
    classifier = LineClassifier().fit(features[:200], labels[:200])
    assert classifier.score(features[200:], labels[200:]) > 0.8
    rescaled = LineClassifier().fit(features[:200] * [1, 8, 1], labels[:200])
    np.testing.assert_allclose(classifier.coef_, rescaled.coef_, atol=0.01)


def test_a_wild_value_counts_for_six_deviations() -> None:
    features, labels = make_rows()
    classifier = LineClassifier().fit(features, labels)
    row = np.median(features, axis=0)
    far, farther = [50, *row[1:]], [1e300, *row[1:]]
    assert classifier.decision_function([far]) == classifier.decision_function([farther])
    assert abs(classifier.decision_function([far])[0]) < 6.1 * abs(classifier.coef_).sum()


def test_probabilities_decisions_and_predictions_agree() -> None:
    features, labels = make_rows()
    classifier = LineClassifier().fit(features, labels)
    odds = classifier.decision_function(features)
    np.testing.assert_allclose(classifier.predict_proba(features)[:, 1], 1 / (1 + np.exp(-odds)))
    assert (classifier.predict(features) == classifier.classes_[(odds > 0).astype(int)]).all()


@pytest.mark.parametrize(
    "weight", [[1.0], [[1.0]] * 4, [-1, 1, 1, 1], [0, 0, 0, 0], [float("nan"), 1, 1, 1]]
)
def test_wrong_weights(weight: Any) -> None:
    with pytest.raises(ValueError, match="sample_weight"):
        LineClassifier().fit([[0], [1], [2], [3]], [0, 0, 1, 1], weight)
