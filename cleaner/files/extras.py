"""Tell once, before a run, which extras its files need that are not installed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec

from cleaner.errors import MissingExtraError

# Files by the end of their names, the package that reads them, and the extra that brings it.
_NEEDS = (
    (re.compile(r"\.html?(?:\.(?:gz|zst))?$", re.IGNORECASE), "selectolax", "html"),
    (re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE), "fastwarc", "html"),
    (re.compile(r"\.(?:parquet|zst)$", re.IGNORECASE), "pyarrow", "records"),
)


def check_extras(names: Iterable[str]) -> None:
    """Refuse files for which a package is missing; no name is looked at if all are installed.

    Raises
    ------
    MissingExtraError
        If a package is missing; names the extras to install, and a file that needs one.

    Examples
    --------
    >>> check_extras(["a.txt", "b.jsonl.gz"])
    """
    missing = [(ending, extra) for ending, package, extra in _NEEDS if find_spec(package) is None]
    extras = {extra for _, extra in missing}
    needed: dict[str, str] = {}  # a file for each extra
    for name in names if missing else ():
        for ending, extra in missing:
            if ending.search(name):
                needed.setdefault(extra, name)
        if len(needed) == len(extras):
            break
    if needed:
        raise MissingExtraError(
            f"{' and '.join(needed.values())} cannot be read without more packages:"
            f" pip install 'clean-news[{','.join(needed)}]', or leave such files out, as"
            " --include '*.txt' does"
        )
