"""Hold the quality of the shipped models: what a change makes worse fails until it is accepted.

    python tests/benchmarks/gate.py [PAGES_FOLDER]            # compare with the floors
    python tests/benchmarks/gate.py [PAGES_FOLDER] --write    # write better results as new floors
    python tests/benchmarks/gate.py [PAGES_FOLDER] --write --lower     # and worse ones, too

Measured are wrong words on corpus/ and on tests/cases/pages, what is lost by cleaning twice, and,
where PAGES_FOLDER (../shared/data/pages) is, clutter kept and body lost by the stress benchmark and
F1 on the pages with gold text, from text and from HTML. The shipped models know most of these
pages: the floors notice a change, and say nothing of new pages. A result that was lowered needs a
line in CHANGELOG.md. After a change of a model, the flipped lines of corpus/ are shown by
`clean-news compare OLD NEW corpus/labelled`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cases import count_wrong
from stress import choose_stories, measure, parse_arguments, pool
from twice import clean_twice, share_lost

from cleaner.cleaning import Cleaner
from cleaner.files import read_labelled_many
from cleaner.gold import convert_page, read_pages
from cleaner.labelled import format_labelled
from cleaner.learn import score_texts, shingle_counts
from cleaner.text import digest

TESTS = Path(__file__).parents[1]
FLOORS = TESTS / "cases" / "floors.json"
LABELLED = {"corpus": TESTS.parent / "corpus" / "labelled", "cases": TESTS / "cases" / "pages"}
SETS = ("fundus", "l3s", "outlets", "validated", "zhnews")
PAGES_OF_SET = 60
# Scores are rounded so: smaller differences come from processors.
DIGITS = 4
# Of these, more is better; of all others, less.
_GAINS = "f1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, compare, and perhaps write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path, nargs="?", help="folder of pages files")
    parser.add_argument("--write", action="store_true", help="write the floors")
    parser.add_argument("--lower", action="store_true", help="write worse results, too")
    options = parser.parse_args(arguments)
    found = measure_labelled()
    if options.pages:
        found |= measure_pages(options.pages)
    floors = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    worse = list(compare(found, floors))
    for line in worse:
        print(line, file=sys.stderr)
    if options.write and (options.lower or not worse):
        FLOORS.write_text(json.dumps(floors | found, indent=1, sort_keys=True) + "\n")
        print(f"{FLOORS} is written")
    elif worse:
        sys.exit(
            "worse than the floors; if that is meant: --write --lower, and say it in CHANGELOG"
        )
    else:
        print(f"{len(found)} results are as good as their floors")


def compare(found: Mapping[str, Any], floors: Mapping[str, Any]) -> Iterable[str]:
    """Say what is worse than its floor, or was measured on other data."""
    for name, result in found.items():
        floor = floors.get(name)
        if floor is None:
            yield f"{name}: has no floor"
        elif floor["data"] != result["data"]:
            yield f"{name}: measured on other data than its floor"
        else:
            change = result["value"] - floor["value"]
            if (change < 0) if _GAINS in name else (change > 0):
                yield f"{name}: {result['value']}, and its floor is {floor['value']}"


def result(value: float, data: str) -> dict[str, Any]:
    """Return a result with the digest of what it was measured on."""
    return {"value": round(value, DIGITS), "data": digest(data.encode("utf-8", "surrogatepass"))}


def measure_labelled() -> dict[str, Any]:
    """Count wrong words on the labelled pages of the repository, and what is lost at second."""
    cleaner = Cleaner.load()
    found = {}
    for name, folder in LABELLED.items():
        pages = sorted(read_labelled_many([folder]), key=lambda page: page.id)
        data = "".join(map(format_labelled, pages))
        counts = [count_wrong(cleaner, page) for page in pages]
        wrong = 1000 * sum(one.wrong for one in counts) / sum(one.body for one in counts)
        found[f"{name}: wrong words per 1,000"] = result(wrong, data)
        lost = share_lost(*clean_twice(cleaner, (page.text for page in pages)))
        found[f"{name}: words lost by a second cleaning"] = result(lost, data)
    return found


def measure_pages(folder: Path) -> dict[str, Any]:
    """Measure on real pages: the stress benchmark, and F1 from text and from HTML."""
    stories = choose_stories(parse_arguments([str(folder)]))
    tallies = measure(Cleaner.load(), stories)
    data = "\n".join(str(story) for story in stories)
    kinds = sorted({name for _, name, _ in tallies})
    languages = sorted({lang for _, _, lang in tallies})
    found = {}
    for layout in sorted({layout for layout, _, _ in tallies}):
        tally = pool(tallies, layout, kinds, languages)
        share = tally.inserted_kept / max(tally.inserted, 1)
        found[f"stress, {layout}: inserted words kept"] = result(share, data)
    for name in SETS:
        pages = [
            page for page in read_pages([folder / f"{name}.jsonl.gz"])
            if page.html and page.article and page.article.is_complete
        ][:PAGES_OF_SET]  # fmt: skip
        data = "".join(page.id for page in pages)
        gold = [page.article.text for page in pages if page.article]
        texts = Cleaner.load().clean_many(
            "\n".join(convert_page(page.html or "", "html_text")) for page in pages
        )
        html = Cleaner.load("news-html").clean_many_html(page.html or "" for page in pages)
        for kind, cleaned in (("text", texts), ("html", html)):
            counts = [shingle_counts(*pair) for pair in zip(gold, cleaned, strict=True)]
            found[f"{name}: f1 from {kind}"] = result(score_texts(counts).f1, data)
    return found


if __name__ == "__main__":
    main()
