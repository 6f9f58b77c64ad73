"""Tell once, before a run, which extras its files need that are not installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from cleaner.errors import MissingExtraError
from cleaner.files.names import kind_and_packing

# Packages that read files, the extra that brings each, and the kinds and packings that need it.
_NEEDS = (
    ("selectolax", "html", {"html"}),
    ("fastwarc", "html", {"warc"}),
    ("pyarrow", "records", {"parquet", "arrow", "zst"}),
)


def check_extras(names: Iterable[str]) -> None:
    """Refuse files for which a package is missing; no name is looked at if all are installed.

    Raises
    ------
    MissingExtraError
        If a package is missing; names the extras to install, and a file that needs each.

    Examples
    --------
    >>> check_extras(["a.txt", "b.jsonl.gz"])
    """
    missing = [(extra, needs) for package, extra, needs in _NEEDS if find_spec(package) is None]
    extras = {extra for extra, _ in missing}
    needed: dict[str, str] = {}  # a file for each extra
    for name in names if missing else ():
        for extra, needs in missing:
            if needs.intersection(kind_and_packing(name)):
                needed.setdefault(extra, name)
        if len(needed) == len(extras):
            break
    if needed:
        raise MissingExtraError(
            f"files such as {' and '.join(needed.values())} need more packages: pip install"
            f" 'clean-news[{','.join(needed)}]'; or leave them out, for example with"
            " --include '*.txt'"
        )
