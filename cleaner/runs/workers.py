"""Do many pieces of work in worker processes, which end with their run."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from cleaner.errors import CleanerError

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
_WATCH_SECONDS = 1.0


class RunId(NamedTuple):
    """What tells one run from another."""

    process: int  # of the parent; 0 if the workers are on a cluster, which ends them
    started: int  # nanoseconds

    def exit_if_killed(self) -> None:
        """End the worker whose run was killed: nobody may write behind the back of the next."""
        if os.name == "posix" and self.process and os.getppid() != self.process:
            os._exit(1)


def _leave_nothing(_piece: object) -> None:
    """Take nothing away: the work leaves nothing."""


class Rescue(NamedTuple):
    """What becomes of pieces of work whose worker died: they are halved until one is left."""

    halve: Callable[[Any], list[Any]]  # a piece into two, or itself if it cannot be divided
    lose: Callable[[Any, str], Any]  # the result of a piece that no worker survives, and why
    # Takes away what a worker that was killed left of a piece.
    clear: Callable[[Any], None] = _leave_nothing


def run_in_workers(
    work: Callable[[_Piece, RunId], _Result],
    pieces: Iterable[_Piece],
    jobs: int,
    rescue: Rescue | None = None,
) -> Iterator[_Result]:
    """Do pieces of work, each in one of so many processes.

    If a worker is killed, what was under way is done again, each piece in a process of its own;
    what ends that, too, is lost and told, and the rest goes on. If the run ends early (Ctrl-C, an
    error, a caller that wants no more), workers are killed, and what they left is taken away.

    Parameters
    ----------
    work
        A function of a module, or a partial of one, that takes a piece and the run.
    pieces
        Taken one by one, as workers get free.
    rescue : Rescue, optional
        Without it, the death of a worker is an error.

    Returns
    -------
    iterator
        What `work` returns, in no particular order.

    Raises
    ------
    CleanerError
        If a worker is killed, and there is no rescue.

    Examples
    --------
    >>> sorted(run_in_workers(_add_process, [1, 2], 2)) == [os.getpid() + 1, os.getpid() + 2]
    True
    """
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    run = RunId(os.getpid(), time.monotonic_ns())
    task = delayed(_work_numbered)
    numbered = enumerate(pieces)
    under_way: dict[int, _Piece] = {}

    def tasks() -> Iterator[Any]:
        for number, piece in numbered:
            under_way[number] = piece
            yield task(work, number, piece, run)

    results: Generator[tuple[int, _Result]] | None = None
    while True:
        # One thread of the linear algebra for each worker: they would fight for the cores.
        with parallel_config(backend="loky", inner_max_num_threads=1):
            workers = Parallel(n_jobs=jobs, return_as="generator_unordered", max_nbytes=None)
        try:
            with _without_interrupts(jobs):
                results = workers(tasks())
            for number, result in results:
                del under_way[number]
                yield result
        except BrokenProcessPool as error:
            if rescue is None:
                raise CleanerError(
                    f"{_LOST}; run again to do the rest, with fewer --jobs"
                ) from error
            lost = list(under_way.values())
            under_way.clear()
            for piece in lost:
                yield from _do_alone(work, piece, run, rescue)
        except BaseException:
            if results is not None:
                with warnings.catch_warnings(action="ignore"):  # that there are more results
                    results.close()  # returns when the workers have ended
            if rescue is not None:
                for piece in under_way.values():
                    rescue.clear(piece)
            raise
        else:
            return


@contextlib.contextmanager
def _without_interrupts(jobs: int) -> Iterator[None]:
    """Let workers start with interrupts blocked: Ctrl-C is for the parent, which ends them.

    A worker that is still importing would print a traceback of its own.
    """
    if jobs == 1 or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as tracker_of_loky

    # What starts a tracker unblocks interrupts, so they are started first.
    resource_tracker.ensure_running()
    tracker_of_loky.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_LOST = (
    "a worker process ended before its work was done: it could not start, or was killed, perhaps"
    " because memory ran short"
)


def _do_alone(
    work: Callable[[_Piece, RunId], _Result], piece: _Piece, run: RunId, rescue: Rescue
) -> Iterator[_Result]:
    """Do a piece in a process of its own, and its halves if that dies."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            yield pool.submit(_work, work, piece, run).result()
            return
        except BrokenProcessPool:
            pass
    halves = rescue.halve(piece)
    if len(halves) == 1:
        rescue.clear(piece)
        yield rescue.lose(piece, f"not cleaned: {_LOST}, with this file alone")
        return
    for half in halves:
        yield from _do_alone(work, half, run, rescue)


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


def _work_numbered(
    work: Callable[[_Piece, RunId], _Result], number: int, piece: _Piece, run: RunId
) -> tuple[int, _Result]:
    return number, _work(work, piece, run)


def _add_process(number: int, run: RunId) -> int:
    """Work for the example: a worker knows the process that started it."""
    return number + run.process
