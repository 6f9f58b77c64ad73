"""Build the shipped model `news` and print the tables of its card, by one command.

    pip install -e '.[html,benchmarks,train]'
    python models/build.py ../shared/data/pages --work /tmp/news-labelled

Pages are turned into labelled files (kept in --work, where a second run finds them), the model is
trained on them and on corpus/labelled, written to models/news.npz, and judged by cross-validation
grouped by publisher. Scores are measured against the gold text of the pages, not against labels.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from cleaner.files import read_labelled_many, write_labelled
from cleaner.gold import CONVERTERS, EXTRACTORS, Page, augment, find_copies, label_page, read_pages
from cleaner.labelled import LabelledDocument
from cleaner.learn import (
    Counts,
    CrossValidatedModel,
    TrainingSettings,
    adapt,
    calibration_bins,
    calibration_error,
    evaluate,
    f1_difference,
    f1_interval,
    fold_of,
    format_table,
    score_texts,
    shingle_counts,
    train_and_test,
)
from cleaner.model import Model, save_model

REPOSITORY = Path(__file__).parent.parent
SETTINGS = TrainingSettings(n_trees=100)
# The corpus was written for the kinds of clutter that the gold sets lack, and is small.
CORPUS_WEIGHT = 3.0
# Views of whole pages weigh at least this; further documents are made of a share of them.
WHOLE_PAGE = 0.5
AUGMENTED_SHARE = 0.2
# Sets with complete gold: only their pages also give what other extractors keep, as further
# views, and only they are scored.
GOLD_SETS = ("fundus", "wcxb", "readability", "newspaper")
# Of the weights that `clean-news import` gives; chosen by cross-validation (models/news.md).
SILVER_SHARE = 0.3
EXTRACTED_SHARE = 0.5
SHOWN_VIEWS = ("html_text", "resiliparse")
LONG_WORDS = 12
TEN = 10
PEER_GROUPS = ("fundus: en", "fundus: de", "readability", "wcxb")
FEWEST_PAGES = 3  # of a language that gets a row
CHANGE_HEADER = ("n", "F1 before", "F1 after", "difference", "95% interval")

# Whether each line of each document is kept: bool arrays (n_lines,).
Kept = tuple[NDArray[np.bool_], ...]


class Gold(NamedTuple):
    """The article of a page, complete."""

    set: str
    lang: str
    text: str


def make_labelled(pages: Sequence[Path], directory: Path, jobs: int) -> None:
    """Write the labelled views of all pages to DIRECTORY/SET, each page once over all sets."""
    copies = find_copies(page for page in read_pages(pages) if page.article is not None)

    def write(page: Page) -> None:
        names = [*CONVERTERS, *EXTRACTORS] if page.set in GOLD_SETS else list(CONVERTERS)
        for document in label_page(page, names, page.id in copies).documents:
            write_labelled(document, directory / page.set / f"{document.id}.tsv")

    Parallel(n_jobs=jobs)(delayed(write)(page) for page in read_pages(pages))


class Material(NamedTuple):
    """What is trained on, with the weights it has in training."""

    views: list[LabelledDocument]
    augmented: list[LabelledDocument]
    corpus: list[LabelledDocument]


def weigh(labelled: Iterable[LabelledDocument], corpus: Iterable[LabelledDocument]) -> Material:
    """Take the labelled views that have a weight, and add further documents and the corpus."""
    views = [document for document in labelled if document.weight > 0]
    whole_pages = [document for document in views if document.weight >= WHOLE_PAGE]
    weighed, augmented = (
        [replace(document, weight=document.weight * share_of(document)) for document in some]
        for some in (views, augment(whole_pages, AUGMENTED_SHARE))
    )
    return Material(
        weighed, augmented, [replace(document, weight=CORPUS_WEIGHT) for document in corpus]
    )


def share_of(document: LabelledDocument) -> float:
    """Share of a document's weight that is left in training."""
    if set_of(document) not in GOLD_SETS:
        return SILVER_SHARE
    return EXTRACTED_SHARE if document.id.rpartition(".")[2] in EXTRACTORS else 1.0


def set_of(document: LabelledDocument) -> str:
    """Set of an imported document's page, with which its id begins."""
    return document.id.partition("_")[0]


def read_gold(pages: Sequence[Path]) -> dict[str, Gold]:
    """Read the complete gold text of every page that has some, by the page's id."""
    return {
        page.id: Gold(page.set, page.lang, page.article.text)
        for page in read_pages(pages)
        if page.set in GOLD_SETS and page.article is not None
    }


def scored_pages(
    gold: Mapping[str, Gold], documents: Sequence[LabelledDocument], kept: Kept, view: str
) -> Iterator[tuple[str, str, Counts]]:
    """Yield set, language and agreement with gold of every page with complete gold."""
    for document, keeps in zip(documents, kept, strict=True):
        page, _, name = document.id.rpartition(".")
        if name == view and page in gold:
            lines = [line for line, keep in zip(document.lines, keeps, strict=True) if keep]
            known = gold[page]
            yield known.set, known.lang, shingle_counts(known.text, "\n".join(lines))


def kept_lines(trained: CrossValidatedModel) -> Kept:
    """Decide on every line, out of fold."""
    threshold = trained.model.threshold
    return tuple(probability >= threshold for probability in trained.probabilities)


def change_cells(before: Sequence[Counts], after: Sequence[Counts]) -> list[str]:
    """Cells that compare two results on the same pages, as CHANGE_HEADER names them."""
    change = f1_difference(before, after)
    return [
        str(len(before)),
        f"{score_texts(before).f1:.4f}",
        f"{score_texts(after).f1:.4f}",
        f"{change.value:+.4f}",
        f"{change.low:+.4f} to {change.high:+.4f}",
    ]


def peer_table(gold: Mapping[str, Gold], documents: Sequence[LabelledDocument], kept: Kept) -> str:
    """Score what other extractors keep, before and after it is cleaned too."""
    everything = tuple(np.ones(len(document.lines), np.bool_) for document in documents)
    rows = [["output of", "pages", *CHANGE_HEADER]]
    for view in EXTRACTORS:
        groups: dict[str, tuple[list[Counts], list[Counts]]] = {}
        for number, which in enumerate((everything, kept)):
            for name_of_set, lang, counts in scored_pages(gold, documents, which, view):
                name = f"{name_of_set}: {lang}" if name_of_set == "fundus" else name_of_set
                groups.setdefault(name, ([], []))[number].append(counts)
        rows += [
            [view, name, *change_cells(*groups[name])]
            for name in sorted(groups)
            if name in PEER_GROUPS
        ]
    return format_table(rows)


def long_line_table(
    gold: Mapping[str, Gold], documents: Sequence[LabelledDocument], kept: Kept
) -> str:
    """Compare with keeping every line of ten words or more, by language."""
    long_lines = tuple(
        np.array([len(line.split()) >= TEN for line in document.lines]) for document in documents
    )
    f1: list[dict[str, float]] = []
    for which in (long_lines, kept):
        groups: dict[str, list[Counts]] = {}
        for _, lang, counts in scored_pages(gold, documents, which, "html_text"):
            groups.setdefault(lang, []).append(counts)
        f1.append({lang: score_texts(found).f1 for lang, found in groups.items()})
    rows = [["language", "lines of ten words or more", "clean-news"]]
    rows += [[lang, f"{f1[0][lang]:.3f}", f"{f1[1][lang]:.3f}"] for lang in sorted(f1[0])]
    return format_table(rows)


def score_table(scored: Sequence[tuple[str, str, Counts]]) -> str:
    """One row for each group of pages that the issue names, and for each language."""
    groups: dict[str, list[Counts]] = {}
    for name_of_set, lang, counts in scored:
        news = name_of_set != "wcxb"
        if news and lang == "en":
            groups.setdefault("fundus, readability, newspaper: English", []).append(counts)
        if not news:
            groups.setdefault("wcxb", []).append(counts)
        if name_of_set == "fundus":
            groups.setdefault(f"fundus: {lang}", []).append(counts)
        groups.setdefault(f"all sets: {lang}", []).append(counts)
    rows = [["pages", "n", "precision", "recall", "F1", "95% interval", "exactly right"]]
    for name in sorted(groups):
        counts_of_group = groups[name]
        if len(counts_of_group) >= FEWEST_PAGES:
            scores, interval = score_texts(counts_of_group), f1_interval(counts_of_group)
            rows.append(
                [
                    name,
                    str(len(counts_of_group)),
                    f"{scores.precision:.4f}",
                    f"{scores.recall:.4f}",
                    f"{scores.f1:.4f}",
                    f"{interval.low:.3f} to {interval.high:.3f}",
                    f"{scores.exact:.0%}",
                ]
            )
    return format_table(rows)


def calibration(documents: Sequence[LabelledDocument], trained: CrossValidatedModel) -> float:
    """Compute the expected calibration error of the line probability, out of fold."""
    is_body, probability = [], []
    for document, of_document in zip(documents, trained.probabilities, strict=True):
        for label, value in zip(document.labels, of_document.tolist(), strict=True):
            if label is not None:
                is_body.append(label == "body")
                probability.append(value)
    return calibration_error(calibration_bins(np.array(is_body), np.array(probability)))


def is_finishing(document: LabelledDocument) -> bool:
    """Whether a document is a text view of a page with gold text."""
    return set_of(document) in GOLD_SETS and document.id.rpartition(".")[2] in SHOWN_VIEWS


def finish(
    gold: Sequence[LabelledDocument], corpus: Sequence[LabelledDocument], start: Model
) -> Model:
    """Adapt the model, trained on silver too, to gold and corpus pages alone.

    The corpus comes once more with captions and tails, at full weight.
    """
    added = [replace(document, weight=1.0) for document in augment(corpus, 1.0)]
    return adapt([*gold, *corpus, *added], start, name="news")


def finish_table(
    gold: Sequence[LabelledDocument], corpus: Sequence[LabelledDocument], start: Model
) -> str:
    """Compare the model before and after finishing on publishers it was not finished on."""
    finished = finish([one for one in gold if fold_of(one.source, 2) == 0], corpus, start)
    rows = [["pages", *CHANGE_HEADER]]
    for name_of_set in GOLD_SETS:
        for view in SHOWN_VIEWS:
            held_out = [
                one
                for one in gold
                if set_of(one) == name_of_set
                and one.id.endswith(view)
                and fold_of(one.source, 2) == 1
            ]
            before, after = (
                [result.shingles for result in evaluate(model, held_out).documents]
                for model in (start, finished)
            )
            rows.append([f"{name_of_set}, {view}", *change_cells(before, after)])
    return format_table(rows)


def error_table(documents: Sequence[LabelledDocument], kept: Kept, view: str) -> str:
    """Say where the words of wrong decisions stand, by class, and how many they are."""
    words: dict[str, int] = {}
    in_body = 0
    for document, keeps in zip(documents, kept, strict=True):
        if document.id.endswith(f".{view}") and set_of(document) in GOLD_SETS:
            in_body += sum(
                len(line.split())
                for line, label in zip(document.lines, document.labels, strict=True)
                if label == "body"
            )
            for name, n_words in _errors(document, keeps.tolist()):
                words[name] = words.get(name, 0) + n_words
    total = max(sum(words.values()), 1)
    rows = [["error", "share of wrong words", "per 1,000 words of body"]]
    rows += [
        [name, f"{words[name] / total:.0%}", f"{1000 * words[name] / in_body:.1f}"]
        for name in sorted(words, key=lambda n: -words[n])
    ]
    rows.append(["all", "100%", f"{1000 * total / in_body:.1f}"])
    return format_table(rows)


def _errors(document: LabelledDocument, kept: Sequence[bool]) -> Iterator[tuple[str, int]]:
    """Class and words of every labelled line that was judged wrongly."""
    body = [number for number, label in enumerate(document.labels) if label == "body"]
    for number, (line, label, keep) in enumerate(
        zip(document.lines, document.labels, kept, strict=True)
    ):
        n_words = len(line.split())
        long = "12 words or more" if n_words >= LONG_WORDS else "under 12 words"
        if label == "body" and not keep:
            place = {body[0]: "first line", body[-1]: "last line"}.get(number, "inside")
            yield f"lost: {place}, {long}", n_words
        elif label == "clutter" and keep:
            if not body or number < body[0]:
                yield "kept: before the body", n_words
            elif number > body[-1]:
                yield "kept: after the body", n_words
            else:
                yield f"kept: inside the body, {long}", n_words


def main() -> None:
    """Import, train, judge, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", type=Path, help="folder of SET.jsonl.gz files")
    parser.add_argument("--work", type=Path, required=True, help="folder of the labelled files")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "models" / "news.npz")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    pages = sorted(options.pages.glob("*.jsonl.gz"))
    if not options.work.exists():
        make_labelled(pages, options.work, options.jobs)
    corpus = list(read_labelled_many([REPOSITORY / "corpus" / "labelled"]))
    material = weigh(read_labelled_many([options.work]), corpus)
    documents = [*material.views, *material.augmented, *material.corpus]
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    trained = train_and_test(documents, SETTINGS, name="news", report=report)
    gold = [document for document in documents if is_finishing(document)]
    finished = finish(gold, corpus, trained.model)
    save_model(finished, options.output)
    report(f"{options.output} is written: {options.output.stat().st_size:,} bytes")
    print(f"\n{date.today()}, cross-validation grouped by publisher; {SETTINGS}")
    gold_texts, kept = read_gold(pages), kept_lines(trained)
    for view in SHOWN_VIEWS:
        scored = list(scored_pages(gold_texts, documents, kept, view))
        print(f"\nText view {view}\n{score_table(scored)}")
    print(
        f"\nFinished on half of the publishers, judged on the other half\n"
        f"{finish_table(gold, corpus, trained.model)}"
    )
    print(f"\nAfter other extractors\n{peer_table(gold_texts, documents, kept)}")
    print(f"\nF1 by language\n{long_line_table(gold_texts, documents, kept)}")
    print(f"\nWrong words, text view html_text\n{error_table(documents, kept, 'html_text')}")
    print(f"\nExpected calibration error, 15 bins: {calibration(documents, trained):.4f}")


if __name__ == "__main__":
    main()
