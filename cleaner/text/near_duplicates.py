"""Sketch texts, so that near duplicates are found without comparing them word by word."""

from __future__ import annotations

from cleaner.text.hashing import hash_text
from cleaner.text.tokens import split_tokens

# Tokens in a row that are compared; eight hardly ever agree by chance.
SHINGLE = 8
# An article is known by its smallest shingle hashes, so many of them at most.
SKETCH = 64
# Two articles are one if they share so much of the smaller sketch.
SHARE = 0.8
# Shorter articles are compared by address only (in tokens).
MIN_TOKENS = 50


def sketch(text: str) -> frozenset[int]:
    """Sketch a text: the smallest hashes of its eight-token shingles; empty if it is short.

    Examples
    --------
    >>> rain = " ".join(f"On day {day} it rained." for day in range(20))
    >>> len(sketch(rain)), sketch(rain) == sketch(rain.upper()), len(sketch("It rained."))
    (64, True, 0)
    """
    tokens = split_tokens(text)
    if len(tokens) < MIN_TOKENS:
        return frozenset()
    shingles = {" ".join(tokens[k : k + SHINGLE]) for k in range(len(tokens) - SHINGLE + 1)}
    return frozenset(sorted(map(hash_text, shingles))[:SKETCH])
