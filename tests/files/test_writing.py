"""Files are written whole or not at all, whatever happens."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cleaner.errors import OutputError
from cleaner.files import lend_file, lock_directory, write_file
from cleaner.files.writing import is_part


def test_directories_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_file(str(tmp_path / "a/b/c.txt"), b"One")
    write_file(str(tmp_path / "a/b/c.txt"), b"Two")
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.txt"]
    assert (tmp_path / "a/b/c.txt").read_bytes() == b"Two"


def test_a_name_without_directory_is_written_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_file("a.txt", b"One")
    assert (tmp_path / "a.txt").read_bytes() == b"One"


def test_names_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".txt")
    write_file(str(path), b"One")
    assert path.read_bytes() == b"One"


def test_a_failure_names_the_file_and_leaves_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*directory: "):
        write_file(str(tmp_path / "directory"), b"One")
    (tmp_path / "file").write_bytes(b"Old")
    with pytest.raises(OutputError, match=r"cannot write .*file/a\.txt: Not a directory"):
        write_file(str(tmp_path / "file/a.txt"), b"One")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "file"]
    assert (tmp_path / "file").read_bytes() == b"Old"


WRITE_FOR_EVER = """
import sys
from cleaner.files import write_file
print("started", flush=True)
while True:
    for letter in b"ab":
        write_file(sys.argv[1], bytes([letter]) * 1_000_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_kill_leaves_no_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for delay in (0.0, 0.003, 0.007, 0.013, 0.029):
        with subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"started\n"
            time.sleep(delay)
            process.kill()
        if path.exists():
            assert path.read_bytes() in (b"a" * 1_000_000, b"b" * 1_000_000)
        assert all(is_part(other.name) for other in tmp_path.iterdir() if other != path)
    write_file(str(path), b"One")  # what the killed processes left is written over, then gone
    assert [other.name for other in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs flock")
def test_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        lock_directory(str(tmp_path)),
        pytest.raises(OutputError, match="another run is writing"),
        lock_directory(str(tmp_path)),
    ):
        pass
    with lock_directory(str(tmp_path)):
        assert not any(tmp_path.iterdir())


def test_a_lent_file_is_a_temporary_one_and_goes_in_every_case(tmp_path: Path) -> None:
    with lend_file(str(tmp_path), b"One") as path:
        assert Path(path).read_bytes() == b"One"
        assert is_part(Path(path).name)
        write_file(str(tmp_path / "a.txt"), b"Two")
        assert Path(path).read_bytes() == b"One"
    (tmp_path / Path(path).name).write_bytes(b"left by a killed run")

    def interrupt() -> None:
        with lend_file(str(tmp_path), b"Three") as again:
            assert (again, Path(path).read_bytes()) == (path, b"Three")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert [left.name for left in tmp_path.iterdir()] == ["a.txt"]
    with (
        pytest.raises(OutputError, match=r"cannot write .*: No such file"),
        lend_file(str(tmp_path / "missing"), b"Four"),
    ):
        pass
