"""A Dask cluster cleans to the same bytes, whatever happens to its workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import InputError
from cleaner.runs import RunSettings, Summary, clean_files
from cleaner.runs.engines import run_on_cluster
from cleaner.runs.workers import RunId

distributed = pytest.importorskip("distributed")
PAGES = Path(__file__).parent.parent.parent / "corpus" / "pages"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and three workers, each a process that nobody starts again."""
    folder = tmp_path_factory.mktemp("cluster")
    started = []

    def start(*arguments: str) -> None:
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        started.append(
            subprocess.Popen(
                command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )  # fmt: skip

    file = folder / "scheduler.json"
    start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file),
          "--no-dashboard")  # fmt: skip
    for _ in range(3):
        start("dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
              "--no-nanny")  # fmt: skip
    for _ in range(300):
        if file.exists() and file.stat().st_size:
            break
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    with distributed.Client(address) as client:
        client.wait_for_workers(3, timeout=60)
    yield address
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def make_tree(folder: Path) -> None:
    for number in range(12):
        (folder / str(number)).mkdir(parents=True)
        for page in PAGES.iterdir():
            (folder / str(number) / page.name).write_bytes(page.read_bytes())


def read_tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def run(source: Path, target: Path, settings: RunSettings) -> Summary:
    summary = Summary(str(source))
    for result in clean_files(str(source), str(target), settings):
        summary.add(result)
    return summary


def test_a_cluster_of_which_a_worker_is_killed_cleans_to_the_same_bytes(
    cluster: str, tmp_path: Path
) -> None:
    make_tree(tmp_path / "in")
    alone = run(tmp_path / "in", tmp_path / "alone", RunSettings(jobs=1))
    summary = Summary("in")
    with distributed.Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
        results = clean_files(
            str(tmp_path / "in"), str(tmp_path / "out"), RunSettings(scheduler=cluster)
        )
        for number, result in enumerate(results):
            summary.add(result)
            if number == 0:
                os.kill(victim, signal.SIGKILL)
    assert read_tree(tmp_path / "out") == read_tree(tmp_path / "alone")
    assert (summary.files, summary.cleaned, summary.kept, summary.n_problems) == (
        alone.files, alone.cleaned, alone.kept, 0,
    )  # fmt: skip
    rows = Path(f"{tmp_path / 'out'}.journal.jsonl").read_text().splitlines()
    inputs = sorted(json.loads(row)["input"] for row in rows if row)
    assert inputs == sorted(read_tree(tmp_path / "in"))


def test_what_fails_is_told_and_the_rest_is_done(cluster: str) -> None:
    results = run_on_cluster(divide, [[1], [0], [2]], cluster, lose)
    assert sorted(results) == [(0, "its worker failed: ZeroDivisionError"), (1, "1.0"), (2, "0.5")]


def test_pieces_of_one_task_are_done_by_one_worker_and_shards_by_several(cluster: str) -> None:
    tasks = [[(n, 0.0) for n in range(3)], *([(n, 0.3)] for n in range(3, 9))]
    processes = dict(run_on_cluster(tell_process, tasks, cluster, lose))
    assert len({processes[n] for n in range(3)}) == 1
    assert len({processes[n] for n in range(3, 9)}) > 1


def tell_process(piece: tuple[int, float], _run: RunId) -> tuple[int, str]:
    number, seconds = piece
    time.sleep(seconds)
    return number, str(os.getpid())


def lose(piece: Any, reason: str) -> tuple[Any, str]:
    return piece, reason


def divide(piece: int, _run: RunId) -> tuple[int, str]:
    return piece, str(1 / piece)


def test_a_scheduler_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.runs.engines._CONNECT_SECONDS", 1)
    address = "tcp://127.0.0.1:9"
    with pytest.raises(InputError, match=f"no Dask scheduler at {address}"):
        list(run_on_cluster(divide, [[1]], address, lose))


def test_what_a_worker_had_done_when_it_was_killed_is_done_again(cluster: str) -> None:
    results = run_on_cluster(tell_process, [[(n, 0.4)] for n in range(9)], cluster, lose)
    found = [next(results)]
    time.sleep(1.5)  # all that is under way is done, and waits to be fetched
    with distributed.Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    time.sleep(0.2)  # the scheduler knows
    found += results
    assert sorted(n for n, _ in found) == list(range(9))
