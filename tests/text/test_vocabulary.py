"""The vocabulary is well formed, and its tables find what is in them and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text import CREDIT_IN_BRACKETS, GROUPS, mix_pair, vocabulary, vocabulary_digest
from cleaner.text.hashing import HashTable
from cleaner.text.language_files import read_languages
from cleaner.text.tokens import hash_words
from cleaner.text.vocabulary import compile_vocabulary, digest_vocabulary


def test_the_vocabulary_is_the_one_that_the_shipped_model_was_trained_with() -> None:
    assert vocabulary_digest() == "4169487692ba7d13"


@pytest.mark.parametrize("group", GROUPS)
def test_cue_words_are_found_in_their_group(group: str) -> None:
    table = vocabulary()
    bit = 1 << GROUPS.index(group)
    words = [word for one in read_languages() for word in one.cue_words.get(group, ())]
    at, found = table.words.find(hash_words(words))
    assert at.tolist() == list(range(len(words)))
    assert (table.word_groups[found] & bit > 0).all()


@pytest.mark.parametrize("group", GROUPS)
def test_cue_pairs_are_found_in_their_group(group: str) -> None:
    table = vocabulary()
    bit = 1 << GROUPS.index(group)
    for left, right in (p for one in read_languages() for p in one.cue_pairs.get(group, ())):
        _, [found] = table.pairs.find(mix_pair(hash_words([left]), hash_words([right])))
        assert table.pair_groups[found] & bit, (left, right)


@pytest.mark.parametrize("word", ["bridge", "Bürgermeister", "council", "zxqv", "0", ":"])
def test_other_words_are_no_cues(word: str) -> None:
    table = vocabulary()
    _, found = table.words.find(hash_words([word]))
    assert not table.word_groups[found].any()


def test_function_words_of_every_language() -> None:
    table = vocabulary()
    languages = {o.code: o.function_words for o in read_languages() if o.function_words}
    assert {"en", "de", "fr", "es"} <= set(languages)
    assert table.languages == (*languages, "")
    for column, words in enumerate(languages.values()):
        at, found = table.words.find(hash_words(words))
        assert at.tolist() == list(range(len(words)))
        assert (table.word_languages[found, column] == 1).all()
    assert not table.word_languages[:, -1].any()
    assert not table.word_languages[0].any()


@given(st.integers(0, 2**32), st.integers(0, 20_000))
def test_a_table_finds_its_keys_and_nothing_else(seed: int, n_keys: int) -> None:
    hashes = np.unique(np.random.default_rng(seed).integers(1, 2**64, n_keys + 50, np.uint64))
    keys, others = hashes[:n_keys], hashes[n_keys:]
    table = HashTable(keys)
    at, found = table.find(hashes[::-1])
    assert at.tolist() == list(range(len(others), len(hashes)))
    assert found.tolist() == list(range(n_keys, 0, -1))


def test_a_table_tells_keys_apart_that_share_their_first_bits() -> None:
    keys = np.uint64(0x0123456789AB0000) + np.arange(4, dtype=np.uint64) * np.uint64(0x11110001)
    at, found = HashTable(keys).find(np.concatenate((keys + np.uint64(1), keys)))
    assert at.tolist() == [4, 5, 6, 7]
    assert found.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The harbour at dawn (Jane Roe/Agency)", True),
        ("The harbour [Jane Roe / Agency]", True),
        ("Der Hafen (Foto: Röder/Agentur)", True),
        ("(a/b)", False),
        ("(Roe/Agency", False),
        ("Roe/Agency)", False),
        ("(one) two/three (four)", False),
        ("(and/or)", True),  # weighed by the model, not by the pattern
        ("(" + "x" * 200 + "/Agency)", False),
    ],
)
def test_credits_in_brackets(text: str, expected: bool) -> None:
    assert bool(CREDIT_IN_BRACKETS.search(text.encode())) == expected


def test_one_more_word_makes_another_vocabulary() -> None:
    languages = read_languages()
    more = languages[-1]._replace(function_words=(*languages[-1].function_words, "zxqv"))
    changed = digest_vocabulary(compile_vocabulary([*languages[:-1], more]))
    assert changed != vocabulary_digest()
