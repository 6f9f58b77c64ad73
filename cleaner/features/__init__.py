"""Lines to features: what a line looks like, where it stands, and what is said around it."""

from cleaner.features.hashed_words import (
    HASHED_WORD_FEATURES,
    N_COLUMNS,
    WEIGHT_UNIT,
    end_log_odds,
    hashed_word_features,
    lexical_log_odds,
    lexical_places,
)
from cleaner.features.line import LINE_FEATURES, line_features
from cleaner.features.naming import AROUND, Columns, Feature, lay_out_columns
from cleaner.features.overlap import Overlap, prepare_overlap
from cleaner.features.page import PAGE_FEATURES, page_features
from cleaner.features.stacked import STACKED_FEATURES, stacked_features

# Every feature with its meaning in words and its group. What pass 1 is given comes first:
# `STACKED_FEATURES` are made of what it says.
FIRST_FEATURES = {**LINE_FEATURES, **PAGE_FEATURES, **HASHED_WORD_FEATURES}
FEATURES = {**FIRST_FEATURES, **STACKED_FEATURES}

__all__ = [
    "AROUND", "FEATURES", "FIRST_FEATURES", "HASHED_WORD_FEATURES", "LINE_FEATURES", "N_COLUMNS",
    "PAGE_FEATURES", "STACKED_FEATURES", "WEIGHT_UNIT", "Columns", "Feature", "Overlap",
    "end_log_odds", "hashed_word_features", "lay_out_columns", "lexical_log_odds", "lexical_places",
    "line_features", "page_features", "prepare_overlap", "stacked_features",
]  # fmt: skip
