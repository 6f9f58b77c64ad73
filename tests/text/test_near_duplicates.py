"""Texts that are nearly one have nearly one sketch, and short texts none."""

from cleaner.text import sketch

WORDS = [f"{first}{second}ain" for first in "bcdfghklmn" for second in "aeiouy"]


def test_every_eight_tokens_in_a_row_count_once() -> None:
    assert len(sketch(" ".join(WORDS[:50]))) == 43
    assert len(sketch(" ".join([*WORDS[:50], *WORDS[:8]]))) == 50  # of 51 shingles, two are one
    assert len(sketch(" ".join(["drizzle"] * 60))) == 1


def test_a_short_text_has_no_sketch() -> None:
    assert not sketch(" ".join(WORDS[:49]))


def test_texts_that_differ_in_a_word_share_all_but_eight_shingles() -> None:
    one, other = (sketch(" ".join([*WORDS[:20], word, *WORDS[20:50]])) for word in ("sun", "fog"))
    assert len(one & other) == len(one) - 8
