"""Measure how much of a decision its three strongest reasons tell.

    python tests/benchmarks/reasons.py [FOLDER] [--model NAME|FILE]

FOLDER holds labelled files (default: corpus/labelled). For every line: the contributions of its
three strongest groups of features, as a share of those of all groups, signs aside; printed is the
median. The average line, which is the same for every line, is no reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError
from cleaner.files import read_labelled_many
from cleaner.model import BASELINE

CORPUS = Path(__file__).parents[2] / "corpus" / "labelled"
STRONGEST = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--model", default="news", help="name or path of the model")
    options = parser.parse_args(arguments)
    try:
        cleaner = Cleaner.load(options.model)
        texts = [document.text for document in read_labelled_many([options.folder])]
        told = list(shares_told(cleaner, texts))
    except CleanerError as error:
        sys.exit(f"error: {error}")
    print(
        f"{len(told):,} lines; their {STRONGEST} strongest groups tell {median(told):.0%} (median)"
    )


def shares_told(cleaner: Cleaner, texts: Sequence[str]) -> Iterator[float]:
    """Yield for each line the share of its contributions that its strongest groups have."""
    for text in texts:
        for line in cleaner.explain(text):
            sizes = [abs(one.contribution) for one in line.reasons if one.group != BASELINE]
            yield sum(sorted(sizes)[-STRONGEST:]) / sum(sizes)


if __name__ == "__main__":
    main()
