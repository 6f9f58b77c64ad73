"""Measure the peak memory of every clean-news process while it cleans a large folder.

    python tests/benchmarks/memory.py [--megabytes 200] [--files 20000] [--collection]

The folder is made of generated text and removed afterwards.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from cleaner.learn import format_table

MEGABYTE = 1_000_000
# Finding the children costs 10 ms; on Linux the system keeps the peaks, so none is missed.
SECONDS_BETWEEN_SAMPLES = 0.1
FILES_PER_FOLDER = 1000

WORDS = re.findall(
    r"\w+",
    "the a of to in and on for with after council bridge river mayor people said that will new "
    "old town school years money workers plan early morning residents street report week three "
    "hundred building police company market season team players coach minister region water",
)
CLUTTER = (
    "Home", "Sport", "Sign in", "Most read", "Share this article", "Photo: A. Nobody/Agency",
    "Sign up for our newsletter", "Read more: what the council decided", "Advertisement",
    "Copyright. All rights reserved.",
)  # fmt: skip
PARAGRAPHS = 500  # different ones, of which every page takes its own
PARAGRAPH_WORDS = (20, 80)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, make the folder, clean it, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=200.0)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, help="given to clean-news")
    parser.add_argument("--model", default="news", help="name or path of the model")
    parser.add_argument("--collection", action="store_true", help="given to clean-news")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "pages"
        size = write_pages(source, options.files, int(options.megabytes * MEGABYTE))
        command = [str(Path(sysconfig.get_path("scripts")) / "clean-news"), str(source)]
        command += [str(Path(directory) / "clean"), "--model", options.model]
        command += ["--jobs", str(options.jobs)] if options.jobs else []
        command += ["--collection"] if options.collection else []
        start = time.perf_counter()
        peaks = watch(command)
        seconds = time.perf_counter() - start
    print(
        f"{options.files} files, {size / MEGABYTE:.1f} MB in {seconds:.1f} s: "
        f"{size / seconds / MEGABYTE:.1f} MB/s\n"
    )
    rows = [["process", "peak MB"]]
    rows += [[name, f"{peak / MEGABYTE:.1f}"] for name, peak in peaks]
    print(format_table(rows))
    print(f"\nhighest: {max(peak for _, peak in peaks) / MEGABYTE:.1f} MB")


def write_pages(folder: Path, files: int, total_bytes: int) -> int:
    """Write pages of about equal size; return how many bytes they have in all."""
    chance = random.Random(1)
    paragraphs = [make_paragraph(chance) for _ in range(PARAGRAPHS)]
    size = 0
    for number in range(files):
        path = folder / str(number // FILES_PER_FOLDER) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(make_page(chance, paragraphs, total_bytes // files))
    return size


def make_paragraph(chance: random.Random) -> str:
    """Return one paragraph of random words."""
    words = chance.choices(WORDS, k=chance.randint(*PARAGRAPH_WORDS))
    return f"{' '.join(words).capitalize()}."


def make_page(chance: random.Random, paragraphs: Sequence[str], size: int) -> bytes:
    """Return a page of at most `size` bytes, of paragraphs and clutter between blank lines."""
    lines: list[str] = []
    length = 0
    while length < size:
        kind: Sequence[str] = CLUTTER if chance.random() < 0.4 else paragraphs
        lines.append(chance.choice(kind))
        length += len(lines[-1]) + 2
    return "\n\n".join(lines)[: max(size - 1, 0)].encode("ascii") + b"\n"


def watch(command: Sequence[str]) -> list[tuple[str, int]]:
    """Run a command; return each of its processes with its peak resident memory in bytes.

    Ends this program if the command fails.
    """
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while running.poll() is None:
            for process in find_processes(running.pid):
                peaks[process.pid] = max(peaks.get(process.pid, 0), peak_bytes(process))
            time.sleep(SECONDS_BETWEEN_SAMPLES)
        message = running.stderr.read().decode() if running.stderr else ""
        if running.returncode:
            sys.exit(f"{' '.join(command)} ended with {running.returncode}:\n{message}")
    main_peak = peaks.pop(running.pid, 0)
    children = sorted(peaks.values(), reverse=True)
    named = [(f"its child {number}", peak) for number, peak in enumerate(children, 1)]
    return [("clean-news", main_peak), *named]


def find_processes(pid: int) -> Iterator[psutil.Process]:
    """Yield a process and its descendants, as far as they still exist."""
    try:
        parent = psutil.Process(pid)
        yield parent
        yield from parent.children(recursive=True)
    except psutil.NoSuchProcess:
        return


def peak_bytes(process: psutil.Process) -> int:
    """Return the peak resident memory so far where the system keeps it, else the present one."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        status = ""
    if match := re.search(r"VmHWM:\s*(\d+) kB", status):
        return int(match.group(1)) * 1024
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    main()
