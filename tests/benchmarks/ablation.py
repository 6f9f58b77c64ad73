"""Measure what each group of features, each kind of data and each pass is worth.

    clean-news import PAGES... -o IMPORTED
    python tests/benchmarks/ablation.py IMPORTED --pages PAGES_DIR > table.txt
    python tests/benchmarks/ablation.py IMPORTED --pages PAGES_DIR --only German layout

Trains as models/build.py does, once with everything, and once for each row with something left
out. Pages are judged by cross-validation grouped by publisher, in the text view html_text, against
gold text in PAGES_DIR or, without it, against the labelled body lines. A row has the mean F1 of the
domains, its change with a paired 95% interval (pages resampled within their domain), and each
domain's F1.

Only the views html_text and text are trained on, with corpus/, unless --all-views is given. A row
is printed as soon as it is measured.
The rows that an interrupted run lacks are measured with --only; that of "nothing" always is, for
the others are compared with it. Rows that leave out nothing of these data are skipped.

A feature that is left out is still there for those computed from it: "log_words" for its mean over
neighbours, pass 1 for pass 2. Scored pages of a kind that is left out stay, with weight 0.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import CleanerError, InputError
from cleaner.features import FEATURES, STACKED_FEATURES
from cleaner.files import read_labelled_many
from cleaner.gold import CONVERTERS, EXTRACTORS
from cleaner.labelled import LabelledDocument
from cleaner.learn import Counts, TrainingSettings, macro_f1_difference, score_texts, train_and_test
from cleaner.model import FIRST_COLUMNS

REPOSITORY = Path(__file__).parent.parent.parent
SCORED_VIEW = "html_text"
TEXT_VIEWS = (SCORED_VIEW, "text")  # one a page: HTML by one converter, or text from the start
NOTHING = "nothing"
NEIGHBOURS = "neighbours' columns"
_AUGMENTED = re.compile(r"\.augmented\d+$")  # how ids of further documents end


def load_build() -> Any:
    """Load models/build.py, which is no module of a package; another "build" is installed."""
    spec = importlib.util.spec_from_file_location("build_news", REPOSITORY / "models" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load_build()


class Piece(NamedTuple):
    """A document to train on, and where it comes from."""

    origin: str  # "imported", "corpus", "hard" or "augmented"
    document: LabelledDocument

    @property
    def set(self) -> str:
        """Set of an imported document or of one made from it."""
        name: str = build.set_of(self.document)
        return name

    @property
    def view(self) -> str:
        """How its page became text."""
        return _AUGMENTED.sub("", self.document.id).rpartition(".")[2]


# By name of the kind: whether a document is of it.
KINDS: dict[str, Callable[[Piece], bool]] = {
    "silver sets": lambda it: it.origin not in ("corpus", "hard") and it.set not in build.GOLD_SETS,
    "wcxb": lambda it: it.set == "wcxb",
    "German": lambda it: it.document.lang == "de",
    "extractors' views": lambda it: it.view in EXTRACTORS,
    "all views but html_text": lambda it: it.view in {*CONVERTERS, *EXTRACTORS} - {SCORED_VIEW},
    "corpus": lambda it: it.origin == "corpus",
    "hard pages": lambda it: it.origin == "hard",
    "augmented documents": lambda it: it.origin == "augmented",
}
WEIGHTS = "weights of documents"

# By name of the domain: whether pages of a set in a language are of it.
DOMAINS: dict[str, Callable[[str, str], bool]] = {
    "news: en": lambda name, lang: name != "wcxb" and lang == "en",
    "wcxb": lambda name, lang: name == "wcxb",
    "de": lambda name, lang: name != "wcxb" and lang == "de",
    "other": lambda name, lang: name != "wcxb" and lang not in ("en", "de"),
}
HEADER = ("left out", "F1", "change", "95% interval", *DOMAINS)
SHORTEST = (28, 6, 7, 18, 6, 6, 6, 6)  # widths of cells

Gold = Mapping[str, Any]  # build.Gold by id of the page
Domains = list[list[Counts]]  # of pages, in the order of DOMAINS


class Row(NamedTuple):
    """What is trained on to measure one row."""

    left_out: str
    documents: list[LabelledDocument]
    settings: TrainingSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    options = parse_arguments(arguments)
    try:
        pieces = read_pieces(options.imported, options.all_views)
        if options.pages:
            gold = build.read_gold(sorted(options.pages.glob("*.jsonl.gz")))
        else:
            gold = labelled_bodies(pieces)
        print(f"{date.today()}, {len(pieces):,} documents; {build.SETTINGS}")
        print_row(HEADER)
        measure(pieces, gold, options.only)
    except CleanerError as error:
        sys.exit(f"error: {error}")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*pass_settings(), *KINDS, WEIGHTS, *feature_groups()]
    add = parser.add_argument
    add("imported", type=Path, help="directory written by clean-news import")
    add("--pages", type=Path, help="folder of SET.jsonl.gz files with the gold text")
    add("--all-views", action="store_true", help="train on every view in IMPORTED")
    add("--only", nargs="+", choices=names, metavar="NAME", help=f"rows: {'; '.join(names)}")
    return parser.parse_args(arguments)


def read_pieces(imported: Path, all_views: bool) -> list[Piece]:
    """Read and make the documents that models/build.py trains on, in these views."""
    ends = ".tsv" if all_views else tuple(f".{view}.tsv" for view in TEXT_VIEWS)
    files = [path for path in sorted(imported.rglob("*.tsv")) if path.name.endswith(ends)]
    if not files:
        raise InputError(f"{imported}: no labelled files of the views {' and '.join(TEXT_VIEWS)}")
    corpus, hard = (
        list(read_labelled_many([REPOSITORY / "corpus" / name])) for name in ("labelled", "hard")
    )
    captions_file = imported / build.CAPTIONS
    captions = json.loads(captions_file.read_text("utf-8")) if captions_file.exists() else {}
    material = build.weigh(read_labelled_many(files), corpus, hard, captions)
    origins = {
        "imported": material.views,
        "corpus": material.corpus,
        "hard": material.hard,
        "augmented": material.augmented,
    }
    return [Piece(origin, document) for origin, some in origins.items() for document in some]


def labelled_bodies(pieces: Sequence[Piece]) -> Gold:
    """Take the labelled body lines of pages with complete gold for the gold."""
    gold = {}
    for piece in pieces:
        if (
            piece.origin == "imported"
            and piece.view == SCORED_VIEW
            and piece.set in build.GOLD_SETS
        ):
            document = piece.document
            lines = zip(document.lines, document.labels, strict=True)
            body = "\n".join(line for line, label in lines if label == "body")
            page = document.id.removesuffix(f".{SCORED_VIEW}")
            gold[page] = build.Gold(piece.set, document.lang, body)
    return gold


def measure(pieces: Sequence[Piece], gold: Gold, only: Sequence[str] | None) -> None:
    """Measure and print row by row."""
    everything = [piece.document for piece in pieces]
    before: Domains = []
    for row in make_rows(pieces, gold):
        if only and row.left_out not in (NOTHING, *only):
            continue
        if before and (row.documents, row.settings) == (everything, build.SETTINGS):
            print(f"{row.left_out}: there is none in these data", file=sys.stderr)
            continue
        after = score(row, gold)
        before = before or after
        print_row(make_cells(row.left_out, before, after))


def make_rows(pieces: Sequence[Piece], gold: Gold) -> Iterator[Row]:
    """Make all rows, that of everything first, then passes, data and features."""
    everything = [piece.document for piece in pieces]
    for name, settings in pass_settings().items():
        yield Row(name, everything, settings)
    for name, is_left_out in KINDS.items():
        yield Row(name, leave_out(pieces, is_left_out, gold), build.SETTINGS)
    yield Row(WEIGHTS, [replace(one, weight=1.0) for one in everything], build.SETTINGS)
    for name, names in feature_groups().items():
        yield Row(name, everything, replace(build.SETTINGS, left_out=names))


def leave_out(
    pieces: Sequence[Piece], is_left_out: Callable[[Piece], bool], gold: Gold
) -> list[LabelledDocument]:
    """Leave out documents of a kind, but keep scored ones with no weight, to be judged."""
    kept = []
    for piece in pieces:
        page, _, view = piece.document.id.rpartition(".")
        if not is_left_out(piece):
            kept.append(piece.document)
        elif view == SCORED_VIEW and page in gold:
            kept.append(replace(piece.document, weight=0.0))
    return kept


def pass_settings() -> dict[str, TrainingSettings]:
    """Give the settings of the rows about passes, by name of the row."""
    but_words = tuple(name for name in FEATURES if name != "lexical")
    return {
        NOTHING: build.SETTINGS,
        "pass 2": replace(build.SETTINGS, left_out=tuple(STACKED_FEATURES)),
        "all but a line's words": replace(build.SETTINGS, left_out=but_words),
    }


def feature_groups() -> dict[str, tuple[str, ...]]:
    """Names of the features of each group, and all columns of neighbours."""
    groups: dict[str, tuple[str, ...]] = {}
    for name, feature in FEATURES.items():
        groups[feature.group] = (*groups.get(feature.group, ()), name)
    groups[NEIGHBOURS] = tuple(str(column) for column in FIRST_COLUMNS if column.offset)
    return groups


def score(row: Row, gold: Gold) -> Domains:
    """Train by cross-validation, and compare what is kept of every scored page with gold."""
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{row.left_out}: {time.monotonic() - started:.0f} s, {text}", file=sys.stderr)

    trained = train_and_test(row.documents, row.settings, report=report)
    kept = build.kept_lines(trained)
    domains: Domains = [[] for _ in DOMAINS]
    for name, lang, counts in build.scored_pages(gold, row.documents, kept, SCORED_VIEW):
        for pages, is_of in zip(domains, DOMAINS.values(), strict=True):
            if is_of(name, lang):
                pages.append(counts)
    if not any(domains):
        raise InputError(f"no page to score: none of {', '.join(DOMAINS)} has gold")
    return domains


def make_cells(left_out: str, before: Domains, after: Domains) -> list[str]:
    """Cells of one row of the table."""
    f1 = [score_texts(pages).f1 if pages else None for pages in after]
    some = [value for value in f1 if value is not None]
    change = macro_f1_difference(*([pages for pages in one if pages] for one in (before, after)))
    return [
        left_out,
        f"{sum(some) / len(some):.4f}",
        f"{change.value:+.4f}",
        f"{change.low:+.4f} to {change.high:+.4f}",
        *("" if value is None else f"{value:.4f}" for value in f1),
    ]


def print_row(cells: Sequence[str]) -> None:
    """Print cells below those of the header; nothing waits for the rows to come."""
    widths = [max(len(head), width) for head, width in zip(HEADER, SHORTEST, strict=True)]
    first, *others = cells
    numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
    print("  ".join([first.ljust(widths[0]), *numbers]).rstrip(), flush=True)


if __name__ == "__main__":
    main()
