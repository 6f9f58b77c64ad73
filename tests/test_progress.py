"""What a person sees while a run goes on."""

import io
import json
from pathlib import Path

import pytest

from cleaner.progress import Progress
from cleaner.runs import RunSettings, TaskResult, clean_files

ROOT = Path(__file__).parents[1]
PAGES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus/pages").glob("*.txt"))]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


def test_rates_and_time_left_are_those_of_this_run(clock: list[float]) -> None:
    terminal = Terminal()
    with Progress(12, 1_000_000_000, terminal) as progress:
        before = TaskResult(files=2, done=2, rows=500, rows_done=500)
        before.bytes_read = before.bytes_done = 200_000_000
        progress.add(before)
        clock[0] = 10.0
        progress.watch(80_000_000, 4000)
        assert progress.rates() == "2/12 files, 400 rows/s, 8.0 MB/s"
        assert " 10%  00:01:30  2/12 files" in terminal.getvalue()
        clock[0] = 20.0
        progress.add(TaskResult(files=5, cleaned=5, rows=20_000, bytes_read=400_000_000))
        assert progress.rates() == "7/12 files, 1,000 rows/s, 20.0 MB/s"
        assert " 50%  00:00:" in terminal.getvalue()
    assert "100%  7/12 files" in terminal.getvalue()


def test_of_what_is_of_unknown_size_rates_are_told(clock: list[float]) -> None:
    with Progress(None, None, Terminal()) as progress:
        clock[0] = 2.0
        progress.add(TaskResult(files=3, bytes_read=5_000_000))
        assert progress.rates() == "3 files, 2.5 MB/s"


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.arrow", "a.feather"]
)
def test_a_file_of_records_tells_how_far_it_is(tmp_path: Path, name: str) -> None:
    rows = [{"id": n, "text": f"{PAGES[n % len(PAGES)]}\n{n}"} for n in range(1500)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = tmp_path / name
    if name != "a.jsonl":
        list(clean_files(f"{tmp_path}/in.jsonl", str(source), RunSettings()))
    else:
        (tmp_path / "in.jsonl").rename(source)
    seen: list[tuple[int, int]] = []
    settings = RunSettings()
    target = str(tmp_path / "out.jsonl")
    [result] = clean_files(str(source), target, settings, lambda *one: seen.append(one))
    size = source.stat().st_size
    assert result.bytes_read == size
    assert [one for one, _ in seen] == sorted(one for one, _ in seen)
    assert 0 < seen[0][0] <= seen[-1][0] <= size
    assert seen[-1][0] > 0.9 * size
    assert [one for _, one in seen][-1] == result.rows == 1500
    assert len(seen) >= 1500 // 256


def test_bytes_are_those_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "in/x").mkdir(parents=True)
    for number, page in enumerate(PAGES[:20]):
        (tmp_path / f"in/x/{number}.txt").write_text(page, encoding="utf-8")
    (tmp_path / "in/a.jsonl").write_text(json.dumps({"text": PAGES[0]}))
    size = sum(path.stat().st_size for path in (tmp_path / "in").rglob("*.*"))
    names = str(tmp_path / "in"), str(tmp_path / "out")
    results = list(clean_files(*names, RunSettings()))
    assert sum(one.bytes_read for one in results) == size
    assert sum(one.bytes_done for one in results) == 0
    results = list(clean_files(*names, RunSettings()))
    assert sum(one.bytes_read for one in results) == size
    assert sum(one.bytes_done for one in results) == size
    assert sum(one.rows_done for one in results) == 1
    results = list(clean_files(names[0], names[1] + "2", RunSettings(collection=True)))
    texts = size - (tmp_path / "in/a.jsonl").stat().st_size
    assert sum(one.bytes_read for one in results) == 2 * texts
