"""Pages with known article text to labelled documents; only who builds models needs it."""

from cleaner.gold.augmentation import augment
from cleaner.gold.converters import _JUSTEXT_LANGUAGES, CONVERTERS, EXTRACTORS, convert_page
from cleaner.gold.duplicates import find_copies
from cleaner.gold.importing import import_pages, label_page
from cleaner.gold.records import Page, read_pages

__all__ = [
    "CONVERTERS",
    "EXTRACTORS",
    "_JUSTEXT_LANGUAGES",
    "Page",
    "augment",
    "convert_page",
    "find_copies",
    "import_pages",
    "label_page",
    "read_pages",
]
