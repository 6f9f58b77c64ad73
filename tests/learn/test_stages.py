"""A stage judges every line by a fit that has not seen its source."""

import numpy as np
import pytest

from cleaner.labelled import LabelledDocument
from cleaner.learn.dataset import Dataset, build_dataset
from cleaner.learn.stages import StageModel, learn_pass, learn_words, out_of_fold
from cleaner.text import Ints

N_FOLDS = 3


@pytest.fixture(scope="module")
def data(documents: list[LabelledDocument]) -> Dataset:
    return build_dataset(documents, N_FOLDS)


def test_no_fold_is_judged_by_what_has_seen_it(data: Dataset) -> None:
    """Each fit answers with the folds it saw, as bits."""

    def learn(rows: Ints) -> StageModel:
        seen = sum(1 << int(fold) for fold in np.unique(data.fold[rows]))
        return StageModel(np.zeros(1), 0.0, lambda others: np.full(len(others), seen))

    bits, fitted = out_of_fold(data, data.weight, learn)
    everything = (1 << N_FOLDS) - 1
    lines = data.occupied
    assert lines.any()
    assert (bits[lines] == everything - (1 << data.fold[lines])).all()
    assert (bits[~lines] == 0).all()
    assert fitted.decide(np.zeros(1, np.int64)).tolist() == [everything]


def test_rows_without_weight_are_judged_and_not_learnt_from(data: Dataset) -> None:
    weight = np.where(np.arange(len(data.weight)) % 2, data.weight, 0)
    learnt = []

    def learn(rows: Ints) -> StageModel:
        learnt.append(rows)
        return StageModel(np.zeros(1), 0.0, lambda others: np.ones(len(others)))

    judged, _ = out_of_fold(data, weight, learn)
    assert all((weight[rows] > 0).all() for rows in learnt)
    assert (judged[data.occupied] == 1).all()


def test_words_tell_body_from_clutter_in_sources_not_seen(data: Dataset) -> None:
    odds, words = out_of_fold(data, data.weight, learn_words(data, data.words, 1.0), 3)
    assert odds.shape == (len(data.label), 3)
    labelled = data.label >= 0
    right = (odds[labelled, 0] > 0) == (data.label[labelled] == 1)
    assert right.mean() > max(np.mean(data.label[labelled]), 1 - np.mean(data.label[labelled]))
    assert words.rounded_words().dtype == np.int16


def test_a_pass_finds_the_column_that_tells(data: Dataset) -> None:
    design = np.zeros((len(data.label), 3), np.int8)
    design[:, 1] = np.where(data.label == 1, 20, -20)
    odds, fitted = out_of_fold(data, data.weight, learn_pass(data, design, data.weight, 1.0))
    labelled = data.label >= 0
    assert ((odds[labelled] > 0) == (data.label[labelled] == 1)).all()
    assert np.flatnonzero(fitted.coefficients).tolist() == [1]
