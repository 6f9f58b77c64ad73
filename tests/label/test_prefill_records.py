"""Rows of records are labelled as pages are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.errors import InputError
from cleaner.files import read_labelled_many
from cleaner.label import PrefillSettings, label_files

CORPUS = sorted((Path(__file__).parents[2] / "corpus" / "pages").glob("en-*.txt"))
PAGE = (Path(__file__).parents[1] / "cases" / "page.html").read_text(encoding="utf-8")


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    rows = [{"text": path.read_text(encoding="utf-8")} for path in CORPUS[:12]]
    lines = [json.dumps(row) for row in [*rows, {"text": None}]]
    (tmp_path / "shard.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path / "shard.jsonl"


def test_rows_become_labelled_files_named_by_their_number(shard: Path, tmp_path: Path) -> None:
    done = label_files(str(shard), str(tmp_path / "labelled"), PrefillSettings(documents=5))
    assert done.found == 12
    assert [note.row for note in done.problems] == [13]
    documents = {one.id: one for one in read_labelled_many([tmp_path / "labelled"])}
    assert len(documents) == 5
    for name, document in documents.items():
        number = int(name.removeprefix("shard.jsonl-"))
        text = CORPUS[number - 1].read_text(encoding="utf-8")
        assert document.text.strip() == text.strip()
        assert any(document.guesses)


def test_running_again_keeps_labels_and_takes_further_rows(shard: Path, tmp_path: Path) -> None:
    folder = tmp_path / "labelled"
    label_files(str(shard), str(folder), PrefillSettings(documents=5))
    path = next(folder.glob("*.tsv"))
    changed = path.read_text().replace("clutter?\t", "clutter\t")
    path.write_text(changed)
    label_files(str(shard), str(folder), PrefillSettings(documents=5))
    assert path.read_text() == changed
    assert len(list(folder.glob("*.tsv"))) == 10


def test_rows_of_html_keep_their_markup(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"html": PAGE}) + "\n")
    settings = PrefillSettings(model="news-html", html_field="html")
    label_files(str(tmp_path / "a.jsonl"), str(tmp_path / "labelled"), settings)
    [document] = read_labelled_many([tmp_path / "labelled"])
    assert any("story-body" in markup for markup in document.markup)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_field_says_the_source_of_a_row(tmp_path: Path, form: str) -> None:
    sites = ["https://News.example:8080/a?b", "http://me@news.example", "Daily  Post", None, ""]
    rows = [
        {"text": path.read_text(encoding="utf-8"), "url": site}
        for path, site in zip(CORPUS, sites, strict=False)
    ]
    path = tmp_path / f"a.{form}"
    if form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    label_files(str(path), str(tmp_path / "labelled"), PrefillSettings(group_field="url"))
    found = {one.id: one.source for one in read_labelled_many([tmp_path / "labelled"])}
    names = [f"a.{form}-{number}" for number in range(1, 6)]
    expected = ["news.example", "news.example", "Daily  Post", names[3], names[4]]
    assert found == dict(zip(names, expected, strict=True))


def test_what_has_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="no row has a text"):
        label_files(str(tmp_path / "a.jsonl"), str(tmp_path / "labelled"), PrefillSettings())
