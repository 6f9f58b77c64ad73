"""Equal keys are found without sorting; words, names and phrases shared between lines."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import prepare_overlap
from cleaner.features.overlap import cohesion, repeats, shared_names, shared_words
from cleaner.text import Lines, encode_text, group_keys, lay_out_lines

LINES = [
    "The council said on Monday that it would keep the old bridge over the river.",
    "Ten quiet lakes to swim in before the summer ends",
    "Harbour ferry captain and his crew stayed out until midnight",
]


def rows_of(*texts: str) -> Lines:
    return lay_out_lines([encode_text(text) for text in texts])


@st.composite
def keyed_documents(draw: st.DrawFn) -> list[list[int]]:
    """Keys of documents, few enough that they repeat; some of them share their first bits."""
    spread = st.integers(1, 12).map(lambda n: n * 0x1234567890ABCDEF % 2**64)
    return draw(st.lists(st.lists(spread | st.integers(1, 3), max_size=20), max_size=4))


@given(keyed_documents())
def test_equal_keys_of_a_document_are_grouped(documents: list[list[int]]) -> None:
    keys = [key for document in documents for key in document]
    document = [n for n, members in enumerate(documents) for _ in members]
    n_keys = np.array([len(members) for members in documents], np.int64)
    groups = group_keys(np.array(keys, np.uint64), n_keys).tolist()
    pairs = list(zip(document, keys, strict=True))
    for n, group in enumerate(groups):
        # Keys in the same slot are taken for unique, never for one another.
        assert group in (pairs.index(pairs[n]), n)


def test_groups_do_not_depend_on_other_documents() -> None:
    draw = np.random.default_rng(4)
    first, second = draw.integers(1, 2**64, (2, 500), np.uint64)
    second[::2] = first[::2]
    second[1::4] = second[0]
    together = group_keys(np.concatenate((first, second)), np.array([500, 500]))
    for keys, found in ((first, together[:500]), (second, together[500:] - 500)):
        assert group_keys(keys, np.array([500])).tolist() == found.tolist()


def test_few_of_many_keys_are_missed() -> None:
    keys = np.random.default_rng(1).integers(1, 2**64, 20_000, np.uint64)
    groups = group_keys(np.concatenate((keys, keys)), np.array([40_000]))
    assert (groups[20_000:] == np.arange(20_000)).mean() > 0.85


def test_hashes_of_lines_tell_order_and_fold_digits() -> None:
    text = "Read this now\nread THIS now\nNow this read\nRead this\n10 people\n25 people"
    lines = rows_of(text)
    same, also, other, shorter, ten, twenty_five = lines.line_hashes.tolist()
    assert same == also
    assert len({same, other, shorter}) == 3
    assert ten == twenty_five


def test_cohesion_is_the_share_of_words_in_other_supporting_lines() -> None:
    article = "Harbour ferry captain storm\nferry captain island\nbakery piano\n12 ! 7"
    other = "bakery piano"
    lines = rows_of(article, other)
    supporting = np.zeros(lines.n_rows, bool)
    supporting[lines.row[:2]] = True
    overlap = prepare_overlap(lines)
    shared = cohesion(overlap, shared_words(overlap, supporting))[lines.row]
    assert 0 < shared[0] < shared[1] < 1
    # Neither a line's own words nor those of other documents count.
    assert shared[2:].tolist() == [0, 0, 0]


def test_names_are_capitalised_words_but_the_first() -> None:
    text = "Minister Anna Berg spoke\nthen Anna Berg left\nMinister Olaf Holm spoke\nno names here"
    lines = rows_of(text)
    supporting = np.zeros(lines.n_rows, bool)
    supporting[lines.row[:2]] = True
    overlap = prepare_overlap(lines)
    names = shared_names(overlap, shared_words(overlap, supporting))[lines.row]
    assert names.tolist() == [1, 1, 0, 0.5]


@given(st.lists(st.sampled_from(LINES), max_size=6), st.data())
def test_copies_repeat_and_others_do_not(texts: list[str], data: st.DataObject) -> None:
    lines = rows_of("\n".join(texts))
    flags = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    supporting = np.zeros(lines.n_rows, bool)
    supporting[lines.row] = flags
    elsewhere = repeats(prepare_overlap(lines), supporting)[lines.row].tolist()
    for n, line in enumerate(texts):
        copies = [m for m, other in enumerate(texts) if other == line and flags[m] and m != n]
        # Not always 1: where two phrases fall into one slot, one of them is missed.
        assert (elsewhere[n] > 0) == bool(copies)
