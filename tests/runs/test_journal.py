"""A run that was stopped goes on where it was; what has changed is done again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cleaner.runs import RunSettings, Summary, clean_files

ARTICLE = "The council voted on Monday to keep the bridge, and to rebuild it in the spring.\n"


def run(source: Path, target: Path, settings: RunSettings | None = None) -> Summary:
    summary = Summary(str(source))
    for result in clean_files(str(source), str(target), settings or RunSettings(jobs=1)):
        summary.add(result)
    return summary


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(5):
        (source / f"{number}.txt").write_text(ARTICLE * (number + 1))
    (source / "empty.txt").write_text("Home\n")
    rows = [{"text": ARTICLE}, {"text": None}]
    (source / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (source / "binary.txt").write_bytes(b"\0")
    return source


def read_journal(target: Path) -> list[dict[str, object]]:
    lines = Path(f"{target}.journal.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line]


def test_what_is_done_is_not_read_again_and_counts_as_before(source: Path, tmp_path: Path) -> None:
    first = run(source, tmp_path / "out")
    assert sorted(str(row["input"]) for row in read_journal(tmp_path / "out")) == [
        *(f"{number}.txt" for number in range(5)), "empty.txt",
    ]  # fmt: skip
    for number in range(5):  # the same size and time: only who reads it would notice
        path = source / f"{number}.txt"
        times = path.stat()
        path.write_text(path.read_text().upper())
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    again = run(source, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert (first.done, again.done) == (0, 6)
    for name in ("files", "cleaned", "kept", "dropped", "n_empty", "empty", "n_problems"):
        assert getattr(again, name) == getattr(first, name), name


def test_changed_inputs_outputs_and_options_are_done_again(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(source, target)
    (source / "0.txt").write_text("Home\n" + ARTICLE * 7)
    (target / "1.txt").unlink()
    assert run(source, target).done == 4
    assert (target / "0.txt").read_text() == ARTICLE * 7
    assert (target / "1.txt").read_text() == ARTICLE * 2
    assert run(source, target, RunSettings(jobs=1, threshold=0.999)).done == 0
    assert run(source, target, RunSettings(jobs=1, model="news")).done == 0
    assert run(source, target, RunSettings(jobs=1, max_bytes=10**6)).done == 0


def test_outputs_of_another_input_are_not_replaced(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "out")
    other = tmp_path / "other"
    other.mkdir()
    (other / "0.txt").write_text(ARTICLE * 9)
    summary = run(other, tmp_path / "out")
    assert summary.refused == [str(tmp_path / "out" / "0.txt")]
    assert (tmp_path / "out/0.txt").read_text() == ARTICLE


def test_a_journal_that_a_kill_cut_short_is_read_as_far_as_it_goes(
    source: Path, tmp_path: Path
) -> None:
    run(source, tmp_path / "out")
    journal = Path(f"{tmp_path / 'out'}.journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-20])
    assert run(source, tmp_path / "out").done == 5
    assert run(source, tmp_path / "out").done == 6
    journal.write_bytes(b"\xff\n[1]\n{}\nnull\n" + os.urandom(100))
    assert run(source, tmp_path / "out").done == 0


def test_failures_are_told_to_programs_and_can_be_tried_alone(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(source, target)
    rows = [json.loads(line) for line in Path(f"{target}.failures.jsonl").read_text().splitlines()]
    found = sorted((Path(row["path"]).name, row["row"]) for row in rows)
    assert found == [("binary.txt", None), ("rows.jsonl", 2)]
    assert all(row["reason"] for row in rows)
    (source / "binary.txt").write_text(ARTICLE)
    (source / "new.txt").write_text(ARTICLE)
    again = run(source, target, RunSettings(jobs=1, retry_failed=True))
    assert (again.files, again.cleaned) == (2, 2)
    assert not (target / "new.txt").exists()
    (source / "rows.jsonl").write_text(json.dumps({"text": ARTICLE}) + "\n")
    run(source, target)
    assert not Path(f"{target}.failures.jsonl").exists()


def test_a_run_whose_journal_cannot_be_written_goes_on(source: Path, tmp_path: Path) -> None:
    Path(f"{tmp_path / 'out'}.journal.jsonl").mkdir()
    assert run(source, tmp_path / "out").cleaned == 7
    assert run(source, tmp_path / "out").done == 0
