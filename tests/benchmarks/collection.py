"""Measure what counting lines over the pages of a publisher changes: --collection against without.

    python tests/benchmarks/collection.py IMPORTED_DIR [--model NAME|FILE]

IMPORTED_DIR holds what `clean-news import` wrote, of any number of sets. The pages of a publisher
(their `#source:`), as one converter shows them, are one folder; publishers of fewer than three
pages, and pages whose body is that of another one, are left out. A model that was trained on these
pages has little left to gain there: what is measured with it is a lower bound.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleaner.cleaning import Cleaner
from cleaner.collection import (
    FEWEST_OCCURRENCES,
    FEWEST_TOKENS,
    Collection,
    distinct_lines,
    folder_lines,
    lower_recurring,
)
from cleaner.errors import CleanerError, InputError
from cleaner.files import find_labelled, read_labelled
from cleaner.gold import CONVERTERS
from cleaner.labelled import LabelledDocument
from cleaner.learn import Bools, DocumentResult, Scores, f1_difference, format_table, score_document
from cleaner.model import Scored, probabilities
from cleaner.text import Floats, encode_text, lay_out_lines, sketch

LEAST_PAGES = 3
# Of the smaller sketch: pages that share so much of their body are versions of one story.
SHARE = 0.5
HEADER = (
    "text", "set", "pages", "publishers", "F1 without", "with", "change (95% interval)",
    "lines kept: body", "clutter", "lost: body", "clutter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """One page, judged alone and in a collection, and what the rates can be fitted to."""

    group: str
    alone: DocumentResult
    together: DocumentResult
    log_odds: Floats  # (n_lines,), of labelled lines, judged alone
    occurrences: Floats  # (n_lines,)
    n_tokens: Floats  # (n_lines,)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("imported", type=Path, metavar="IMPORTED_DIR")
    parser.add_argument("--model", default="news", help="name or path of the model")
    options = parser.parse_args(arguments)
    try:
        cleaner = Cleaner.load(options.model)
        table, fitted = [list(HEADER)], []
        for view in CONVERTERS:
            judged = list(judge_view(cleaner, options.imported, view))
            table += summarise(view, judged)
            fitted += judged
        if not fitted:
            raise InputError(f"{options.imported}: no publisher with {LEAST_PAGES} pages or more")
    except CleanerError as error:
        sys.exit(f"error: {error}")
    print(format_table(table))
    print("\nlog-odds that a line loses, times ln n, by logistic regression of its label:")
    print(format_table([["lines", "n", "rate"], *fit_rates(fitted)]))


def judge_view(cleaner: Cleaner, imported: Path, view: str) -> Iterator[Judged]:
    """Judge the pages of all publishers, as one converter shows them."""
    publishers: dict[str, list[tuple[str, LabelledDocument]]] = defaultdict(list)
    for path in find_labelled([imported]):
        if Path(path).name.endswith(f".{view}.tsv"):
            document = read_labelled(path)
            publishers[document.source].append((Path(path).parent.name, document))
    for pages in publishers.values():
        chosen = list(leave_out_copies(pages))
        if len(chosen) >= LEAST_PAGES:
            yield from judge_publisher(cleaner, chosen)


def leave_out_copies(
    pages: Sequence[tuple[str, LabelledDocument]],
) -> Iterator[tuple[str, LabelledDocument]]:
    """Leave out pages of whose body much is that of an earlier one."""
    known: list[frozenset[int]] = []
    for group, document in pages:
        own = sketch(join_body(document))
        shared = (len(own & one) / min(len(own), len(one)) for one in known)
        if not own or all(share < SHARE for share in shared):
            yield group, document
        if own:
            known.append(own)


def join_body(document: LabelledDocument) -> str:
    """Join the lines of the body."""
    rows = zip(document.lines, document.labels, strict=True)
    return "\n".join(line for line, label in rows if label == "body")


def judge_publisher(
    cleaner: Cleaner, pages: Sequence[tuple[str, LabelledDocument]]
) -> Iterator[Judged]:
    """Count the lines of a publisher's pages, then judge each page with and without."""
    contents = [encode_text("\n".join(document.lines)) for _, document in pages]
    collection = Collection()
    for content in contents:
        collection.add(distinct_lines([content], [""]))
    least = np.float32(np.log(cleaner.threshold / (1 - cleaner.threshold)))
    for (group, document), content in zip(pages, contents, strict=True):
        scored = cleaner.model.score(lay_out_lines([content]))
        counts = collection.occurrences(folder_lines(scored.lines, [""]))
        lowered = lower_recurring(scored, counts, least)
        row = scored.lines.row
        labelled = np.array([document.labels[n] is not None for n in scored.lines.number], bool)
        yield Judged(
            group,
            score_rows(document, scored, least),
            score_rows(document, lowered, least),
            scored.log_odds[row][labelled],
            counts[labelled].astype(np.float32),
            scored.lines.n_tokens[row][labelled].astype(np.float32),
        )


def score_rows(document: LabelledDocument, scored: Scored, least: np.float32) -> DocumentResult:
    """Compare what is kept of a document with its labels."""
    kept = np.zeros(len(document.lines), bool)
    sure = np.zeros(len(document.lines))
    log_odds = scored.log_odds[scored.lines.row]
    kept[scored.lines.number] = log_odds >= least
    sure[scored.lines.number] = probabilities(log_odds)
    return score_document(document, kept, sure)


def summarise(view: str, judged: Sequence[Judged]) -> list[list[str]]:
    """Make the rows of the table for one converter: all pages, then set by set."""
    groups = sorted({one.group for one in judged})
    chosen = [("all", judged)]
    chosen += [(group, [one for one in judged if one.group == group]) for group in groups]
    return [summarise_some(view, name, some) for name, some in chosen if some]


def summarise_some(view: str, name: str, judged: Sequence[Judged]) -> list[str]:
    """Make one row of the table."""
    alone, together = (
        Scores(tuple(getattr(one, field) for one in judged)) for field in ("alone", "together")
    )
    shingles = [[one.shingles for one in scores.documents] for scores in (alone, together)]
    change = f1_difference(*shingles)
    before, after = alone.lines, together.lines
    return [
        view, name, str(len(judged)), str(len({one.alone.source for one in judged})),
        f"{alone.texts.f1:.4f}", f"{together.texts.f1:.4f}",
        f"{change.value:+.4f} ({change.low:+.4f} to {change.high:+.4f})",
        str(before.found), str(before.extra),
        str(before.found - after.found), str(before.extra - after.extra),
    ]  # fmt: skip


def fit_rates(judged: Sequence[Judged]) -> Iterator[list[str]]:
    """Fit what ln n says of a line that recurs, beside its log-odds, for short lines and others."""
    from sklearn.linear_model import LogisticRegression

    log_odds, occurrences, n_tokens = (
        np.concatenate([getattr(one, field) for one in judged])
        for field in ("log_odds", "occurrences", "n_tokens")
    )
    is_body = np.concatenate([one.alone.is_body for one in judged])
    recurs = occurrences >= FEWEST_OCCURRENCES
    evidence = np.stack([log_odds, np.where(recurs, np.log(np.maximum(occurrences, 1)), 0)], 1)
    lengths: tuple[tuple[str, Bools], ...] = (
        (f"of fewer than {FEWEST_TOKENS} tokens", n_tokens < FEWEST_TOKENS),
        ("others", n_tokens >= FEWEST_TOKENS),
    )
    for name, chosen in lengths:
        number = int((chosen & recurs).sum())
        if len(set(is_body[chosen])) < 2:
            continue
        weights = LogisticRegression(C=10).fit(evidence[chosen], is_body[chosen]).coef_[0]
        yield [name, str(number), f"{-weights[1] / weights[0]:.2f}"]


if __name__ == "__main__":
    main()
