"""Clean files of records and compare with reading and writing them by the same library.

    python tests/benchmarks/scale.py [--megabytes 50] [--memory 500]

Prints the ratio of processor time for JSON Lines (zstd) and Parquet, each the best of three runs,
and the peak memory over a Parquet file of --memory MB of text. The rows are the pages of corpus/.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from cleaner.learn import format_table

PAGES = Path(__file__).parents[2] / "corpus" / "pages"
RUNS = 3
GROUP_ROWS = 8192

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
    """Read the command line, write the files, clean them, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=50.0, help="text of the timed files")
    parser.add_argument("--memory", type=float, default=500.0, help="text of the other one")
    parser.add_argument("--files", type=int, default=4000, help="of 16 KB, in a directory")
    options = parser.parse_args(arguments)
    rows = [["file", "MB of text", "floor, s", "cleaned, s", "ratio", "peak memory, MB"]]
    with tempfile.TemporaryDirectory() as directory:
        for ending, floor in FLOOR.items():
            source = Path(directory) / f"shard.{ending}"
            write(source, options.megabytes)
            target = str(source.with_name(f"clean.{ending}"))
            base = best_time(["-c", floor, str(source), target])
            clean = ["-m", "cleaner", str(source), target, "--force"]
            ours = best_time(clean)
            rows.append(
                [ending, f"{options.megabytes:.0f}", f"{base:.2f}", f"{ours:.2f}",
                 f"{ours / base:.1f}", f"{peak_memory(clean):.0f}"]
            )  # fmt: skip
        write(source, options.memory)
        rows.append([ending, f"{options.memory:.0f}", "", "", "", f"{peak_memory(clean):.0f}"])
    print(format_table(rows))
    print(f"\n{measure_directory(options.files)}")


def pages(megabytes: float) -> Iterator[str]:
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
        text = "\n\n".join(pages(0.1))
        for number in range(count):
            path = source / str(number % 40) / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            start = number * 997 % (len(text) // 2)
            path.write_text(text[start : start + 16_000], encoding="utf-8")
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


def write(path: Path, megabytes: float) -> None:
    """Write a file of records."""
    rows = ({"id": number, "text": text} for number, text in enumerate(pages(megabytes)))
    if path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return
    schema = pa.schema({"id": pa.int64(), "text": pa.string()})
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(itertools.islice(rows, GROUP_ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema))


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


if __name__ == "__main__":
    main()
