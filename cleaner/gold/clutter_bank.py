"""Read the bank of clutter: what editors and systems set between an article's paragraphs, as data.

`cleaner/gold/clutter/` has one TOML file a language: templates by kind, and words to fill them
with. They are written from knowledge of the trade and taken from no page. A third of them is held
out: only measurements may use those, so that a model is never judged by what it was trained on.
"""

from __future__ import annotations

import functools
import hashlib
import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from cleaner.errors import InputError

# Clutter that stands between an article's paragraphs, and that behind it.
GAP_KINDS = (
    "related",  # links to other stories
    "prompt",  # newsletters, apps, paywalls
    "note",  # from the editors; who wrote, edited or first published it
    "biography",  # of the author
    "interface",  # what belongs to the page or the wire, not to the story
    "credit_caption",
    "plain_caption",  # without a credit
)
CLUTTER_KINDS = (*GAP_KINDS, "tags")  # topics of the article
SLOTS = ("headline", "name", "sentence", "place", "number", "agency")
_NUMBERS = range(2, 60)
_HELD_OUT_ONE_IN = 3
# Chosen so that four in five kinds of clutter of a language have templates on both sides. Never
# change it: what a model was trained on would be measured as new.
_SALT = "4103"
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ClutterTemplate:
    """One block of clutter with slots to be filled.

    Attributes
    ----------
    kind
        One of `CLUTTER_KINDS`.
    lines
        With slots as in "Read more: {headline}"; the slots are those of `SLOTS`.
    is_held_out
        Whether it is kept for measurements. The words decide, not their case or punctuation:
        "READ MORE – {headline}" is on the same side as "Read more: {headline}".
    """

    kind: str
    lines: tuple[str, ...]

    @property
    def is_held_out(self) -> bool:  # noqa: D102 (see above)
        words = _WORD.findall("\n".join(self.lines).casefold())
        digest = hashlib.sha256(" ".join([_SALT, *words]).encode()).digest()
        return digest[0] % _HELD_OUT_ONE_IN == 0


@dataclass(frozen=True, slots=True)
class ClutterBank:
    """The templates of one language, and for every slot but numbers what to fill it with."""

    templates: tuple[ClutterTemplate, ...]
    words: Mapping[str, tuple[str, ...]]


def bank_languages() -> list[str]:
    """Return the codes of the languages that have a bank, sorted.

    Examples
    --------
    >>> bank_languages()[:3]
    ['ar', 'cs', 'de']
    """
    folder = files("cleaner.gold") / "clutter"
    names = (path.name for path in folder.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@functools.cache
def load_bank(lang: str) -> ClutterBank:
    """Load the bank of a language.

    Raises
    ------
    InputError
        If the language has none.

    Examples
    --------
    >>> bank = load_bank("en")
    >>> next(template.lines for template in bank.templates if template.kind == "related")
    ('Read more: {headline}',)
    """
    if lang not in bank_languages():
        known = ", ".join(bank_languages())
        raise InputError(f"there is no bank of clutter for language {lang!r}; there are {known}")
    path = files("cleaner.gold") / "clutter" / f"{lang}.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    words = {slot: tuple(values) for slot, values in content.pop("words").items()}
    templates = [
        ClutterTemplate(kind, (block,) if isinstance(block, str) else tuple(block))
        for kind, blocks in content.items()
        for block in blocks
    ]
    return ClutterBank(tuple(templates), words)


def fill_template(
    template: ClutterTemplate, words: Mapping[str, Sequence[str]], lot: random.Random
) -> tuple[str, ...]:
    """Fill every slot of a template by lot; names in one template differ while there are enough.

    Parameters
    ----------
    template : ClutterTemplate
    words : mapping of str to sequence of str
        For each slot but "number" at least one text: of other pages, or the bank's own.
    lot : random.Random

    Returns
    -------
    tuple of str
        The lines.

    Examples
    --------
    >>> template = ClutterTemplate("note", ("Reporting by {name} in {place}", "{number} likes"))
    >>> fill_template(template, {"name": ["Nora Lind"], "place": ["Riga"]}, random.Random(0))
    ('Reporting by Nora Lind in Riga', '4 likes')
    """
    used: set[str] = set()

    def choose(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot == "number":
            return str(lot.choice(_NUMBERS))
        fresh = [text for text in words[slot] if text not in used]
        text = lot.choice(fresh or words[slot])
        used.add(text)
        return text

    return tuple(_SLOT.sub(choose, line) for line in template.lines)
