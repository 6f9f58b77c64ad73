"""No regular expression takes more than linear time, whatever it is tried on.

Each is tried on hostile strings made of its own parts, repeated, with an end that fails. A pattern
that backtracks takes sixteen times as long for a string four times as long.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # what re itself reads with
from typing import Any

import pytest

import cleaner

SIZES = (1_000, 4_000)
# What takes less than this is not measured: a quadratic pattern takes far more for 4,000.
LEAST_SECONDS = 0.005
MOST_GROWTH = 9
_EXTRAS = ("cleaner.integrations",)


@functools.cache
def compiled() -> dict[re.Pattern[Any], bool]:
    """All patterns that modules of the package hold, and whether they are searched for."""
    for found_module in pkgutil.walk_packages(cleaner.__path__, "cleaner."):
        if not found_module.name.startswith(_EXTRAS) and "__main__" not in found_module.name:
            importlib.import_module(found_module.name)
    found: dict[re.Pattern[Any], bool] = {}
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] == "cleaner" and module.__file__:
            source = Path(module.__file__).read_text(encoding="utf-8")
            for variable, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    uses = set(re.findall(rf"\b{variable}\.(\w+)", source))
                    found[value] = found.get(value, False) or not uses <= {"match", "fullmatch"}
    return found


def hostile(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Make short pieces of a pattern, to be repeated."""
    characters = sorted(set(samples(_parser.parse(pattern.pattern, pattern.flags))))[:12]
    yield from characters
    for pair in itertools.permutations(characters[:4], 2):
        yield "".join(pair)


def samples(tree: Any) -> Iterator[str]:
    """Give characters that the parts of a parsed pattern match, or that stand in it."""
    for operation, value in tree:
        if operation in (_constants.LITERAL, _constants.NOT_LITERAL):
            yield chr(value)
        elif operation is _constants.RANGE:
            yield chr(value[0])
        elif operation is _constants.CATEGORY:
            name = str(value)
            yield " " if "SPACE" in name else "7" if "DIGIT" in name else "a"
        elif operation is _constants.IN:
            yield from samples(value)
        elif operation is _constants.ANY:
            yield "x"
        elif isinstance(value, tuple | list):
            for part in value:
                if isinstance(part, _parser.SubPattern):
                    yield from samples(part)
                elif isinstance(part, list):
                    for branch in part:
                        if isinstance(branch, _parser.SubPattern):
                            yield from samples(branch)


def starts(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Give literal beginnings, after which a part may repeat."""
    yield ""
    literal = "".join(
        chr(value)
        for operation, value in itertools.takewhile(
            lambda one: one[0] is _constants.LITERAL, _parser.parse(pattern.pattern, pattern.flags)
        )
    )
    if literal:
        yield literal


def seconds(pattern: re.Pattern[Any], text: str, *, searched: bool) -> float:
    """Least processor time of two tries."""
    subject: Any = text if isinstance(pattern.pattern, str) else text.encode("utf-8", "replace")
    taken = []
    for _ in range(2):
        start = time.process_time()
        if searched:
            for _ in pattern.finditer(subject):
                pass
        pattern.match(subject)
        pattern.fullmatch(subject)
        taken.append(time.process_time() - start)
        if taken[-1] < LEAST_SECONDS / 4:
            break
    return min(taken)


def worst_growth(pattern: re.Pattern[Any], *, searched: bool = True) -> tuple[float, str]:
    """How much longer it takes for a string four times as long, at worst, and the piece."""
    worst = (0.0, "")
    for start, piece in itertools.product(starts(pattern), hostile(pattern)):
        # Nothing that a pattern can end with follows.
        short, long = (start + piece * (size // len(piece)) + "\n\0" for size in SIZES)
        of_long = seconds(pattern, long, searched=searched)
        if of_long > LEAST_SECONDS:
            growth = of_long / max(seconds(pattern, short, searched=searched), 1e-4)
            worst = max(worst, (growth, start + piece))
            if growth > MOST_GROWTH:
                return worst
    return worst


def test_every_pattern_takes_linear_time() -> None:
    assert len(compiled()) > 30
    slow = {
        str(one.pattern): worst_growth(one, searched=searched)
        for one, searched in compiled().items()
    }
    assert not {name: found for name, found in slow.items() if found[0] > MOST_GROWTH}


@pytest.mark.parametrize("pattern", [r"\s+$", r"[ab]*c", r"a[^>]*=x>"])
def test_patterns_that_backtrack_are_found(pattern: str) -> None:
    assert worst_growth(re.compile(pattern))[0] > MOST_GROWTH
