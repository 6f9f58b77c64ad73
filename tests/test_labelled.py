"""The labelled file format: round trips, what is refused, and how files are found and written."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError, LabelError, OutputError
from cleaner.files import find_labelled, read_labelled, read_labelled_many, write_labelled
from cleaner.labelled import Label, LabelledDocument, format_labelled, parse_labelled

LABELS: list[Label | None] = ["body", "clutter", None]
line_text = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))
header_text = line_text.map(str.strip)


def document(*rows: tuple[Label | None, str], name: str = "a") -> LabelledDocument:
    return LabelledDocument(
        id=name,
        lines=tuple(line for _, line in rows),
        labels=tuple(label for label, _ in rows),
        source="example.org",
    )


@st.composite
def documents(draw: st.DrawFn) -> LabelledDocument:
    lines = draw(st.lists(line_text | st.sampled_from(["", " ", "#id: x", "body\tx"])))
    labels = [draw(st.sampled_from(LABELS)) if line.strip() else None for line in lines]
    guesses = [
        draw(st.sampled_from(LABELS)) if line.strip() and label is None else None
        for line, label in zip(lines, labels, strict=True)
    ]
    return LabelledDocument(
        id=draw(header_text),
        lines=tuple("" if not line.strip() else line for line in lines),
        labels=tuple(labels),
        source=draw(header_text),
        lang=draw(header_text),
        weight=draw(st.floats(0, 1e6)),
        guesses=tuple(guesses) if any(guesses) else (),
    )


@given(documents())
def test_what_is_written_is_read(written: LabelledDocument) -> None:
    assert parse_labelled(format_labelled(written), "elsewhere.tsv") == written


def test_the_format(tmp_path: Path) -> None:
    path = tmp_path / "page.tsv"
    path.write_bytes(
        b"\xef\xbb\xbf#source: example.org\r\n#lang:de\r\n#weight: 0.5\r\n"
        b"clutter\tHome\tNews\r\n\r\nbody\t# not a header\r\n?\tBy Ann\r\n"
    )
    assert read_labelled(path) == LabelledDocument(
        id="page",
        lines=("Home\tNews", "", "# not a header", "By Ann"),
        labels=("clutter", None, "body", None),
        source="example.org",
        lang="de",
        weight=0.5,
    )


def test_guesses_are_no_labels() -> None:
    text = "#id: a\n#source: s\nbody?\tOne.\n\nclutter?\tTwo\nclutter\tThree\n?\tFour\n"
    parsed = parse_labelled(text, "a.tsv")
    assert parsed.labels == (None, None, None, "clutter", None)
    assert parsed.guesses == ("body", None, "clutter", None, None)
    assert format_labelled(parsed) == text
    confirmed = parse_labelled(text.replace("?\tOne", "\tOne"), "a.tsv")
    assert confirmed.labels == ("body", None, None, "clutter", None)


def test_text_is_the_source_text() -> None:
    assert document(("body", "One."), (None, ""), ("clutter", "Two")).text == "One.\n\nTwo"


def test_white_space_in_blank_lines_stays() -> None:
    written = document(("body", "One."), (None, " "), (None, "\t"))
    lines = parse_labelled(format_labelled(written), "a.tsv").lines
    assert lines == ("One.", " ", " ")  # a tab would look like a missing label


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c"])
def test_only_line_feeds_end_lines(separator: str) -> None:
    written = document(("body", f"one{separator}two"))
    assert parse_labelled(format_labelled(written), "a.tsv").lines == written.lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("maybe\tIt rained.", "a.tsv line 1: 'maybe"),
        ("body It rained.", "a.tsv line 1: 'body It rained.' does not begin"),
        ("#lang: en\n\nBODY\tIt rained.", "a.tsv line 3"),
        ("#language: en\nbody\tIt rained.", "a.tsv line 1: header '#language: en' is not one of"),
        ("#lang: en\n#lang: de\n", "a.tsv line 2"),
        ("#weight: heavy\n", "a.tsv: weight 'heavy' is not a number"),
        ("#weight: -1\n", "a.tsv: document 'a': weight -1.0"),
        ("#weight: nan\n", "weight nan"),
        ("body\tone\rtwo", "a.tsv: document 'a' line 1: the text holds a line end"),
    ],
)
def test_what_breaks_the_format_is_named(text: str, message: str) -> None:
    with pytest.raises(LabelError) as error:
        parse_labelled(text, "a.tsv")
    assert message in str(error.value)


def test_a_document_checks_itself() -> None:
    with pytest.raises(LabelError, match="1 lines but 2 labels"):
        LabelledDocument("a", ("x",), ("body", "body"), "s")
    with pytest.raises(LabelError, match="label 'maybe'"):
        LabelledDocument("a", ("x",), ("maybe",), "s")  # type: ignore[arg-type]
    with pytest.raises(LabelError, match="1 lines but 2 guesses"):
        LabelledDocument("a", ("x",), (None,), "s", guesses=("body", "body"))
    with pytest.raises(LabelError, match="line 1: guess 'body' with label 'clutter'"):
        LabelledDocument("a", ("x",), ("clutter",), "s", guesses=("body",))
    with pytest.raises(LabelError, match="every guess is None"):
        LabelledDocument("a", ("x",), (None,), "s", guesses=(None,))
    with pytest.raises(LabelError, match="line end"):
        LabelledDocument("a", ("x\ny",), ("body",), "s")
    with pytest.raises(LabelError, match="source"):
        LabelledDocument("a", ("x",), ("body",), "two\nlines")


def test_files_are_found_below_directories_once_and_sorted(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    paths = [tmp_path / "b.tsv", tmp_path / "deep" / "er" / "a.tsv", tmp_path / "c.labels"]
    for path in paths:
        write_labelled(document(("body", path.name), name=path.stem), path)
    (tmp_path / "notes.txt").write_text("not labelled")
    (tmp_path / "folder.tsv").mkdir()
    assert find_labelled([tmp_path, paths[0], paths[2]]) == [paths[0], paths[2], paths[1]]
    assert [found.id for found in read_labelled_many([tmp_path])] == ["b", "a"]


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no labelled files.*clean-news label"):
        find_labelled([tmp_path])
    with pytest.raises(InputError, match="no path given"):
        find_labelled([])
    with pytest.raises(InputError, match=r"missing\.tsv"):
        find_labelled([tmp_path / "missing.tsv"])
    with pytest.raises(InputError, match=r"missing\.tsv"):
        read_labelled(tmp_path / "missing.tsv")
    with pytest.raises(InputError, match="missing"):
        read_labelled_many([tmp_path / "missing"])  # at once, before the first document is asked


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.tsv"
    path.write_bytes("body\tfrüh".encode("latin-1"))
    with pytest.raises(InputError, match="byte 7 is not UTF-8"):
        read_labelled(path)


def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    write_labelled(document(("body", "old")), path)
    write_labelled(document(("clutter", "new")), path)
    assert read_labelled(path).labels == ("clutter",)
    assert os.listdir(tmp_path) == ["a.tsv"]  # noqa: PTH208 - hidden files too


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        write_labelled(document(("body", "x")), tmp_path / "file" / "a.tsv")
    (tmp_path / "taken.tsv").mkdir()
    with pytest.raises(OutputError, match="taken"):
        write_labelled(document(("body", "x")), tmp_path / "taken.tsv")
    assert sorted(os.listdir(tmp_path)) == ["file", "taken.tsv"]  # noqa: PTH208 - hidden too


def test_surrogates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="UTF-8"):
        write_labelled(document(("body", "half a smile: \ud83d")), tmp_path / "a.tsv")


def test_line_weights_are_those_of_every_line() -> None:
    with pytest.raises(LabelError, match="2 lines but weights for 1"):
        LabelledDocument("a", ("x", "y"), ("body", "body"), "s", line_weights=(3.0,))
