"""Documents larger than --max-bytes are not cleaned, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.runs import RecordSettings, RunSettings, Summary, clean_files

ARTICLE = "The council voted on Monday to keep the bridge, and to rebuild it in the spring.\n"


def run(source: Path, target: Path, settings: RunSettings) -> Summary:
    summary = Summary(str(source))
    for result in clean_files(str(source), str(target), settings):
        summary.add(result)
    return summary


def test_large_files_are_problems_and_the_others_are_cleaned(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(ARTICLE)
    (tmp_path / "in/b.txt").write_text(ARTICLE * 9)
    summary = run(tmp_path / "in", tmp_path / "out", RunSettings(max_bytes=len(ARTICLE)))
    assert summary.cleaned == 1
    assert [note.text for note in summary.problems] == [
        f"{len(ARTICLE) * 9:,} bytes, more than --max-bytes; not cleaned"
    ]


@pytest.mark.parametrize(("on_error", "left"), [("keep", [1, 2, 3]), ("skip", [1, 3])])
def test_large_rows_are_kept_or_skipped(tmp_path: Path, on_error: str, left: list[int]) -> None:
    rows = [{"id": n, "text": ARTICLE * size} for n, size in ((1, 1), (2, 9), (3, 1))]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = RunSettings(max_bytes=200, records=RecordSettings(on_error=on_error))
    summary = run(tmp_path / "a.jsonl", tmp_path / "b.jsonl", settings)
    found = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert [row["id"] for row in found] == left
    assert [(note.row, "--max-bytes" in note.text) for note in summary.problems] == [(2, True)]
