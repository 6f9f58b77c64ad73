"""Put clutter into real articles, and cut them short: what is kept, and what is lost?

    python tests/benchmarks/stress.py PAGES... [--model NAME|FILE] [--fold K N]

PAGES are pages files (*.jsonl, *.jsonl.gz) or folders of them; pages with complete gold are used,
of languages that have a bank of clutter. An article is laid out as a plain page, with and without
blank lines between its paragraphs. Into each of three gaps (after the first paragraph, in the
middle, before the last) comes one block of each kind of clutter, from the templates that are held
out, and the article alone is cut to its first paragraphs.

No model may be trained on the held-out templates, but the articles may be ones that it was trained
on: with --fold, a model is judged on publishers that were left out of its training.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from page_sets import in_fold

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError, InputError
from cleaner.gold import GAP_KINDS, bank_languages, fill_template, load_bank, read_pages
from cleaner.learn import format_table
from cleaner.text import split_tokens

LAYOUTS = {"with blank lines": "\n\n", "without blank lines": "\n"}
BOTH = "both layouts"
# Words that stand in pages of any language, so that the frame tells nothing about the article.
LINES_BEFORE = ("Menu", "Video", "Podcast", "RSS")
LINES_AFTER = ("Facebook", "Instagram", "RSS", "© 2024")
WHOLE = "whole"
SHORT = {"1 paragraph": 1, "2 paragraphs": 2, "3 paragraphs": 3, "5 paragraphs": 5}
FEWEST_PARAGRAPHS = 5
PAGES_PER_PUBLISHER = 2
FEWEST_HEADLINES = 5  # of other pages; with fewer, the bank's own are used too
_HEADLINE_TOKENS = range(4, 21)
_FIRST_SENTENCE = re.compile(r"^.{20,200}?[.!?。।](?=\s|$|[^\W\d_a-z])")


class Story(NamedTuple):
    """An article to be tried."""

    id: str
    source: str
    lang: str
    headline: str  # "" if the page gives none that looks like one
    sentence: str  # the first, "" if there is none
    paragraphs: tuple[str, ...]


class Trial(NamedTuple):
    """One text made of a story: which lines of it are body, and which were put in."""

    name: str  # a kind of clutter, `WHOLE`, or a key of `SHORT`
    layout: str
    body: tuple[str, ...]
    clutter: tuple[str, ...]
    text: str


@dataclass(slots=True)
class Tally:
    """Words counted over trials."""

    inserted: int = 0
    inserted_kept: int = 0
    body: int = 0
    body_lost: int = 0  # with an insert: lines that the whole article without it keeps

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.inserted += other.inserted
        self.inserted_kept += other.inserted_kept
        self.body += other.body
        self.body_lost += other.body_lost

    @property
    def share_kept(self) -> float | None:
        """Of the inserted words, from 0 to 1."""
        return self.inserted_kept / self.inserted if self.inserted else None

    @property
    def lost_per_thousand(self) -> float | None:
        """Of 1,000 words of body."""
        return 1000 * self.body_lost / self.body if self.body else None


Tallies = dict[tuple[str, str, str], Tally]  # by layout, name of the trial and language


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    options = parse_arguments(arguments)
    try:
        stories = choose_stories(options)
        tallies = measure(Cleaner.load(options.model), stories)
    except CleanerError as error:
        sys.exit(f"error: {error}")
    sizes = Counter(story.lang for story in stories)
    languages = sorted(sizes, key=lambda lang: (-sizes[lang], lang))
    counted = ", ".join(f"{lang} {sizes[lang]}" for lang in languages)
    print(f"{len(stories)} articles: {counted}\n")
    print(format_tallies(tallies, languages))


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("pages", type=Path, nargs="+", help="pages files, or folders of them")
    add("--model", default="news", help="name or path of the model")
    add("--pages-per-language", type=int, default=60, metavar="N")
    add(
        "--fold", type=int, nargs=2, metavar=("K", "N"),
        help="only the K-th of N parts of the publishers, from 1",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.fold and not 1 <= options.fold[0] <= options.fold[1]:
        parser.error("--fold K N: K must be from 1 to N")
    return options


def choose_stories(options: argparse.Namespace) -> list[Story]:
    """Sample stories of every language: the same ones from the same pages, whatever their order.

    Raises
    ------
    InputError
        If there is no page that can be used.
    """
    by_publisher: Counter[tuple[str, str]] = Counter()
    by_lang: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    chosen = []
    for story in sorted(read_stories(options.pages), key=lambda story: number_of(story.id)):
        group = (story.lang, story.source)
        is_full = by_lang[story.lang] >= options.pages_per_language
        if is_full or by_publisher[group] >= PAGES_PER_PUBLISHER or story.paragraphs in seen:
            continue
        if not in_fold(story.source, options.fold):
            continue
        seen.add(story.paragraphs)
        by_lang[story.lang] += 1
        by_publisher[group] += 1
        chosen.append(story)
    if not chosen:
        paths = ", ".join(map(str, options.pages))
        raise InputError(
            f"{paths}: no page (of this fold) with complete gold of {FEWEST_PARAGRAPHS} paragraphs"
            " in a language that has a bank of clutter"
        )
    return chosen


def number_of(text: str) -> int:
    """Return a number by which to draw lots that come out the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def read_stories(paths: Iterable[Path]) -> Iterator[Story]:
    """Read the pages that can be used."""
    languages = set(bank_languages())
    for page in read_pages(find_pages_files(paths)):
        article = page.article
        if article is None or not article.is_complete or page.lang not in languages:
            continue
        paragraphs = tuple(
            " ".join(line.split())
            for number, paragraph in enumerate(article.paragraphs)
            for line in paragraph.split("\n")
            if number not in article.standfirst and line.strip()
        )
        if len(paragraphs) < FEWEST_PARAGRAPHS:
            continue
        headline = " ".join(re.split(r" [|–-] ", article.title)[0].split())
        if len(split_tokens(headline)) not in _HEADLINE_TOKENS:
            headline = ""
        first = _FIRST_SENTENCE.match(paragraphs[0])
        sentence = first.group() if first else ""
        yield Story(page.id, page.source, page.lang, headline, sentence, paragraphs)


def find_pages_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files as given, and every pages file right below the folders.

    Raises
    ------
    InputError
        If a folder holds none.
    """
    files = []
    for path in paths:
        found = [path]
        if path.is_dir():
            found = sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
        if not found:
            raise InputError(f"{path}: no pages file (*.jsonl, *.jsonl.gz) in this folder")
        files += found
    return files


def measure(cleaner: Cleaner, stories: Sequence[Story]) -> Tallies:
    """Clean the trials of every story, and count words."""
    tallies: Tallies = defaultdict(Tally)
    for story in stories:
        words = slot_words(story, stories)
        for layout in LAYOUTS:
            trials = list(make_trials(story, layout, words))
            cleaned = cleaner.clean_many(trial.text for trial in trials)
            kept_alone: list[bool] = []  # the paragraphs of the whole article, the first trial
            for trial, text in zip(trials, cleaned, strict=True):
                kept, clutter_kept = find_kept(trial, text)
                kept_alone = kept_alone or kept
                is_lost = [not keep for keep in kept]
                if trial.clutter:
                    is_lost = [a and not keep for a, keep in zip(kept_alone, kept, strict=True)]
                tally = count_words(trial, is_lost, clutter_kept)
                tallies[layout, trial.name, story.lang].add(tally)
    return tallies


def slot_words(story: Story, stories: Sequence[Story]) -> dict[str, Sequence[str]]:
    """Return what fills the slots: headlines and sentences of other publishers, the bank's rest."""
    # The other half of the bank's words is for training (gold/augmentation.py).
    bank = load_bank(story.lang)
    words: dict[str, Sequence[str]] = {slot: texts[1::2] for slot, texts in bank.words.items()}
    others = [s for s in stories if s.lang == story.lang and s.source != story.source]
    for slot, texts in (
        ("headline", [other.headline for other in others if other.headline]),
        ("sentence", [other.sentence for other in others if other.sentence]),
    ):
        own = words[slot] if len(texts) < FEWEST_HEADLINES else ()
        words[slot] = [*texts, *own]
    return words


def make_trials(story: Story, layout: str, words: Mapping[str, Sequence[str]]) -> Iterator[Trial]:
    """Make the texts of one story: the whole article first, then cut short, then with clutter.

    The same clutter comes into both layouts.
    """
    body = story.paragraphs
    yield make_trial(WHOLE, layout, body)
    for name, n_paragraphs in SHORT.items():
        yield make_trial(name, layout, body[:n_paragraphs])
    held_out = [template for template in load_bank(story.lang).templates if template.is_held_out]
    for kind in GAP_KINDS:
        templates = [template for template in held_out if template.kind == kind]
        for gap in (1, len(body) // 2, len(body) - 1) if templates else ():
            lot = random.Random(f"{story.id} {kind} {gap}")
            clutter = fill_template(lot.choice(templates), words, lot)
            yield make_trial(kind, layout, body, clutter, gap)


def make_trial(
    name: str, layout: str, body: Sequence[str], clutter: Sequence[str] = (), gap: int = 0
) -> Trial:
    """Lay out one text: paragraphs with clutter before the one of this index, in the frame."""
    lines = [*LINES_BEFORE, *body[:gap], *clutter, *body[gap:], *LINES_AFTER]
    text = LAYOUTS[layout].join(lines) + "\n"
    return Trial(name, layout, tuple(body), tuple(clutter), text)


def find_kept(trial: Trial, cleaned: str) -> tuple[list[bool], list[bool]]:
    """Find the lines of body and of clutter that are in the clean text."""
    left = Counter(cleaned.split("\n"))

    def take(line: str) -> bool:
        left[line] -= 1
        return left[line] >= 0

    # Body first: where a paragraph and clutter are the same line, the paragraph has it.
    return [take(line) for line in trial.body], [take(line) for line in trial.clutter]


def count_words(trial: Trial, is_lost: Sequence[bool], clutter_kept: Sequence[bool]) -> Tally:
    """Count the words of a trial."""
    body = [len(split_tokens(line)) for line in trial.body]
    clutter = [len(split_tokens(line)) for line in trial.clutter]
    return Tally(
        inserted=sum(clutter),
        inserted_kept=sum(n for n, kept in zip(clutter, clutter_kept, strict=True) if kept),
        body=sum(body),
        body_lost=sum(n for n, lost in zip(body, is_lost, strict=True) if lost),
    )


def format_tallies(tallies: Tallies, languages: Sequence[str]) -> str:
    """Return three tables for each layout, and for both together."""
    short = tuple(SHORT)
    tables = (
        ("inserted words kept, %", percent_kept, GAP_KINDS, ("all kinds", GAP_KINDS)),
        ("body words lost because of the insert, per 1,000", per_thousand, GAP_KINDS,
         ("all kinds", GAP_KINDS)),
        ("body words lost without an insert, per 1,000", per_thousand, (WHOLE, *short),
         ("all short", short)),
    )  # fmt: skip
    parts = []
    for layout in (*LAYOUTS, BOTH):
        for title, cell, names, total in tables:
            rows = [["", *languages, "all"]]
            for name, pooled in (*((name, (name,)) for name in names), total):
                groups = [*([lang] for lang in languages), languages]
                rows.append([name, *(cell(pool(tallies, layout, pooled, of)) for of in groups)])
            parts.append(f"{layout}: {title}\n{format_table(rows)}")
    return "\n\n".join(parts)


def pool(tallies: Tallies, layout: str, names: Iterable[str], languages: Iterable[str]) -> Tally:
    """Add up the tallies of these trials; or of both layouts."""
    total = Tally()
    layouts = list(LAYOUTS) if layout == BOTH else [layout]
    for key in [(one, name, lang) for one in layouts for name in names for lang in languages]:
        total.add(tallies.get(key, Tally()))
    return total


def percent_kept(tally: Tally) -> str:
    """Return the share of the inserted words that were kept, as a cell."""
    return "-" if tally.share_kept is None else f"{tally.share_kept:.1%}".rstrip("%")


def per_thousand(tally: Tally) -> str:
    """Return the body words lost of a thousand, as a cell."""
    return "-" if tally.lost_per_thousand is None else f"{tally.lost_per_thousand:.1f}"


if __name__ == "__main__":
    main()
