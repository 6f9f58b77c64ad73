"""Score extractors as trafilatura's own evaluation does: by segments that must be in or out.

    python tests/benchmarks/segments.py PAGES.jsonl.gz [--html-model MODEL] [--fold K N]

A segment that must be in counts as right if it stands in the text, one that must be out if it does
not. Pages that the model was trained on tell nothing about new ones: with --fold, a model is judged
on publishers that were left out of its training.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from page_sets import in_fold
from peers import PAGE_SECONDS, PeerProcess, choose_peers, own_peer

from cleaner.errors import CleanerError, InputError
from cleaner.gold import Page, read_pages
from cleaner.learn import format_table

HEADER = ("", "pages", "precision", "recall", "accuracy", "F1", "failed")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("pages", type=Path, help="a pages file whose gold has segments")
    add("--html-model", default="news-html", help="name or path of the model")
    add("--fold", type=int, nargs=2, metavar=("K", "N"), help="the K-th of N parts of publishers")
    add("--peers", nargs="*", metavar="NAME", help="default: all that are installed")
    add("--limit", type=int, help="measure this many pages, spread evenly over the set")
    options = parser.parse_args(arguments)
    try:
        print(measure(options))
    except CleanerError as error:
        sys.exit(f"error: {error}")


def measure(options: argparse.Namespace) -> str:
    """Score every extractor on the same pages; the table."""
    pages = [
        page
        for page in read_pages([options.pages])
        if page.html and segments(page)[0] and in_fold(page.source, options.fold)
    ]
    if not pages:
        raise InputError(f"{options.pages}: no page with segments that must be in")
    if options.limit and options.limit < len(pages):
        pages = [pages[k * len(pages) // options.limit] for k in range(options.limit)]
    peers = [] if options.peers == [] else choose_peers(options.peers or ())
    rows: list[Sequence[str]] = [HEADER]
    for peer in [own_peer(options.html_model), *peers]:
        counts, failed = [0, 0, 0, 0], 0
        with PeerProcess(peer, PAGE_SECONDS) as process:
            for page in pages:
                text, problem = process.extract(page.html or "", page.lang)
                failed += bool(problem)
                counts = [a + b for a, b in zip(counts, score(page, text), strict=True)]
        rows.append([peer.title, str(len(pages)), *ratios(counts), str(failed)])
    return format_table(rows)


def segments(page: Page) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the segments that must be in, and those that must be out."""
    return (page.article.inside, page.article.outside) if page.article else ((), ())


def score(page: Page, text: str) -> list[int]:
    """Count true positives, false negatives, false positives and true negatives."""
    text = " ".join(text.split())
    inside, outside = ([" ".join(one.split()) in text for one in some] for some in segments(page))
    return [sum(inside), len(inside) - sum(inside), sum(outside), len(outside) - sum(outside)]


def ratios(counts: Sequence[int]) -> list[str]:
    """Return precision, recall, accuracy and F1."""
    right_in, missed, wrong_in, right_out = counts
    precision = right_in / max(right_in + wrong_in, 1)
    recall = right_in / max(right_in + missed, 1)
    accuracy = (right_in + right_out) / max(sum(counts), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [f"{value:.3f}" for value in (precision, recall, accuracy, f1)]


if __name__ == "__main__":
    main()
