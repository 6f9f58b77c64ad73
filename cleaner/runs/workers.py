"""Do many pieces of work in worker processes, which end with their run."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from cleaner.errors import CleanerError

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
_WATCH_SECONDS = 1.0


class RunId(NamedTuple):
    """What tells one run from another."""

    process: int  # 0 if its workers are on a cluster, which ends them
    started: int  # nanoseconds

    def exit_if_killed(self) -> None:
        """End the worker whose run was killed: nobody may write behind the back of the next."""
        if os.name == "posix" and self.process and os.getppid() != self.process:
            os._exit(1)

    @classmethod
    def on_cluster(cls, started: int) -> RunId:
        """Make that of a run whose workers are not its own processes."""
        return cls(0, started)


def run_in_workers(
    work: Callable[[_Piece, RunId], _Result], pieces: Iterable[_Piece], jobs: int
) -> Iterator[_Result]:
    """Do pieces of work, each in one of so many processes.

    Parameters
    ----------
    work
        A function of a module, or a partial of one, that takes a piece and the run.
    pieces
        Taken one by one, as workers get free.

    Returns
    -------
    iterator
        What `work` returns, in no particular order.

    Raises
    ------
    CleanerError
        If a worker is killed.

    Examples
    --------
    >>> sorted(run_in_workers(_add_process, [1, 2], 2)) == [os.getpid() + 1, os.getpid() + 2]
    True
    """
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    # One thread of the linear algebra for each worker: they would fight for the cores.
    with parallel_config(backend="loky", inner_max_num_threads=1):
        workers = Parallel(n_jobs=jobs, return_as="generator_unordered", max_nbytes=None)
    run = RunId(os.getpid(), time.monotonic_ns())
    task = delayed(_work)
    try:
        yield from workers(task(work, piece, run) for piece in pieces)
    except BrokenProcessPool as error:
        raise CleanerError(
            "a worker process ended before its work was done: it was killed, perhaps for want of"
            " memory, or could not start; run again to do the rest, with fewer --jobs"
        ) from error


@functools.lru_cache(maxsize=1)
def _watch(run: RunId) -> None:
    """End this worker soon after its run, however the run ends and whatever the worker does."""

    def watch() -> None:
        while True:
            run.exit_if_killed()
            time.sleep(_WATCH_SECONDS)

    threading.Thread(target=watch, daemon=True).start()


def _work(work: Callable[[_Piece, RunId], _Result], piece: _Piece, run: RunId) -> _Result:
    if os.getpid() != run.process:  # a single job may be done by the parent itself
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
        _watch(run)
    return work(piece, run)


def _add_process(number: int, run: RunId) -> int:
    """Work for the example: a worker knows the process that started it."""
    return number + run.process
