"""A model with random weights, and one trained on a few documents of corpus/."""

import dataclasses
import json
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import threadpoolctl

from cleaner.features import N_COLUMNS
from cleaner.files.labelled_file import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.learn.learning import train
from cleaner.learn.training import Settings
from cleaner.model import (
    FEATURES,
    N_CODES,
    N_LEAVES,
    N_QUESTIONS,
    PASS_1,
    PASS_2,
    Model,
    Pass,
    Scaling,
    Trees,
)
from cleaner.text import encode_text, make_batch

# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Many small products: threads only wait for one another, tenfold where the machine is busy.
threadpoolctl.threadpool_limits(1, "blas")

CASES = json.loads((Path(__file__).parent / "cases/texts.json").read_text(encoding="utf-8"))
TEXTS = [case["text"] for kind in CASES.values() for case in kind]
N_TREES = 20


@pytest.fixture(scope="session")
def random_model() -> Model:
    """A model that trusts every feature and every word, and keeps half of the lines of TEXTS."""
    draw = np.random.default_rng(7)
    n = len(FEATURES)
    model = Model(
        name="random",
        lexical_weights=draw.integers(-900, 900, N_COLUMNS).astype(np.int16),
        lexical_intercept=0.25,
        scaling=Scaling(
            draw.uniform(0, 1, n).astype(np.float32), draw.uniform(0.2, 2, n).astype(np.float32)
        ),
        first=Pass(draw.integers(-99, 99, len(PASS_1)).astype(np.int32), -0.5),
        second=Pass(draw.integers(-99, 99, len(PASS_2)).astype(np.int32), 0.5),
        trees=Trees(
            draw.integers(0, len(PASS_2), (N_TREES, N_QUESTIONS)).astype(np.int16),
            draw.integers(-30, 30, (N_TREES, N_QUESTIONS)).astype(np.int16),
            draw.integers(0, N_LEAVES, (N_TREES, N_CODES)).astype(np.uint8),
        ),
        tree_weights=draw.integers(-3000, 3000, (N_TREES, N_LEAVES)).astype(np.int32),
        calibration=(0.75, 0.0),
    )
    scored = model.score(make_batch([encode_text(text) for text in TEXTS]))
    middle = float(np.median(scored.log_odds[scored.rows.row]))
    return dataclasses.replace(model, calibration=(0.75, -middle))


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Every eighth document of corpus/: both languages, one source each."""
    corpus = Path(__file__).parent.parent / "corpus" / "labelled"
    return list(read_labelled_many([corpus]))[::8]


@pytest.fixture(scope="session")
def quick_settings() -> Settings:
    """Few folds and weak coefficients: training takes a second."""
    return Settings(n_folds=2, lexical_c=0.2, first_c=0.02, second_c=0.02)


@pytest.fixture(scope="session")
def trained_model(documents: list[LabelledDocument], quick_settings: Settings) -> Model:
    return train(documents, settings=quick_settings, name="quick")
