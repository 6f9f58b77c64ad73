"""What a line starts with before a colon, a bar or a dash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features import line_features
from cleaner.features.labels import label_lengths
from cleaner.text import encode_text, lay_out_lines


@pytest.mark.parametrize(
    ("line", "length"),
    [
        ("Read more: Ten quiet lakes", 3),
        ("LIVE | Count in the by-election", 2),
        ("Foto – ein Schiff im Hafen", 2),
        ("相关阅读：临江大桥今年底动工", 5),
        ("Mr Smith, of Upper Hale: guilty", 7),
        ("One two three four five six seven: eight", 0),  # too far on
        ("A well-known man of the town", 0),  # no space before the dash
        ("12:30 the doors open", 0),  # a time of day
        ("More:", 0),  # nothing stands behind it
        (": More", 0),  # nothing stands before it
        ("Read more: Watch: A film", 3),  # the first mark counts
        ("The council met on Monday.", 0),
    ],
)
def test_labels(line: str, length: int) -> None:
    lines = lay_out_lines([encode_text(f"Home\n{line}")])
    assert label_lengths(lines)[lines.row].tolist() == [0, length]


@given(st.lists(st.text(st.sampled_from("ab 1:|–-.\n中")), max_size=4))
def test_a_label_is_shorter_than_its_line(texts: list[str]) -> None:
    lines = lay_out_lines([encode_text(text) for text in texts])
    lengths = label_lengths(lines)
    assert lengths.shape == (lines.n_rows,)
    assert (lengths[lines.row] < lines.n_tokens[lines.row]).all()
    assert lengths.sum() == lengths[lines.row].sum()


@pytest.mark.parametrize(
    ("line", "cues"),
    [
        ("Lesen Sie auch: Zehn ruhige Orte", {"related_start", "label", "label_cue"}),
        ("Читайте также: Мост закроют", {"related_start", "label", "label_cue"}),
        ("Correction: The name was misspelled.", {"note_start", "label", "label_cue"}),
        ("责任编辑：周岚", {"note_start", "label", "label_cue"}),
        ("Anna Berg and Tom Hale, pictured left", {"caption_end", "credit_end"}),
        ("Warmest: Aird, 9.1C", {"label"}),
        ("The council met on Monday to talk.", set()),
    ],
)
def test_cues_at_either_end(line: str, cues: set[str]) -> None:
    names = {"related_start", "note_start", "caption_end", "credit_end", "label", "label_cue"}
    lines = lay_out_lines([encode_text(line)])
    columns, _ = line_features(lines)
    assert {name for name in names if columns[name][lines.row[0]]} == cues


def test_cues_weigh_more_in_fewer_words() -> None:
    texts = ["Newsletter", "Newsletter of the harbour foundation in the old town of Holm"]
    lines = lay_out_lines([encode_text(text) for text in texts])
    columns, _ = line_features(lines)
    short, long = columns["call_to_action"][lines.row].tolist()
    assert 1 >= short > long > 0
