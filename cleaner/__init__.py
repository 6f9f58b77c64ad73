"""Keep the article, drop the clutter: clean the text of news pages line by line.

Everything public is here; names are loaded when they are first used, so that the import is quick
and ``clean-news --help`` needs not even numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cleaner.errors import (
    CleanerError,
    InputError,
    LabelError,
    MissingExtraError,
    ModelError,
    OutputError,
    TrainingError,
)

if TYPE_CHECKING:
    from cleaner.cleaning import Cleaner, Line, clean, clean_html
    from cleaner.collection import Collection
    from cleaner.labelled import LabelledDocument
    from cleaner.learn import evaluate, train
    from cleaner.model import Reason

__all__ = [
    "Cleaner",
    "CleanerError",
    "Collection",
    "InputError",
    "LabelError",
    "LabelledDocument",
    "Line",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Reason",
    "TrainingError",
    "clean",
    "clean_html",
    "evaluate",
    "train",
]

_MODULE_OF = {
    "Cleaner": "cleaning",
    "Collection": "collection",
    "LabelledDocument": "labelled",
    "Line": "cleaning",
    "Reason": "model",
    "clean": "cleaning",
    "clean_html": "cleaning",
    "evaluate": "learn",
    "train": "learn",
}


def __getattr__(name: str) -> Any:
    value: Any
    if name == "__version__":
        value = import_module("importlib.metadata").version("clean-news")
    elif name in _MODULE_OF:
        value = getattr(import_module(f"cleaner.{_MODULE_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'cleaner' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
