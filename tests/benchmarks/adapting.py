"""Measure what a few labelled documents of one kind of page are worth, and what they cost.

    clean-news import PAGES... -o IMPORTED
    python tests/benchmarks/adapting.py IMPORTED --start MODEL --lang de
    python tests/benchmarks/adapting.py IMPORTED --make-start english.npz

A start model is adapted to 20, 50 and 100 documents in one language; F1 is measured on documents
of other publishers in that language, on corpus/ (each document judged by a model that was adapted
without it) and on documents in English. The second form trains a start model that knows no other
language than English: on half of the English publishers; the other half is what forgetting is
measured on. Documents in IMPORTED have labels made from gold text or from other extractors'
results; those of a person are better.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cleaner.errors import CleanerError, InputError
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.learn import (
    AdaptSettings,
    DocumentResult,
    Scores,
    adapt,
    balanced_folds,
    default_check,
    evaluate,
    fold_of,
    format_table,
    train,
)
from cleaner.model import Model, load_model, save_model

SIZES = (0, 20, 50, 100)  # new documents; 0: the anchors alone
N_FOLDS = 5  # of corpus/
DEFAULTS = AdaptSettings()
ENGLISH_STEP = 4  # every fourth of the English documents that the start has not seen
HEADER = ("new documents", "F1", "rise", "corpus/", "unseen English", "seconds")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    options = parse_arguments(arguments)
    try:
        documents = read_view(options.imported, options.view)
        if options.make_start:
            english = [one for one in documents if one.lang == "en" and fold_of(one.source, 2) == 0]
            save_model(train(english, name="english", report=print), options.make_start)
        else:
            print(measure(documents, load_model(options.start), options))
    except CleanerError as error:
        sys.exit(f"error: {error}")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("imported", type=Path, help="directory written by clean-news import")
    add("--start", default="news", help="name or path of the model to adapt")
    add("--make-start", type=Path, metavar="FILE", help="train a start model and stop")
    add("--lang", nargs="+", default=["de"], help="languages of the kind (default: de)")
    add("--view", default="html_text", help="how pages became text (default: html_text)")
    add("--sizes", type=int, nargs="+", default=SIZES, help="numbers of new documents")
    add("--draws", type=int, default=3, help="random halves of publishers to average over")
    add("--lexical-c", type=float, default=DEFAULTS.lexical_c)
    add("--second-c", type=float, default=DEFAULTS.second_c)
    add("--anchor-weight", type=float, default=DEFAULTS.anchor_weight)
    return parser.parse_args(arguments)


def read_view(imported: Path, view: str) -> list[LabelledDocument]:
    """Read the documents of one view, with the weight of a person's labels."""
    files = sorted(imported.rglob(f"*.{view}.tsv"))
    if not files:
        raise InputError(f"{imported}: no labelled files (*.{view}.tsv)")
    return [replace(one, weight=1.0) for one in read_labelled_many(files) if one.weight > 0]


def measure(
    documents: Sequence[LabelledDocument], start: Model, options: argparse.Namespace
) -> str:
    """Adapt to growing numbers of documents; return the table of averages over all draws."""
    kind = [one for one in documents if one.lang in options.lang]
    unseen = [one for one in documents if one.lang == "en" and fold_of(one.source, 2) == 1]
    unseen = unseen[::ENGLISH_STEP]
    corpus = list(read_labelled_many([default_check()]))
    settings = AdaptSettings(
        lexical_c=options.lexical_c,
        second_c=options.second_c,
        anchor_weight=options.anchor_weight,
    )
    draws = [split_sources(kind, seed) for seed in range(options.draws)]
    before = [f1(start, some) for some in (corpus, unseen)]
    starts = [f1(start, others) for _, others in draws]
    values = (f"{np.mean(starts):.4f}", "", *(f"{one:.4f}" for one in before), "")
    rows: list[Sequence[str]] = [HEADER, ("start", *values)]
    for size in options.sizes:
        results = []
        for (pool, others), first in zip(draws, starts, strict=True):
            began = time.perf_counter()
            model = adapt_to(pool[:size], start, settings, corpus)
            seconds = time.perf_counter() - began
            after = f1(model, others)
            corpus_after = cross_validated_f1(pool[:size], start, settings, corpus)
            unseen_after = f1(model, unseen) - before[1]
            results.append((after, after - first, corpus_after - before[0], unseen_after, seconds))
        f1_after, *changes, seconds = np.mean(results, axis=0).tolist()
        cells = (f"{f1_after:.4f}", *(f"{one:+.4f}" for one in changes), f"{seconds:.1f}")
        rows.append((str(size), *cells))
        print(*rows[-1], file=sys.stderr)
    numbers = f"{len(draws)} draws, {len(draws[0][1])} test documents in the first"
    return f"{' '.join(options.lang)}: {numbers}; {settings}\n{format_table(rows)}"


def split_sources(
    documents: Sequence[LabelledDocument], seed: int
) -> tuple[list[LabelledDocument], list[LabelledDocument]]:
    """Return documents to learn from, in random order, and those of the other publishers."""
    draw = random.Random(seed)
    sources = sorted({one.source for one in documents})
    draw.shuffle(sources)
    chosen = set(sources[: len(sources) // 2])
    pool = [one for one in documents if one.source in chosen]
    draw.shuffle(pool)
    return pool, [one for one in documents if one.source not in chosen]


def adapt_to(
    documents: Sequence[LabelledDocument],
    start: Model,
    settings: AdaptSettings,
    anchors: Sequence[LabelledDocument],
) -> Model:
    """Adapt to documents and anchors; with no document, to the anchors as if they were new."""
    if documents:
        return adapt(documents, start, settings, anchors=anchors)
    lighter = [replace(one, weight=settings.anchor_weight) for one in anchors]
    return adapt(lighter, start, settings)


def cross_validated_f1(
    documents: Sequence[LabelledDocument],
    start: Model,
    settings: AdaptSettings,
    anchors: Sequence[LabelledDocument],
) -> float:
    """F1 on the anchors, each judged by a model that was adapted without it."""
    folds = balanced_folds(anchors, N_FOLDS)
    results: list[DocumentResult] = []
    for fold in range(N_FOLDS):
        seen, unseen = (
            [one for one, its in zip(anchors, folds, strict=True) if (its == fold) == wanted]
            for wanted in (False, True)
        )
        results += evaluate(adapt_to(documents, start, settings, seen), unseen).documents
    return Scores(tuple(results)).texts.f1


def f1(model: Model, documents: Sequence[LabelledDocument]) -> float:
    """Document F1."""
    return evaluate(model, documents).texts.f1


if __name__ == "__main__":
    main()
