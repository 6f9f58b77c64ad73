"""Hand pieces of work to a Dask cluster, whose workers read and write their own files."""

from __future__ import annotations

import importlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from cleaner.errors import CleanerError, InputError, needing
from cleaner.runs.workers import RunId

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
# Tasks that wait in the cluster for each thread of it: enough to keep it busy, few to hold.
_TASKS_WAITING = 3
_CONNECT_SECONDS = 30


def run_on_cluster(
    work: Callable[[_Piece, RunId], _Result],
    tasks: Iterable[Sequence[_Piece]],
    scheduler: str,
    lost: Callable[[_Piece, str], _Result],
) -> Iterator[_Result]:
    """Do pieces of work on the workers of a Dask cluster.

    A task whose worker dies is done again by another one; what has been written by then is written
    again, to the same bytes.

    Parameters
    ----------
    work
        A function of a module, or a partial of one, that takes a piece and the run.
    tasks
        Pieces that go to one worker together, as a task costs the scheduler about a millisecond.
        Taken as workers get free.
    scheduler : str
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.
    lost
        Gives the result of a piece that cannot be done, from the piece and the reason.

    Returns
    -------
    iterator
        What `work` or `lost` return, in no particular order.

    Raises
    ------
    InputError
        If there is no scheduler, or no worker.
    MissingExtraError
        If Dask is not installed.
    CleanerError
        If the scheduler is lost in the middle.
    """
    with needing("--scheduler needs Dask", "dask"):
        distributed: Any = importlib.import_module("distributed")
    try:
        client = distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # an OSError, a timeout, or a wrong address
        raise InputError(
            f"no Dask scheduler at {scheduler} ({type(error).__name__}); start one with"
            " `dask scheduler`, and workers with `dask worker ADDRESS`"
        ) from error
    run = RunId(0, time.monotonic_ns())
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise InputError(
                f"the Dask scheduler at {scheduler} has no workers; start some with"
                f" `dask worker {scheduler}`"
            )
        waiting = iter(tasks)
        under_way: dict[Any, Sequence[_Piece]] = {}

        def submit(some: Sequence[_Piece]) -> Any:
            future = client.submit(_work, work, some, run, pure=False)
            under_way[future.key] = some
            return future

        first = [submit(some) for some in itertools.islice(waiting, threads * _TASKS_WAITING)]
        done = distributed.as_completed(first, loop=client.loop, raise_errors=False)
        for future in done:
            some, status = under_way[future.key], future.status
            if status in ("lost", "pending"):  # its worker died with the result: it is done again
                done.add(future)
                continue
            del under_way[future.key]
            if status == "finished":
                yield from future.result()
            elif status == "error":
                reason = f"its worker failed: {type(future.exception()).__name__}"
                yield from (lost(piece, reason) for piece in some)
            else:
                raise CleanerError(
                    f"the Dask scheduler at {scheduler} was lost; run again to do the rest"
                )
            future.release()
            if more := next(waiting, None):
                done.add(submit(more))


def _work(
    work: Callable[[_Piece, RunId], _Result], pieces: Sequence[_Piece], run: RunId
) -> list[_Result]:
    return [work(piece, run) for piece in pieces]
