"""Read what a page record says about its article.

A record may hold complete gold text, some passages that must be in or out, the lines that several
extractors agree on, or (in its HTML) the page's own JSON-LD `articleBody`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Literal

from cleaner.errors import InputError
from cleaner.gold.matching import match_tokens
from cleaner.text import split_tokens

Kind = Literal["annotated", "parser", "extractor", "json-ld", "consensus"]
COMPLETE: tuple[Kind, ...] = ("annotated", "parser", "extractor")
# Kinds of gold that do not give the whole article.
_PARTIAL = ("prefix", "segments")

# Training weight of a page by what its labels come from: a publisher's own articleBody often
# lacks subheadings and lists; extractors share faults, captions above all.
WEIGHTS: dict[Kind, float] = {
    "annotated": 1.0,
    "parser": 1.0,
    "extractor": 1.0,
    "json-ld": 0.7,
    "consensus": 0.5,
}
# An articleBody is believed if it has this many tokens, holds this much of the consensus of the
# extractors, and is not mostly text that they left out (shares of tokens). Many are teasers.
_BODY_TOKENS = 100
_BODY_RECALL = 0.8
_BODY_PRECISION = 0.7


@dataclass(frozen=True, slots=True)
class Article:
    """What is known about the article on a page.

    Attributes
    ----------
    kind
        What `paragraphs` come from.
    paragraphs
        The article's text in order.
    standfirst
        Indices of the paragraphs that are its standfirst: neither body nor clutter.
    unsure
        Texts on whose lines the sources disagree, or which complete gold holds although they are
        perhaps no running text: a byline, a date.
    inside, outside
        Passages that must be, and must not be, part of it.
    title
        The headline, "" if unknown.
    """

    kind: Kind
    paragraphs: tuple[str, ...]
    standfirst: frozenset[int] = frozenset()
    unsure: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    title: str = ""

    @property
    def text(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(self.paragraphs)

    @property
    def is_complete(self) -> bool:
        """Whether the paragraphs are gold text that scores can be measured against."""
        return self.kind in COMPLETE


def read_article(record: Mapping[str, Any], where: str) -> Article | None:
    """Read the best that a record holds about its article; None if it holds nothing.

    Complete gold comes first, then the page's own articleBody where the consensus (if there is
    one) supports it, then the consensus.

    Raises
    ------
    InputError
        If a field does not have its form; `where` names the place.

    Examples
    --------
    >>> gold = {"kind": "annotated", "body": ["Rain fell.", "It stopped."]}
    >>> read_article({"gold": gold}, "pages.jsonl line 1").paragraphs
    ('Rain fell.', 'It stopped.')
    """
    gold = _mapping(record, "gold", where)
    title = record.get("title")
    base = Article(
        kind="consensus",
        paragraphs=(),
        outside=_texts(gold, "not_body", where),
        title=title if isinstance(title, str) else "",
    )
    kind = gold.get("kind")
    if kind not in (None, *COMPLETE, *_PARTIAL):
        known = ", ".join((*COMPLETE, *_PARTIAL))
        raise InputError(f"{where}: gold kind {kind!r} is not one of: {known}")
    body = _texts(gold, "body", where)
    if kind in COMPLETE:
        parts = _texts(gold, "parts", where)
        standfirst = frozenset(n for n, part in enumerate(parts) if part == "summary")
        return replace(
            base,
            kind=kind,
            paragraphs=body,
            standfirst=standfirst,
            unsure=_texts(gold, "unsure", where),
            inside=_texts(gold, "snippets", where),
        )
    base = replace(base, inside=body if kind == "segments" else ())
    consensus = _mapping(record, "consensus", where)
    agreed, unsure = _texts(consensus, "body", where), _texts(consensus, "unsure", where)
    own = find_article_body(str(record.get("html") or ""))
    if _is_supported(own, agreed):
        return replace(base, kind="json-ld", paragraphs=own, unsure=agreed + unsure)
    return replace(base, paragraphs=agreed, unsure=unsure) if agreed else None


def _mapping(record: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = record.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"{where}: {name} must be an object, not {type(value).__name__}")
    return value


def _texts(record: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise InputError(f"{where}: {name} must be a list of texts")
    return tuple(value)


_JSON_LD = re.compile(r"<script\b[^<>]{0,300}application/ld\+json[^<>]{0,300}>", re.I)
_SCRIPT_END = re.compile(r"</script", re.I)
_LINE_BREAK = re.compile(r"<(?:br|/p|/h[1-6]|/li|/div)\b[^<>]{0,300}>|\r?\n", re.I)
_TAG = re.compile(r"<[^<>]{1,2000}>")


def find_article_body(html: str) -> tuple[str, ...]:
    """Find the longest JSON-LD `articleBody` of a page: its lines, without tags and blank lines.

    Examples
    --------
    >>> page = '<script type="application/ld+json">{"articleBody": "Rain.<br>Sun."}</script>'
    >>> find_article_body(page)
    ('Rain.', 'Sun.')
    """
    bodies = [
        body
        for script in _json_ld_scripts(html)
        if "articleBody" in script
        for body in _article_bodies(script)
    ]
    body = unescape(unescape(max(bodies, key=len, default="")))
    lines = (" ".join(_TAG.sub(" ", line).split()) for line in _LINE_BREAK.split(body))
    return tuple(line for line in lines if line)


def _json_ld_scripts(html: str) -> Iterator[str]:
    place = 0
    while opened := _JSON_LD.search(html, place):
        closed = _SCRIPT_END.search(html, opened.end())
        if closed is None:
            return
        yield html[opened.end() : closed.start()]
        place = closed.end()


def _article_bodies(script: str) -> Iterator[str]:
    """Yield every articleBody in a JSON text; nothing if the page's JSON is broken."""
    try:
        waiting = [json.loads(script, strict=False)]
    except (ValueError, RecursionError):
        return  # pages with broken JSON-LD are common, and then they simply have none
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            if isinstance(value.get("articleBody"), str):
                yield value["articleBody"]


def _is_supported(own: Sequence[str], agreed: Sequence[str]) -> bool:
    """Whether a page's own article text is long, and agrees with what extractors found."""
    tokens = split_tokens("\n".join(own))
    if len(tokens) < _BODY_TOKENS:
        return False
    if not agreed:
        return True
    others = split_tokens("\n".join(agreed))
    shared = sum(place >= 0 for place in match_tokens(tokens, others))
    return shared >= _BODY_RECALL * len(others) and shared >= _BODY_PRECISION * len(tokens)
