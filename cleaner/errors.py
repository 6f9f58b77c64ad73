"""Every error that clean-news raises on purpose.

CleanerError
├── InputError         something to be read is missing, unreadable or not what it should be
├── OutputError        a place to write to cannot be used, or holds files we would overwrite
├── LabelError         a labelled file does not follow its format
├── ModelError         a model file is missing, damaged, foreign or newer than this version
├── TrainingError      the labelled documents cannot train or test a model
└── MissingExtraError  a feature needs an optional dependency that is not installed

Messages say what was found, where (path, line, value) and what to do next.
"""

import contextlib
from collections.abc import Iterator


class CleanerError(Exception):
    """Base class of all errors raised by clean-news."""


class InputError(CleanerError):
    """Something to be read is missing, unreadable or not what it should be."""


class OutputError(CleanerError):
    """A place to write to cannot be used, or holds files that would be overwritten."""


class LabelError(CleanerError):
    """A labelled file or document does not follow its format."""


class ModelError(CleanerError):
    """A model file is missing, damaged, foreign or newer than this version."""


class TrainingError(CleanerError):
    """The labelled documents cannot train or test a model."""


class MissingExtraError(CleanerError):
    """A feature needs an optional dependency that is not installed."""


@contextlib.contextmanager
def needing(what: str, extra: str) -> Iterator[None]:
    """Name the extra to install if something inside cannot be imported.

    Examples
    --------
    >>> with needing("a report needs Jinja2", "report"):
    ...     import jinja3
    Traceback (most recent call last):
        ...
    cleaner.errors.MissingExtraError: a report needs Jinja2: pip install 'clean-news[report]'
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(f"{what}: pip install 'clean-news[{extra}]'") from error
