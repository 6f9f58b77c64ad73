"""Build the shipped model `news` and print the tables of its card, by one command.

    pip install -e '.[html,benchmarks,train]'
    python models/build.py ../shared/data/pages --work /tmp/news-labelled

Pages are turned into labelled files (kept in --work, where a second run finds them), the model is
trained on them, on corpus/labelled and on corpus/hard, written to models/news.npz, and judged by
cross-validation grouped by publisher. Scores are measured against the gold text of the pages, not
against labels.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from cleaner.files import read_labelled_many, write_labelled
from cleaner.gold import (
    CONVERTERS,
    EXTRACTORS,
    MARKUP_VIEW,
    Page,
    augment,
    find_captions,
    find_copies,
    label_page,
    read_pages,
)
from cleaner.labelled import LabelledDocument
from cleaner.learn import (
    AdaptSettings,
    Counts,
    CrossValidatedModel,
    TrainingSettings,
    adapt,
    calibration_bins,
    calibration_error,
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
SETTINGS = TrainingSettings(first_c=0.03, second_c=0.003, n_trees=580)
# The corpus was written for the kinds of clutter that the gold sets lack, and is small.
CORPUS_WEIGHT = 12.0
CORPUS_AUGMENTED = 2
CORPUS_AUGMENTED_WEIGHT = 1.0
# Hard pages teach words and shapes, but where things stand on them is no measure of other pages:
# pass 2 gives their lines a quarter. Trees, which judge lines in doubt alone, count them fully.
HARD_WEIGHT = 2.0
HARD_LINES = 0.25
# Sets with complete gold, and the weight of each: the gold of omnivore is what an extractor kept,
# that of outlets lacks subheadings. Only these pages also give what other extractors keep, as
# further views, and only they are scored.
GOLD_SETS = {
    "chaos": 1.0, "fundus": 1.0, "fundus_old": 1.0, "l3s": 1.0, "mercury_kt": 1.0,
    "newspaper": 1.0, "omnivore": 0.5, "outlets": 0.7, "readability": 1.0, "validated": 1.0,
    "waddle": 1.0, "wcxb": 1.0, "zhnews": 1.0,
}  # fmt: skip
# Of every page the first of these views, and one of the others by lot.
FIRST_VIEW = "html_text"
OTHER_VIEWS = ("resiliparse", "inscriptis", "text")
# Further documents that are made of each of these views, and their weight beside its own.
AUGMENTED_SHARE = 1.0
AUGMENTED_WEIGHT = 1.25
# Pages of which only the extractors' consensus is known are used in languages other than English,
# which has gold enough; the share is of the weights that `clean-news import` gives.
SILVER_SHARE = 0.3
EXTRACTED_SHARE = 0.5
# The pull towards no change in the last stage.
FINISH = AdaptSettings(lexical_c=0.02, second_c=0.0007)
CAPTIONS = "captions.json"
SHOWN_VIEWS = ("html_text", "resiliparse")
LONG_WORDS = 12
TEN = 10
PEER_GROUPS = ("fundus: en", "fundus: de", "l3s: en", "waddle: en", "wcxb: en")
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
    """Write the labelled views of all pages to DIRECTORY/SET, each page once over all sets.

    The captions of their pictures are written beside them.
    """
    copies = find_copies(page for page in read_pages(pages) if page.article is not None)

    def write(page: Page) -> tuple[str, list[str]]:
        names = [*CONVERTERS, *EXTRACTORS] if page.set in GOLD_SETS else list(CONVERTERS)
        names.append(MARKUP_VIEW)
        for document in label_page(page, names, page.id in copies).documents:
            write_labelled(document, directory / page.set / f"{document.id}.tsv")
        return page.id, find_captions(page.html or "") if page.set in GOLD_SETS else []

    captions = dict(Parallel(n_jobs=jobs)(delayed(write)(page) for page in read_pages(pages)))
    (directory / CAPTIONS).write_text(json.dumps(captions), "utf-8")


class Material(NamedTuple):
    """What is trained on, with the weights it has in training."""

    views: list[LabelledDocument]
    augmented: list[LabelledDocument]
    corpus: list[LabelledDocument]
    hard: list[LabelledDocument]

    @property
    def documents(self) -> list[LabelledDocument]:
        """All of them."""
        return [*self.views, *self.augmented, *self.corpus, *self.hard]


def weigh(
    labelled: Iterable[LabelledDocument],
    corpus: Sequence[LabelledDocument],
    hard: Sequence[LabelledDocument],
    captions: Mapping[str, Sequence[str]],
) -> Material:
    """Take the labelled views that have a weight, and add further documents and the corpus."""
    views = [
        replace(document, weight=document.weight * share_of(document))
        for document in labelled
        if document.weight > 0 and share_of(document) > 0
    ]
    whole_pages = [one for one in views if set_of(one) in GOLD_SETS and view_of(one) in CONVERTERS]
    of_views = {one.id: captions.get(one.id.rpartition(".")[0], ()) for one in whole_pages}
    own = augment(corpus, CORPUS_AUGMENTED, part_of=part_of)
    return Material(
        views,
        [
            *(
                replace(document, weight=document.weight * AUGMENTED_WEIGHT)
                for document in augment(whole_pages, AUGMENTED_SHARE, of_views, part_of)
            ),
            *(replace(document, weight=CORPUS_AUGMENTED_WEIGHT) for document in own),
        ],
        [replace(document, weight=CORPUS_WEIGHT) for document in corpus],
        [
            replace(page, weight=HARD_WEIGHT, line_weights=(HARD_LINES,) * len(page.lines))
            for page in hard
        ],
    )


def material_table(material: Material) -> str:
    """Count documents by set and language."""
    counts: dict[str, Counter[str]] = {}
    for document in material.views:
        counts.setdefault(set_of(document), Counter())[document.lang] += 1
    for name, documents in (
        ("augmented", material.augmented),
        ("corpus/labelled", material.corpus),
        ("corpus/hard", material.hard),
    ):
        counts[name] = Counter(document.lang for document in documents)
    rows = [["set", "English", "German", "other"]]
    for name, of_set in counts.items():
        english, german = of_set["en"], of_set["de"]
        rows.append([name, str(english), str(german), str(of_set.total() - english - german)])
    return format_table(rows)


def part_of(source: str) -> int:
    """Part of the sources that cross-validation holds out together."""
    return fold_of(source, SETTINGS.n_folds)


def share_of(document: LabelledDocument) -> float:
    """Share of a document's weight that is left in training."""
    view, weight = view_of(document), GOLD_SETS.get(set_of(document))
    if view in EXTRACTORS:
        return EXTRACTED_SHARE * (weight or 0)
    if view not in (FIRST_VIEW, "text") and view != other_view(document):
        return 0
    return weight or (SILVER_SHARE if document.lang != "en" else 0)


def other_view(document: LabelledDocument) -> str:
    """Draw the view of a document's page that is used beside the first."""
    return OTHER_VIEWS[fold_of(document.id.rpartition(".")[0], 2)]


def view_of(document: LabelledDocument) -> str:
    """How the page of an imported document became text."""
    return document.id.rpartition(".")[2]


def set_of(document: LabelledDocument) -> str:
    """Set of an imported document's page, with which its id begins."""
    names = [name for name in GOLD_SETS if document.id.startswith(f"{name}_")]
    return max(names, key=len, default=document.id.partition("_")[0])


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
                groups.setdefault(f"{name_of_set}: {lang}", ([], []))[number].append(counts)
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
    """One row for each set and each language, for news in each language, and their mean."""
    groups: dict[str, list[Counts]] = {}
    for name_of_set, lang, counts in scored:
        groups.setdefault(f"{name_of_set}: {lang}", []).append(counts)
        groups.setdefault(f"all sets: {lang}", []).append(counts)
        if name_of_set != "wcxb":
            groups.setdefault(f"all but wcxb: {lang}", []).append(counts)
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


def finish(model: Model, corpus: Sequence[LabelledDocument]) -> Model:
    """Adapt the model to the corpus alone: clutter that a person wrote on purpose."""
    return adapt(corpus, model, FINISH, name="news")


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


def parse_arguments(description: str, name: str) -> argparse.Namespace:
    """Read the command line of what builds the model of this name."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("pages", type=Path, help="folder of SET.jsonl.gz files")
    parser.add_argument("--work", type=Path, required=True, help="folder of the labelled files")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "models" / f"{name}.npz")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--hold-out", type=int, nargs=2, metavar=("K", "N"),
        help="train without the K-th of N parts of the publishers, from 1, for stress.py --fold",
    )  # fmt: skip
    return parser.parse_args()


def main() -> None:
    """Import, train, judge, write."""
    options = parse_arguments(__doc__ or "", "news")
    pages = sorted(options.pages.glob("*.jsonl.gz"))
    if not options.work.exists():
        make_labelled(pages, options.work, options.jobs)
    corpus, hard = (
        list(read_labelled_many([REPOSITORY / "corpus" / name])) for name in ("labelled", "hard")
    )
    captions = json.loads((options.work / CAPTIONS).read_text("utf-8"))
    labelled = read_labelled_many(sorted(path for path in options.work.iterdir() if path.is_dir()))
    if options.hold_out:
        part, parts = options.hold_out
        labelled = (one for one in labelled if fold_of(one.source, parts) != part - 1)
    material = weigh(labelled, corpus, hard, captions)
    documents = material.documents
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    trained = train_and_test(documents, SETTINGS, name="news", report=report)
    save_model(finish(trained.model, corpus), options.output)
    report(f"{options.output} is written: {options.output.stat().st_size:,} bytes")
    print(f"\n{date.today()}, cross-validation grouped by publisher; {SETTINGS}")
    print(f"\nDocuments\n{material_table(material)}")
    gold_texts, kept = read_gold(pages), kept_lines(trained)
    for view in SHOWN_VIEWS:
        scored = list(scored_pages(gold_texts, documents, kept, view))
        print(f"\nText view {view}\n{score_table(scored)}")
    print(f"\nAfter other extractors\n{peer_table(gold_texts, documents, kept)}")
    print(f"\nF1 by language\n{long_line_table(gold_texts, documents, kept)}")
    print(f"\nWrong words, text view html_text\n{error_table(documents, kept, 'html_text')}")
    print(f"\nExpected calibration error, 15 bins: {calibration(documents, trained):.4f}")


if __name__ == "__main__":
    main()
