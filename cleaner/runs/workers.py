"""Do many pieces of work in worker processes, which end with their run."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, Generic, NamedTuple, TypeVar

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
_WATCH_SECONDS = 1.0
_STANDARD_ERROR = 2  # number of the stream


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
    rescue: Rescue,
) -> Iterator[_Result]:
    """Do pieces of work, each in one of so many processes.

    If a worker is killed, the rest goes on; what it was at is done again in the end, alone, and
    what ends that, too, is lost and told. If the run ends early (Ctrl-C, an error, a caller that
    wants no more), workers are killed, and what they left is taken away.

    Parameters
    ----------
    work
        A function of a module, or a partial of one, that takes a piece and the run.
    pieces
        Taken one by one, as workers get free; one is kept ready.

    Returns
    -------
    iterator
        What `work` returns, in no particular order.

    Examples
    --------
    >>> rescue = Rescue(lambda piece: [piece], lambda piece, why: 0)
    >>> done = run_in_workers(_add_process, [1, 2], 2, rescue)
    >>> sorted(done) == [os.getpid() + 1, os.getpid() + 2]
    True
    """
    run = RunId(os.getpid(), time.monotonic_ns())
    lost: list[_Piece] = []
    try:
        with contextlib.closing(_share_out(work, pieces, jobs, run, rescue.clear)) as outcomes:
            for piece, results in outcomes:
                yield from results
                lost += [] if results else [piece]
        while lost:
            yield from _do_alone(work, lost.pop(), run, rescue)
    except BaseException:
        for piece in lost:
            rescue.clear(piece)
        raise


_LOST = (
    "a worker process ended before its work was done: it could not start, or was killed, perhaps"
    " because memory ran short"
)


def _do_alone(
    work: Callable[[_Piece, RunId], _Result], piece: _Piece, run: RunId, rescue: Rescue
) -> Iterator[_Result]:
    """Do a piece while no other is done, and its halves if that ends its worker."""
    with contextlib.closing(_share_out(work, [piece], 1, run, rescue.clear)) as outcomes:
        [(_, results)] = outcomes
    yield from results
    if results:
        return
    halves = rescue.halve(piece)
    if len(halves) == 1:
        rescue.clear(piece)
        yield rescue.lose(piece, f"not cleaned: {_LOST}, with this file alone")
        return
    for half in halves:
        yield from _do_alone(work, half, run, rescue)


def _share_out(
    work: Callable[[_Piece, RunId], _Result],
    pieces: Iterable[_Piece],
    jobs: int,
    run: RunId,
    clear: Callable[[_Piece], None],
) -> Generator[tuple[_Piece, list[_Result]]]:
    """Give a piece to each worker that is free; one that died is followed by another.

    Yields pieces with their one result, or none if the worker died.
    """
    context = _choose_context()
    waiting = iter(pieces)
    ready = [*itertools.islice(waiting, 1)]
    workers: dict[Any, _Worker[_Piece]] = {}  # by their pipes
    leaving = []
    try:
        while ready or workers:
            while ready and len(workers) < jobs:
                with _without_interrupts(context):
                    worker = _Worker.start(context, work, run, ready.pop())
                    workers[worker.pipe] = worker
                ready += itertools.islice(waiting, 1)
            for pipe in connection.wait([*workers]):
                worker = workers[pipe]
                piece, results = worker.piece, worker.finish()
                if ready and results:
                    worker.begin(ready.pop())
                    ready += itertools.islice(waiting, 1)
                else:
                    leaving.append(workers.pop(pipe).process)
                    worker.pipe.close()  # which tells it to leave
                yield piece, results
    except BaseException:
        for worker in workers.values():
            worker.process.kill()
        for worker in workers.values():
            worker.process.join()
            clear(worker.piece)
        raise
    finally:
        for process in leaving:
            process.join()


@dataclass(eq=False, slots=True)
class _Worker(Generic[_Piece]):
    """A process that does one piece after another."""

    process: Any
    pipe: Any
    piece: _Piece  # that it is at

    @classmethod
    def start(
        cls, context: Any, work: Callable[[_Piece, RunId], object], run: RunId, piece: _Piece
    ) -> _Worker[_Piece]:
        """Start a process with its first piece."""
        pipe, its_pipe = context.Pipe()
        forked = {"is_forked": context.get_start_method() == "fork"}
        process = context.Process(
            target=_serve, args=(its_pipe, work, run), kwargs=forked, daemon=True
        )
        process.start()
        its_pipe.close()
        worker = cls(process, pipe, piece)
        worker.begin(piece)
        return worker

    def begin(self, piece: _Piece) -> None:
        """Give it a piece."""
        self.piece = piece
        with contextlib.suppress(OSError):  # it has died, as `finish` will find
            self.pipe.send(piece)

    def finish(self) -> list[Any]:
        """Take the result of the piece, none if it has died; an error of the work is raised."""
        try:
            result, error = self.pipe.recv()
        except (EOFError, OSError):
            return []
        if error:
            raise error
        return [result]


def _choose_context() -> Any:
    """Choose how workers start.

    A fork takes hundredths of a second, a process that imports and loads all anew .3 s. But a fork
    would wait in vain for a lock that another thread holds at that moment, and outside Linux,
    libraries have such threads of their own.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")


@contextlib.contextmanager
def _without_interrupts(context: Any) -> Iterator[None]:
    """Let a worker start with interrupts blocked: Ctrl-C is for the parent, which ends it.

    A worker that is still importing would print a traceback of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    if context.get_start_method() == "spawn":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # unblocks interrupts when it starts, so it comes first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in a worker -----------------------------------------------------------------------------


def _serve(pipe: Any, work: Callable[[Any, RunId], object], run: RunId, *, is_forked: bool) -> None:
    """Do what comes through a pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    if is_forked:
        _let_go(pipe.fileno())
    threading.Thread(target=_watch, args=(run,), daemon=True).start()
    # Of a message that the run was killed in, the half is an OSError, not an EOFError.
    with contextlib.suppress(EOFError, OSError):
        while True:
            piece, result, error = pipe.recv(), None, None
            try:
                result = work(piece, run)
            except Exception as raised:  # the parent raises it again
                raised.add_note(f"In a worker process:\n{traceback.format_exc()}")
                error = raised
            pipe.send((result, error))


def _let_go(own: int) -> None:
    """Hold nothing open that the parent has opened: its locks, and other pipes, end with it.

    The numbers stay in use, as objects still stand for them.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > _STANDARD_ERROR and int(name) not in (own, null):
            os.dup2(null, int(name))


def _watch(run: RunId) -> None:
    """End this worker soon after its run, however the run ends and whatever the worker does."""
    while True:
        run.exit_if_killed()
        time.sleep(_WATCH_SECONDS)


def _add_process(number: int, run: RunId) -> int:
    """Work for the example: a worker knows the process that started it."""
    return number + run.process
