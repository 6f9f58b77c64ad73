"""Measure clean-news and other extractors on the same pages, and clean-news after each of them.

    python tests/benchmarks/accuracy.py PAGES [--by-language]

PAGES is a pages file (*.jsonl.gz), or a checkout of the scrapinghub article-extraction-benchmark
or of WCXB. The extractors see the HTML, and so does clean-news-html; clean-news sees text only:
that of the whole page, or the output of an extractor. Pages that the model was trained on tell
nothing about new ones.
Install the extractors with: pip install 'clean-news[benchmarks,html]'
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from page_sets import Page, in_fold, read_page_set
from peers import PAGE_SECONDS, PEERS, Extraction, PeerProcess, choose_peers, own_peer

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError, InputError
from cleaner.gold import CONVERTERS, convert_page
from cleaner.learn import (
    Counts,
    Interval,
    f1_difference,
    f1_interval,
    format_table,
    score_texts,
    shingle_counts,
)

LEAST_PAGES = 3  # of a language that gets a table of its own
HEADER = (
    "text", "pages", "precision", "recall", "F1", "95% interval", "exact",
    "change (95% interval)", "our lead (95% interval)",
)  # fmt: skip
LEGEND = """
exact: pages with no run of four words too many or too few.
change: F1 after clean-news minus F1 before, on the same text of the same pages.
our lead: F1 of clean-news on the page text minus F1 of this extractor on the HTML."""
SHOWN_IDS = 3  # of the pages with the same problem


@dataclass(frozen=True, slots=True)
class Result:
    """One way to get text from the pages: its agreement with gold, as it is and cleaned."""

    title: str
    before: dict[str, Counts]  # by page id
    after: dict[str, Counts]
    problems: dict[str, str]
    texts: dict[str, str]  # as they are


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    options = parse_arguments(arguments)
    try:
        pages = choose_pages(options)
        cleaner = Cleaner.load(options.model)
        results = measure(pages, cleaner, options)
    except CleanerError as error:
        sys.exit(f"error: {error}")
    if options.output:
        write_output(options.output, results[1])
    print(f"{_name(options.pages)}: {len(pages)} pages with complete gold\n")
    print(format_results(results, [page.id for page in pages]))
    print(f"{LEGEND}\n")
    if options.by_language:
        print(format_languages(results, pages))
    print(format_problems(results))


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "pages", type=Path, nargs="+", help="pages files, or a checkout of scrapinghub or WCXB"
    )  # fmt: skip
    add(
        "--fold", type=int, nargs=2, metavar=("K", "N"),
        help="only the K-th of N parts of the publishers, which build.py --hold-out leaves out",
    )  # fmt: skip
    add("--view", choices=sorted(CONVERTERS), default="html_text", help="how pages become text")
    add("--model", default="news", help="name or path of the model")
    add("--html-model", default="news-html", help="of HTML, likewise")
    add("--peers", nargs="*", metavar="NAME", help=f"of {', '.join(peer.name for peer in PEERS)}")
    add(
        "--output", type=Path, metavar="FILE",
        help="write what clean-news keeps of the HTML for scrapinghub's evaluate.py, as"
        " output/clean_news.json of its checkout",
    )  # fmt: skip
    add("--by-language", action="store_true", help="a table for each language too")
    add("--split", default="test", help="of WCXB (default: test)")
    add("--page-type", help="of WCXB, for instance article (default: all)")
    add("--limit", type=int, help="measure this many pages, spread evenly over the set")
    add("--seconds", type=float, default=PAGE_SECONDS, help="of a peer for one page")
    return parser.parse_args(arguments)


def choose_pages(options: argparse.Namespace) -> list[Page]:
    """Read the pages whose gold is complete; of those, `--limit` many."""
    pages = [
        page
        for path in options.pages
        for page in read_page_set(path, options.split, options.page_type)
        if page.gold is not None and in_fold(page.source, options.fold)
    ]
    if not pages:
        raise InputError(f"{_name(options.pages)}: no page with complete gold (of that type)")
    if options.limit and options.limit < len(pages):
        pages = [pages[k * len(pages) // options.limit] for k in range(options.limit)]
    return pages


def _name(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def measure(pages: list[Page], cleaner: Cleaner, options: argparse.Namespace) -> list[Result]:
    """Get the page text and every peer's text of each page, and clean them."""

    def read_view(page: Page) -> Extraction:
        return extract_view(page, options.view)

    results = [compare(f"page text ({options.view})", pages, read_view, cleaner)]
    with_html = [page for page in pages if page.html is not None]
    peers = [] if options.peers == [] or not with_html else choose_peers(options.peers or ())
    peers = [own_peer(options.html_model), *peers] if with_html else []
    for peer in peers:
        print(f"{peer.title} ...", file=sys.stderr)
        with PeerProcess(peer, options.seconds) as process:

            def extract(page: Page, process: PeerProcess = process) -> Extraction:
                return process.extract(page.html or "", page.lang)

            results.append(compare(peer.title, with_html, extract, cleaner))
    return results


def extract_view(page: Page, view: str) -> Extraction:
    """Return the text of the whole page."""
    if page.html is None:
        return Extraction(page.text or "", "")
    try:
        return Extraction("\n".join(convert_page(page.html, view)), "")
    except CleanerError:
        raise
    except Exception as error:  # the converter's own failure is a result for this page
        return Extraction("", f"{type(error).__name__}: {error}")


def compare(
    title: str, pages: list[Page], extract: Callable[[Page], Extraction], cleaner: Cleaner
) -> Result:
    """Compare a way to get text with gold, as it is and after clean-news."""
    extractions = [extract(page) for page in pages]
    cleaned = cleaner.clean_many(extraction.text for extraction in extractions)
    before, after, problems, texts = {}, {}, {}, {}
    for page, extraction, clean_text in zip(pages, extractions, cleaned, strict=True):
        texts[page.id] = extraction.text
        before[page.id] = shingle_counts(page.gold or "", extraction.text)
        after[page.id] = shingle_counts(page.gold or "", clean_text)
        if extraction.problem:
            problems[page.id] = extraction.problem
    return Result(title, before, after, problems, texts)


def write_output(path: Path, result: Result) -> None:
    """Write the texts of a result in the form that the scrapinghub benchmark evaluates."""
    rows = {page_id: {"articleBody": text} for page_id, text in result.texts.items()}
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def format_results(results: Sequence[Result], ids: Sequence[str]) -> str:
    """Return one table over the pages of these ids."""
    page_text = results[0].after
    rows: list[Sequence[str]] = [HEADER]
    for result in results:
        own = [page_id for page_id in ids if page_id in result.before]
        before, after, ours = (
            pick(counts, own) for counts in (result.before, result.after, page_text)
        )
        lead = "" if result is results[0] else format_difference(f1_difference(before, ours))
        change = format_difference(f1_difference(before, after))
        rows.append([result.title, *format_scores(before), "", lead])
        rows.append(["  after clean-news", *format_scores(after), change, ""])
    empty = score_texts(pick(page_text, ids)).without_body
    note = f"\n({empty} more pages have no body and count in no average)" if empty else ""
    return format_table(rows) + note


def pick(counts: Mapping[str, Counts], ids: Sequence[str]) -> list[Counts]:
    """Return the counts of these pages, in their order."""
    return [counts[page_id] for page_id in ids]


def format_scores(counts: Sequence[Counts]) -> list[str]:
    """Return the cells of one result."""
    scores, interval = score_texts(counts), f1_interval(counts)
    return [
        str(scores.documents),
        *(f"{value:.4f}" for value in (scores.precision, scores.recall, scores.f1)),
        f"{interval.low:.3f}-{interval.high:.3f}",
        f"{scores.exact:.1%}",
    ]


def format_difference(difference: Interval) -> str:
    """Return the cell of a paired difference with its interval."""
    value, low, high = difference
    return f"{value:+.4f} ({low:+.3f} to {high:+.3f})"


def format_languages(results: Sequence[Result], pages: Sequence[Page]) -> str:
    """Return a table for each language with enough pages, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for page in pages:
        groups.setdefault(page.lang or "unknown", []).append(page.id)
    parts = []
    for lang, ids in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        if len(ids) >= LEAST_PAGES:
            parts.append(f"language {lang}\n{format_results(results, ids)}\n")
    few = sorted(lang for lang, ids in groups.items() if len(ids) < LEAST_PAGES)
    if few:
        parts.append(f"languages with fewer than {LEAST_PAGES} pages: {', '.join(few)}\n")
    return "\n".join(parts)


def format_problems(results: Sequence[Result]) -> str:
    """Say how many pages counted as empty output, and why."""
    lines = []
    for result in results:
        by_problem: dict[str, list[str]] = {}
        for page_id, problem in result.problems.items():
            by_problem.setdefault(problem, []).append(page_id)
        for problem, ids in by_problem.items():
            shown = ", ".join(ids[:SHOWN_IDS]) + (", ..." if len(ids) > SHOWN_IDS else "")
            share = f"{len(ids)} of {len(result.before)} pages"
            lines.append(f"  {result.title}, {share}: {problem} ({shown})")
    return "\n".join(["failures, counted as empty output:", *(lines or ["  none"])])


if __name__ == "__main__":
    main()
