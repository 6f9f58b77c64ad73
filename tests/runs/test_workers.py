"""Work is done in other processes, which know their run and end with it."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from cleaner.errors import CleanerError
from cleaner.files import lock_directory
from cleaner.runs.workers import Rescue, RunId, run_in_workers


def describe(piece: int, run: RunId) -> tuple[int, int, RunId]:
    return piece, os.getpid(), run


def fail(limit: int, piece: int, run: RunId) -> int:
    if piece > limit:
        raise CleanerError(f"piece {piece} is too large")
    return piece


def die(piece: int, run: RunId) -> int:
    os._exit(1)


# What is lost gives the reason.
ALONE = Rescue(lambda piece: [piece], lambda piece, reason: reason)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_every_piece_is_done_once_and_knows_its_run(jobs: int) -> None:
    done = list(run_in_workers(describe, iter(range(20)), jobs, ALONE))
    assert sorted(piece for piece, _, _ in done) == list(range(20))
    [run] = {run for _, _, run in done}
    assert run.process == os.getpid()
    if jobs > 1:
        assert os.getpid() not in {process for _, process, _ in done}
    assert next(run_in_workers(describe, [0], jobs, ALONE))[2] != run
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_errors_of_the_work_come_through() -> None:
    assert list(run_in_workers(functools.partial(fail, 1), [0, 1], 2, ALONE)) in ([0, 1], [1, 0])
    with pytest.raises(CleanerError, match="piece 2 is too large") as raised:
        list(run_in_workers(functools.partial(fail, 1), [0, 1, 2], 2, ALONE))
    assert "in fail" in raised.value.__notes__[0], "it says where"


def poisoned(pieces: list[int], run: RunId) -> list[int]:
    if 13 in pieces:
        os._exit(1)
    return pieces


def test_what_kills_its_worker_is_found_and_the_rest_is_done() -> None:
    def halve(pieces: list[int]) -> list[list[int]]:
        middle = len(pieces) // 2
        return [pieces[:middle], pieces[middle:]] if middle else [pieces]

    lost: list[tuple[list[int], str]] = []

    def lose(pieces: list[int], reason: str) -> list[int]:
        lost.append((pieces, reason))
        return []

    pieces = [list(range(start, start + 8)) for start in range(0, 80, 8)]
    done = list(run_in_workers(poisoned, pieces, 2, Rescue(halve, lose)))
    assert sorted(number for some in done for number in some) == [
        number for number in range(80) if number != 13
    ]
    [(culprit, reason)] = lost
    assert culprit == [13]
    assert "killed" in reason


def write_slowly(folder: str, piece: int, run: RunId) -> int:
    if piece:
        Path(folder, str(piece)).write_text(str(os.getpid()))
        time.sleep(60)
    return piece


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_was_under_way_is_cleared_once_its_workers_have_ended(tmp_path: Path) -> None:
    cleared = []

    def clear(piece: int) -> None:
        cleared.append(piece)
        with contextlib.suppress(FileNotFoundError):  # not begun
            assert not Path("/proc", (tmp_path / str(piece)).read_text()).exists()

    rescue = Rescue(lambda piece: [piece], lambda piece, why: piece, clear)
    work = functools.partial(write_slowly, str(tmp_path))
    results = run_in_workers(work, range(9), 2, rescue)
    assert isinstance(results, Generator)
    assert next(results) == 0
    while len(begun := [int(path.name) for path in tmp_path.iterdir()]) < 2:
        time.sleep(0.02)
    results.close()
    assert {*begun} <= {*cleared} <= {*range(1, 9)}


def list_open_files(_piece: int, _run: RunId) -> list[str]:
    found = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the list itself
            found.append(str(path.readlink()))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_workers_hold_no_lock_of_their_run(tmp_path: Path) -> None:
    with lock_directory(str(tmp_path)):
        for held in run_in_workers(list_open_files, [0, 1], 2, ALONE):
            assert str(tmp_path) not in held


LOCK = threading.Lock()


def take_lock(_piece: int, _run: RunId) -> bool:
    return LOCK.acquire(timeout=5)


def test_no_worker_waits_for_a_lock_that_a_thread_of_the_run_held() -> None:
    done = threading.Event()

    def hold_lock() -> None:
        with LOCK:
            done.wait()

    thread = threading.Thread(target=hold_lock)
    thread.start()
    try:
        assert list(run_in_workers(take_lock, [0], 2, ALONE)) == [True]
    finally:
        done.set()
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("option", ["--collection", "--force"])
def test_no_process_outlives_the_run(tmp_path: Path, how: int, option: str) -> None:
    for number in range(3000):
        path = tmp_path / f"in/{number % 30}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("It rained on Monday, the council said.\n\n" * 200)
    command = [sys.executable, "-m", "cleaner", "in", "out", "--jobs", "2", option]
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True) as process:
        while len(session(process.pid)) < 3:  # two workers
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(how)
    deadline = time.monotonic() + 5
    while session(process.pid):
        assert time.monotonic() < deadline, "a process is left"
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("delay", [0, 0.03, 0.06, 0.1, 0.2])
def test_an_interrupt_shows_no_traceback_of_a_starting_worker(tmp_path: Path, delay: float) -> None:
    for number in range(300):
        path = tmp_path / f"in/{number % 30}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("It rained on Monday, the council said.\n\n" * 200)
    command = [sys.executable, "-m", "cleaner", "in", "out", "--jobs", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as process:
        while len(session(process.pid)) < 3:  # two workers
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, said = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in said


def session(number: int) -> list[int]:
    """Processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[3]) == number:
                found.append(int(path.parent.name))
    return found


# A run that is killed while it sends the second piece: half of the message arrives.
KILLED = """
import os
from multiprocessing import connection
from cleaner.runs.workers import Rescue, run_in_workers

def send(pipe, message):
    sent.append(message)
    os.write(pipe.fileno(), message if len(sent) == 1 else message[: len(message) // 2])
    if len(sent) == 2:
        os._exit(1)

sent = []
connection.Connection._send = send
list(run_in_workers(lambda piece, run: piece, ["a piece" * 9] * 2, 1, Rescue(list, print)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, workers import the program anew")
def test_a_run_that_is_killed_while_it_sends_a_piece_shows_no_traceback_of_its_worker() -> None:
    command = [sys.executable, "-c", KILLED]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (killed.returncode, killed.stdout, killed.stderr) == (1, "", "")


def test_a_worker_that_dies_is_reported() -> None:
    reasons = list(run_in_workers(die, [0, 1], 2, ALONE))
    assert [str(one)[:43] for one in reasons] == ["not cleaned: a worker process ended before "] * 2
    assert len(list(run_in_workers(describe, [0, 1], 2, ALONE))) == 2, "others are started"
