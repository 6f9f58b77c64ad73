"""Standard streams, pipes and devices: nothing is lost in silence, and nothing waits for ever."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs pipes and devices", allow_module_level=True)

PARAGRAPH = (
    "The harbour bridge will close to traffic on Monday, the council said. Engineers found cracks"
    " in two of its bearings, it said.\n\n"
)
UNBUFFERED = {**os.environ, "PYTHONUNBUFFERED": "1"}
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page that is all body, larger than what a pipe takes at once."""
    path = tmp_path / "page.txt"
    path.write_text(PARAGRAPH * 9000)
    return path


@pytest.fixture
def short_page(tmp_path: Path) -> Path:
    """A page that is explained at once, in more than what is written at once."""
    path = tmp_path / "short.txt"
    path.write_text(PARAGRAPH * 100)
    return path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "cleaner", *map(str, arguments)]


def shell(page: Path, redirection: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    line = f'exec "$0" -m cleaner "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *arguments],
        cwd=page.parent,
        capture_output=True,
        env=UNBUFFERED,
        timeout=60,
    )


def test_a_slow_reader_gets_everything(page: Path) -> None:
    for flags in (0, os.O_NONBLOCK):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETFL, flags)
        with subprocess.Popen(command(page, "-"), stdout=writer, env=UNBUFFERED) as process:
            os.close(writer)
            time.sleep(0.5)  # the pipe is full by then
            with os.fdopen(reader, "rb") as file:
                assert file.read() == page.read_bytes()[:-1]
            assert process.wait() == 0


@needs_full
@pytest.mark.parametrize("unbuffered", [True, False])
def test_a_full_disk_is_told(page: Path, short_page: Path, unbuffered: bool) -> None:
    environment = UNBUFFERED if unbuffered else None
    with FULL.open("wb") as full:
        done = subprocess.run(
            command(page, "-"), stdout=full, stderr=subprocess.PIPE, env=environment
        )
        assert done.returncode == 1
        assert b"cannot write standard output: No space left" in done.stderr
        assert b"0 of 1 file cleaned" in done.stderr
        shown = subprocess.run(
            command("explain", short_page), stdout=full, stderr=subprocess.PIPE, env=environment
        )
        assert shown.returncode == 2
        assert b"cannot write standard output: No space left" in shown.stderr


@pytest.mark.parametrize("arguments", [("short.txt", "-"), ("explain", "short.txt")])
def test_a_closed_output_is_told(short_page: Path, arguments: tuple[str, ...]) -> None:
    done = shell(short_page, ">&-", *arguments)
    assert done.returncode in (1, 2)
    assert b"cannot write standard output: it is closed" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_input_is_told(page: Path) -> None:
    done = shell(page, "<&-", "-", "out.txt")
    assert done.returncode == 1
    assert b"standard input is closed" in done.stderr


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2>/dev/full", marks=needs_full)])
def test_files_are_cleaned_though_nobody_can_be_told(page: Path, redirection: str) -> None:
    (page.parent / "binary.txt").write_bytes(b"\0")
    (page.parent / "in").mkdir()
    for name in ("page.txt", "binary.txt"):
        (page.parent / name).rename(page.parent / "in" / name)
    assert shell(page, redirection, "in", "out").returncode == 1, "one file is binary"
    assert [path.name for path in (page.parent / "out").iterdir()] == ["page.txt"]


def test_a_pipe_that_nobody_reads_is_told(page: Path) -> None:
    os.mkfifo(page.parent / "pipe")
    done = shell(page, "", "page.txt", "pipe")
    assert done.returncode == 1
    assert b"cannot write pipe: nothing reads from this pipe" in done.stderr


def test_a_pipe_is_written_to(page: Path) -> None:
    pipe = page.parent / "pipe"
    os.mkfifo(pipe)
    with (
        (page.parent / "copy").open("wb") as copy,
        subprocess.Popen(["cat", pipe], stdout=copy),
        pipe.open("wb"),  # waits for the reader
    ):
        done = shell(page, "", "page.txt", "pipe")
    assert done.returncode == 0
    assert (page.parent / "copy").read_bytes() == page.read_bytes()[:-1]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_that_never_ends_is_refused(page: Path) -> None:
    for arguments in (("/dev/zero", "out.txt"), ("explain", "/dev/zero")):
        done = shell(page, "", *arguments)
        assert done.returncode in (1, 2)
        assert b"a device, which may never end" in done.stderr
    assert shell(page, "", "/dev/null", "out.txt").returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_of_any_encoding_is_written_to(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text(f"Über die Brücke. Мост.\n\n{PARAGRAPH}", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        command("explain", tmp_path / "a.txt"), capture_output=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    text = "Über die Brücke. Мост.".encode(encoding, "replace")
    assert text in done.stdout
    assert "The harbour bridge will close".encode(encoding) in done.stdout
