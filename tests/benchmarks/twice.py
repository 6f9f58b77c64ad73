"""Clean what was cleaned once more: a text that is all body should come back whole.

    python tests/benchmarks/twice.py [PAGES.jsonl.gz...]

Prints, for corpus/ and for the page texts of each set, the share of words and lines of the first
output that the second leaves out, and the pages of which it changes something.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from cleaner.cleaning import Cleaner
from cleaner.gold import convert_page, read_pages
from cleaner.learn import format_table

CORPUS = Path(__file__).parents[2] / "corpus" / "pages"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", type=Path, nargs="*", help="pages files")
    parser.add_argument("--model", default="news", help="name or path of the model")
    parser.add_argument("--limit", type=int, default=200, help="pages of a set")
    options = parser.parse_args(arguments)
    cleaner = Cleaner.load(options.model)
    rows = [["texts", "pages", "words lost", "lines lost", "pages changed"]]
    corpus = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.txt"))]
    rows.append(["corpus", *lost_by_second(cleaner, corpus)])
    for path in options.pages:
        rows.append([path.name.partition(".")[0], *lost_by_second(cleaner, texts(path, options))])
    print(format_table(rows))


def texts(path: Path, options: argparse.Namespace) -> list[str]:
    """Return page texts of a set."""
    pages = list(read_pages([path]))
    pages = [pages[k * len(pages) // options.limit] for k in range(options.limit)] if len(
        pages) > options.limit else pages  # fmt: skip
    return [page.text or "\n".join(convert_page(page.html or "", "html_text")) for page in pages]


def clean_twice(cleaner: Cleaner, pages: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what the first cleaning keeps, and what a second one keeps of that."""
    once = list(cleaner.clean_many(pages))
    return once, list(cleaner.clean_many(once))


def share_lost(once: Sequence[str], twice: Sequence[str]) -> float:
    """Return the share of the words that the second leaves out, from 0 to 1."""
    words = [sum(len(text.split()) for text in some) for some in (once, twice)]
    return 1 - words[1] / max(words[0], 1)


def lost_by_second(cleaner: Cleaner, pages: Iterable[str]) -> list[str]:
    """Return the cells of a row."""
    once, twice = clean_twice(cleaner, pages)
    lines = [
        sum(bool(line) for text in some for line in text.split("\n")) for some in (once, twice)
    ]
    changed = sum(before != after for before, after in zip(once, twice, strict=True))
    return [
        str(len(once)),
        f"{share_lost(once, twice):.2%}",
        f"{1 - lines[1] / max(lines[0], 1):.2%}",
        f"{changed / max(len(once), 1):.0%}",
    ]


if __name__ == "__main__":
    main()
