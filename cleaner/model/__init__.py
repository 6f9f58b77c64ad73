"""Features to log-odds and their reasons, and the file that a trained model is kept in."""

from cleaner.model.columns import (
    COLUMN_NAMES,
    FIRST_COLUMNS,
    LIMIT,
    SECOND_COLUMNS,
    STEPS,
    Column,
    describe,
    design_matrix,
    pass_columns,
)
from cleaner.model.linear import EXACT, WEIGHT_UNIT, Scaling, quantise_columns
from cleaner.model.model import (
    Model,
    Pass,
    Scored,
    document_confidence,
    probabilities,
    raw_features,
)
from cleaner.model.model_file import (
    PAGE_MODEL,
    TEXT_MODEL,
    find_model,
    load_model,
    save_model,
)
from cleaner.model.reasons import (
    BASELINE,
    RECURRENCE,
    Part,
    Reason,
    count_reasons,
    group_contributions,
    line_reasons,
)
from cleaner.model.trees import LEAF_UNIT, Trees, leaf_numbers, leaf_sums, split_leaves

__all__ = [
    "BASELINE",
    "COLUMN_NAMES",
    "EXACT",
    "FIRST_COLUMNS",
    "LEAF_UNIT",
    "LIMIT",
    "PAGE_MODEL",
    "RECURRENCE",
    "SECOND_COLUMNS",
    "STEPS",
    "TEXT_MODEL",
    "WEIGHT_UNIT",
    "Column",
    "Model",
    "Part",
    "Pass",
    "Reason",
    "Scaling",
    "Scored",
    "Trees",
    "count_reasons",
    "describe",
    "design_matrix",
    "document_confidence",
    "find_model",
    "group_contributions",
    "leaf_numbers",
    "leaf_sums",
    "line_reasons",
    "load_model",
    "pass_columns",
    "probabilities",
    "quantise_columns",
    "raw_features",
    "save_model",
    "split_leaves",
]
