"""Pages with known article text to labelled documents; only who builds models needs it."""

from cleaner.gold.augmentation import augment
from cleaner.gold.clutter_bank import (
    CLUTTER_KINDS,
    GAP_KINDS,
    bank_languages,
    fill_template,
    load_bank,
)
from cleaner.gold.converters import (
    CONVERTERS,
    EXTRACTORS,
    JUSTEXT_LANGUAGES,
    convert_page,
    find_captions,
)
from cleaner.gold.duplicates import find_copies
from cleaner.gold.importing import MARKUP_VIEW, ImportedPage, import_pages, label_page
from cleaner.gold.records import Page, read_pages

__all__ = [
    "CLUTTER_KINDS",
    "CONVERTERS",
    "EXTRACTORS",
    "GAP_KINDS",
    "JUSTEXT_LANGUAGES",
    "MARKUP_VIEW",
    "ImportedPage",
    "Page",
    "augment",
    "bank_languages",
    "convert_page",
    "fill_template",
    "find_captions",
    "find_copies",
    "import_pages",
    "label_page",
    "load_bank",
    "read_pages",
]
