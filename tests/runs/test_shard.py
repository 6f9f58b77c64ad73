"""Files of records are cleaned row by row, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from cleaner.cleaning import Cleaner
from cleaner.cli import main
from cleaner.runs import RunSettings, Summary, clean_files, statistics_to_json

ROOT = Path(__file__).parents[2]
PAGES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus/pages").glob("*.txt"))]
CLEAN = list(Cleaner.load().clean_many(PAGES))


def write_json(path: Path, *more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"id": n, "text": page} for n, page in enumerate(PAGES)]
    lines = [
        *map(json.dumps, rows),
        *(one if isinstance(one, str) else json.dumps(one) for one in more),
    ]
    path.write_text("".join(f"{line}\n" for line in lines))


def read_json(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst", "a.parquet"])
def test_every_row_is_cleaned_as_a_text_is(tmp_path: Path, name: str) -> None:
    if name == "a.parquet":
        parquet.write_table(pa.table({"text": PAGES}), tmp_path / name)
    else:
        write_json(tmp_path / "a.jsonl")
        if name != "a.jsonl":
            with pa.output_stream(str(tmp_path / name), compression="zstd") as file:
                file.write((tmp_path / "a.jsonl").read_bytes())
    done = invoke(tmp_path / name, tmp_path / "out" / name)
    assert done.exit_code == 0, done.output
    assert f"{len(PAGES)} rows of records, {CLEAN.count('')} of them now empty" in done.output
    target = tmp_path / "out" / name
    if name == "a.parquet":
        assert parquet.read_table(target)["text"].to_pylist() == CLEAN
        return
    with pa.input_stream(str(target), compression="zstd" if name != "a.jsonl" else None) as file:
        found = [json.loads(line) for line in file.read().decode().splitlines()]
    assert found == [{"id": n, "text": text} for n, text in enumerate(CLEAN)]


@pytest.mark.parametrize("name", ["b.parquet", "b.arrow", "b.feather"])
def test_the_output_is_what_its_name_says(tmp_path: Path, name: str) -> None:
    write_json(tmp_path / "a.jsonl")
    there = invoke(tmp_path / "a.jsonl", tmp_path / name, "--add-scores", "--output-field", "clean")
    assert there.exit_code == 0, there.output
    back = invoke(tmp_path / name, tmp_path / "c.jsonl", "--output-field", "again")
    assert back.exit_code == 0, back.output
    rows = read_json(tmp_path / "c.jsonl")
    names = ["id", "text", "clean", "confidence", "kept_lines", "dropped_lines", "again"]
    assert [list(row) for row in rows] == [names] * len(PAGES)
    assert [(row["id"], row["text"]) for row in rows] == list(enumerate(PAGES))
    assert [row["clean"] for row in rows] == [row["again"] for row in rows] == CLEAN


def test_what_the_other_format_cannot_hold_fails_the_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl", {"id": "x", "text": "a"})
    done = invoke(tmp_path / "a.jsonl", tmp_path / "b.parquet")
    assert done.exit_code == 1
    assert f"a.jsonl: row {len(PAGES) + 1} does not fit into the table" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_fields_by_other_names_and_scores(tmp_path: Path) -> None:
    rows = [{"page": PAGES[0], "n": 1}, {"page": "Home | News", "n": 2}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--text-field", "page", "--output-field", "clean", "--add-scores")
    assert invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl", *options).exit_code == 0
    first, second = read_json(tmp_path / "b.jsonl")
    text, confidence = next(Cleaner.load().clean_with_confidence([PAGES[0]]))
    assert list(first) == ["page", "n", "clean", "confidence", "kept_lines", "dropped_lines"]
    assert (first["page"], first["clean"]) == (PAGES[0], text)
    assert first["confidence"] == pytest.approx(confidence, abs=1e-4)
    assert first["kept_lines"] == len(text.split("\n")) - text.count("\n\n") - 1
    assert (second["clean"], second["kept_lines"], second["dropped_lines"]) == ("", 0, 1)
    assert (
        invoke(tmp_path / "a.jsonl", tmp_path / "c.jsonl", *options, "--drop-empty").exit_code == 0
    )
    assert read_json(tmp_path / "c.jsonl") == [first]


def test_rows_without_a_text_are_named_and_have_a_stated_outcome(tmp_path: Path) -> None:
    bad = ["{", {"id": 1}, {"text": None}, *[{"text": 5}] * 4]
    write_json(tmp_path / "a.jsonl", *bad)
    kept = invoke(tmp_path / "a.jsonl", tmp_path / "kept.jsonl")
    assert kept.exit_code == 1
    row = len(PAGES) + 1
    assert f"a.jsonl: row {row} is not JSON" in kept.output
    assert f"row {row + 1} has no field 'text' (fields: 'id'); see --text-field" in kept.output
    assert "further rows without a text: 2" in kept.output
    assert (tmp_path / "kept.jsonl").read_text().splitlines()[len(PAGES)] == "{"
    skipped = invoke(tmp_path / "a.jsonl", tmp_path / "skipped.jsonl", "--on-error", "skip")
    assert skipped.exit_code == 1
    assert [row["text"] for row in read_json(tmp_path / "skipped.jsonl")] == CLEAN
    failed = invoke(tmp_path / "a.jsonl", tmp_path / "failed.jsonl", "--on-error", "fail")
    assert failed.exit_code == 1
    assert "0 of 1 file cleaned" in failed.output
    assert not (tmp_path / "failed.jsonl").exists()


def test_a_field_that_no_row_has_fails_the_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl")
    done = invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--text-field", "page")
    assert done.exit_code == 1
    assert "no row has a text: row 1 has no field 'page' (fields: 'id', 'text')" in done.output
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_directory_may_hold_texts_and_records(tmp_path: Path, jobs: str) -> None:
    write_json(tmp_path / "in/x/a.jsonl")
    write_json(tmp_path / "in/b.jsonl")
    (tmp_path / "in/page.txt").write_text(PAGES[0])
    (tmp_path / "in/broken.jsonl.gz").write_bytes(b"nonsense")
    done = invoke(tmp_path / "in", tmp_path / "out", "--jobs", jobs)
    assert done.exit_code == 1
    assert "3 of 4 files cleaned" in done.output
    assert "broken.jsonl.gz: the compressed data (gz) is cut short or damaged" in done.output
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert written == {"x/a.jsonl", "b.jsonl", "page.txt"}
    assert [row["text"] for row in read_json(tmp_path / "out/x/a.jsonl")] == CLEAN


def test_an_existing_output_is_left_alone_until_forced(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl")
    assert invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl").exit_code == 0
    assert invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl").exit_code == 0, "the same again"
    (tmp_path / "b.jsonl").write_text("mine")
    done = invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert done.exit_code == 1
    assert "use --force" in done.output
    assert (tmp_path / "b.jsonl").read_text() == "mine"
    assert invoke(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--force").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_other_formats_and_collections_are_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "in/a.jsonl")
    done = invoke(tmp_path / "in/a.jsonl", tmp_path / "b.txt")
    assert done.exit_code == 2
    assert "would be text by its name, but INPUT" in done.output
    done = invoke(tmp_path / "in", tmp_path / "out", "--collection", "--include", "*.jsonl")
    assert done.exit_code == 2
    assert "--collection counts the lines of text files" in done.output


@pytest.mark.parametrize("jobs", [1, 2])
def test_statistics_are_those_of_all_rows_and_files(tmp_path: Path, jobs: int) -> None:
    write_json(tmp_path / "in/a.jsonl", "{")
    (tmp_path / "in/b.txt").write_text(PAGES[0], encoding="utf-8")
    settings = RunSettings(jobs=jobs, counts_reasons=True)
    summary = Summary("a")
    for result in clean_files(str(tmp_path / "in"), str(tmp_path / "out"), settings):
        summary.add(result)
    tables = statistics_to_json(summary.statistics)
    n_documents = len(PAGES) + 1
    assert [sum(table.values()) for table in tables.values()] == [
        summary.kept, summary.dropped, n_documents, n_documents,
    ]  # fmt: skip
    assert [*tables["documents_by_language"]][:2] == ["en", "de"], "the commonest first"


def test_counts_are_those_of_the_rows(tmp_path: Path) -> None:
    write_json(tmp_path / "a.jsonl")
    summary = Summary("a")
    for result in clean_files(str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), RunSettings()):
        summary.add(result)
    lines = sum(len([line for line in text.split("\n") if line]) for text in CLEAN)
    assert (summary.rows, summary.kept) == (len(PAGES), lines)
