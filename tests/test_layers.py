"""The house rules of the package: imports go downwards, start-up is light, one door."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cleaner

PACKAGE = Path(cleaner.__file__).parent

# From the ground up. A module imports modules of lower layers and of its own, never in a circle.
LAYERS = [
    {"errors"},
    {"characters", "cues", "batch", "decoding", "writing", "matching", "metrics", "attention"},
    {"features", "context", "rows", "overlap", "surroundings", "lexical", "columns", "scaling"}
    | {"trees", "weighing"},
    {"model"},
    {"model_file", "reasons", "collection"},
    {"cleaning", "labelled", "alignment"},
    {
        "training",
        "fitting",
        "dataset",
        "growing",
        "evaluation",
        "estimators",
        "comparison",
        "exchange",
    }
    | {"versions", "adapting", "learning", "augmenting"},
    {"importing", "articles", "copies", "page_labels", "page_records", "pages", "choosing"},
    {"files", "groups", "finding", "status", "survey", "labelling", "counting", "workers"},
    {"cli", "progress", "explanation", "report", "review", "__main__"},
]
LAYER_OF = {module: number for number, layer in enumerate(LAYERS) for module in layer}
# A folder of modules counts as one.
FILES = {
    path.stem: sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for path in PACKAGE.iterdir()
    if path.suffix == ".py" or (path / "__init__.py").exists()
}
MODULES = sorted(FILES.keys() - {"__init__"})


def imported_modules(module: str) -> Iterator[str]:
    """Other modules of this package that one imports: anywhere, inside functions too."""
    for path in FILES[module]:
        yield from (name for name in imported_by(path) if name != module)


def imported_by(path: Path) -> Iterator[str]:
    """Modules of this package that one file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} line {node.lineno}: write absolute imports"
            if node.module == "cleaner":
                yield from (alias.name for alias in node.names)
            elif node.module and node.module.startswith("cleaner."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (name.split(".")[1] for name in names if name.startswith("cleaner."))
            assert "cleaner" not in names, f"{path}: the package's door is for its users"


def test_every_module_has_its_layer() -> None:
    assert sorted(LAYER_OF) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards(module: str) -> None:
    for imported in imported_modules(module):
        assert LAYER_OF[imported] <= LAYER_OF[module], f"{module} imports {imported} from above"


def test_no_imports_in_a_circle() -> None:
    imports = {module: set(imported_modules(module)) for module in MODULES}
    while free := {module for module, needed in imports.items() if not needed & imports.keys()}:
        imports = {module: needed for module, needed in imports.items() if module not in free}
    assert not imports, f"a circle among {sorted(imports)}"


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


def test_the_door_is_sorted_and_complete() -> None:
    assert cleaner.__all__ == sorted(cleaner.__all__)
    for name in cleaner.__all__:
        assert getattr(cleaner, name) is not None
    errors = ast.parse((PACKAGE / "errors.py").read_text(encoding="utf-8"))
    classes = {node.name for node in errors.body if isinstance(node, ast.ClassDef)}
    assert classes <= set(cleaner.__all__)
