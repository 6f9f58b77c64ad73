"""Compile the words of all languages into hash tables: cue words, cue pairs, function words.

Cue words and cue pairs are exact matches of token hashes (see tokens.py), so a group may hold
words of any language. Pairs are two neighbouring tokens, punctuation included ("photo :").
The words themselves are data: see language_files.py.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.text.arrays import Hashes
from cleaner.text.hashing import HashTable, digest, mix_pair
from cleaner.text.language_files import COMMON, GROUPS, Language, read_languages
from cleaner.text.tokens import hash_words

# A credit in brackets with a slash: "(Petros Giannakouris/AP)", "[Jane Roe / Agency]". One bounded
# class between fixed characters on each side: linear in the length of the line.
CREDIT_IN_BRACKETS = re.compile(rb"[(\[][^()\[\]\n/]{2,60}/[^()\[\]\n]{2,40}[)\]]")


class Vocabulary(NamedTuple):
    """Compiled cues."""

    words: HashTable
    word_groups: NDArray[np.uint16]  # (n_words + 1,), bit g: the word is a cue of GROUPS[g]
    word_languages: NDArray[np.bool_]  # (n_words + 1, n_languages + 1), function word there
    # The same as a list: of the first word the languages, of the second word, and so on.
    of_words: NDArray[np.int64]  # (n_entries,), numbers of languages
    first_of_word: NDArray[np.int64]  # (n_words + 1,), where the entries of a word start
    n_of_word: NDArray[np.int64]  # (n_words + 1,), how many there are
    languages: tuple[str, ...]  # the last column of word_languages is "unknown" and all False
    pairs: HashTable
    pair_groups: NDArray[np.uint16]  # (n_pairs + 1,)


def _hash_pairs(pairs: Iterable[tuple[str, str]]) -> Hashes:
    halves = hash_words(word for pair in pairs for word in pair)
    return np.unique(mix_pair(halves[0::2], halves[1::2]))


def _group_bits(keys: Hashes, groups: list[Hashes]) -> NDArray[np.uint16]:
    """Membership of sorted keys in groups, as bits, after an empty entry for "not found"."""
    bits = np.zeros(len(keys) + 1, np.uint16)
    for number, members in enumerate(groups):
        bits[np.searchsorted(keys, members) + 1] |= np.uint16(1 << number)
    return bits


def compile_vocabulary(languages: Iterable[Language]) -> Vocabulary:
    """Compile the cues of all languages together, and the function words of each.

    Examples
    --------
    >>> welsh = Language("cy", "", ("y", "yn", "a"), {"credit": ("llun",)}, {})
    >>> compile_vocabulary([welsh]).languages
    ('cy', '')
    """
    read = list(languages)
    groups = [
        np.unique(hash_words(word for one in read for word in one.cue_words.get(group, ())))
        for group in GROUPS
    ]
    # Only a language with function words can be the language of a document.
    speakers = {
        one.code: hash_words(one.function_words)
        for one in read
        if one.function_words and one.code != COMMON
    }
    words = np.unique(np.concatenate([*groups, *speakers.values()]))
    word_languages = np.zeros((len(words) + 1, len(speakers) + 1), bool)
    for column, members in enumerate(speakers.values()):
        word_languages[np.searchsorted(words, members) + 1, column] = True
    n_of_word = np.count_nonzero(word_languages, axis=1)
    pair_groups = [
        _hash_pairs(pair for one in read for pair in one.cue_pairs.get(group, ()))
        for group in GROUPS
    ]
    pairs = np.unique(np.concatenate(pair_groups))
    return Vocabulary(
        words=HashTable(words),
        word_groups=_group_bits(words, groups),
        word_languages=word_languages,
        of_words=np.nonzero(word_languages)[1],
        first_of_word=np.cumsum(n_of_word) - n_of_word,
        n_of_word=n_of_word,
        languages=(*speakers, ""),
        pairs=HashTable(pairs),
        pair_groups=_group_bits(pairs, pair_groups),
    )


@functools.cache
def vocabulary() -> Vocabulary:
    """Compile the vocabulary of the package, once."""
    return compile_vocabulary(read_languages())


def digest_vocabulary(compiled: Vocabulary) -> str:
    """Digest all that a model sees of a vocabulary: 16 hexadecimal characters.

    The order of words in a file, and which language a cue is listed for, make no difference.
    """
    names = "\n".join((*GROUPS, "", *compiled.languages)).encode()
    tables = (
        compiled.words.keys.astype("<u8"),
        compiled.word_groups.astype("<u2"),
        compiled.word_languages.astype("<f4"),
        compiled.pairs.keys.astype("<u8"),
        compiled.pair_groups.astype("<u2"),
    )
    parts = [names, *(table.tobytes() for table in tables)]
    return digest("".join(map(digest, parts)).encode())[:16]


@functools.cache
def vocabulary_digest() -> str:
    """Digest the vocabulary of the package, so that a model can tell whether it is its own.

    Examples
    --------
    >>> len(vocabulary_digest())
    16
    """
    return digest_vocabulary(vocabulary())
