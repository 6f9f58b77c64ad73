"""Directories and files are cleaned into others, in any number of processes; kills are mended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError, ModelError, OutputError
from cleaner.runs import RunSettings, TaskResult, clean_files

PAGES = sorted((Path(__file__).parents[2] / "corpus/pages").glob("*.txt"))


def make_tree(directory: Path, copies: int) -> None:
    """Write every corpus page so many times, in folders of folders."""
    for number in range(copies):
        folder = directory / str(number % 7) / str(number)
        folder.mkdir(parents=True)
        for page in PAGES:
            (folder / page.name).write_bytes(page.read_bytes())


# Enough for a run to be stopped in the middle: some 3,000 files, in twelve groups.
COPIES = 12


@pytest.fixture(scope="module")
def many_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("many")
    make_tree(directory, COPIES)
    return directory


def read_tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def add_up(reports: Iterator[TaskResult]) -> TaskResult:
    total = TaskResult()
    for report in reports:
        total.files += report.files
        total.cleaned += report.cleaned
        total.done += report.done
        total.refused += report.refused
        total.problems += report.problems
    return total


def run(source: Path, target: Path, settings: RunSettings | None = None) -> TaskResult:
    return add_up(clean_files(str(source), str(target), settings or RunSettings()))


@pytest.fixture(scope="module")
def expected() -> dict[str, bytes]:
    """The clean text of every corpus page."""
    cleaned = Cleaner.load().clean_encoded([page.read_bytes() for page in PAGES])
    return {page.name: one.data for page, one in zip(PAGES, cleaned, strict=True)}


def test_structure_and_names_are_kept(tmp_path: Path, expected: dict[str, bytes]) -> None:
    make_tree(tmp_path / "in", 3)
    (tmp_path / "in/page.pdf").write_text("<p>Not asked for.")
    assert run(tmp_path / "in", tmp_path / "new/out").cleaned == 3 * len(PAGES)
    outputs = read_tree(tmp_path / "new/out")
    assert set(outputs) == {name for name in read_tree(tmp_path / "in") if name.endswith(".txt")}
    assert all(data == expected[Path(name).name] for name, data in outputs.items())


def test_any_number_of_jobs_gives_the_same_bytes(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 12)
    (tmp_path / "in/binary.txt").write_bytes(b"\0")
    reports = [
        run(tmp_path / "in", tmp_path / f"out{jobs}", RunSettings(jobs=jobs)) for jobs in (1, 3)
    ]
    assert {report.cleaned for report in reports} == {12 * len(PAGES)}
    assert [len(report.problems) for report in reports] == [1, 1]
    assert read_tree(tmp_path / "out1") == read_tree(tmp_path / "out3")


def test_workers_load_the_model_anew_in_every_run(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 2)
    for threshold in (0.01, 0.99):
        settings = RunSettings(threshold=threshold, jobs=2, force=True)
        run(tmp_path / "in", tmp_path / "two", settings)
        run(tmp_path / "in", tmp_path / "one", RunSettings(threshold=threshold, jobs=1, force=True))
        assert read_tree(tmp_path / "one") == read_tree(tmp_path / "two")


def test_a_second_run_changes_nothing_and_refuses_what_differs(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 1)
    run(tmp_path / "in", tmp_path / "out")
    before = read_tree(tmp_path / "out")
    again = run(tmp_path / "in", tmp_path / "out")
    assert (again.cleaned, again.refused) == (len(PAGES), [])
    assert again.done == len(PAGES)
    assert read_tree(tmp_path / "out") == before
    # Nobody's outputs but those of an earlier run are replaced.
    changed = tmp_path / "out" / next(iter(before))
    changed.write_bytes(b"A person was here.\n")
    other = run(tmp_path / "in", tmp_path / "out", RunSettings(threshold=0.9999))
    assert other.refused == [str(changed)]
    assert other.done == 0
    assert other.cleaned == len(PAGES) - 1
    assert changed.read_bytes() == b"A person was here.\n"


def test_one_file(tmp_path: Path, expected: dict[str, bytes]) -> None:
    assert run(PAGES[0], tmp_path / "new/clean.txt").cleaned == 1
    assert (tmp_path / "new/clean.txt").read_bytes() == expected[PAGES[0].name]


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("missing", "out", "no such file or directory: INPUT .*missing"),
        ("in", "in/out", "lies inside INPUT"),
        ("in", "in", "lies inside INPUT"),
        ("in", "link/out", "lies inside INPUT"),
        ("in/sub", "in", "lies inside OUTPUT"),
        ("in", "in/sub/../new", "lies inside INPUT"),
        ("in", "a.txt", "is a file, but INPUT .* is a directory"),
        ("in", "broken-link", "is a file, but INPUT .* is a directory"),
        ("in", "a.txt/out", "cannot make OUTPUT .*: Not a directory"),
        ("in", "-", "must be one too, not '-'"),
        ("a.txt", "in", "such as .*in/a.txt"),
        ("a.txt", "a.txt", "is INPUT itself"),
        ("a.txt", "hard-link.txt", "is INPUT itself"),
        (
            "in/sub",
            "out",
            r"no file in INPUT .*sub matches \*\.txt or \*\.html or .* \(see --include\)",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, source: str, target: str, message: str
) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/b.txt").write_text("It rained.\n")
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "broken-link").symlink_to("nowhere")
    (tmp_path / "a.txt").write_text("It rained.\n")
    (tmp_path / "hard-link.txt").hardlink_to(tmp_path / "a.txt")
    before = read_tree(tmp_path)
    target = target if target == "-" else str(tmp_path / target)
    with pytest.raises((InputError, OutputError), match=message):
        list(clean_files(str(tmp_path / source), target, RunSettings()))
    assert read_tree(tmp_path) == before


def test_a_missing_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 1)
    with pytest.raises(ModelError):
        run(tmp_path / "in", tmp_path / "out", RunSettings(model=str(tmp_path / "none.npz")))
    assert not (tmp_path / "out").exists()


# --- collections -----------------------------------------------------------------------------

NOTICE = (  # such as a model takes for body
    "The council said on Monday that the old bridge would stay closed until the spring, and that"
    " buses would stop at the station instead."
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus pages with a notice under each; few in a folder of their own."""
    directory = tmp_path_factory.mktemp("site")
    cleaner = Cleaner.load()
    for number, page in enumerate(PAGES):
        folder = directory / ("small" if number < 2 else "large/site")
        folder.mkdir(parents=True, exist_ok=True)
        text = page.read_text(encoding="utf-8")
        kept = [line for line in cleaner.clean(text).split("\n") if line]
        # Where little else is kept, a page is taken for a copy of the notice.
        has_room = sum(len(line.split()) > 12 for line in kept) > 2
        before, last, behind = text.rpartition(f"\n{kept[-1]}\n" if has_room else "\n")
        under = f"{before}{last}\n{NOTICE}\n{behind}" if has_room else text
        (folder / page.name).write_text(under, "utf-8")
    (directory / "large/site/binary.txt").write_bytes(b"\0")
    return directory


def test_a_collection_is_cleaned_of_what_recurs_in_a_folder(tmp_path: Path, site: Path) -> None:
    run(site, tmp_path / "alone")
    together = run(site, tmp_path / "out", RunSettings(collection=True))
    assert together.cleaned == len(PAGES)
    assert [Path(note.path).name for note in together.problems] == ["binary.txt"]
    before, after = read_tree(tmp_path / "alone"), read_tree(tmp_path / "out")
    assert before.keys() == after.keys()
    with_notice = [sorted(n for n in t if NOTICE.encode() in t[n]) for t in (before, after)]
    assert len(with_notice[0]) > len(PAGES) // 3
    assert with_notice[1] == [name for name in with_notice[0] if name.startswith("small")] != []


@pytest.mark.parametrize("first_jobs", [1, 2])
def test_a_collection_gives_the_same_bytes_with_any_jobs_and_again(
    tmp_path: Path, site: Path, first_jobs: int
) -> None:
    run(site, tmp_path / "out", RunSettings(collection=True, jobs=first_jobs))
    again = run(site, tmp_path / "out", RunSettings(collection=True, jobs=3 - first_jobs))
    assert (again.cleaned, again.refused) == (len(PAGES), [])
    assert not [name for name in read_tree(tmp_path / "out") if name.endswith(".part")]
    alone = run(site, tmp_path / "out")
    assert len(alone.refused) > len(PAGES) // 3


@pytest.mark.parametrize("source", ["a.txt", "-"])
def test_one_file_is_no_collection(tmp_path: Path, source: str) -> None:
    (tmp_path / "a.txt").write_text("It rained.\n")
    name = source if source == "-" else str(tmp_path / source)
    with pytest.raises(InputError, match=f"many files, but INPUT .*{source} is one; give a dir"):
        clean_files(name, str(tmp_path / "out.txt"), RunSettings(collection=True))
    assert not (tmp_path / "out.txt").exists()


def files_in(directory: Path) -> list[str]:
    """Files of the directory itself."""
    return [path.name for path in directory.iterdir() if path.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("next_jobs", [1, 2])
def test_the_counts_that_a_killed_collection_leaves_go_with_the_next_run(
    tmp_path: Path, many_pages: Path, next_jobs: int
) -> None:
    (tmp_path / "in").symlink_to(many_pages)
    with start(tmp_path, "--jobs", "2", "--collection") as process:
        wait_for_output(process, tmp_path, 200)
        process.kill()
    [left] = files_in(tmp_path / "out")
    assert left.endswith(".part")
    time.sleep(0.4)  # its workers end
    report = run(tmp_path / "in", tmp_path / "out", RunSettings(collection=True, jobs=next_jobs))
    assert (report.cleaned, report.problems, report.refused) == (COPIES * len(PAGES), [], [])
    assert set(read_tree(tmp_path / "out")) == set(read_tree(tmp_path / "in"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_collection_is_finished_by_the_next_run(
    tmp_path: Path, many_pages: Path, jobs: str
) -> None:
    (tmp_path / "in").symlink_to(many_pages)
    with start(tmp_path, "--jobs", jobs, "--collection") as process:
        wait_for_output(process, tmp_path, 1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(30) == 130
    assert not files_in(tmp_path / "out"), "the counts were left behind"
    report = run(tmp_path / "in", tmp_path / "out", RunSettings(collection=True, jobs=int(jobs)))
    assert (report.cleaned, report.problems, report.refused) == (COPIES * len(PAGES), [], [])
    assert set(read_tree(tmp_path / "out")) == set(read_tree(tmp_path / "in"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_an_output_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 1)
    (tmp_path / "out").mkdir(0o555)
    with pytest.raises(OutputError, match="may not be written to"):
        run(tmp_path / "in", tmp_path / "out")


def start(
    directory: Path,
    *options: str,
    stderr: int | BinaryIO = subprocess.PIPE,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cleaner", "in", "out", *options]
    return subprocess.Popen(command, cwd=directory, stderr=stderr, start_new_session=True, env=env)


def wait_for_output(process: subprocess.Popen[bytes], directory: Path, count: int) -> None:
    while sum(len(files) for _, _, files in os.walk(directory / "out")) < count:
        assert process.poll() is None, "the run ended early"
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_leaves_whole_files_and_is_finished_by_the_next(
    tmp_path: Path, many_pages: Path, expected: dict[str, bytes], jobs: str
) -> None:
    (tmp_path / "in").symlink_to(many_pages)
    for count in (1, 500):
        with start(tmp_path, "--jobs", jobs) as process:
            wait_for_output(process, tmp_path, count)
            process.kill()  # the parent alone: its workers end by themselves
        time.sleep(0.2)
        outputs = read_tree(tmp_path / "out")
        left = {name for name in outputs if name.endswith(".part")}
        assert all(
            outputs[name] == expected[Path(name).name] for name in outputs if name not in left
        )
        time.sleep(0.2)
        assert read_tree(tmp_path / "out") == outputs, "a worker outlived its parent"
    assert len(outputs) < COPIES * len(PAGES), "the run ended before it was killed"
    report = run(tmp_path / "in", tmp_path / "out")
    assert (report.cleaned, report.problems, report.refused) == (COPIES * len(PAGES), [], [])
    assert set(read_tree(tmp_path / "out")) == set(read_tree(tmp_path / "in"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interruption_says_what_is_done(tmp_path: Path, many_pages: Path, jobs: str) -> None:
    (tmp_path / "in").symlink_to(many_pages)
    with start(tmp_path, "--jobs", jobs) as process:
        wait_for_output(process, tmp_path, 700)  # more than two groups have, which are told
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.stderr
        message = process.stderr.read().decode()
        assert process.wait(30) == 130
    assert message.startswith("Interrupted; run the same command again to do the rest.\n")
    assert "files cleaned:" in message
    assert "Traceback" not in message
    assert not [name for name in read_tree(tmp_path / "out") if name.endswith(".part")]


# Python reads this first, in every process: where it is put in its place, one file waits.
WAITING = """
import os, time
replace = os.replace
def wait(source, target):
    if os.path.basename(target) == "slow.txt":
        time.sleep(60)
    replace(source, target)
os.replace = wait
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
@pytest.mark.parametrize(
    "options", [["--jobs", "1"], ["--jobs", "2"], ["--jobs", "2", "--report", "r"]]
)
def test_an_interruption_while_a_file_is_written_leaves_none_of_it(
    tmp_path: Path, options: list[str]
) -> None:
    make_tree(tmp_path / "in", 2)
    (tmp_path / "in" / "slow.txt").write_text("It rained.")
    (tmp_path / "sitecustomize.py").write_text(WAITING)
    out = tmp_path / "out"
    with start(tmp_path, *options, env={**os.environ, "PYTHONPATH": str(tmp_path)}) as process:
        while not list(out.rglob("*.part")):
            assert process.poll() is None, "the run ended early"
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(30) == 130
    assert not list(out.rglob("*.part"))
    assert not (out / "slow.txt").exists()


ENDING = """
import pathlib, threading, time
def wait():
    pathlib.Path("ending").touch()
    time.sleep(0.5)
threading._register_atexit(wait)  # as joblib does, to wait for its workers
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
def test_an_interruption_after_all_is_done_shows_no_traceback(tmp_path: Path) -> None:
    make_tree(tmp_path / "in", 1)
    (tmp_path / "sitecustomize.py").write_text(ENDING)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with start(tmp_path, "--jobs", "1", env=env) as process:
        while not (tmp_path / "ending").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(30) == 0


def peak_memory(process: int) -> int:
    """Highest resident memory so far, in MB, of a process or one of its descendants."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0
    own = [int(line.split()[1]) // 1000 for line in status.splitlines() if "VmHWM" in line]
    return max([*own, *map(peak_memory, map(int, children))], default=0)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_stays_flat_over_many_files(tmp_path: Path, jobs: str) -> None:
    # Cut anywhere, pages in other scripts would have to be decoded by guess.
    text = b"\n\n".join(page.read_bytes() for page in PAGES if page.name.startswith("en-"))
    for number in range(20_000):
        path = tmp_path / f"in/{number % 100}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        start_at = number * 997 % len(text)
        path.write_bytes((text[start_at:] + text)[:10_000])
    peak = 0
    # A file takes any number of remarks; a pipe that nobody reads would stop the run.
    with (
        (tmp_path / "said").open("wb") as said,
        start(tmp_path, "--jobs", jobs, stderr=said) as process,
    ):
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.05)
    assert b"20,000 of 20,000 files cleaned" in (tmp_path / "said").read_bytes()
    assert 20 < peak < 150


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_outputs_never_reach_inputs_through_a_link(tmp_path: Path) -> None:
    make_tree(tmp_path / "in/sub", 1)
    make_tree(tmp_path / "in/other", 1)
    before = read_tree(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/sub").symlink_to("../in/sub")
    report = run(tmp_path / "in", tmp_path / "out", RunSettings(force=True))
    assert read_tree(tmp_path / "in") == before
    assert report.cleaned == len(PAGES)
    assert {note.text.partition(":")[0] for note in report.problems} == {"not cleaned"}
    assert len(report.problems) == len(PAGES)
