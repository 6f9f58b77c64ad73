"""Character classes against a slow look-up by character; words, and hashes that fold."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text import Kind, Lines, encode_text, lay_out_lines, mix_pair, salt_hash
from cleaner.text.tokens import classify_bytes, fold_bytes, hash_words

PADDING = 32  # bytes of 0 at the end of a buffer

any_character = st.characters() | st.characters(categories=["Cs"])
any_text = st.text(any_character) | st.text(
    st.sampled_from(" \nabzÄßΩя中の한ไ1٣.'“…|@🙂\u2028\ud800")
)
foldable = st.text(st.characters(codec="ascii", categories=["Lu", "Ll"]), min_size=1)


def padded(text: str) -> bytes:
    return b"\n" + encode_text(text) + b"\n" + b"\0" * PADDING


def lines_of(text: str) -> Lines:
    return lay_out_lines([encode_text(text)])


def token_texts(text: str) -> list[str]:
    lines = lines_of(text)
    spans = zip(lines.tokens.starts.tolist(), lines.tokens.lengths.tolist(), strict=True)
    return [
        lines.data[start : start + length].decode("utf-8", "surrogatepass")
        for start, length in spans
    ]


def test_only_ascii_letters_and_digits_are_folded() -> None:
    every = bytes(range(256))
    digits = bytes.maketrans(b"123456789", b"0" * 9)
    assert fold_bytes(every).tobytes() == every.lower().translate(digits)


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", Kind.LOWER), ("ß", Kind.LOWER), ("я", Kind.LOWER), ("A", Kind.UPPER),
        ("Ä", Kind.UPPER), ("Ω", Kind.UPPER), ("ǅ", Kind.UPPER), ("7", Kind.DIGIT),
        ("٣", Kind.DIGIT), ("ك", Kind.LETTER), ("א", Kind.LETTER), ("ि", Kind.LETTER),
        ("한", Kind.LETTER), ("_", Kind.LETTER), ("中", Kind.IDEOGRAPH), ("の", Kind.IDEOGRAPH),
        ("ไ", Kind.IDEOGRAPH), ("\U00020000", Kind.IDEOGRAPH), ("\U0002ebf0", Kind.IDEOGRAPH),
        (" ", Kind.SPACE), ("\t", Kind.SPACE), ("\u00a0", Kind.SPACE), ("\u2028", Kind.SPACE),
        ("\u3000", Kind.SPACE), ("\0", Kind.SPACE), ("\x85", Kind.SPACE), ("\n", Kind.NEWLINE),
        ("“", Kind.QUOTE), ("»", Kind.QUOTE), ("’", Kind.APOSTROPHE), ("(", Kind.OPEN),
        ("】", Kind.CLOSE), ("、", Kind.COMMA), ("。", Kind.STOP), ("！", Kind.EXCLAMATION),
        ("؟", Kind.QUESTION), ("…", Kind.ELLIPSIS), ("：", Kind.COLON), ("–", Kind.DASH),
        ("\\", Kind.SLASH), ("•", Kind.BAR), ("@", Kind.AT), ("#", Kind.HASH),
        ("©", Kind.COPYRIGHT), ("🙂", Kind.OTHER), ("€", Kind.OTHER), ("\ud800", Kind.OTHER),
        ("\u200b", Kind.REST), ("\ufeff", Kind.REST),
    ],
)  # fmt: skip
def test_kinds(character: str, kind: Kind) -> None:
    assert classify_bytes(padded(character))[1] == kind


def test_letters_and_digits_have_the_kind_of_their_unicode_category() -> None:
    """Every assigned code point of the first two planes whose words have spaces."""
    expected = {"Lu": Kind.UPPER, "Ll": Kind.LOWER, "Nd": Kind.DIGIT}
    for category, kind in expected.items():
        points = [p for p in range(0x20000) if unicodedata.category(chr(p)) == category]
        data = padded("\n".join(map(chr, points)))
        starts = np.flatnonzero(np.frombuffer(data, np.uint8)[: -PADDING - 1] == ord("\n")) + 1
        # Digits of scripts without spaces are digits all the same.
        assert set(classify_bytes(data)[starts].tolist()) == {kind}


@given(any_text)
def test_every_character_has_one_kind_and_the_same_in_any_company(text: str) -> None:
    kinds = classify_bytes(padded(text))
    assert len(kinds) == len(padded(text))
    at = 1
    for character in text:
        size = len(encode_text(character))
        alone = classify_bytes(padded(character))[1 : 1 + size]
        assert kinds[at : at + size].tolist() == alone.tolist()
        at += size
    assert not kinds[-PADDING:].any()


@given(any_text)
def test_tokens_cover_the_text_in_order(text: str) -> None:
    lines = lines_of(text)
    data, tokens = lines.data, lines.tokens
    kinds = classify_bytes(data)
    ends = tokens.starts + tokens.lengths
    assert (tokens.lengths > 0).all()
    assert (tokens.starts[1:] >= ends[:-1]).all()
    covered = np.zeros(len(data), bool)
    for start, end in zip(tokens.starts.tolist(), ends.tolist(), strict=True):
        covered[start:end] = True
        assert "\n" not in data[start:end].decode("utf-8", "surrogatepass")
    assert set(kinds[~covered].tolist()) <= {Kind.SPACE, Kind.REST, Kind.NEWLINE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\u2028\u200b ", []),
        ("It’s 12:30.", ["It", "’", "s", "12", ":", "30", "."]),
        ("Füße (dpa/AP)", ["Füße", "(", "dpa", "/", "AP", ")"]),
        ("東京で10人", ["東", "京", "で", "10", "人"]),
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("وقالت الحكومة.", ["وقالت", "الحكومة", "."]),
        ("a🙂🙂b", ["a", "🙂", "🙂", "b"]),
        ("x\ud800y", ["x", "\ud800", "y"]),
        ("\U00020001\U00020002", ["\U00020001", "\U00020002"]),
        ("snake_case", ["snake_case"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert token_texts(text) == expected


@given(foldable)
def test_hashes_fold_case(word: str) -> None:
    assert hash_words([word.upper()]) == hash_words([word.lower()])


@given(st.text("0123456789", min_size=1), st.text("0123456789", min_size=1))
def test_hashes_fold_digits_but_not_their_number(one: str, other: str) -> None:
    assert (hash_words([one]) == hash_words([other])) == (len(one) == len(other))


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40), unique=True))
def test_different_words_have_different_hashes(words: list[str]) -> None:
    assert len(set(hash_words(words).tolist())) == len(words)


@given(st.integers(0, 40), st.sampled_from(" .\n)’中"), st.text("abc ", max_size=20))
def test_a_word_has_the_same_hash_wherever_it_stands(size: int, after: str, before: str) -> None:
    word = ("abcdefgh" * 5)[:size] + "z"
    text = f"{before} {word}{after}"
    found = lines_of(text).tokens.hashes[token_texts(text).index(word)]
    assert found == hash_words([word])[0]


@pytest.mark.parametrize(
    ("one", "other"), [("中", "不"), ("अ", "थ"), ("ก", "ม")], ids=["Han", "Devanagari", "Thai"]
)
def test_letters_without_case_are_told_apart(one: str, other: str) -> None:
    assert hash_words([one]) != hash_words([other])


@pytest.mark.xfail(strict=True, reason="only ASCII letters are folded")
@pytest.mark.parametrize("word", ["россия", "πόλη", "łódź", "über"])
def test_all_letters_fold(word: str) -> None:
    assert hash_words([word.upper()]) == hash_words([word])


def test_hash_words_takes_single_tokens_only() -> None:
    assert hash_words([]).tolist() == []
    with pytest.raises(ValueError, match="single token"):
        hash_words(["two words"])
    with pytest.raises(ValueError, match="single token"):
        hash_words(["one", ""])


def test_pairs_are_ordered_and_salts_make_other_spaces() -> None:
    hashes = hash_words(["read", "more", "by", "photo", ":", "中"])
    n = len(hashes)
    assert len(np.unique(mix_pair(np.repeat(hashes, n), np.tile(hashes, n)))) == n * n
    spaces = np.concatenate([hashes, *(salt_hash(hashes, salt) for salt in range(1, 9))])
    assert len(np.unique(spaces)) == 9 * n


@pytest.mark.parametrize(
    ("last", "following"), [("\u0edf", "\u0f00"), ("\u30ff", "\u3105"), ("\u9fff", "\ua000")]
)
def test_scripts_without_spaces_end_where_their_blocks_end(last: str, following: str) -> None:
    assert classify_bytes(last.encode())[0] == Kind.IDEOGRAPH
    assert classify_bytes(following.encode())[0] == Kind.LETTER
