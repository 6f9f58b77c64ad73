"""Count the wrong words of labelled pages: body that is lost, and clutter that is kept.

    python tests/benchmarks/cases.py [FOLDER] [--model NAME|FILE]

FOLDER holds labelled files (default: tests/cases/pages). Lines without a label count in nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.learn import format_table
from cleaner.text import split_tokens

PAGES = Path(__file__).parents[1] / "cases" / "pages"
HEADER = ("page", "body words", "lost", "wrongly kept", "wrong per 1,000")


class WrongWords(NamedTuple):
    """Words of one document, or of several."""

    name: str
    body: int
    lost: int
    wrongly_kept: int

    @property
    def wrong(self) -> int:
        """Words lost or wrongly kept."""
        return self.lost + self.wrongly_kept


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=PAGES)
    parser.add_argument("--model", default="news", help="name or path of the model")
    options = parser.parse_args(arguments)
    try:
        cleaner = Cleaner.load(options.model)
        counts = [count_wrong(cleaner, page) for page in read_labelled_many([options.folder])]
    except CleanerError as error:
        sys.exit(f"error: {error}")
    total = WrongWords("all", *(sum(column) for column in list(zip(*counts, strict=True))[1:]))
    print(format_table([HEADER, *map(format_row, counts), format_row(total)]))
    perfect = sum(not of_page.wrong for of_page in counts)
    print(f"\n{perfect} of {len(counts)} pages are perfect")


def count_wrong(cleaner: Cleaner, page: LabelledDocument) -> WrongWords:
    """Clean a labelled page, and count the words of the lines that are judged wrongly."""
    body = lost = wrongly_kept = 0
    for line in cleaner.classify(page.text):
        label = page.labels[line.number - 1]
        n_words = len(split_tokens(line.text))
        if label == "body":
            body += n_words
            lost += n_words * (line.label == "clutter")
        elif label == "clutter":
            wrongly_kept += n_words * (line.label == "body")
    return WrongWords(page.id, body, lost, wrongly_kept)


def format_row(counts: WrongWords) -> list[str]:
    """Return the cells of a page, or of all."""
    rate = f"{1000 * counts.wrong / counts.body:.1f}" if counts.body else "-"
    return [counts.name, *map(str, (counts.body, counts.lost, counts.wrongly_kept)), rate]


if __name__ == "__main__":
    main()
