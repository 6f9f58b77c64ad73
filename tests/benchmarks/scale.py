"""Clean many documents and say what that costs, one measure at a time.

    python tests/benchmarks/scale.py [floor] [--megabytes 50] [--memory 500] [--files 4000]
    python tests/benchmarks/scale.py rows [--rows 1000000]
    python tests/benchmarks/scale.py growth [--sizes 10 40 160 640] [--plot docs/scale.svg]
    python tests/benchmarks/scale.py dask [--megabytes 200] [--files 4000]

floor: processor time for JSON Lines (zstd) and Parquet, each the best of three runs, to that of
reading and writing them by the same library; the peak memory over a Parquet file of --memory MB of
text; and a directory of text files by one process and by two.
rows: peak memory over a hundredth, a tenth, and all of so many short rows.
growth: time against size, with a straight line through all but the largest, and a plot of it.
dask: processor time of a cluster of three workers on this machine to that of --jobs 2, and what a
task costs.

The rows are the pages of corpus/, each time with another end. growth needs the extra benchmarks.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import importlib
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from cleaner.learn import format_table
from cleaner.runs.engines import run_on_cluster
from cleaner.runs.workers import RunId

PAGES = Path(__file__).parents[2] / "corpus" / "pages"
PACKAGE = Path(__file__).parents[2] / "cleaner"
RUNS = 3
GROUP_ROWS = 8192
SHORT_LINES = 20
SHARDS = 24  # for the cluster
TASKS = 2000  # of nothing, for its scheduler

# The floor: the same rows, read and written by the same libraries, and not cleaned.
FLOOR = {
    "jsonl.zst": """
import io, json, sys, pyarrow as pa
with pa.output_stream(sys.argv[2], compression="zstd") as out:
    for line in io.BufferedReader(pa.input_stream(sys.argv[1], compression="zstd")):
        out.write(json.dumps(json.loads(line), ensure_ascii=False).encode() + b"\\n")
""",
    "parquet": """
import sys
from pyarrow import parquet
table = parquet.ParquetFile(sys.argv[1], pre_buffer=False, buffer_size=1 << 20)
with parquet.ParquetWriter(sys.argv[2], table.schema_arrow, compression="zstd") as out:
    for rows in table.iter_batches(batch_size=8192):
        texts = rows.column("text").to_pylist()
        out.write_batch(rows.set_column(1, "text", __import__("pyarrow").array(texts)))
""",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measure", nargs="?", choices=MEASURES, default="floor")
    parser.add_argument("--megabytes", type=float, help="text of the timed files [50; dask: 200]")
    parser.add_argument("--memory", type=float, default=500.0, help="text of the other one")
    parser.add_argument("--files", type=int, default=4000, help="of 16 KB, in a directory")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=float, nargs="+", default=[10, 40, 160, 640], help="in MB")
    parser.add_argument("--plot", type=Path, help="SVG to write, of growth")
    compileall.compile_dir(PACKAGE, quiet=1)  # as pip does: where nothing is kept, it costs .15 s
    MEASURES[parser.parse_args(arguments).measure](parser.parse_args(arguments))


def measure_floor(options: argparse.Namespace) -> None:
    """Compare with reading and writing, and measure memory over a large file."""
    megabytes = options.megabytes or 50.0
    rows = [["file", "MB of text", "floor, s", "cleaned, s", "ratio", "peak memory, MB"]]
    with tempfile.TemporaryDirectory() as directory:
        for ending, floor in FLOOR.items():
            source = Path(directory) / f"shard.{ending}"
            write(source, pages(megabytes))
            target = str(source.with_name(f"clean.{ending}"))
            base = best_time(["-c", floor, str(source), target])
            clean = ["-m", "cleaner", str(source), target, "--force"]
            ours = best_time(clean)
            rows.append(
                [ending, f"{megabytes:.0f}", f"{base:.2f}", f"{ours:.2f}",
                 f"{ours / base:.1f}", f"{peak_memory(clean):.0f}"]
            )  # fmt: skip
        write(source, pages(options.memory))
        rows.append([ending, f"{options.memory:.0f}", "", "", "", f"{peak_memory(clean):.0f}"])
    print(format_table(rows))
    print(f"\n{measure_directory(options.files)}")


def measure_rows(options: argparse.Namespace) -> None:
    """Measure peak memory over more and more short rows."""
    table = [["file", "rows", "MB of text", "CPU, s", "peak memory, MB"]]
    with tempfile.TemporaryDirectory() as directory:
        for ending in FLOOR:
            for number in (options.rows // 100, options.rows // 10, options.rows):
                source = Path(directory) / f"shard.{ending}"
                size = write(source, itertools.islice(short_pages(), number))
                target = source.with_name(f"clean.{ending}")
                used = run(["-m", "cleaner", str(source), str(target), "--force"])
                table.append(
                    [ending, f"{number:,}", f"{size / 1e6:.0f}",
                     f"{used.ru_utime + used.ru_stime:.1f}", f"{used.ru_maxrss / 1000:.0f}"]
                )  # fmt: skip
    print(format_table(table))


def measure_growth(options: argparse.Namespace) -> None:
    """Measure time against size, and see how far the largest is from a line through the others."""
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for ending, size in itertools.product(FLOOR, options.sizes):
            source = Path(directory) / f"shard.{ending}"
            write(source, pages(size))
            used = run(["-m", "cleaner", str(source), str(source.with_name(f"clean.{ending}")),
                        "--force"])  # fmt: skip
            seconds.setdefault(ending, []).append(used.ru_utime + used.ru_stime)
    table = [["file", *(f"{size:.0f} MB, s" for size in options.sizes), "MB/s", "to the line"]]
    for ending, times in seconds.items():
        slope, start = np.polyfit(options.sizes[:-1], times[:-1], 1)
        ratio = times[-1] / (slope * options.sizes[-1] + start)
        table.append([ending, *(f"{one:.1f}" for one in times), f"{1 / slope:.1f}", f"{ratio:.2f}"])
    print(format_table(table))
    if options.plot:
        draw(options.sizes, seconds, options.plot)


def draw(sizes: Sequence[float], seconds: dict[str, list[float]], path: Path) -> None:
    """Draw time against size."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "scale"  # the same figures give the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for ending, times in seconds.items():
        slope, start = np.polyfit(sizes[:-1], times[:-1], 1)
        [line] = axes.plot(sizes, times, "o", label=ending)
        ends = np.array([0, sizes[-1]])
        axes.plot(ends, slope * ends + start, color=line.get_color(), linewidth=1)
    axes.set(xlabel="text, MB", ylabel="processor time of one process, s", xlim=0, ylim=0)
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def measure_dask(options: argparse.Namespace) -> None:
    """Compare a cluster of three workers on this machine with two processes."""
    table = [["input", "way", "CPU, s", "wall, s", "of it client, s", "workers, s",
              "scheduler, s", "CPU to --jobs 2"]]  # fmt: skip
    with tempfile.TemporaryDirectory() as directory:
        shards, texts = Path(directory) / "shards", Path(directory) / "texts"
        shards.mkdir()
        rows = pages(options.megabytes or 200.0)
        of_shard = int((options.megabytes or 200.0) * 1e6 / 1700 / SHARDS)
        for number in range(SHARDS):
            write(shards / f"{number}.parquet", itertools.islice(rows, of_shard))
        write_texts(texts, options.files)
        for source in (shards, texts):
            command = ["-m", "cleaner", str(source), f"{source}-out", "--force"]
            started = time.perf_counter()
            used = run([*command, "--jobs", "2"])
            base = used.ru_utime + used.ru_stime
            wall = time.perf_counter() - started
            table.append([source.name, "--jobs 2", f"{base:.1f}", f"{wall:.1f}", "", "", "", ""])
            Path(f"{source}-out.journal.jsonl").unlink()
            with cluster(Path(directory)) as (address, processes):
                before = processor_times(processes)
                started = time.perf_counter()
                used = run([*command, "--scheduler", address])
                wall = time.perf_counter() - started
                spent = np.subtract(processor_times(processes), before)
            parts = [used.ru_utime + used.ru_stime, spent[1:].sum(), spent[0]]
            table.append(
                [source.name, "three workers", f"{sum(parts):.1f}", f"{wall:.1f}",
                 *(f"{one:.1f}" for one in parts), f"{sum(parts) / base:.2f}"]
            )  # fmt: skip
        print(format_table(table))
        with cluster(Path(directory)) as (address, processes):
            before, own = processor_times(processes), time.process_time()
            for _ in run_on_cluster(do_nothing, ([n] for n in range(TASKS)), address, lose):
                pass
            spent = processor_times(processes)[0] - before[0]
            own = time.process_time() - own
    of_task = [seconds / TASKS * 1000 for seconds in (spent, own)]
    print("\na task costs the scheduler {:.1f} ms, the client {:.1f} ms".format(*of_task))


def do_nothing(piece: int, _run: RunId) -> int:
    """Do the work of a task that costs nothing but being handed out."""
    return piece


def lose(_piece: int, reason: str) -> int:
    """End if a task cannot be done."""
    sys.exit(reason)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[Any]]]:
    """Start a scheduler and three workers: its address, and their processes in this order."""
    distributed: Any = importlib.import_module("distributed")
    psutil: Any = importlib.import_module("psutil")
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    started = []

    def start(*arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:],
                   "--scheduler-file", str(file), "--no-dashboard"]  # fmt: skip
        # As the nannies of workers have it, which stand between us and the workers.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        started.append(
            subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        for _ in range(3):
            start("dask_worker", "--nthreads", "1", "--no-nanny")
        while not file.exists() or not file.stat().st_size:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)
        yield address, [psutil.Process(process.pid) for process in started]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def processor_times(processes: Sequence[Any]) -> list[float]:
    """Give the processor time that processes have used, in seconds."""
    times = [process.cpu_times() for process in processes]
    return [one.user + one.system for one in times]


def short_pages() -> Iterator[str]:
    """Repeat the first lines of the pages of corpus/, each time with another end."""
    for text in pages():
        *lines, end = text[:-1].split("\n")
        yield "\n".join([*lines[:SHORT_LINES], end])


def pages(megabytes: float = np.inf) -> Iterator[str]:
    """Repeat the pages of corpus/ up to so many megabytes, each time with another end."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt"))]
    size = 0
    for number in itertools.count():
        text = f"{texts[number % len(texts)]}\nPage {number}\n"
        size += len(text.encode())
        if size > megabytes * 1_000_000:
            return
        yield text


def measure_directory(count: int) -> str:
    """Clean a directory of text files of 16 KB by one process and by two."""
    rows = [["directory", "CPU, s", "wall, s", "to the floor (CPU)", "to one process (wall)"]]
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "in", Path(directory) / "out"
        write_texts(source, count)
        commands = {"read, decode, encode, write, rename": ["-c", COPY, str(source), str(target)]}
        for jobs in (1, 2):
            commands[f"--jobs {jobs}"] = ["-m", "cleaner", str(source), f"{target}{jobs}",
                                          "--jobs", str(jobs)]  # fmt: skip
        results = {}
        for name, command in commands.items():
            for path in Path(directory).glob("out*.jsonl"):
                path.unlink()  # the journal: all is done again
            started = time.perf_counter()
            used = run(command)
            results[name] = used.ru_utime + used.ru_stime, time.perf_counter() - started
    floor = results["read, decode, encode, write, rename"][0]
    one = results["--jobs 1"][1]
    for name, (cpu, wall) in results.items():
        cells = [f"{cpu:.2f}", f"{wall:.2f}", f"{cpu / floor:.1f}", f"{one / wall:.2f}"]
        rows.append([name, *cells])
    return format_table(rows)


def write_texts(directory: Path, count: int) -> None:
    """Write text files of 16 KB in forty folders."""
    text = "\n\n".join(pages(0.1))
    for number in range(count):
        path = directory / str(number % 40) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = number * 997 % (len(text) // 2)
        path.write_text(text[start : start + 16_000], encoding="utf-8")


COPY = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    target = folder.replace(sys.argv[1], sys.argv[2], 1)
    os.makedirs(target, exist_ok=True)
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            text = file.read().decode("utf-8")
        path = os.path.join(target, name)
        with open(path + ".part", "wb") as file:
            file.write(text.encode("utf-8"))
        os.replace(path + ".part", path)
"""


def write(path: Path, texts: Iterator[str]) -> int:
    """Write a file of records; the size of the texts, in bytes."""
    size = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal size
        for number, text in enumerate(texts):
            size += len(text.encode())
            yield {"id": number, "text": text}

    if path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as out:
            for row in rows():
                out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return size
    schema = pa.schema({"id": pa.int64(), "text": pa.string()})
    left = rows()
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(itertools.islice(left, GROUP_ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema))
    return size


def best_time(arguments: Sequence[str]) -> float:
    """Run Python a few times: the shortest processor time, in seconds."""
    used = [run(arguments) for _ in range(RUNS)]
    return min(one.ru_utime + one.ru_stime for one in used)


def run(arguments: Sequence[str]) -> resource.struct_rusage:
    """Run Python in a process of its own, and give what it used."""
    program = (
        "import resource, subprocess, sys, json\n"
        "subprocess.run([sys.executable, *sys.argv[1:]], check=True, capture_output=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps(list(used)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True
    )
    return resource.struct_rusage(json.loads(done.stdout))


def peak_memory(arguments: Sequence[str]) -> float:
    """Run Python once: the highest resident memory, in MB."""
    return run(arguments).ru_maxrss / 1000


MEASURES = {
    "floor": measure_floor,
    "rows": measure_rows,
    "growth": measure_growth,
    "dask": measure_dask,
}

if __name__ == "__main__":
    main()
