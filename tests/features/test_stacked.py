"""The main stretch of body against every other stretch; what else the surroundings say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import STACKED_FEATURES, prepare_overlap, stacked_features
from cleaner.features.stacked import best_segments
from cleaner.model import raw_features
from cleaner.text import Lines, encode_text, lay_out_lines

PARAGRAPH = "The council said on Monday that it would keep the old bridge over the river."
evidence_of_documents = st.lists(
    st.lists(st.integers(-9, 9) | st.integers(-(10**9), 10**9), max_size=12), max_size=5
)


def rows_with(counts: list[int]) -> Lines:
    return lay_out_lines([b"\n".join([b"x"] * count) for count in counts])


def context_of(texts: list[str], odds: list[list[float]]) -> list[dict[str, list[float]]]:
    """Context of the lines of each document, by name."""
    lines = lay_out_lines([encode_text(text) for text in texts])
    column = np.full(lines.n_rows, 7.5, np.float32)  # nobody may look at empty rows
    column[lines.row] = [value for document in odds for value in document]
    overlap = prepare_overlap(lines)
    raw = {**raw_features(lines, overlap), "lexical": lines.occupied}
    columns = stacked_features(lines, overlap, raw, column)
    assert list(columns) == list(STACKED_FEATURES)
    assert {(one.shape, one.dtype.name) for one in columns.values()} == {
        ((lines.n_rows,), "float32")
    }
    return [
        {name: one[lines.row[lines.document == number]].tolist() for name, one in columns.items()}
        for number in range(len(texts))
    ]


def segments_of(documents: list[list[int]]) -> list[tuple[int, int]]:
    """First and last line of each document's best segment, by evidence and by its negative."""
    lines = rows_with([len(document) for document in documents])
    evidence = np.full((2, lines.n_rows), 10**6, np.int64)  # nobody may look at empty rows
    evidence[0, lines.row] = sum(documents, [])  # noqa: RUF017
    evidence[1] = -evidence[0]
    starts, ends = best_segments(lines, evidence)
    first = np.where(lines.n_lines > 0, lines.first_row, 0)
    pairs = np.stack((starts - first, ends - first), axis=-1).reshape(-1, 2)
    return [(start, end) for start, end in pairs.tolist()]


@given(evidence_of_documents)
def test_best_segments_have_the_greatest_sum(documents: list[list[int]]) -> None:
    negatives = [[-value for value in document] for document in documents]
    for document, (start, end) in zip(documents + negatives, segments_of(documents), strict=True):
        if not document:
            assert (start, end) == (0, -1)
            continue
        assert 0 <= start <= end < len(document)
        sums = [
            sum(document[low : high + 1])
            for low in range(len(document))
            for high in range(low, len(document))
        ]
        assert sum(document[start : end + 1]) == max(sums)


@given(evidence_of_documents)
def test_best_segments_do_not_depend_on_other_documents(documents: list[list[int]]) -> None:
    found = segments_of(documents)
    for number, document in enumerate(documents):
        assert segments_of([document]) == found[number :: len(documents)]


@given(st.data())
def test_a_context_is_finite_and_of_its_document_only(data: st.DataObject) -> None:
    lines = st.lists(st.sampled_from(["Home", PARAGRAPH, "", "中文", "Read more"]), max_size=20)
    texts = ["\n".join(part) for part in data.draw(st.lists(lines, min_size=1, max_size=4))]
    log_odds = st.floats(-30, 30, width=32)
    odds = []
    for text in texts:
        n = sum(bool(line) for line in text.split("\n"))
        odds.append(data.draw(st.lists(log_odds, min_size=n, max_size=n)))
    if not any(odds):
        return
    together = context_of(texts, odds)
    for text, own, found in zip(texts, odds, together, strict=True):
        if own:
            assert found == context_of([text], [own])[0]
            assert np.isfinite(list(found.values())).all()


def test_log_odds_are_clipped_and_rounded() -> None:
    [found] = context_of(["a\nb\nc"], [[-99, 0, 1.01]])
    # Rounded, so that a rounding error elsewhere changes nothing; above -8, the least there is.
    assert found["odds_after_1"] == [8, 9, 0]


def test_neighbours() -> None:
    [found] = context_of(["a\nb\nc"], [[3, -3, 3]])
    assert found["odds_before_1"] == [0, 11, 5]
    assert found["odds_after_2"] == [11, 0, 0]
    assert found["both_neighbours_short"] == pytest.approx([0, 0.9526, 0], abs=1e-3)
    assert found["lexical_between"] == pytest.approx([0, 0.9526**2, 0], abs=1e-3)


def test_the_main_stretch() -> None:
    text = "\n".join(["Home", "News", PARAGRAPH, "Photo", PARAGRAPH, "Share", "More"])
    [found] = context_of([text], [[-4, -4, 4, -1, 4, -4, -4]])
    for segment in ("logs", "words"):
        assert found[f"ahead_{segment}"] == pytest.approx(np.log1p([2, 1, 0, 0, 0, 0, 0]))
        assert found[f"past_{segment}"] == pytest.approx(np.log1p([0, 0, 0, 0, 0, 1, 2]))
        assert found[f"inside_start_{segment}"] == pytest.approx(np.log1p([0, 0, 0, 1, 2, 0, 0]))
        assert found[f"inside_end_{segment}"] == pytest.approx(np.log1p([0, 0, 2, 1, 0, 0, 0]))
    assert found["own_share"][2] == pytest.approx(found["own_share"][4])
    assert found["inside"] == [0, 0, 1, 1, 1, 0, 0]
    assert sum(found["own_share"]) == pytest.approx(1, abs=0.05)
    assert found["body_before"][:3] == pytest.approx([0, 0, 0], abs=0.01)
    assert found["body_before"][5:] == pytest.approx([1, 1], abs=0.05)


def test_lines_of_the_style_of_the_body() -> None:
    text = "\n".join([PARAGRAPH, "Share", PARAGRAPH, "More", PARAGRAPH])
    [found] = context_of([text], [[5, -5, 5, -5, 5]])
    body, clutter = found["style_length_end"][2], found["style_length_end"][1]
    assert body > 0.9
    assert clutter < 0.5


def test_words_of_the_article() -> None:
    copy = PARAGRAPH.replace("old", "other")
    text = f"{PARAGRAPH}\n{copy}\nThe council said so\nTen cheap piano lessons"
    [found] = context_of([text], [[5, 5, 0, 0]])
    assert found["body_cohesion_unlikely"][2] > 0.25
    assert found["body_cohesion_unlikely"][3] == 0


def test_every_feature_is_named_in_words() -> None:
    assert len(set(STACKED_FEATURES.values())) == len(STACKED_FEATURES)
