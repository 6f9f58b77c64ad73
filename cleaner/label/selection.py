"""Choose, among judged documents, those that are worth a person's time to label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from cleaner.cleaning import Line
from cleaner.label.uncertainty import LOOKS_WRONG, surprises, uncertainty
from cleaner.labelled import Label
from cleaner.text import SHARE, sketch

Why = Literal["looks wrong", "uncertain", "random"]

# Of the documents chosen, those with lines that look wrong, and those drawn by lot: these show
# what the model is sure of and wrong about, which no score can tell. The others are uncertain.
_WRONG_SHARE = 0.3
_RANDOM_SHARE = 0.2
# Lines of a document that count, the most uncertain ones: otherwise the longest would always win.
_LINES_COUNTED = 10
# A line that stands in this many documents belongs to the site and not to an article.
_REPEATED = 3
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice needs to know of a document."""

    name: str
    uncertain: float  # summed over the most uncertain lines
    odd: int  # lines that go against their neighbourhood
    marks: tuple[tuple[int, Label], ...]  # hashes of its lines and what was decided; each once
    sketch: frozenset[int]  # of the article, or of the page if there is none


def describe_candidate(name: str, lines: Sequence[Line]) -> Candidate:
    """Sum up a judged document.

    Examples
    --------
    >>> describe_candidate("a", [Line(1, "Home", 0.25, "clutter")]).uncertain
    0.5
    """
    doubts = sorted((uncertainty(line.body_probability) for line in lines), reverse=True)
    odd = sum(
        surprise >= LOOKS_WRONG for surprise in surprises([line.body_probability for line in lines])
    )
    marks = {(_hash(_plain(line.text)), line.label) for line in lines}
    page = "\n".join(line.text for line in lines)
    article = "\n".join(line.text for line in lines if line.label == "body")
    known = sketch(article) or sketch(page) or frozenset([_hash(_plain(page))])
    return Candidate(name, sum(doubts[:_LINES_COUNTED]), odd, tuple(sorted(marks)), known)


def choose_documents(
    candidates: Iterable[Candidate], count: int, known: Iterable[Candidate] = ()
) -> tuple[list[tuple[str, Why]], int]:
    """Choose documents to label: with lines that look wrong, uncertain ones, and a random share.

    Lines look wrong if they go against their neighbourhood, if they are kept although they stand
    in three documents or more, or if other documents with the same line mostly decide otherwise.

    Parameters
    ----------
    candidates
        To choose from; the result does not depend on their order.
    count
        Documents to choose at most.
    known
        Documents that are labelled already: their near duplicates are passed over.

    Returns
    -------
    tuple
        The names of the documents and why they are chosen, in the order of their worth; and how
        many near duplicates of others were passed over.

    Examples
    --------
    >>> pages = {"sure": 0.99, "unsure": 0.6, "copy": 0.6}
    >>> lines = {name: [Line(1, "It rained.", odds, "body")] for name, odds in pages.items()}
    >>> lines["sure"] = [Line(1, "The sun shone.", 0.99, "body")]
    >>> choose_documents([describe_candidate(*item) for item in lines.items()], 2)
    ([('copy', 'uncertain'), ('sure', 'uncertain')], 1)
    """
    drawn = sorted(candidates, key=lambda one: draw_lot(one.name))
    known = list(known)
    distinct = _leave_out_copies(drawn, known)
    wrong = _count_wrong([*known, *distinct])
    by_wrong = sorted((one for one in distinct if wrong[one.name]), key=lambda c: -wrong[c.name])
    by_doubt = sorted(distinct, key=lambda one: -one.uncertain)
    n_random = round(count * _RANDOM_SHARE)
    chosen: dict[str, Why] = {}
    _add(chosen, "looks wrong", by_wrong, round(count * _WRONG_SHARE))
    _add(chosen, "uncertain", by_doubt, count - n_random)
    _add(chosen, "random", distinct, count)
    return list(chosen.items()), len(drawn) - len(distinct)


def draw_lot(name: str) -> int:
    """Draw a number for a document: at random, but the same one each time.

    Examples
    --------
    >>> draw_lot("a") == draw_lot("a"), draw_lot("a") == draw_lot("b")
    (True, False)
    """
    return _hash(name)


def _add(chosen: dict[str, Why], why: Why, ranked: Iterable[Candidate], limit: int) -> None:
    """Add the best that are not chosen yet, until `limit` are."""
    for candidate in ranked:
        if len(chosen) >= limit:
            return
        chosen.setdefault(candidate.name, why)


def _leave_out_copies(
    candidates: Iterable[Candidate], known: Iterable[Candidate]
) -> list[Candidate]:
    """Keep the first of documents that share most of their sketch."""
    sketches: list[frozenset[int]] = []
    places: dict[int, list[int]] = {}  # hash -> numbers of the sketches that have it

    def is_new(candidate: Candidate) -> bool:
        shared = Counter(place for value in candidate.sketch for place in places.get(value, ()))
        if any(
            count >= SHARE * min(len(candidate.sketch), len(sketches[place]))
            for place, count in shared.items()
        ):
            return False
        for value in candidate.sketch:
            places.setdefault(value, []).append(len(sketches))
        sketches.append(candidate.sketch)
        return True

    for candidate in known:
        is_new(candidate)
    return [candidate for candidate in candidates if is_new(candidate)]


def _count_wrong(candidates: Sequence[Candidate]) -> dict[str, int]:
    """Count the lines of each document that look wrong."""
    counts = Counter(mark for candidate in candidates for mark in candidate.marks)

    def looks_wrong(mark: tuple[int, Label]) -> bool:
        line, label = mark
        body, clutter = counts[line, "body"], counts[line, "clutter"]
        if label == "clutter":
            return False  # what a site repeats is clutter, whatever some documents say
        return body + clutter >= _REPEATED or clutter > body

    return {one.name: one.odd + sum(map(looks_wrong, one.marks)) for one in candidates}


def _plain(text: str) -> str:
    """Reduce a line to what stays the same when a site repeats it: dates and counts differ."""
    return " ".join(_DIGITS.sub("0", text.casefold()).split())


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
