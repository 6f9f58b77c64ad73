"""Give articles the shapes that gold pages seldom have: lists, tables, dialogue, short paragraphs.

What such lines say is taken from the article itself, so that they share its words; all of them
are body.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?…])[”\"»)]?\s+(?=[^\sa-z])|(?<=[。！？])(?=[^”」』])")
_CLAUSE_END = re.compile(r"[,;:.!?–—]\s+|[，；。：、]")
_BULLETS = ("- ", "• ", "* ", "– ", "· ", "")
_SEPARATORS = ("\t", " | ", " ", ": ", ", ", " – ", "  ")
_CAPITALISED = re.compile(r"\b[^\W\d_a-zà-ÿ][\w’'-]+(?: [^\W\d_a-zà-ÿ][\w’'-]+){0,2}")
_SPEAKERS = ("Q", "A", "MODERATOR", "Frage", "Antwort", "THE MINISTER", "HOST", "INTERVIEWER")
_LONGEST_ITEM = 70


def reshape(paragraphs: Sequence[str], lot: random.Random) -> list[str]:
    """Give an article one or two other shapes by lot.

    Parameters
    ----------
    paragraphs : sequence of str
        At least one; none of them blank.

    Returns
    -------
    list of str
        Lines of body. Most of the paragraphs are unchanged, or only cut at sentences.

    Examples
    --------
    >>> reshape(["Rain fell all night.", "The river rose, the cellars filled."], random.Random(0))
    ['Rain fell all night.', 'The river rose, the cellars filled.']
    """
    lines = list(paragraphs)
    for shape in lot.sample(_SHAPES, lot.choice((1, 1, 2))):
        lines = shape(lines, lot)
    return lines


def _split_sentences(lines: list[str], lot: random.Random) -> list[str]:
    """One-sentence paragraphs, as news agencies write them; from some paragraph on."""
    start = lot.randint(0, len(lines) - 1) if lot.random() < 0.5 else 0
    pieces = [piece for line in lines[start:] for piece in _SENTENCE_END.split(line)]
    return [*lines[:start], *(piece.strip() for piece in pieces if piece.strip())]


def _add_list(lines: list[str], lot: random.Random) -> list[str]:
    """Turn one paragraph into a list: its clauses, with or without bullets or numbers."""
    number = lot.randrange(len(lines))
    clauses = [clause.strip() for clause in _CLAUSE_END.split(lines[number])]
    items = [clause for clause in clauses if 3 <= len(clause) <= _LONGEST_ITEM]
    if len(items) < 3:
        return lines
    bullet, numbered = lot.choice(_BULLETS), lot.random() < 0.2
    marked = [
        f"{place}. {item}" if numbered else bullet + item for place, item in enumerate(items, 1)
    ]
    keep = [lines[number]] if lot.random() < 0.5 else []
    return [*lines[:number], *keep, *marked, *lines[number + 1 :]]


def _add_subheadings(lines: list[str], lot: random.Random) -> list[str]:
    """Put the first words of some paragraphs' later clauses above them."""
    made: list[str] = []
    every = lot.randint(2, 5)
    for number, line in enumerate(lines):
        clauses = [clause.strip() for clause in _CLAUSE_END.split(line)[1:]]
        short = [clause for clause in clauses if 4 <= len(clause) <= 45]
        if number and number % every == 0 and short:
            head = lot.choice(short)
            made.append(head[0].upper() + head[1:] + lot.choice(("", "", "", "?")))
        made.append(line)
    return made


def _add_table(lines: list[str], lot: random.Random) -> list[str]:
    """Put rows of names and numbers behind a paragraph."""
    names = list(dict.fromkeys(_CAPITALISED.findall(" ".join(lines))))
    if len(names) < 4:
        return lines
    separator, n_numbers = lot.choice(_SEPARATORS), lot.choice((1, 1, 2, 3, 4))
    rows = []
    for name in lot.sample(names, min(len(names), lot.randint(4, 20))):
        cells = [name, *(_make_number(lot) for _ in range(n_numbers))]
        if lot.random() < 0.3:
            cells.insert(1, lot.choice(names))
        rows.append(separator.join(cells))
    number = lot.randint(1, len(lines))
    return [*lines[:number], *rows, *lines[number:]]


def _make_number(lot: random.Random) -> str:
    value = lot.choice((lot.randint(0, 99), lot.randint(100, 9999), lot.uniform(-20, 200)))
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    return text + lot.choice(("", "", "", "%", " km", " €", "-" + str(lot.randint(0, 9))))


def _add_speakers(lines: list[str], lot: random.Random) -> list[str]:
    """Let two speakers say the paragraphs in turn."""
    names = [*_CAPITALISED.findall(" ".join(lines)), *_SPEAKERS]
    speakers = lot.sample(names, 2)
    if lot.random() < 0.4:
        speakers = [speaker.upper() for speaker in speakers]
    start = lot.randint(0, len(lines) // 2)
    mark = lot.choice((": ", ": ", ": ", " – ", " "))
    said = [f"{speakers[n % 2]}{mark}{line}" for n, line in enumerate(lines[start:])]
    return [*lines[:start], *said]


_SHAPES: tuple[Callable[[list[str], random.Random], list[str]], ...] = (
    _split_sentences,
    _split_sentences,
    _add_list,
    _add_subheadings,
    _add_table,
    _add_speakers,
)
