"""Plant faults in what computes features and log-odds, one at a time, and see which tests notice.

    python tests/benchmarks/mutation.py --count 60 --seed 1

Each fault changes one place of the syntax tree of a copy of this repository: a comparison, a sign,
a number, a side, a feature that is no longer written. The fast tests that pin numbers run first;
what they do not notice meets the tests of the rooms. Ends with 1 if more than 5% of the faults
survive. Faults that change no result are listed in EQUIVALENT, each with its reason.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
ROOMS = ("text", "features", "model")
COPIED = ("cleaner", "tests", "models", "corpus", "pyproject.toml", "README.md")
# Tests by round; the first that fails ends it.
ROUNDS = (
    ("tests/features/test_feature_table.py", "tests/model/test_fingerprint.py"),
    (*(f"tests/{room}" for room in ROOMS), *(f"cleaner/{room}" for room in ROOMS)),
    ("tests/test_cleaning.py",),
)
SECONDS = 120  # of one round; a fault that makes a loop endless counts as noticed
MOST_SURVIVORS = 0.05

# What a fault's description starts with (line numbers left out), and why no test can notice it.
_HASHING = "cleaner/text/hashing.py: "
EQUIVALENT: dict[str, str] = {
    "cleaner/model/linear.py: 1 -> 2 in _MULTIPLICATIONS": "the size of products, for speed alone",
    "cleaner/model/linear.py: offset > 0 -> offset >= 0 in if offset > 0": "no neighbour is at 0",
    "cleaner/model/model.py: 0 -> 1 in return np.where(total > 0": "a line weighs 256 at least",
    "cleaner/features/template.py: 0 -> 1 in n_places": "where no line has a place, all are alike",
    "cleaner/text/page_tree.py: 2000 -> 2001 in _MANY_OPTIONS": "for speed alone; none is kept",
    "cleaner/text/tokens.py: 4255 -> 4256 in _UNSPACED": "U+10A0 has case, and is folded before",
    "cleaner/text/output.py: as_written[1:] = starts": "lines one by one, for speed alone",
    "cleaner/text/tokens.py: 64255 -> 64256 in _IDEOGRAPHS": "U+FB00 has case, too",
    "cleaner/text/page_tree.py: n_times * PART_TAGS -> n_times + PART_TAGS": "parsed more often",
    "cleaner/features/markup.py: 1 -> 2 in @functools.lru_cache": "for speed alone",
    "cleaner/features/markup.py: 14 -> 15 in @functools.lru_cache": "the same",
    "cleaner/features/markup.py: 17 -> 18 in @functools.lru_cache": "the same",
    "cleaner/text/lines.py: owner[n_rows - MARGIN:] = ": "no line stands there",
    "cleaner/text/lines.py: 1 -> 2 in owner[n_rows - MARGIN :]": "the same",
    "cleaner/text/lines.py: 0 -> 1 in owner[n_rows - MARGIN :]": "the same",
    f"{_HASHING}64 -> 65 in _FIRST_SHIFT": "the first table only sorts out; keys are compared",
    f"{_HASHING}64 - _BITS -> 64 + _BITS in _FIRST_SHIFT": "the same: it lets all hashes pass",
    f"{_HASHING}64 - self._BITS -> 64 + self._BITS in shift": "two levels more, of one key each",
    f"{_HASHING}1 -> 2 in keys = np.zeros(1 << self._BITS": "a table twice as long, half unused",
}

_COMPARISONS: dict[type[ast.AST], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_OPERATORS: dict[type[ast.AST], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Mult: ast.Add, ast.Div: ast.Mult,
}  # fmt: skip
_IMPORTS = (ast.Import, ast.ImportFrom)
_NAMES = {"minimum": "maximum", "maximum": "minimum", "before": "after", "after": "before"}


class Fault(NamedTuple):
    """A module with one fault."""

    path: str  # below ROOT
    line: int
    description: str  # module, what stood there and what stands there now
    source: str  # of the whole module


def _changes(node: Any) -> Iterator[Callable[[Any], Any]]:
    """Ways to make a node wrong; each takes a copy of the node and gives another."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            yield lambda new: _with(new, ops=[_COMPARISONS[type(op)]()])
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield lambda new: _with(new, op=_OPERATORS[type(op)]())
        case ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield lambda new: _with(new, op=_OPERATORS[type(op)]())
        case ast.UnaryOp(op=ast.USub() | ast.Invert(), operand=operand):
            yield lambda _: operand
        case ast.Constant(value=bool()):
            yield lambda new: _with(new, value=not node.value)
        case ast.Constant(value=int(whole)):
            yield lambda new: _with(new, value=whole + 1)
        case ast.Constant(value=float(part)):
            yield lambda new: _with(new, value=part + 0.1)
        case ast.Constant(value=str(text)) if text in _NAMES:
            yield lambda new: _with(new, value=_NAMES[text])
        case ast.Attribute(attr=name) | ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            field = "attr" if isinstance(node, ast.Attribute) else "id"
            yield lambda new: _with(new, **{field: _NAMES[name]})
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign():
            yield lambda _: ast.Pass()
        case ast.Expr(value=ast.Call()):
            yield lambda _: ast.Pass()


def _with(node: Any, **fields: object) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    """Children that run: no annotations, no docstrings, no names of what is imported."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "type_params"} or isinstance(node, ast.JoinedStr):
            continue
        # `zip(..., strict=True)` asserts what is true anyway.
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue
        if isinstance(value, ast.AST):
            yield name, None, value
        elif isinstance(value, list):
            for number, child in enumerate(value):
                if isinstance(child, ast.AST) and not isinstance(
                    child, ast.Import | ast.ImportFrom
                ):
                    yield name, number, child


def _places(
    node: ast.AST, way: tuple[tuple[str, int | None], ...] = ()
) -> Iterator[tuple[tuple[tuple[str, int | None], ...], ast.AST]]:
    for name, number, child in _children(node):
        here = (*way, (name, number))
        yield here, child
        yield from _places(child, here)


def _step(node: ast.AST, name: str, number: int | None) -> ast.AST:
    value = getattr(node, name)
    found: ast.AST = value if number is None else value[number]
    return found


def find_faults(path: Path) -> list[Fault]:
    """Make every fault of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    faults = []
    for way, node in _places(tree):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            parent: ast.AST = changed
            for step in way[:-1]:
                parent = _step(parent, *step)
            last, number = way[-1]
            new = change(copy.deepcopy(node))
            if number is None:
                setattr(parent, last, new)
            else:
                getattr(parent, last)[number] = new
            text = ast.unparse(ast.fix_missing_locations(changed))
            line = getattr(node, "lineno", 0)
            context = path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
            said = f"{name}: {ast.unparse(node)} -> {ast.unparse(new)} in {context}"
            faults.append(Fault(name, line, said, text))
    return faults


def draw_faults(count: int, seed: int) -> list[Fault]:
    """Draw faults of all rooms, as many of each module as its size makes likely."""
    modules = [path for room in ROOMS for path in sorted((ROOT / "cleaner" / room).glob("*.py"))]
    faults = [
        fault
        for path in modules
        for fault in find_faults(path)
        if not any(fault.description.startswith(known) for known in EQUIVALENT)
    ]
    return random.Random(seed).sample(faults, min(count, len(faults)))


def find_killer(place: Path, fault: Fault) -> str | None:
    """Say which test notices a fault; None if none does."""
    module = place / fault.path
    original = module.read_text(encoding="utf-8")
    module.write_text(fault.source, encoding="utf-8")
    try:
        for tests in ROUNDS:
            killer = run_tests(place, tests)
            if killer:
                return killer
        return None
    finally:
        module.write_text(original, encoding="utf-8")


def run_tests(place: Path, tests: tuple[str, ...]) -> str | None:
    """Run tests up to the first that fails, and name it; None if all pass."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return "out of time"
    if done.returncode == 0:
        return None
    named = re.search(r"^(?:FAILED|ERROR) ([^\s\[]+)", done.stdout, re.MULTILINE)
    return named[1] if named else "pytest could not start"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=60, help="faults to plant (default 60)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults = draw_faults(options.count, options.seed)
    killers: Counter[str] = Counter()
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, place / name)
        broken = [killer for tests in ROUNDS if (killer := run_tests(place, tests))]
        if broken:
            print(f"without any fault, these fail; mend them first: {', '.join(broken)}")
            return 2
        for number, fault in enumerate(faults, 1):
            killer = find_killer(place, fault)
            said = killer or "SURVIVES"
            print(f"{number}. line {fault.line} {fault.description}\n    {said}", flush=True)
            killers[said.partition("::")[0]] += 1
            if killer is None:
                survivors.append(fault)
    for name, n in killers.most_common():
        print(f"{n:5} {name}")
    print(f"{len(survivors)} of {len(faults)} faults survive")
    return int(len(survivors) > MOST_SURVIVORS * len(faults))


if __name__ == "__main__":
    sys.exit(main())
