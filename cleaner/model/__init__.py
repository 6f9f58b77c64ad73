"""Features to log-odds and their reasons, and the file that a trained model is kept in."""

from cleaner.model.columns import (
    COLUMN_NAMES,
    FIRST_COLUMNS,
    SECOND_COLUMNS,
    Column,
    describe,
    design_matrix,
)
from cleaner.model.linear import EXACT, LIMIT, STEPS, WEIGHT_UNIT, Scaling, quantise_columns
from cleaner.model.model import Model, Pass, Scored, probabilities, raw_features
from cleaner.model.model_file import load_model, save_model
from cleaner.model.reasons import Reason, line_reasons
from cleaner.model.trees import N_CODES, N_LEAVES, N_QUESTIONS, Trees

__all__ = [
    "COLUMN_NAMES", "EXACT", "FIRST_COLUMNS", "LIMIT", "N_CODES", "N_LEAVES", "N_QUESTIONS",
    "SECOND_COLUMNS", "STEPS", "WEIGHT_UNIT", "Column", "Model", "Pass", "Reason", "Scaling",
    "Scored", "Trees", "describe", "design_matrix", "line_reasons", "load_model", "probabilities",
    "quantise_columns", "raw_features", "save_model",
]  # fmt: skip
