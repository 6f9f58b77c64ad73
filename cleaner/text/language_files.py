"""Read what is known of each language from its file, so that adding a language is adding a file.

The files stand in `cleaner/text/languages`, named by ISO 639-1 code: `de.toml` is German. What
belongs to no one language is in `common.toml`, whose first lines tell the format.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import NamedTuple

LANGUAGE_FOLDER = Path(__file__).parent / "languages"
COMMON = "common"  # the code of what belongs to no one language

# Groups of cues, in the order of their bits.
GROUPS = (
    *("call to action", "credit", "date", "byline", "speech", "comment", "appeal", "biography"),
    *("address", "related", "note", "caption"),
)
_KEYS = frozenset(("letters", "function_words", "cue_words", "cue_pairs"))


class Language(NamedTuple):
    """What one file tells; whatever it leaves out is empty."""

    code: str  # ISO 639-1, or `COMMON`
    letters: str  # beyond a to z, lower case
    function_words: tuple[str, ...]  # commonest first
    cue_words: dict[str, tuple[str, ...]]  # by group
    cue_pairs: dict[str, tuple[tuple[str, str], ...]]  # by group; neighbouring tokens


def read_languages() -> list[Language]:
    """Read every language, ordered by code.

    Raises
    ------
    ValueError
        If a file is not TOML, or holds what no language has; the message names the file.

    Examples
    --------
    >>> german = next(one for one in read_languages() if one.code == "de")
    >>> german.letters, german.function_words[:3], german.cue_pairs["date"][0]
    ('äöüß', ('die', 'der', 'und'), ('zuletzt', 'aktualisiert'))
    """
    return [_read_language(path) for path in sorted(LANGUAGE_FOLDER.glob("*.toml"))]


def _read_language(path: Path) -> Language:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        unknown = sorted(table.keys() - _KEYS)
        if unknown:
            raise ValueError(f"unknown key {unknown[0]!r}; the keys are {', '.join(sorted(_KEYS))}")
        words, pairs = table.get("cue_words", {}), table.get("cue_pairs", {})
        unknown = sorted((words.keys() | pairs.keys()) - set(GROUPS))
        if unknown:
            raise ValueError(f"unknown group {unknown[0]!r}; the groups are {', '.join(GROUPS)}")
        return Language(
            code=path.stem,
            letters=table.get("letters", ""),
            function_words=tuple(table.get("function_words", "").split()),
            cue_words={group: tuple(text.split()) for group, text in words.items()},
            cue_pairs={group: _split_pairs(text) for group, text in pairs.items()},
        )
    except ValueError as error:  # what tomllib raises is one, too
        raise ValueError(f"{path}: {error}") from error


def _split_pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for pair in text.strip().replace("|", "\n").splitlines():
        tokens = pair.split()
        if len(tokens) != 2:
            raise ValueError(f"{pair.strip()!r} is no pair of tokens, parted by a space")
        pairs.append((tokens[0], tokens[1]))
    return tuple(pairs)


@functools.cache
def letters() -> dict[str, str]:
    """Tell the letters beyond a to z of each language that has any: code to lower-case letters.

    Examples
    --------
    >>> letters()["sv"]
    'åäöé'
    """
    return {one.code: one.letters for one in read_languages() if one.letters}
