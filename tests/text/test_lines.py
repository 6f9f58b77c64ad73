"""Lines with margins, windows against plain sums, and words with their languages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cleaner.features.windows import forward_sums, inverse_counts, shift_rows, window_means
from cleaner.text import Floats, Lines, encode_text, lay_out_lines, log_count, vocabulary

MARGIN = 16  # empty rows between documents
WIDTHS = (1, 2, 4, 8, 16)
any_text = st.text(st.sampled_from("ab Z9.中ا🙂\n\n\u2028\u200b\ud800\0"), max_size=30)
whole_numbers = arrays(np.float32, st.integers(1, 60), elements=st.integers(-99, 99))


def rows_of(*texts: str) -> Lines:
    return lay_out_lines([encode_text(text) for text in texts])


@given(st.lists(any_text, max_size=5))
def test_rows_are_the_lines_with_a_token(texts: list[str]) -> None:
    lines = rows_of(*texts)
    # Characters that are neither white space nor invisible make a token.
    blank = set(" \u2028\u200b\0")
    source = [line for text in texts for line in text.split("\n")]
    assert lines.number.tolist() == [n for n, line in enumerate(source) if set(line) - blank]
    counts = [sum(bool(set(line) - blank) for line in text.split("\n")) for text in texts]
    assert lines.n_lines.tolist() == counts
    assert lines.document.tolist() == [n for n, count in enumerate(counts) for _ in range(count)]
    assert np.flatnonzero(lines.n_tokens).tolist() == lines.row.tolist()
    assert lines.n_tokens.sum() == len(lines.tokens.starts) == len(lines.token_row)


@given(st.lists(any_text, max_size=5), st.data())
def test_tokens_are_counted_by_document(texts: list[str], data: st.DataObject) -> None:
    lines = rows_of(*texts)
    n_tokens = len(lines.token_row)
    some = sorted(data.draw(st.sets(st.integers(0, n_tokens - 1)))) if n_tokens else []
    owners = lines.owner[lines.token_row[some]].tolist() if some else []
    counts = lines.count_by_document(np.array(some, np.int64)).tolist()
    assert counts == [owners.count(document) for document in range(len(texts))]


@given(st.lists(any_text, max_size=5))
def test_margins_part_documents(texts: list[str]) -> None:
    lines = rows_of(*texts)
    occupied = set(lines.row.tolist())
    for first, count in zip(lines.first_row.tolist(), lines.n_lines.tolist(), strict=True):
        assert set(range(first, first + count)) <= occupied
        assert not set(range(first - MARGIN, first)) & occupied
        assert not set(range(first + count, first + count + MARGIN)) & occupied
    assert np.flatnonzero(lines.occupied).tolist() == lines.row.tolist()
    assert lines.n_rows == len(occupied) + MARGIN * (len(texts) + 1)


@given(any_text)
def test_words_start_where_they_are_said_to(text: str) -> None:
    lines = rows_of(text)
    for row in lines.row.tolist():
        start, count = int(lines.first_token[row]), int(lines.n_tokens[row])
        assert (lines.token_row[start : start + count] == row).all()
        # The last token of a line has no pair.
        assert lines.pairs[start + count - 1] == 0
        assert (lines.pairs[start : start + count - 1] != 0).all()


@given(whole_numbers, st.integers(-MARGIN, MARGIN))
def test_shifted_rows(column: Floats, offset: int) -> None:
    values = column.tolist()
    expected = [
        values[n + offset] if 0 <= n + offset < len(values) else 0 for n in range(len(values))
    ]
    assert shift_rows(column, offset).tolist() == expected


@given(whole_numbers)
def test_forward_sums(column: Floats) -> None:
    values = column.tolist()
    for width, sums in forward_sums(column, WIDTHS).items():
        assert sums.tolist() == [sum(values[n : n + width]) for n in range(len(values))]


@given(arrays(np.float32, 40, elements=st.floats(-1, 1, width=32)), st.integers(0, 8))
def test_windows_have_the_same_bits_at_any_place(column: Floats, by: int) -> None:
    margin = np.zeros(MARGIN, np.float32)
    here = np.concatenate((margin, column, margin))
    there = np.concatenate((margin, np.ones(by, np.float32), here, np.ones(by, np.float32)))
    one, other = forward_sums(here, WIDTHS), forward_sums(there, WIDTHS)
    for width in WIDTHS:
        start = MARGIN + by
        assert one[width][:-MARGIN].tobytes() == other[width][start : start + 56].tobytes()


@given(st.lists(st.lists(st.integers(-99, 99), max_size=20), min_size=1, max_size=3))
def test_means_over_the_lines_before_and_after(documents: list[list[int]]) -> None:
    lines = rows_of(*("\n".join("x" * len(document)) for document in documents))
    column = np.zeros(lines.n_rows, np.float32)
    column[lines.row] = [value for document in documents for value in document]
    columns = {"none": np.zeros_like(column), "some": column}
    means = window_means(columns, inverse_counts(lines.occupied, WIDTHS))
    assert not any(mean.any() for name, mean in means.items() if name.startswith("none"))
    for width in WIDTHS:
        before = [
            _mean(document[max(n - width, 0) : n])
            for document in documents
            for n in range(len(document))
        ]
        after = [
            _mean(document[n + 1 : n + 1 + width])
            for document in documents
            for n in range(len(document))
        ]
        assert means[f"some_before_{width}"][lines.row].tolist() == pytest.approx(before, abs=1e-4)
        assert means[f"some_after_{width}"][lines.row].tolist() == pytest.approx(after, abs=1e-4)


def _mean(values: list[int]) -> float:
    return sum(values) / max(len(values), 1)


def test_logarithms_saturate() -> None:
    counts = np.array([0, 1, 100, 10**6, 10**12])
    logs = log_count(counts)
    assert logs[:3] == pytest.approx(np.log1p(counts[:3]))
    assert logs[3] == logs[4] > logs[2]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council said that it will keep the bridge, and that this is what it wants.", "en"),
        ("Der Rat sagt, dass er die Brücke nicht aufgeben will, und das ist auch so.", "de"),
        ("Le conseil a dit que le pont est à nous et que les travaux sont dans le plan.", "fr"),
        ("El consejo dice que el puente no se va a tocar y que es para los vecinos.", "es"),
        ("DER RAT WILL DIE BRÜCKE NICHT AUFGEBEN UND DAS IST AUCH SO.", "de"),
        ("", ""),
        ("12:30 | 45 % •", ""),
        ("Zxqv wvutz qqrst", ""),
    ],
)
def test_the_language_of_a_document(text: str, language: str) -> None:
    lines = rows_of("The first document is of no use to the second.", text)
    assert vocabulary().languages[lines.language[1]] == language


def test_function_words_are_those_of_the_main_language_of_each_document() -> None:
    """ "die" and "war" are function words in German only."""
    english = "The men who die in the war are not the ones that want it."
    german = "Die Brücke war für die Stadt so wichtig wie das Rathaus."
    lines = rows_of(english, german)
    alone = [rows_of(text).is_function.tolist() for text in (english, german)]
    assert lines.is_function.tolist() == alone[0] + alone[1]
    function = [
        {text.split()[n].strip(".").lower() for n in np.flatnonzero(flags[: len(text.split())])}
        for text, flags in zip((english, german), alone, strict=True)
    ]
    assert {"the", "in", "are"} <= function[0]
    assert not {"die", "war"} & function[0]
    assert {"die", "war", "für"} <= function[1]


def test_content_words() -> None:
    text = "The old bridge of 1894 in 東京 is up"
    lines = rows_of(text + "\nThis is what the council said it would do with it.")
    tokens = ["The", "old", "bridge", "of", "1894", "in", "東", "京", "is", "up"]
    content = [
        token for token, flag in zip(tokens, lines.is_content.tolist(), strict=False) if flag
    ]
    assert content == ["old", "bridge", "東", "京"]
