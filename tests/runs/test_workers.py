"""Work is done in other processes, which know their run and end with it."""

import functools
import os
import signal

import pytest

from cleaner.errors import CleanerError
from cleaner.runs.workers import RunId, run_in_workers


def describe(piece: int, run: RunId) -> tuple[int, int, RunId]:
    return piece, os.getpid(), run


def fail(limit: int, piece: int, run: RunId) -> int:
    if piece > limit:
        raise CleanerError(f"piece {piece} is too large")
    return piece


def die(piece: int, run: RunId) -> int:
    os._exit(1)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_every_piece_is_done_once_and_knows_its_run(jobs: int) -> None:
    done = list(run_in_workers(describe, iter(range(20)), jobs))
    assert sorted(piece for piece, _, _ in done) == list(range(20))
    [run] = {run for _, _, run in done}
    assert run.process == os.getpid()
    if jobs > 1:
        assert os.getpid() not in {process for _, process, _ in done}
    assert next(run_in_workers(describe, [0], jobs))[2] != run
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_errors_of_the_work_come_through() -> None:
    assert list(run_in_workers(functools.partial(fail, 1), [0, 1], 2)) in ([0, 1], [1, 0])
    with pytest.raises(CleanerError, match="piece 2 is too large"):
        list(run_in_workers(functools.partial(fail, 1), [0, 1, 2], 2))


def test_a_worker_that_dies_is_reported() -> None:
    with pytest.raises(CleanerError, match="a worker process was killed"):
        list(run_in_workers(die, [0, 1], 2))
    assert len(list(run_in_workers(describe, [0, 1], 2))) == 2, "others are started"
