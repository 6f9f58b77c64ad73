"""Lines to features: what a line looks like, where it stands, and what is said around it."""

from cleaner.features.hashed_words import (
    LEXICAL_CONTEXT,
    N_COLUMNS,
    WEIGHT_UNIT,
    lexical_features,
    lexical_log_odds,
    lexical_places,
)
from cleaner.features.line import LINE_FEATURES, line_features
from cleaner.features.overlap import Overlap, prepare_overlap
from cleaner.features.page import SURROUNDINGS, surrounding_features
from cleaner.features.stacked import CONTEXT, Judged, context_features

__all__ = [
    "CONTEXT",
    "LEXICAL_CONTEXT",
    "LINE_FEATURES",
    "N_COLUMNS",
    "SURROUNDINGS",
    "WEIGHT_UNIT",
    "Judged",
    "Overlap",
    "context_features",
    "lexical_features",
    "lexical_log_odds",
    "lexical_places",
    "line_features",
    "prepare_overlap",
    "surrounding_features",
]
