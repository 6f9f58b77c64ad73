"""Turn UTF-8 bytes into character classes, and lines into tokens with 64-bit hashes.

All work is vectorised over a whole buffer: one byte translation gives the classes, class edges
give the words, and an eight-byte gather gives every word a hash. The same hashes find function
words and cue words and number the columns of the lexical model.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from cleaner.text.arrays import Bytes, Hashes, Ints
from cleaner.text.hashing import hash_slices

# NUL bytes that must follow the last line, so that gathers never leave the buffer.
PADDING = 32


class Kind(IntEnum):
    """Class of a byte, and of a token (the class of its first byte).

    1 to 5 are parts of words; from IDEOGRAPH on, every character is a token of its own.
    """

    SPACE = 0
    LOWER = 1
    WORD_REST = 2
    UPPER = 3
    DIGIT = 4
    LETTER = 5
    REST = 6
    NEWLINE = 7
    IDEOGRAPH = 8
    QUOTE = 9
    APOSTROPHE = 10
    CLOSE = 11
    OPEN = 12
    COMMA = 13
    STOP = 14
    EXCLAMATION = 15
    QUESTION = 16
    ELLIPSIS = 17
    COLON = 18
    DASH = 19
    SLASH = 20
    BAR = 21
    AT = 22
    HASH = 23
    COPYRIGHT = 24
    OTHER = 25


N_KINDS = len(Kind)
_WORD_KINDS = 5

_SPECIAL = {
    Kind.NEWLINE: "\n",
    Kind.QUOTE: '"“”„‟«»「」『』',
    Kind.APOSTROPHE: "'’‘‚`´‹›",
    Kind.CLOSE: ")]}】）",
    Kind.OPEN: "([{【（",
    Kind.COMMA: ",;،，、；",
    Kind.STOP: ".。।۔",
    Kind.EXCLAMATION: "!！¡",
    Kind.QUESTION: "?？؟¿",
    Kind.ELLIPSIS: "…",
    Kind.COLON: ":：",
    Kind.SLASH: "/\\",
    Kind.BAR: "|•·>→▶▸■►●▪★☆✓<←",
    Kind.AT: "@",
    Kind.HASH: "#",
    Kind.COPYRIGHT: "©®™",
}

# Code points whose words are written without spaces: every character is a token.
# Thai to Khmer, kana, the CJK ideographs and their extensions.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF))
_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF))
_LAST_CODE_POINT = 0x1FFFF  # higher planes hold ideographs; they share the last entry

_BY_CATEGORY = {
    "Ll": Kind.LOWER, "Lu": Kind.UPPER, "Lt": Kind.UPPER, "Nd": Kind.DIGIT, "Pd": Kind.DASH,
    "Lm": Kind.LETTER, "Lo": Kind.LETTER, "Mn": Kind.LETTER, "Mc": Kind.LETTER,
    "Me": Kind.LETTER, "No": Kind.LETTER, "Nl": Kind.LETTER, "Pc": Kind.LETTER,
    "Zs": Kind.SPACE, "Zl": Kind.SPACE, "Zp": Kind.SPACE, "Cc": Kind.SPACE, "Cf": Kind.REST,
}  # fmt: skip


@functools.cache
def _code_point_kinds() -> Bytes:
    """Kind of every code point up to 0x1FFFF: uint8 array (0x20000,)."""
    by_category: defaultdict[str, int] = defaultdict(lambda: Kind.OTHER, _BY_CATEGORY)
    category = map(unicodedata.category, map(chr, range(_LAST_CODE_POINT + 1)))
    # Without a step in Python: every process that is started does this.
    kinds = np.frombuffer(bytearray(map(by_category.__getitem__, category)), np.uint8)
    for low, high in (*_UNSPACED, *_IDEOGRAPHS):
        block = kinds[low : high + 1]
        block[block == Kind.LETTER] = Kind.IDEOGRAPH
    kinds[_LAST_CODE_POINT] = Kind.IDEOGRAPH
    for kind, characters in _SPECIAL.items():
        kinds[[ord(character) for character in characters]] = kind
    return kinds


@functools.cache
def _byte_kinds() -> bytes:
    ascii_kinds = bytes(_code_point_kinds()[:128])
    return ascii_kinds + bytes([Kind.REST]) * 128


def fold_bytes(data: bytes) -> Bytes:
    """Turn ASCII letters to lower case and digits to 0, so that such words have one hash.

    Other letters keep their case: folding their continuation bytes alike (Ä is C3 84, ä is C3 A4)
    would make one letter of 中 and 不. Sums of bytes take half as long as `bytes.translate`.

    Examples
    --------
    >>> fold_bytes(b"No. 17").tobytes()
    b'no. 00'
    """
    raw = np.frombuffer(data, np.uint8)
    # What lies below the first of a range wraps around to large numbers.
    is_upper = (raw - np.uint8(ord("A"))) < 26
    is_digit = (raw - np.uint8(ord("0"))) < 10
    folded = raw + is_upper * np.uint8(ord("a") - ord("A"))
    folded -= is_digit * (raw & np.uint8(0x0F))
    return folded


def classify_bytes(data: bytes) -> Bytes:
    """Give the class of every byte.

    Parameters
    ----------
    data : bytes
        UTF-8 (surrogates allowed, as encoded by ``surrogatepass``).

    Returns
    -------
    uint8 array (len(data),)
        A `Kind` each. Continuation bytes are WORD_REST inside words, else REST.
    """
    kinds = np.frombuffer(bytearray(data.translate(_byte_kinds())), np.uint8)
    if data.isascii():
        return kinds
    raw = np.frombuffer(data, np.uint8)
    lead = np.flatnonzero(raw >= 0xC0)
    first = raw[lead].astype(np.uint32)
    point = ((first & 31) << 6) | (raw[lead + 1] & 63)
    three = np.flatnonzero(first >= 0xE0)
    at3 = lead[three]
    point[three] = (
        ((first[three] & 15) << 12)
        | ((raw[at3 + 1] & 63).astype(np.uint32) << 6)
        | (raw[at3 + 2] & 63)
    )
    four = np.flatnonzero(first >= 0xF0)
    at4 = lead[four]
    full = ((point[four] << 6) | (raw[at4 + 3] & 63)) & 0x1FFFFF
    point[four] = np.minimum(full, _LAST_CODE_POINT)
    kind = _code_point_kinds()[point]
    kinds[lead] = kind
    inside_word = (kind >= Kind.LOWER) & (kind <= Kind.LETTER)
    rest = np.where(inside_word, np.uint8(Kind.WORD_REST), np.uint8(Kind.REST))
    kinds[lead + 1] = rest
    kinds[at3 + 2] = rest[three]
    kinds[at4 + 3] = rest[four]
    return kinds


class Tokens(NamedTuple):
    """Words and single punctuation marks of a buffer, in order."""

    starts: Ints  # (n_tokens,), byte offset in the buffer
    lengths: Ints  # (n_tokens,), bytes
    kinds: Bytes  # (n_tokens,), `Kind` of the first character
    hashes: Hashes  # (n_tokens,), equal for words that differ only in case or in digits


def find_tokens(data: bytes, kinds: Bytes) -> Tokens:
    """Find the tokens of a classified buffer.

    Parameters
    ----------
    data : bytes
        Starts with a newline, ends with a newline and `PADDING` NUL bytes.
    kinds : uint8 array (len(data),)
        From `classify_bytes`.
    """
    in_word = (kinds - np.uint8(Kind.LOWER)) < np.uint8(_WORD_KINDS)
    is_single = kinds >= np.uint8(Kind.IDEOGRAPH)
    starts = np.flatnonzero((in_word[1:] > in_word[:-1]) | is_single[1:])
    starts += 1
    first = kinds.take(starts)
    # Every token has one last byte, if the continuation bytes of single characters do not count.
    lengths = np.flatnonzero((in_word[:-1] > in_word[1:]) | is_single[:-1])
    lengths += 1
    lengths -= starts
    if not data.isascii():
        lead = np.frombuffer(data, np.uint8).take(starts)
        long = np.flatnonzero((lead >= 0xC0) & (first >= Kind.IDEOGRAPH))
        lead = lead.take(long)
        lengths[long] += 1 + (lead >= 0xE0).astype(np.int64) + (lead >= 0xF0)
    return Tokens(starts, lengths, first, hash_slices(fold_bytes(data), starts, lengths))


def hash_words(words: Iterable[str]) -> Hashes:
    """Hash words one by one; each must be one token.

    Examples
    --------
    >>> bool(hash_words(["Photo"])[0] == hash_words(["photo"])[0])
    True
    """
    listed = list(words)
    data = ("\n" + "\n".join(listed) + "\n").encode() + b"\0" * PADDING
    tokens = find_tokens(data, classify_bytes(data))
    if len(tokens.starts) != len(listed):
        raise ValueError(f"each of {listed} must be a single token")
    return tokens.hashes


# Scripts written without spaces (Thai, Lao, Burmese, Khmer, kana, Han): a character is a token.
_UNSPACED_CLASS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs and other marks that belong to words but are not letters to `re`: combining marks,
# those of Hebrew and Arabic, and the blocks from Devanagari to Sinhala (but for their full stops).
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
# Many letters are in both classes: a repetition that gave back would try them all twice.
_TOKEN = re.compile(rf"[{_UNSPACED_CLASS}]|(?:[^\W_{_UNSPACED_CLASS}]|[{_MARKS}])++")


def split_tokens(text: str) -> list[str]:
    """Split text into lower-cased words; characters of scripts without spaces stand alone.

    Examples
    --------
    >>> split_tokens("It's 5 o'clock in 東京.")
    ['it', 's', '5', 'o', 'clock', 'in', '東', '京']
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _TOKEN.findall(text.lower())
