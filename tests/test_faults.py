"""Runs that are broken in every way leave whole outputs, and are finished by the next run."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "benchmarks" / "faults.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize(
    "fault",
    [
        "kill", "Ctrl-C", "full disk", "no inodes", "permission", "input", "output", "streams",
        "20 file", "700 MB",
    ],
)  # fmt: skip
def test_a_broken_run_is_finished_by_the_next(fault: str) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--tries", "1", fault], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout
