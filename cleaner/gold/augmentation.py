"""Make further training documents: credited captions put into bodies, other stories put behind.

Captions that speak of the article in its own words, titles above them, and teasers that are whole
sentences are the clutter that looks most like body, and pages with gold text have few of them.
Captions without a credit are not made: trained on, they cost body lines (models/news.md).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cleaner.labelled import Label, LabelledDocument

# A document is used if it has so many body lines of so many words: others are no running text.
_FEWEST_BODY_LINES = 5
_BODY_WORDS = 10
_CAPTION_WORDS = range(5, 26)
_HEADLINE_WORDS = range(5, 16)
_TAIL_STORIES = range(6, 26)
# Further documents weigh less than the one they were made from.
_WEIGHT = 0.3

_FIRST_SENTENCE = re.compile(r"^.{20,200}?[.!?][”\"“]?(?=\s|$)")
_NAME = re.compile(r"(?<=[a-zäöüß,] )(?:[A-ZÄÖÜ][\w’'-]+)(?: [A-ZÄÖÜ][\w’'-]+){0,2}")
_FIRST_NAMES = ("Ana", "Ben", "Clara", "David", "Femke", "Hanna", "Ivan", "Jana", "Karim", "Nora")
_LAST_NAMES = ("Adler", "Bakker", "Costa", "Dietz", "Ekström", "Grant", "Ito", "Kowal", "Lind")
_AGENCIES = ("AP", "PA", "Reuters", "AFP", "dpa", "EPA", "Getty Images", "Alamy", "ANP", "APA")
_CAPTIONS = {
    "en": (
        "{a} during a visit to {b}", "{a}, left, with {b}", "{a} speaks to reporters in {b}",
        "A view of {b}", "{a} arrives at {b} on Tuesday", "{a} and {b} last year", "{a} {b}",
        "{a} has been criticised over {b}.", "Supporters of {a} gather outside {b}",
    ),
    "de": (
        "{a} bei einem Besuch in {b}", "{a} (links) mit {b}", "{a} spricht vor Journalisten in {b}",
        "Blick auf {b}", "{a} am Dienstag in {b}", "{a} und {b} im vergangenen Jahr", "{a} {b}",
        "{a} steht wegen {b} in der Kritik.", "Anhänger von {a} vor {b}",
    ),
}  # fmt: skip
_CREDITS = {
    "en": (
        "{t} ({n}/{g})", "{t} ({n}/{g})", "{t} ({g})", "{t} Photo: {n}/{g}", "{t}. Picture: {g}",
        "{t} Credit: {n}", "{t} © {n}/{g}", "{t} {n}/{g}",
    ),
    "de": (
        "{t} (Foto: {n}/{g})", "{t} Foto: {n}/{g}", "{t} © {n}/{g}", "{t} Bild: {g}",
        "{t} Quelle: {g}", "{t} ({n}/{g})",
    ),
}  # fmt: skip
_TAIL_HEADS = {
    "en": ("More stories", "Latest news", "Read more", "See more", "Related", ""),
    "de": ("Mehr zum Thema", "Weitere Meldungen", "Auch interessant", "Meistgelesen", ""),
}

_Row = tuple[str, Label | None]


class _Story(NamedTuple):
    source: str
    lang: str
    sentence: str  # the first of the article
    headline: str  # a line of the page that looks like another story's headline


def augment(documents: Sequence[LabelledDocument], share: float) -> list[LabelledDocument]:
    """Make a further document of some English and German ones.

    Parameters
    ----------
    documents : sequence of LabelledDocument
    share : float
        Of the documents that can be used, from 0 to 1.

    Returns
    -------
    list of LabelledDocument
        With ids that end in ``.augmented``; the same for the same documents. Sentences of other
        sources stand in their tails, labelled clutter.
    """
    lot = random.Random(0)
    stories = {lang: _collect_stories(documents, lang) for lang in _CAPTIONS}
    made = []
    for document in documents:
        usable = document.lang in _CAPTIONS and len(_body_lines(document)) >= _FEWEST_BODY_LINES
        if usable and lot.random() < share:
            made.append(_augment_one(document, stories[document.lang], lot))
    return made


def _body_lines(document: LabelledDocument) -> list[int]:
    return [
        number
        for number, (line, label) in enumerate(zip(document.lines, document.labels, strict=True))
        if label == "body" and len(line.split()) >= _BODY_WORDS
    ]


def _collect_stories(documents: Sequence[LabelledDocument], lang: str) -> list[_Story]:
    stories = []
    for document in documents:
        body = _body_lines(document) if document.lang == lang else []
        sentence = _FIRST_SENTENCE.match(document.lines[body[0]]) if body else None
        headlines = [
            line
            for line, label in zip(document.lines, document.labels, strict=True)
            if label == "clutter" and len(line.split()) in _HEADLINE_WORDS and line[-1].isalpha()
        ]
        if sentence and headlines:
            headline = headlines[len(headlines) // 2]
            stories.append(_Story(document.source, lang, sentence.group(), headline))
    return stories


def _augment_one(
    document: LabelledDocument, stories: Sequence[_Story], lot: random.Random
) -> LabelledDocument:
    rows: list[_Row] = list(zip(document.lines, document.labels, strict=True))
    body = _body_lines(document)
    names = _NAME.findall("\n".join(document.lines[number] for number in body)) or ["Nora Lind"]
    if lot.random() < 0.4:
        rows = _add_tail(rows, body[-1], [s for s in stories if s.source != document.source], lot)
    for number in sorted(lot.sample(body[1:], min(lot.randint(1, 3), len(body) - 1)), reverse=True):
        sentence = document.lines[lot.choice(body)]
        caption = _make_caption(sentence, names, document.lang, lot)
        rows[number:number] = _set_block(caption, rows, number)
    return replace(
        document,
        id=f"{document.id}.augmented",
        lines=tuple(line for line, _ in rows),
        labels=tuple(label for _, label in rows),
        guesses=(),
        weight=document.weight * _WEIGHT,
    )


def _make_caption(sentence: str, names: Sequence[str], lang: str, lot: random.Random) -> list[str]:
    """One or two lines: a caption with its credit, and perhaps a title above it."""
    first = _FIRST_SENTENCE.match(sentence)
    text = first.group().rstrip(".") if first else sentence
    if len(text.split()) not in _CAPTION_WORDS or lot.random() < 0.6:
        text = lot.choice(_CAPTIONS[lang]).format(a=lot.choice(names), b=lot.choice(names))
    photographer = f"{lot.choice(_FIRST_NAMES)} {lot.choice(_LAST_NAMES)}"
    agency = lot.choice(_AGENCIES)
    caption = lot.choice(_CREDITS[lang]).format(t=text, n=photographer, g=agency)
    if lot.random() < 0.5:
        title = " ".join(lot.sample(list(names), min(2, len(names))))
        return [title, caption] if lot.random() < 0.7 else [caption, f"{title}. {agency}"]
    return [caption]


def _set_block(block: Sequence[str], rows: Sequence[_Row], number: int) -> list[_Row]:
    """Set lines before a paragraph with as many blank lines as the page has there."""
    n_blank = 0
    while n_blank < number and not rows[number - 1 - n_blank][0].strip():
        n_blank += 1
    blank: list[_Row] = [("", None)] * n_blank
    clutter: list[_Row] = [(line, "clutter") for line in block]
    return [*clutter, *blank]


def _add_tail(
    rows: list[_Row], last: int, stories: Sequence[_Story], lot: random.Random
) -> list[_Row]:
    """Put other stories' captions and headlines behind the article."""
    if not stories:
        return rows
    blank: list[_Row] = [("", None)] * lot.choice((0, 1, 1, 1, 2))
    tail: list[_Row] = [*blank, (lot.choice(_TAIL_HEADS[stories[0].lang]), "clutter"), *blank]
    captioned = lot.random() < 0.7
    for story in lot.sample(stories, min(lot.choice(_TAIL_STORIES), len(stories))):
        if captioned:
            stopped = lot.random() < 0.5
            caption = story.sentence if stopped else story.sentence.rstrip(".")
            tail += [(caption, "clutter"), *blank]
        tail += [(story.headline, "clutter"), *blank]
    tail = [(line, label if line else None) for line, label in tail]
    # Half the tails replace what followed the article, so that other clutter does not help.
    return [*rows[: last + 1], *tail, *([] if lot.random() < 0.5 else rows[last + 1 :])]
