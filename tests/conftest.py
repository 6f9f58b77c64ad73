"""A model with random weights, and one trained on a few documents of corpus/."""

import compileall
import dataclasses
import json
import signal
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import threadpoolctl

import cleaner
from cleaner.features import N_COLUMNS, TEXT_FEATURES
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.learn import TrainingSettings, train_from_scratch
from cleaner.model import Model, Pass, Scaling, Trees, pass_columns
from cleaner.text import encode_text, lay_out_lines, vocabulary_digest

# Shells let what they start in the background ignore interrupts, which tests send to runs.
signal.signal(signal.SIGINT, signal.default_int_handler)
# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Many small products: threads only wait for one another, tenfold where the machine is busy.
threadpoolctl.threadpool_limits(1, "blas")

CASES = json.loads((Path(__file__).parent / "cases/texts.json").read_text(encoding="utf-8"))
TEXTS = [case["text"] for kind in CASES.values() for case in kind]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package before two hundred processes start.

    Where PYTHONDONTWRITEBYTECODE is set, as in containers, each of them would do so again: .17 s
    of .5.
    """
    if not hasattr(config, "workerinput"):  # in the process that starts those of xdist
        compileall.compile_dir(Path(cleaner.__file__).parent, quiet=2)


def random_trees(n_features: int) -> Trees:
    """Forty trees of three questions, for a third of the lines of a random model."""
    draw = np.random.default_rng(8)
    return Trees(
        draw.integers(0, n_features, (40, 3)).astype(np.int16),
        draw.integers(-20, 20, (40, 3)).astype(np.int8),
        draw.integers(-127, 128, (40, 8)).astype(np.int8),
        band=6.0,
    )


@pytest.fixture(scope="session")
def random_model() -> Model:
    """A model that trusts every feature, word and tree, and keeps half of the lines of TEXTS."""
    draw = np.random.default_rng(7)
    n = len(TEXT_FEATURES)
    first, second = pass_columns(TEXT_FEATURES)
    model = Model(
        name="random",
        lexical_weights=draw.integers(-900, 900, N_COLUMNS).astype(np.int16),
        markup_weights=np.zeros(0, np.int16),
        markup_intercept=0.0,
        lexical_intercept=0.25,
        features=TEXT_FEATURES,
        scaling=Scaling(
            draw.uniform(0, 1, n).astype(np.float32), draw.uniform(0.2, 2, n).astype(np.float32)
        ),
        first=Pass(first, draw.integers(-99, 99, len(first)).astype(np.int32), -0.5),
        second=Pass(second, draw.integers(-99, 99, len(second)).astype(np.int32), 0.5),
        vocabulary=vocabulary_digest(),
        trees=random_trees(n),
        calibration=(0.75, 0.0),
    )
    scored = model.score(lay_out_lines([encode_text(text) for text in TEXTS]))
    middle = float(np.median(scored.log_odds[scored.lines.row]))
    return dataclasses.replace(model, calibration=(0.75, -middle))


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Some English and German documents of corpus/, one source each."""
    corpus = Path(__file__).parent.parent / "corpus" / "labelled"
    documents = read_labelled_many([corpus])
    return [one for one in documents if one.lang in ("de", "en") and len(one.lines) > 45][::8]


@pytest.fixture(scope="session")
def quick_settings() -> TrainingSettings:
    """Few folds and weak coefficients: training takes a second."""
    return TrainingSettings(n_folds=2, lexical_c=0.2, first_c=0.02, second_c=0.02)


@pytest.fixture(scope="session")
def trained_model(documents: list[LabelledDocument], quick_settings: TrainingSettings) -> Model:
    return train_from_scratch(documents, quick_settings, name="quick")
