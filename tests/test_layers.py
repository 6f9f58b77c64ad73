"""The house rules of the package: imports go downwards, start-up is light, one door."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import cleaner

PACKAGE = Path(cleaner.__file__).parent

# From the ground up; of rooms side by side, none imports another.
ORDER = [
    {"errors"}, {"text"}, {"labelled"}, {"files"}, {"features"}, {"model", "gold"},
    {"collection"}, {"cleaning"}, {"label", "runs", "learn"}, {"progress"},
    {"terminal", "exchange", "estimators", "integrations"}, {"explained"}, {"cli"}, {"__main__"},
]  # fmt: skip
FLOOR_OF = {name: floor for floor, names in enumerate(ORDER) for name in names}
# At the top level of modules; one more takes the place of another.
MOST_CLASSES = 116
# That tests import. A test that needs another one finds one that it can do without.
MOST_INTERNAL_NAMES = 80
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def imported_modules(path: Path) -> Iterator[str]:
    """Every module of this package that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cleaner"):
            assert node.level == 0, f"{path} line {node.lineno}: write absolute imports"
            assert node.module != "cleaner", f"{path} line {node.lineno}: the door is for users"
            yield str(node.module)


def test_imports_go_down_and_through_doors() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        box = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for module in imported_modules(path):
            _, other, *inside = module.split(".")
            if other != box and box != "__init__":
                assert FLOOR_OF[other] < FLOOR_OF[box], f"{path} imports {module} from above"
                inner_door = box == "exchange" and module == "cleaner.label.exchange"
                assert not inside or inner_door, f"{path}: import {module} from its room's door"


def test_every_box_has_its_floor() -> None:
    boxes = {path.stem for path in PACKAGE.glob("*.py")} | set(ROOMS)
    assert boxes - {"__init__"} == set(FLOOR_OF)


def test_the_package_stays_easy_to_see_through() -> None:
    """Few doors, few ways between the boxes, and one meaning for the name of a class."""
    assert len(list(PACKAGE.glob("*.py"))) <= 12
    arrows = set()
    classes = []
    for path in sorted(PACKAGE.rglob("*.py")):
        box = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        arrows |= {(box, module.split(".")[1]) for module in imported_modules(path)}
        body = ast.parse(path.read_text(encoding="utf-8")).body
        classes += [node.name for node in body if isinstance(node, ast.ClassDef)]
    assert len({(box, other) for box, other in arrows if box != other}) <= 75
    assert len(set(classes)) == len(classes), "two classes of one name"
    assert len(classes) <= MOST_CLASSES


def internal_names(path: Path) -> Iterator[str]:
    """Every name of this package that a test imports from behind a door, or that is private."""
    doors = {"cleaner", "cleaner.label.exchange", *(f"cleaner.{name}" for name in FLOOR_OF)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cleaner":
            for name in (alias.name for alias in node.names):
                if node.module not in doors or name.startswith("_"):
                    yield f"{node.module}.{name}"


def test_tests_come_in_through_doors() -> None:
    """So that a refactoring does not rewrite them."""
    tests = sorted(Path(__file__).parent.rglob("*.py"))
    names = {name for path in tests for name in internal_names(path)}
    assert len(names) <= MOST_INTERNAL_NAMES, sorted(names)


def modules_loaded_by(code: str) -> set[str]:
    """Top-level modules that are loaded when a fresh interpreter has run the code."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    ).stdout
    return set(output.splitlines()[-1].split())


def test_the_package_loads_neither_the_trainer_nor_the_command_line() -> None:
    assert not modules_loaded_by("import cleaner") & {"sklearn", "scipy", "joblib", "click"}


def test_cleaning_loads_neither_the_trainer_nor_the_command_line() -> None:
    loaded = modules_loaded_by("import cleaner; cleaner.clean('It rained.')")
    assert "numpy" in loaded
    assert not loaded & {"sklearn", "scipy", "joblib", "click", "charset_normalizer"}


def test_help_loads_no_numpy() -> None:
    code = "from cleaner.cli import main\nmain(['--help'], standalone_mode=False)"
    loaded = modules_loaded_by(code)
    assert "click" in loaded
    assert not loaded & {"numpy", "sklearn", "scipy", "joblib", "charset_normalizer"}


def test_the_package_tells_its_version() -> None:
    assert cleaner.__version__ == metadata.version("clean-news")


def test_the_door_is_sorted_and_complete() -> None:
    assert cleaner.__all__ == sorted(cleaner.__all__)
    for name in cleaner.__all__:
        assert getattr(cleaner, name) is not None
    errors = ast.parse((PACKAGE / "errors.py").read_text(encoding="utf-8"))
    classes = {node.name for node in errors.body if isinstance(node, ast.ClassDef)}
    assert classes <= set(cleaner.__all__)
