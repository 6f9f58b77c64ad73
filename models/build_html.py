"""Build the shipped model `news-html` and print the tables of its card, by one command.

    pip install -e '.[html,benchmarks,train]'
    python models/build_html.py ../shared/data/pages --work /tmp/news-labelled

As build.py, whose labelled files it shares: it is trained on those that keep the markup of their
lines, and judged by cross-validation grouped by publisher.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from build import (
    CAPTIONS,
    GOLD_SETS,
    SETTINGS,
    SILVER_SHARE,
    error_table,
    kept_lines,
    make_labelled,
    parse_arguments,
    part_of,
    read_gold,
    score_table,
    scored_pages,
    set_of,
)

from cleaner.files import SUFFIX, read_labelled_many
from cleaner.gold import MARKUP_VIEW, augment
from cleaner.labelled import LabelledDocument
from cleaner.learn import fold_of, train_and_test
from cleaner.model import save_model

# Further documents that are made of each page with gold.
AUGMENTED_SHARE = 0.5
AUGMENTED_WEIGHT = 0.6


def read_views(work: Path) -> list[LabelledDocument]:
    """Read the labelled files that keep the markup of their lines."""
    return list(read_labelled_many(sorted(work.glob(f"*/*.{MARKUP_VIEW}{SUFFIX}"))))


def weigh(
    documents: Iterable[LabelledDocument], captions: Mapping[str, Sequence[str]]
) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Take the documents that have a weight, and make further ones of those with gold."""
    views = [
        replace(one, weight=one.weight * share_of(one))
        for one in documents
        if one.weight * share_of(one) > 0
    ]
    gold = [one for one in views if set_of(one) in GOLD_SETS]
    of_pages = {one.id: captions.get(one.id.rpartition(".")[0], ()) for one in gold}
    made = augment(gold, AUGMENTED_SHARE, of_pages, part_of)
    return views, [replace(one, weight=one.weight * AUGMENTED_WEIGHT) for one in made]


def share_of(document: LabelledDocument) -> float:
    """Share of a document's weight that is left in training, as for texts."""
    return GOLD_SETS.get(set_of(document)) or (SILVER_SHARE if document.lang != "en" else 0)


def main() -> None:
    """Import, train, judge, write."""
    options = parse_arguments(__doc__ or "", "news-html")
    pages = sorted(options.pages.glob("*.jsonl.gz"))
    if not options.work.exists():
        make_labelled(pages, options.work, options.jobs)
    labelled = read_views(options.work)
    if options.hold_out:
        part, parts = options.hold_out
        labelled = [one for one in labelled if fold_of(one.source, parts) != part - 1]
    captions = json.loads((options.work / CAPTIONS).read_text("utf-8"))
    views, made = weigh(labelled, captions)
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    report(f"{len(views)} pages, {len(made)} made of them")
    trained = train_and_test([*views, *made], SETTINGS, name="news-html", report=report)
    save_model(trained.model, options.output)
    report(f"{options.output} is written: {options.output.stat().st_size:,} bytes")
    print(f"\n{date.today()}, cross-validation grouped by publisher; {SETTINGS}")
    kept = kept_lines(trained)[: len(views)]
    scored = list(scored_pages(read_gold(pages), views, kept, MARKUP_VIEW))
    print(f"\n{score_table(scored)}")
    print(f"\nWrong words\n{error_table(views, kept, MARKUP_VIEW)}")


if __name__ == "__main__":
    main()
