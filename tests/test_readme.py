"""Every command that README shows works as printed, in order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The blocks after these marks are run word for word by .ci/run, in an environment of their own.
_CI_BLOCK = re.compile(r"<!-- ci:\w+ -->\n```sh\n.*?```", re.S)
INTERRUPTED = 130  # if the signal comes before the first request can
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", _CI_BLOCK.sub("", README), re.S)
    for command in block.splitlines()
]


@pytest.mark.skipif(os.name != "posix", reason="a shell is needed")
def test_commands_run_as_printed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    shim = tmp_path / "bin" / "clean-news"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n')
    shim.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)
    }  # fmt: skip
    assert len(COMMANDS) == 8
    for command in COMMANDS:
        if command.startswith("clean-news review"):
            review(command, tmp_path, environment)
            continue
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert (tmp_path / "one.txt").read_bytes()
    assert len(list((tmp_path / "cleaned-mine").iterdir())) == len(
        list((tmp_path / "raw").iterdir())
    )


def test_the_table_is_what_cleaning_gives_also_without_blank_lines() -> None:
    rows = [row.split(" | ") for row in re.findall(r"^\| (.+) \|$", README, re.M)]
    rows = rows[1 : next(n for n, row in enumerate(rows) if row[0].startswith("Three rescued")) + 1]
    before = [row[0].removesuffix(" |") for row in rows]
    after = [row[1] for row in rows if len(row) == 2]
    assert after
    for blank in ("\n", "\n\n"):
        assert cleaner.clean(blank.join(before)).split() == " ".join(after).split()


def review(command: str, folder: Path, environment: dict[str, str]) -> None:
    """Start the page and end it by Ctrl-C; then label as a person has done before."""
    quiet = command.partition("#")[0] + " --no-browser"
    with subprocess.Popen(
        ["/bin/sh", "-c", f"exec {quiet}"], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://127.0.0.1:")
        server.send_signal(2)
        try:
            assert server.wait(20) in (0, INTERRUPTED)
        finally:
            server.kill()
    guessed = list((folder / "labelled").iterdir())
    assert guessed
    for path in guessed:
        shutil.copyfile(folder / "corpus" / "labelled" / path.name, path)
