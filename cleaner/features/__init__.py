"""Lines to features: what a line looks like, where it stands, and what is said around it."""

from cleaner.features.hashed_words import (
    HASHED_WORD_FEATURES,
    N_COLUMNS,
    WEIGHT_UNIT,
    hashed_word_features,
    lexical_log_odds,
    lexical_places,
)
from cleaner.features.judged import JUDGED_FEATURES, judged_features
from cleaner.features.line import LINE_FEATURES, line_features
from cleaner.features.markup import (
    MARKUP_LEVELS,
    N_MARKUP_COLUMNS,
    markup_log_odds,
    markup_places,
)
from cleaner.features.naming import AROUND, Columns, Feature, lay_out_columns
from cleaner.features.overlap import Overlap, prepare_overlap
from cleaner.features.page import PAGE_FEATURES, page_features
from cleaner.features.stacked import STACKED_FEATURES, stacked_features
from cleaner.features.template import (
    MARKUP_FEATURES,
    STACKED_MARKUP_FEATURES,
    markup_features,
    stacked_markup_features,
)

# Every feature with its meaning in words and its group. What pass 1 is given comes first:
# `STACKED_FEATURES` are made of what it says, `JUDGED_FEATURES` of what pass 2 says.
FIRST_FEATURES = {**LINE_FEATURES, **PAGE_FEATURES, **HASHED_WORD_FEATURES, **MARKUP_FEATURES}
FEATURES = {**FIRST_FEATURES, **STACKED_FEATURES, **STACKED_MARKUP_FEATURES, **JUDGED_FEATURES}
# Those that need the markup of lines; the others are made of their text.
OF_MARKUP = frozenset({**MARKUP_FEATURES, **STACKED_MARKUP_FEATURES})
TEXT_FEATURES = tuple(name for name in FEATURES if name not in OF_MARKUP)

__all__ = [
    "AROUND",
    "FEATURES",
    "FIRST_FEATURES",
    "HASHED_WORD_FEATURES",
    "JUDGED_FEATURES",
    "LINE_FEATURES",
    "MARKUP_FEATURES", "MARKUP_LEVELS",
    "N_COLUMNS",
    "N_MARKUP_COLUMNS",
    "OF_MARKUP",
    "PAGE_FEATURES",
    "STACKED_FEATURES",
    "STACKED_MARKUP_FEATURES", "TEXT_FEATURES",
    "WEIGHT_UNIT",
    "Columns",
    "Feature",
    "Overlap",
    "hashed_word_features",
    "judged_features",
    "lay_out_columns",
    "lexical_log_odds",
    "lexical_places",
    "line_features",
    "markup_features",
    "markup_log_odds",
    "markup_places",
    "page_features",
    "prepare_overlap",
    "stacked_features",
    "stacked_markup_features",
]  # fmt: skip
