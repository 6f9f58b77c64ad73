"""Features to log-odds and their reasons, and the file that a trained model is kept in."""

from cleaner.model.columns import COLUMN_NAMES, FEATURES, PASS_1, PASS_2, describe, design_matrix
from cleaner.model.model import Model, Pass, Scored, judge, probabilities, raw_features
from cleaner.model.model_file import load_model, save_model
from cleaner.model.reasons import Reason, line_reasons
from cleaner.model.scaling import EXACT, LIMIT, STEPS, WEIGHT_UNIT, Scaling
from cleaner.model.trees import N_CODES, N_LEAVES, N_QUESTIONS, Trees

__all__ = [
    "COLUMN_NAMES",
    "EXACT",
    "FEATURES",
    "LIMIT",
    "N_CODES",
    "N_LEAVES",
    "N_QUESTIONS",
    "PASS_1",
    "PASS_2",
    "STEPS",
    "WEIGHT_UNIT",
    "Model",
    "Pass",
    "Reason",
    "Scaling",
    "Scored",
    "Trees",
    "describe",
    "design_matrix",
    "judge",
    "line_reasons",
    "load_model",
    "probabilities",
    "raw_features",
    "save_model",
]
