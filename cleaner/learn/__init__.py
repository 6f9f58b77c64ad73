"""Labelled documents to a model, and how good it is."""

from cleaner.learn.adapting import AdaptSettings, adapt, balanced_folds
from cleaner.learn.boosting import grow_trees, read_trees
from cleaner.learn.comparison import Comparison, compare
from cleaner.learn.dataset import fold_of
from cleaner.learn.evaluation import (
    DocumentResult,
    Scores,
    cross_validate,
    evaluate,
    score_document,
)
from cleaner.learn.learning import LearningReport, default_check, learn, learn_from_scratch, train
from cleaner.learn.metrics import (
    Bools,
    Counts,
    Interval,
    calibration_bins,
    calibration_error,
    f1_difference,
    f1_interval,
    macro_f1_difference,
    score_texts,
    shingle_counts,
)
from cleaner.learn.tables import format_table
from cleaner.learn.training import (
    CrossValidatedModel,
    TrainingSettings,
    train_and_test,
    train_from_scratch,
)

__all__ = [
    "AdaptSettings",
    "Bools",
    "Comparison",
    "Counts",
    "CrossValidatedModel",
    "DocumentResult",
    "Interval",
    "LearningReport",
    "Scores",
    "TrainingSettings",
    "adapt",
    "balanced_folds",
    "calibration_bins",
    "calibration_error",
    "compare",
    "cross_validate",
    "default_check",
    "evaluate",
    "f1_difference",
    "f1_interval",
    "fold_of",
    "format_table",
    "grow_trees",
    "learn",
    "learn_from_scratch",
    "macro_f1_difference",
    "read_trees",
    "score_document",
    "score_texts",
    "shingle_counts",
    "train",
    "train_and_test",
    "train_from_scratch",
]
