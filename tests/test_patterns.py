"""No regular expression takes more than linear time, whatever it is tried on.

Each is tried on hostile strings made of its own parts, repeated, with an end that fails. A pattern
that backtracks takes sixteen times as long for a string four times as long.
"""

from __future__ import annotations

import ast
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
from types import ModuleType
from typing import Any

import pytest

import cleaner

SIZES = (1_000, 4_000)
# What takes less than this is not measured: a quadratic pattern takes far more for 4,000.
LEAST_SECONDS = 0.005
MOST_GROWTH = 9
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_EXTRAS = ("cleaner.integrations",)


# What users write: translated from globs, which cannot backtrack by more than their stars.
_GIVEN_BY_USERS = {"cleaner.files.finding"}
_ANCHORED = {"match", "fullmatch"}
_FUNCTIONS = {"compile", "search", "split", "findall", "finditer", "sub", "subn", *_ANCHORED}


@functools.cache
def compiled() -> dict[re.Pattern[Any], bool]:
    """All patterns of the package, and whether they are searched for."""
    for found_module in pkgutil.walk_packages(cleaner.__path__, "cleaner."):
        if not found_module.name.startswith(_EXTRAS) and "__main__" not in found_module.name:
            importlib.import_module(found_module.name)
    found: dict[re.Pattern[Any], bool] = {}
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] == "cleaner" and module.__file__:
            source = Path(module.__file__).read_text(encoding="utf-8")
            for pattern, is_searched in held(module, source):
                found[pattern] = found.get(pattern, False) or is_searched
            for pattern, function in written(module, source):
                found.setdefault(pattern, function not in _ANCHORED)
    return found


def held(module: ModuleType, source: str) -> Iterator[tuple[re.Pattern[Any], bool]]:
    """Give the patterns that a module holds, those in tables among them."""
    for variable, value in vars(module).items():
        uses = set(re.findall(rf"\b{variable}\.(\w+)", source))
        for pattern in patterns_in(value):
            yield pattern, pattern is not value or not uses <= _ANCHORED


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in([*value, *value.values()])
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from patterns_in(part)


def written(module: ModuleType, source: str) -> Iterator[tuple[re.Pattern[Any], str]]:
    """Give the patterns that a module writes out, and the functions of `re` that take them."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), function), [pattern, *_], keywords) if (
                function in _FUNCTIONS
            ):
                pass
            case _:
                continue
        flags = [one.value for one in keywords if one.arg == "flags"]
        if function in {"compile", *_ANCHORED}:
            flags += node.args[1 if function == "compile" else 2 :]
        try:
            values = [eval(ast.unparse(one), vars(module)) for one in (pattern, *flags)]
        except NameError:
            assert module.__name__ in _GIVEN_BY_USERS, f"{module.__name__} line {node.lineno}"
            continue
        yield re.compile(*values), function


def hostile(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Make short pieces of a pattern, to be repeated."""
    characters = sorted(set(samples(_parser.parse(pattern.pattern, pattern.flags))))[:12]
    yield from characters
    for pair in itertools.permutations(characters[:4], 2):
        yield "".join(pair)
    yield from beginnings(_parser.parse(pattern.pattern, pattern.flags))


def beginnings(tree: Any) -> Iterator[str]:
    """Give what a parsed pattern matches at least, up to each of its parts."""
    text = ""
    for part in tree:
        text += least(part)
        if len(text) > 1:
            yield text


def least(part: tuple[Any, Any]) -> str:
    """Give a short string that a part of a parsed pattern matches, or looks ahead to."""
    operation, value = part
    if operation in (_constants.ASSERT_NOT, _constants.AT):
        return ""
    if operation is _constants.BRANCH:
        inner, times = value[1][0], 1
    elif operation in (_constants.SUBPATTERN, _constants.ASSERT):
        inner, times = value[-1], int(operation is _constants.SUBPATTERN or value[0] > 0)
    elif operation in _REPEATS:
        inner, times = value[2], min(value[0], 99)
    else:
        return next(samples([part]), "")
    return "".join(map(least, inner)) * times


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


def test_patterns_in_tables_and_in_functions_are_found() -> None:
    source = """
import re
_END = "z+"
TABLE = {"a": (re.compile("x+"), 1)}

def cut(text):
    return re.sub(f"y+{_END}", "", re.split("w+", text, flags=re.I)[0])
"""
    module = ModuleType("cleaner.made_up")
    exec(source, vars(module))
    assert [pattern.pattern for pattern, _ in held(module, source)] == ["x+"]
    assert {(one.pattern, function) for one, function in written(module, source)} == {
        ("x+", "compile"), ("y+z+", "sub"), ("w+", "split"),
    }  # fmt: skip


@pytest.mark.parametrize("pattern", [r"\s+$", r"[ab]*c", r"a[^>]*=x>"])
def test_patterns_that_backtrack_are_found(pattern: str) -> None:
    assert worst_growth(re.compile(pattern))[0] > MOST_GROWTH
