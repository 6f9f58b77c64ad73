"""Measure the speed of clean-news beside extractors that read the same pages' HTML.

    python tests/benchmarks/speed.py PAGES.jsonl.gz... [--pages N]
    python tests/benchmarks/speed.py --start-up

One core. clean-news gets page texts, made beforehand and untimed; the extractors get decoded HTML
and parse it. The runs alternate, and the best of each counts, in processor time, so that a busy
machine disturbs all of them alike and as little as can be.
"""

from __future__ import annotations

import argparse
import compileall
import datetime
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain
from pathlib import Path

MEGABYTE = 1_000_000
START_UP_REPEATS = 11

ARTICLE = "The town council voted on Monday to rebuild the old bridge over the river.\n" * 10


@dataclass(slots=True)
class Timing:
    """The runs of one program over all pages."""

    title: str
    run: Callable[[], int]  # returns how many pages failed
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)  # without waiting for a busy machine
    failures: int = 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("pages", type=Path, nargs="*", help="pages files; those with HTML count")
    add("--pages", type=int, default=300, dest="count", help="how many, spread evenly")
    add("--repeats", type=int, default=5, help="runs of each, of which the best counts")
    add("--model", default="news", help="name or path of the model")
    add("--start-up", action="store_true", help="measure the time to start instead")
    options = parser.parse_args(arguments)
    print(describe_machine())
    if options.start_up:
        print(format_start_up(options.model))
    elif options.pages:
        use_one_core()
        print(format_speed(options))
    else:
        parser.error("give at least one pages file, or --start-up")


def describe_machine() -> str:
    """Return date, processor, system and versions."""
    cpu = Path("/proc/cpuinfo")
    models = [
        line.split(":", 1)[1].strip()
        for line in (cpu.read_text().splitlines() if cpu.exists() else [])
        if line.startswith("model name")
    ]
    return (
        f"{datetime.date.today()}, {models[0] if models else platform.processor()}, "
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"numpy {version('numpy')}"
    )


def use_one_core() -> None:
    """Hold numpy to one thread (it must not be imported yet), and the process to one core."""
    for library in ("OMP", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def format_speed(options: argparse.Namespace) -> str:
    """Measure and return the table."""
    from peers import choose_peers

    from cleaner.cleaning import Cleaner
    from cleaner.learn import format_table

    pages, texts = read_pages(options.pages, options.count)
    cleaner = Cleaner.load(options.model)
    timings = [Timing("clean-news, text", lambda: exhaust(cleaner.clean_many(texts)))]
    pages_cleaner = Cleaner.load("news-html")
    html = [page for page, _ in pages]
    timings.append(Timing("clean-news, HTML", lambda: exhaust(pages_cleaner.clean_many_html(html))))
    for peer in choose_peers():
        if peer.name in ("trafilatura", "resiliparse"):

            def extract_all(extract: Callable[[str, str], str] = peer.extract) -> int:
                return count_failures(extract, pages)

            timings.append(Timing(f"{peer.title}, HTML", extract_all))
    measure(timings, options.repeats)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    ours = min(timings[0].cpu_seconds)
    rows = [["", "wall ms a page", "CPU ms a page", "MB/s of text", "times clean-news", "failed"]]
    for timing in timings:
        best = min(timing.cpu_seconds)
        rows.append([
            timing.title, f"{min(timing.seconds) / len(texts) * 1000:.3f}",
            f"{best / len(texts) * 1000:.3f}",
            f"{size / best / MEGABYTE:.2f}", f"{best / ours:.1f}", str(timing.failures),
        ])  # fmt: skip
    html_size = sum(len(html.encode("utf-8", "surrogatepass")) for html, _ in pages)
    return (
        f"{len(texts)} pages, {size / MEGABYTE:.1f} MB of text, {html_size / MEGABYTE:.1f} MB of "
        f"HTML; one core; best of {options.repeats} runs\n\n{format_table(rows)}"
    )


def read_pages(paths: Sequence[Path], count: int) -> tuple[list[tuple[str, str]], list[str]]:
    """Return (HTML, language) and text of `count` pages, spread evenly over the files."""
    from page_sets import read_page_set

    from cleaner.errors import InputError
    from cleaner.gold import convert_page

    found = list(chain.from_iterable(map(read_page_set, paths)))
    pages = [(page.html, page.lang) for page in found if page.html]
    if not pages:
        raise InputError(f"no page with HTML in {', '.join(map(str, paths))}")
    count = min(count, len(pages))
    pages = [pages[k * len(pages) // count] for k in range(count)]
    return pages, ["\n".join(convert_page(html, "html_text")) for html, _ in pages]


def exhaust(texts: Iterable[str]) -> int:
    """Take all results; none can fail."""
    for _ in texts:
        pass
    return 0


def count_failures(extract: Callable[[str, str], str], pages: list[tuple[str, str]]) -> int:
    """Extract all pages; return how many raised an error."""
    failures = 0
    for html, lang in pages:
        try:
            extract(html, lang)
        except Exception:  # whatever a peer raises is counted and printed
            failures += 1
    return failures


def measure(timings: Sequence[Timing], repeats: int) -> None:
    """Run all in turn, `repeats` times."""
    for _ in range(repeats):
        for timing in timings:
            start, cpu_start = time.perf_counter(), time.process_time()
            timing.failures = timing.run()
            timing.seconds.append(time.perf_counter() - start)
            timing.cpu_seconds.append(time.process_time() - cpu_start)


def format_start_up(model: str) -> str:
    """Measure how long commands take from start to end, and return the table."""
    import cleaner
    from cleaner.learn import format_table

    # As pip does when it installs; the first start of a checkout would compile, and where nothing
    # may be written, every one.
    compileall.compile_dir(Path(cleaner.__file__).parent, quiet=1)
    program = str(Path(sysconfig.get_path("scripts")) / "clean-news")
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "page.txt", Path(directory) / "clean.txt"
        source.write_text(ARTICLE, encoding="utf-8")
        cleaning = [program, str(source), str(target), "--model", model, "--force"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
            "clean-news --help": [program, "--help"],
            f"clean-news, one file of {len(ARTICLE)} bytes": cleaning,
        }
        timings = [Timing(name, lambda c=command: run(c)) for name, command in commands.items()]  # type: ignore[misc]
        measure(timings, START_UP_REPEATS)
    bare = min(timings[0].seconds)
    rows = [["", "best, ms", "median, ms", "more than bare, ms"]]
    for timing in timings:
        times = sorted(timing.seconds)
        rows.append([
            timing.title, f"{times[0] * 1000:.0f}", f"{times[len(times) // 2] * 1000:.0f}",
            f"{(times[0] - bare) * 1000:+.0f}",
        ])  # fmt: skip
    return f"{START_UP_REPEATS} runs of each, in turn\n\n{format_table(rows)}"


def run(command: Sequence[str]) -> int:
    """Run a command; its failure ends the benchmark."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    main()
