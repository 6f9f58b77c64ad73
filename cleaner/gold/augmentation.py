"""Make further training documents out of labelled pages: what the gold pages hardly have.

A page is laid out as a plain text or left as it is, perhaps cut to a few paragraphs, and gets
blocks of clutter into its gaps, behind which the article goes on: templates of the bank that are
not held out, captions of the same page, other stories, and sections of comments or teasers of
other publishers behind it. Its blank lines, its frame and the length of its lines change, too.
"""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from cleaner.gold.clutter_bank import (
    ClutterTemplate,
    bank_languages,
    fill_template,
    load_bank,
)
from cleaner.gold.reshaping import reshape
from cleaner.labelled import Label, LabelledDocument
from cleaner.text import split_tokens

# Of documents whose articles have fewer tokens nothing is made.
_FEWEST_TOKENS = 40
_HEADLINE_TOKENS = range(5, 17)
_PROSE_TOKENS = 12
# A section of prose behind an article: so many lines, of which so many are prose.
_SECTION_LINES = range(4, 41)
_SECTION_PROSE = 3
_SHORT_CUTS = (1, 1, 2, 2, 3, 4, 5, 7)
_LONG_CUT = 30
# How much clutter between the paragraphs of an article counts beside its other lines: it is rare,
# and what is around it speaks for body.
_BETWEEN_WEIGHT = 4.0
# How often blocks between paragraphs are of a kind: captions are the commonest on real pages.
_KIND_WEIGHTS = {
    "related": 2,
    "prompt": 1,
    "note": 2,
    "biography": 1,
    "interface": 1,
    "credit_caption": 3,
    "plain_caption": 2,
}
# Lists of topics stand behind the last paragraph.
_TAGS = "tags"
_TAGS_SHARE = 0.2
# Of the further documents, those that are laid out as plain texts.
_PLAIN_SHARE = 0.75
_WIDTHS = range(60, 101)
_FEWEST_CAPTION_TOKENS = 4
# Stories of other publishers that one document may take from.
_MOST_STORIES = 60
_FIRST_SENTENCE = re.compile(r"^.{20,200}?[.!?。।](?=\s|$|[^\W\d_a-z])")
_NAMES_OF_STORY = 4

# Where a block stands in the markup of a page: in place of {} is what holds the paragraphs.
_BLOCK_MARKUP = (
    *("{}||",) * 6, "{}|em|em=100", "{}|em|em=100", "{}|strong|strong=100", "{}|a|a=100",
    "{}|strong a|a=100 strong=100", "{}||a=70", "{}||strong=20 a=60", "{} div||", "{} aside p||",
    "{} figure figcaption||",
)  # fmt: skip
# Ids, classes and roles mean nothing on many pages: some are trained on without.
_NAMELESS_SHARE = 0.25
_NAMES = re.compile(r"[#.\[][^ |]*")

_Row = tuple[str, Label | None]
_BLANK: _Row = ("", None)


class _Story(NamedTuple):
    source: str
    headline: str  # a line of the page that looks like another story's headline
    sentence: str  # the first of the article, or ""
    section: tuple[str, ...]  # clutter in prose behind the article, or nothing
    names: tuple[str, ...]  # two or three capitalised words in a row
    places: tuple[str, ...]  # single ones


def augment(
    documents: Sequence[LabelledDocument],
    share: float,
    captions: Mapping[str, Sequence[str]] | None = None,
    part_of: Callable[[str], int] = lambda _: 0,
) -> list[LabelledDocument]:
    """Make further documents out of some.

    Parameters
    ----------
    documents : sequence of LabelledDocument
        Views of whole pages with complete labels.
    share : float
        How many are made of each on average; from 0.
    captions : mapping of str to sequence of str, optional
        Of documents, by id.
    part_of : callable
        A document takes lines only from sources of the same part: where parts are the folds of
        cross-validation, none of its lines is met in another fold.

    Returns
    -------
    list of LabelledDocument
        With ids that end in ``.augmented`` and a number; the same for the same documents. Lines
        of other sources stand in them, labelled clutter.
    """
    stories: dict[tuple[str, int], list[_Story]] = {}
    for document in documents:
        key = document.lang, part_of(document.source)
        stories.setdefault(key, []).extend(_find_stories(document))
    made = []
    for document in documents:
        if len(split_tokens(" ".join(_body(document)))) < _FEWEST_TOKENS:
            continue
        lot = random.Random(document.id)
        of_part = stories[document.lang, part_of(document.source)]
        others = [story for story in of_part if story.source != document.source]
        supply = _Supply.of(document, others, (captions or {}).get(document.id, ()), lot)
        for number in range(int(share + lot.random())):
            if document.markup:
                rows, markup = _vary_page(document, supply)
            else:
                is_plain = lot.random() < _PLAIN_SHARE
                rows = _lay_out(document, supply) if is_plain else _vary(document, supply)
                markup = []
            labels = tuple(label for _, label in rows)
            made.append(
                replace(
                    document,
                    id=f"{document.id}.augmented{number}",
                    lines=tuple(line for line, _ in rows),
                    labels=labels,
                    guesses=(),
                    markup=tuple(markup),
                    line_weights=_weigh_lines(labels),
                )
            )
    return made


def _weigh_lines(labels: Sequence[Label | None]) -> tuple[float, ...]:
    body = [number for number, label in enumerate(labels) if label == "body"]
    inside = range(body[0], body[-1])
    return tuple(
        _BETWEEN_WEIGHT if label == "clutter" and number in inside else 1.0
        for number, label in enumerate(labels)
    )


def _body(document: LabelledDocument) -> list[str]:
    return [
        line for line, label in zip(document.lines, document.labels, strict=True) if label == "body"
    ]


def _rows(document: LabelledDocument) -> list[_Row]:
    return list(zip(document.lines, document.labels, strict=True))


def _find_stories(document: LabelledDocument) -> list[_Story]:
    """Find what other documents can take from this one: at most one story."""
    body = _body(document)
    if not body:
        return []
    rows = [row for row in _rows(document) if row[0].strip()]
    lengths = [len(split_tokens(line)) for line, _ in rows]
    headlines = [
        line
        for (line, label), length in zip(rows, lengths, strict=True)
        if label == "clutter" and length in _HEADLINE_TOKENS and line[-1].isalpha()
    ]
    if not headlines:
        return []
    last = max(number for number, (_, label) in enumerate(rows) if label == "body")
    section: list[str] = []
    n_prose = 0
    for (line, label), length in zip(rows[last + 1 :], lengths[last + 1 :], strict=True):
        if label != "clutter" or len(section) >= _SECTION_LINES[-1]:
            break
        section.append(line)
        n_prose += length >= _PROSE_TOKENS
    is_section = n_prose >= _SECTION_PROSE and len(section) in _SECTION_LINES
    first = _FIRST_SENTENCE.match(body[0])
    return [
        _Story(
            document.source,
            headlines[len(headlines) // 2],
            first.group() if first else "",
            tuple(section) if is_section else (),
            *_find_names(body),
        )
    ]


def _find_names(body: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find some names and places of an article by their capitals alone."""
    found: dict[int, list[str]] = {1: [], 2: [], 3: []}
    for line in body:
        run: list[str] = []
        for word in [*line.split()[1:], ""]:
            plain = word.strip(".,;:()“”\"'’!?")
            if plain[:1].isupper() and plain.isalpha():
                run.append(plain)
            if not plain[:1].isupper() or plain != word:
                if 0 < len(run) <= 3:
                    found[len(run)].append(" ".join(run))
                run = []
    names = dict.fromkeys([*found[2], *found[3]])
    places = dict.fromkeys(word for word in found[1] if len(word) > 3)
    return tuple(names)[:_NAMES_OF_STORY], tuple(places)[:_NAMES_OF_STORY]


def _slot_words(
    body: Sequence[str],
    stories: Sequence[_Story],
    of_bank: Mapping[str, Sequence[str]],
    lot: random.Random,
) -> dict[str, Sequence[str]]:
    """Return what fills the slots: the half of the bank's words that is for training, and more."""
    known = {slot: texts[::2] for slot, texts in of_bank.items()}
    matches = map(_FIRST_SENTENCE.match, lot.sample(body, min(6, len(body))))
    own = [match.group() for match in matches if match]
    names, places = _find_names(body)
    near = stories[:8]
    return {
        **known,
        "headline": [*(story.headline for story in stories), *known["headline"]],
        # Captions speak of the story they stand in: half of the words are its own.
        "sentence": [
            *own * 2,
            *(story.sentence for story in near if story.sentence),
            *known["sentence"],
        ],
        "name": [*names * 8, *(name for story in near for name in story.names), *known["name"]],
        "place": [
            *places * 8,
            *(place for story in near for place in story.places),
            *known["place"],
        ],
    }


class _Supply(NamedTuple):
    """What blocks of clutter are made of for one document."""

    lot: random.Random
    templates: dict[str, list[ClutterTemplate]]  # by kind; empty without a bank
    words: dict[str, Sequence[str]]
    captions: tuple[str, ...]
    stories: Sequence[_Story]

    @classmethod
    def of(
        cls,
        document: LabelledDocument,
        stories: Sequence[_Story],
        captions: Sequence[str],
        lot: random.Random,
    ) -> _Supply:
        """Gather what a document's language, its page and other publishers give."""
        few = lot.sample(stories, min(len(stories), _MOST_STORIES))
        body = _body(document)
        text = " ".join(body)
        templates: dict[str, list[ClutterTemplate]] = {}
        words: dict[str, Sequence[str]] = {}
        if document.lang in bank_languages():
            bank = load_bank(document.lang)
            for template in bank.templates:
                if not template.is_held_out:
                    templates.setdefault(template.kind, []).append(template)
            words = _slot_words(body, few, bank.words, lot)
        usable = tuple(
            caption
            for caption in captions
            if caption not in text and len(split_tokens(caption)) >= _FEWEST_CAPTION_TOKENS
        )
        return cls(lot, templates, words, usable, few)

    def block(self) -> list[_Row]:
        """Make one block; nothing if there is nothing to make it of."""
        lot = self.lot
        choice = lot.random()
        if self.captions and choice < 0.25:
            lines: Sequence[str] = (lot.choice(self.captions),)
        elif self.stories and choice < (0.35 if self.templates else 1):
            lines = self.teasers(lot.randint(1, 4))
        elif self.templates:
            kinds = [kind for kind in self.templates if kind in _KIND_WEIGHTS]
            (kind,) = lot.choices(kinds, [_KIND_WEIGHTS[kind] for kind in kinds])
            lines = fill_template(lot.choice(self.templates[kind]), self.words, lot)
        else:
            lines = ()
        return [(line, "clutter") for line in lines]

    def tags(self) -> list[_Row]:
        """List the topics of the article, or more often nothing."""
        if _TAGS not in self.templates or self.lot.random() >= _TAGS_SHARE:
            return []
        template = self.lot.choice(self.templates[_TAGS])
        return [(line, "clutter") for line in fill_template(template, self.words, self.lot)]

    def teasers(self, n: int) -> list[str]:
        """Give headlines of other stories, perhaps each with its first sentence."""
        with_sentence = self.lot.random() < 0.3
        lines: list[str] = []
        for story in self.lot.sample(self.stories, min(n, len(self.stories))):
            lines.append(story.headline)
            if with_sentence and story.sentence:
                lines.append(story.sentence)
        return lines

    def tail(self) -> list[_Row]:
        """Give comments or guides of another publisher, or a list of stories."""
        sections = [story.section for story in self.stories if story.section]
        if sections and self.lot.random() < 0.6:
            section = self.lot.choice(sections)
            lines = list(section[: self.lot.randint(4, len(section))])
        else:
            lines = self.teasers(self.lot.randint(3, 20))
        return [(line, "clutter") for line in lines]


def _lay_out(document: LabelledDocument, supply: _Supply) -> list[_Row]:
    """Take the article alone, perhaps some of its paragraphs, in a small frame with blocks."""
    lot = supply.lot
    rows = [row for row in _rows(document) if row[0].strip()]
    body = [row for row in rows if row[1] == "body"]
    numbers = [number for number, row in enumerate(rows) if row[1] == "body"]
    before = [row for row in rows[: numbers[0]] if row[1] == "clutter"]
    after = [row for row in rows[numbers[-1] + 1 :] if row[1] == "clutter"]
    cut = lot.choice(_SHORT_CUTS) if lot.random() < 0.75 else _LONG_CUT
    start = lot.randrange(max(len(body) - cut, 0) + 1) if lot.random() < 0.5 else 0
    body = body[start : start + cut]
    if lot.random() < 0.5:
        body = [(line, "body") for line in reshape([line for line, _ in body], lot)]
        body = body[:cut]
    body = _insert_blocks(body, supply, lot.choice((0, 1, 1, 2, 2, 3)))
    head = (
        before[-lot.choice((len(before), 1, 2, 4, 8)) :]
        if lot.random() < 0.5
        else before[: lot.choice((1, 3, 5))]
    )
    foot = after[: lot.choice((0, 2, 4, 8, 12))] if lot.random() < 0.6 else supply.tail()
    return _space([*head, *body, *supply.tags(), *foot], lot.choice((0, 0, 0, 1, 1, 1, 2)))


def _insert_blocks(rows: list[_Row], supply: _Supply, n: int) -> list[_Row]:
    """Put blocks into gaps of an article without blank lines: mostly its first, middle or last."""
    for _ in range(n):
        gaps = [1, len(rows) // 2, len(rows) - 1, supply.lot.randint(0, len(rows)), len(rows)]
        gap = min(max(supply.lot.choice(gaps), 0), len(rows))
        rows = [*rows[:gap], *supply.block(), *rows[gap:]]
    return rows


def _space(rows: Sequence[_Row], n_blank: int) -> list[_Row]:
    """Put so many blank lines behind every line."""
    return [one for row in rows for one in (row, *[_BLANK] * n_blank)]


def _vary(document: LabelledDocument, supply: _Supply) -> list[_Row]:
    """Leave the page as it is, but for blocks, its frame, its blank lines, its line length."""
    lot = supply.lot
    rows = _rows(document)
    numbers = [number for number, row in enumerate(rows) if row[1] == "body"]
    places = sorted(
        lot.sample(numbers[1:], min(lot.choice((1, 1, 2, 3)), len(numbers) - 1)), reverse=True
    )
    if lot.random() < 0.25:
        rows = [*rows[: numbers[-1] + 1], _BLANK, *supply.tags(), *supply.tail()]
    elif lot.random() < 0.2:
        rows = [*rows[: numbers[-1] + 1], *supply.tags()]
    for number in places:
        rows[number:number] = _set_block(supply.block(), rows, number)
    if lot.random() < 0.2:
        rows = rows[numbers[0] :]
    if lot.random() < 0.3:
        rows = _space([row for row in rows if row[0].strip()], lot.choice((0, 0, 1)))
    if lot.random() < 0.12:
        rows = _wrap(rows, lot.choice(_WIDTHS))
    return rows


def _vary_page(document: LabelledDocument, supply: _Supply) -> tuple[list[_Row], list[str]]:
    """Put blocks into a page with markup: mostly in paragraphs like those of the article."""
    lot = supply.lot
    rows, markup = _rows(document), list(document.markup)
    numbers = [number for number, row in enumerate(rows) if row[1] == "body"]
    places = lot.sample(numbers[1:], min(lot.choice((1, 2, 2, 3)), len(numbers) - 1))
    if lot.random() < 0.3:
        places.append(numbers[-1] + 1)
    for number in sorted(places, reverse=True):
        like = markup[min(number, numbers[-1])]
        block = [*supply.block(), _BLANK]
        style = lot.choice(_BLOCK_MARKUP)
        of_block = [style.format(like.partition("|")[0]) if line else "" for line, _ in block]
        rows[number:number] = block
        markup[number:number] = of_block
    if lot.random() < _NAMELESS_SHARE:
        markup = [_NAMES.sub("", of_line) for of_line in markup]
    return rows, markup


def _set_block(block: Sequence[_Row], rows: Sequence[_Row], number: int) -> list[_Row]:
    """Set a block before a paragraph with as many blank lines as the page has there."""
    n_blank = 0
    while n_blank < number and not rows[number - 1 - n_blank][0].strip():
        n_blank += 1
    between = [_BLANK] * n_blank
    if len(block) > 1 and n_blank:
        return [one for row in block for one in (row, *between)]
    return [*block, *between]


def _wrap(rows: Sequence[_Row], width: int) -> list[_Row]:
    """Break long lines at spaces; every piece has the label of its line."""
    return [
        (piece, label)
        for line, label in rows
        for piece in (textwrap.wrap(line, width, break_long_words=False) or [line])
    ]
