"""Clean texts of hostile shapes, and compare time and memory for each byte with ordinary text.

    python tests/benchmarks/hostile.py [--megabytes 1 4 16] [SHAPE...]

Each text is cleaned by a process of its own. Printed are processor time for each byte as a ratio to
that of ordinary text (pages of corpus/) of the same size, how the ratio grows from the smallest to
the largest size, and of the largest, microseconds for each line that is not blank, and the most
memory that the process took, above that for an empty text, for each byte.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cleaner.learn import format_table

CORPUS = Path(__file__).parents[2] / "corpus" / "pages"
MEGABYTE = 1 << 20
RUNS = 2
# A process that cleans one file and prints its processor time, without that for starting, the most
# memory, and the number of lines.
CLEAN = """
import sys, time
from cleaner.cleaning import Cleaner, read_page
cleaner = Cleaner.load("news-html" if sys.argv[2] == "html" else "news")
text = open(sys.argv[1], encoding="utf-8", newline="").read()
clean = cleaner.clean_html if sys.argv[2] == "html" else cleaner.clean
clean("It rained.")
start = time.process_time()
clean(text)
seconds = time.process_time() - start
# The kernel's ru_maxrss counts the process that started this one, too.
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
page = read_page(text).text if sys.argv[2] == "html" else text
n_lines = sum(1 for line in page.replace("\\r", "\\n").split("\\n") if line.strip())
print(seconds, int(peak[0]) * 1024, n_lines)
"""


def _ordinary(_: random.Random) -> str:
    return "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.txt")))


def _words(lot: random.Random) -> str:
    return " ".join("".join(lot.choices("abcdefghij", k=lot.randint(1, 9))) for _ in range(9999))


def _long_names(_: random.Random) -> str:
    around = "".join(f"<div class={'a' * 80} role={'b' * 80}>" for _ in range(16))
    return around + "".join(f"<p id=a{number}>x" for number in range(99_999)) + "</div>" * 16


# A piece of each, which is repeated up to the size.
SHAPES: dict[str, Callable[[random.Random], str]] = {
    "one line of quotation marks": lambda _: '"',
    "lines of quotation marks": lambda _: '"' * 99 + "\n",
    "one line of apostrophes": lambda _: "'",
    "one line of brackets": lambda _: "(/[",
    "one line of slashes": lambda _: "/",
    "one line of words": _words,
    "one line without a space": lambda _: "wordwithoutspace",
    "one line of digits": lambda _: "0123456789",
    "one line of ideographs": lambda _: "中文",
    "one character a line": lambda _: "x\n",
    "one full stop a line": lambda _: ".\n",
    "three letters a line": lambda _: "abc\n",
    "two words a line": lambda _: "It rained\n",
    "empty lines": lambda _: "\n",
    "lines of spaces": lambda _: " " * 40 + "\n",
    "returns alone": lambda _: "x\r",
    "line separators": lambda _: "x\u2028",
    "alternating scripts": lambda _: "aдب中α한ก" + "\n",
    "credits without end": lambda _: "(Petros Giannakouris/AP) ",
    "open credits": lambda _: "(a/b [(a/b [",
    "combining marks": lambda _: "e\u0301\u0301\u0301",
    "emoji sequences": lambda _: "👩‍👩‍👧🇪🇺⚽️ ",
    "lone surrogates as replacement characters": lambda _: "\ufffd \ufffd\n",
    "lines all equal": lambda _: "The council voted on Monday to keep the bridge.\n",
    "lines all different": lambda lot: _words(lot).replace(" j", "\n"),
    "labels": lambda _: "Read more: Foto: LIVE | MORE: – x\n",
    "right-to-left marks": lambda _: "\u202eabc\u202c\u200f\n",
}
HTML_SHAPES: dict[str, Callable[[random.Random], str]] = {
    "html: paragraphs": lambda _: "<p>It rained.</p>",
    "html: unclosed items": lambda _: "<li>x",
    "html: items in a table": lambda _: "<table>" + "<li>x" * 999_999,
    "html: items in a template": lambda _: "<template>" + "<li>x" * 999_999,
    "html: marks": lambda _: "".join(f"<!--end of part {number}-->" for number in range(99_999)),
    "html: breaks": lambda _: "x<br>",
    "html: cells": lambda _: "<tr><td colspan=999999>x</td></tr>",
    "html: inline elements": lambda _: "<b><i>x</i></b>",
    "html: attributes": lambda _: "<p class='a b c d' id=x data-y='z'>x</p>",
    "html: choices": lambda _: "<select>" + "<option>x" * 9_999 + "</select>",
    "html: long names": _long_names,
    "html: one line of words": _words,
    "html: entities": lambda _: "&amp;&nbsp;&#x4e2d;",
    "html: opening signs": lambda _: "<",
    "html: comments": lambda _: "<!-- x -->",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("shapes", nargs="*", help="beginnings of names; default: all")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[1.0, 4.0, 16.0])
    options = parser.parse_args(arguments)
    sizes = [int(size * MEGABYTE) for size in options.megabytes]
    every = {**SHAPES, **HTML_SHAPES}
    wanted = tuple(options.shapes) or ("",)
    names = [name for name in every if name.startswith(wanted)]
    ordinary = {"ordinary text": _ordinary, "html: ordinary": lambda _: _page()}
    if not any(name.startswith("html") for name in names):
        del ordinary["html: ordinary"]
    base: dict[tuple[bool, int], float] = {}
    empty = measure("nothing", lambda _: "x", 1)[1]
    sizes_shown = [f"{size / MEGABYTE:g} MB" for size in sizes]
    rows = [["text", *sizes_shown, "growth", "µs a line", "bytes a byte"]]
    for name, make in (ordinary | {name: every[name] for name in names}).items():
        ratios = []
        for size in sizes:
            seconds, memory, n_lines = measure(name, make, size)
            ratios.append(seconds / base.setdefault((name.startswith("html"), size), seconds))
        rows.append([
            name, *(f"{ratio:.1f}" for ratio in ratios), f"{ratios[-1] / ratios[0]:.2f}",
            f"{seconds / max(n_lines, 1) * 1e6:.1f}", f"{(memory - empty) / sizes[-1]:.0f}",
        ])  # fmt: skip
        print(*rows[-1], sep=" | ", file=sys.stderr)
    print(format_table(rows))


def _page() -> str:
    return (CORPUS.parents[1] / "tests" / "cases" / "page.html").read_text(encoding="utf-8")


def measure(
    name: str, make: Callable[[random.Random], str], size: int
) -> tuple[float, float, float]:
    """Return processor time in seconds, the least of some runs, memory in bytes, and lines."""
    piece = make(random.Random(0))
    text = piece * (size // max(len(piece.encode()), 1) + 1)
    data = text.encode("utf-8")[:size]
    kind = "html" if name.startswith("html") else "text"
    with tempfile.NamedTemporaryFile() as file:
        file.write(data.decode("utf-8", "ignore").encode())
        file.flush()
        results = []
        for _ in range(RUNS):
            output = subprocess.run(
                [sys.executable, "-c", CLEAN, file.name, kind],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            results.append([float(one) for one in output.stdout.split()])
    seconds, memory, n_lines = zip(*results, strict=True)
    return min(seconds), max(memory), n_lines[0]


if __name__ == "__main__":
    main()
