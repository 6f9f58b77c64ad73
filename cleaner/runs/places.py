"""Say what may be cleaned into what: OUTPUT must not touch INPUT."""

# ruff: noqa: PTH110, PTH112, PTH118, PTH119, PTH120, PTH121
# Os.path never raises where a directory may not be read.

from __future__ import annotations

import os

from cleaner.errors import InputError, OutputError
from cleaner.files import STREAM


def check_directories(source: str, target: str) -> None:
    """Refuse to clean a directory into a file, or a directory inside or around it."""
    if target == STREAM:
        raise OutputError(f"INPUT {source} is a directory; OUTPUT must be one too, not '-'")
    if os.path.lexists(target) and not os.path.isdir(target):
        raise OutputError(f"OUTPUT {target} is a file, but INPUT {source} is a directory")
    if is_inside(target, source):
        raise OutputError(f"OUTPUT {target} lies inside INPUT {source}; choose another directory")
    if is_inside(source, target):
        raise OutputError(f"INPUT {source} lies inside OUTPUT {target}; choose another directory")


def is_inside(inner: str, outer: str) -> bool:
    """Tell if a path (that need not exist) is a directory or inside it, whatever their names."""
    chain = [os.path.realpath(inner)]
    while chain[-1] != os.path.dirname(chain[-1]):
        chain.append(os.path.dirname(chain[-1]))
    return os.path.exists(outer) and any(
        os.path.exists(path) and os.path.samefile(path, outer) for path in chain
    )


def check_file(source: str, target: str) -> None:
    """Refuse to clean what is not there, or into a directory or the file itself."""
    if source != STREAM and not os.path.exists(source):
        hint = "; for several files give their directory, with --include" if "*" in source else ""
        raise InputError(f"no such file or directory: INPUT {source}{hint}")
    if target == STREAM:
        return
    if os.path.isdir(target) or target.endswith(os.sep):
        name = "page.txt" if source == STREAM else os.path.basename(source)
        raise OutputError(
            f"OUTPUT {target} is a directory, but INPUT {source} is not; name the file to write,"
            f" such as {os.path.join(target, name)}"
        )
    if source != STREAM and os.path.exists(target) and os.path.samefile(source, target):
        raise OutputError(f"OUTPUT {target} is INPUT itself; choose another name")
