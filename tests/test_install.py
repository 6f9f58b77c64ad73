"""What users install works: a wheel and an editable checkout, each in a fresh environment."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without the variables that would let it see the checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", directory, ROOT, cwd=directory)
    [path] = directory.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_the_models_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"cleaner", "clean_news"}
    for name in ("__init__.py", "py.typed", "text/languages/de.toml", "models/news.npz",
                 "models/news-html.npz"):  # fmt: skip
        assert f"cleaner/{name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert sum(zipfile.ZipFile(wheel).getinfo(name).compress_size for name in names) < 4_000_000


def test_the_wheel_is_built_twice_to_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_an_installed_package_finds_its_model_and_cleans(
    kind: str, wheel: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    target = [wheel] if kind == "wheel" else ["--editable", ROOT]
    run(scripts / "python", "-m", "pip", "install", "--quiet", *target, cwd=tmp_path)

    where = run(scripts / "python", "-c", "import cleaner; print(cleaner.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path if kind == "wheel" else ROOT)
    run(scripts / "python", "-m", "pip", "check", cwd=tmp_path)

    pages = ROOT / "corpus/pages"
    summary = run(scripts / "clean-news", pages, tmp_path / "cleaned", cwd=tmp_path)
    count = len(list(pages.glob("*.txt")))
    assert f"{count} of {count} files cleaned" in summary
    assert len(list((tmp_path / "cleaned").iterdir())) == count
    version = run(scripts / "clean-news", "--version", cwd=tmp_path)
    assert version.startswith("clean-news, version ")
