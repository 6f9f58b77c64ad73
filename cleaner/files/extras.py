"""Tell once, before a run, which extras its files need that are not installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from cleaner.errors import MissingExtraError
from cleaner.files.html_file import is_html
from cleaner.files.records import record_format
from cleaner.files.warc import Warc

_ARROW_ENDINGS = (".parquet", ".arrow", ".feather", ".zst")
# Packages that read files, the extra that brings each, and what needs it.
_NEEDS = (
    ("selectolax", "html", is_html),
    ("fastwarc", "html", lambda name: isinstance(record_format(name), Warc)),
    ("pyarrow", "records", lambda name: name.lower().endswith(_ARROW_ENDINGS)),
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
            if needs(name):
                needed.setdefault(extra, name)
        if len(needed) == len(extras):
            break
    if needed:
        raise MissingExtraError(
            f"files such as {' and '.join(needed.values())} need more packages: pip install"
            f" 'clean-news[{','.join(needed)}]'; or leave them out, for example with"
            " --include '*.txt'"
        )
