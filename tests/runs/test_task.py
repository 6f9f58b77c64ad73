"""Some files are read, cleaned and written; what goes wrong in one touches no other."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cleaner.cleaning import Cleaned, Cleaner
from cleaner.collection import Company
from cleaner.errors import InputError
from cleaner.files import read_text
from cleaner.runs import Run, RunSettings, TaskResult
from cleaner.runs.result import Pair
from cleaner.runs.task import clean_pairs
from cleaner.text import PageLines

PAGES = sorted((Path(__file__).parents[2] / "corpus/pages").glob("*.txt"))


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner.load()


def clean_into(
    cleaner: Cleaner, directory: Path, sources: Sequence[Path], force: bool = False
) -> TaskResult:
    pairs = [Pair(str(source), str(directory / source.name)) for source in sources]
    return clean_pairs(Run(cleaner, RunSettings(force=force)), pairs)


def test_outputs_are_what_the_cleaner_gives(cleaner: Cleaner, tmp_path: Path) -> None:
    report = clean_into(cleaner, tmp_path / "out", PAGES)
    expected = cleaner.clean_encoded([page.read_bytes() for page in PAGES])
    for page, cleaned in zip(PAGES, expected, strict=True):
        assert (tmp_path / "out" / page.name).read_bytes() == cleaned.data
    assert (report.files, report.cleaned) == (len(PAGES), len(PAGES))
    assert report.kept == sum(cleaned.kept for cleaned in expected)
    assert report.dropped == sum(cleaned.dropped for cleaned in expected)
    assert report.empty == [
        str(page) for page, cleaned in zip(PAGES, expected, strict=True) if not cleaned.data
    ]
    assert (report.remarks, report.refused, report.problems) == ([], [], [])


def test_an_empty_file_gives_an_empty_file_and_is_named(cleaner: Cleaner, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \r\n\t\n")
    sources = [tmp_path / "empty.txt", tmp_path / "blank.txt"]
    report = clean_into(cleaner, tmp_path / "out", sources)
    assert report.empty == [str(source) for source in sources]
    assert all((tmp_path / "out" / source.name).read_bytes() == b"" for source in sources)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_change_the_result(
    cleaner: Cleaner, tmp_path: Path, encoding: str, line_end: str
) -> None:
    [page] = [page for page in PAGES if page.name == "de-interview.txt"]
    text = page.read_text(encoding="utf-8").encode("cp1252", "ignore").decode("cp1252")
    [expected] = cleaner.clean_encoded([text.encode()])
    source = tmp_path / "a.txt"
    source.write_bytes(text.replace("\n", line_end).encode(encoding))
    report = clean_into(cleaner, tmp_path / "out", [source])
    assert (tmp_path / "out/a.txt").read_bytes() == expected.data
    assert [note.path for note in report.remarks] == ([] if "8" in encoding else [str(source)])


def test_what_cannot_be_read_is_named_and_the_rest_is_done(
    cleaner: Cleaner, tmp_path: Path
) -> None:
    sources = [tmp_path / "missing.txt", PAGES[0], tmp_path / "binary.txt", tmp_path, PAGES[1]]
    sources[2].write_bytes(b"GIF89a\0\0")
    report = clean_into(cleaner, tmp_path / "out", sources)
    assert (report.files, report.cleaned) == (5, 2)
    assert [(note.path, note.text.split(":")[0]) for note in report.problems] == [
        (str(sources[0]), "cannot be read"),
        (str(sources[2]), "binary"),
        (str(sources[3]), "cannot be read"),
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        PAGES[0].name,
        PAGES[1].name,
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_error_while_reading_is_named(cleaner: Cleaner, tmp_path: Path) -> None:
    (tmp_path / "memory.txt").symlink_to("/proc/self/mem")
    report = clean_into(cleaner, tmp_path / "out", [tmp_path / "memory.txt", PAGES[0]])
    assert report.cleaned == 1
    assert [note.text for note in report.problems] == ["cannot be read: Input/output error"]


class FragileCleaner(Cleaner):
    """Fails for a batch that holds a certain text, as a bug or a want of memory might make it."""

    def clean_encoded(
        self,
        contents: Sequence[bytes],
        company: Company | None = None,
        pages: Sequence[PageLines] = (),
    ) -> list[Cleaned]:
        if b"memory\n" in contents:
            raise MemoryError
        if b"bug\n" in contents:
            raise ZeroDivisionError("division by zero")
        return super().clean_encoded(contents, company, pages)


def test_only_the_culprit_fails(cleaner: Cleaner, tmp_path: Path) -> None:
    names = ["one", "memory", "two", "bug", "three"]
    for name in names:
        (tmp_path / name).write_text(f"{name}\n")
    sources = [tmp_path / name for name in names]
    report = clean_into(FragileCleaner(cleaner.model), tmp_path / "out", sources)
    assert report.cleaned == 3
    assert [note[:2] for note in report.problems] == [
        (str(tmp_path / "memory"), "could not be cleaned: MemoryError"),
        (str(tmp_path / "bug"), "could not be cleaned: ZeroDivisionError division by zero"),
    ]


def test_existing_outputs_are_kept_refused_or_overwritten(cleaner: Cleaner, tmp_path: Path) -> None:
    out = tmp_path / "out"
    clean_into(cleaner, out, PAGES[:3])
    expected = {page.name: (out / page.name).read_bytes() for page in PAGES[:3]}
    (out / PAGES[0].name).write_bytes(b"mine")
    (out / PAGES[1].name).write_bytes(b"x" * len(expected[PAGES[1].name]))
    os.utime(out / PAGES[2].name, (1, 1))

    report = clean_into(cleaner, out, PAGES[:3])
    assert report.refused == [str(out / page.name) for page in PAGES[:2]]
    assert report.cleaned == 1
    assert (out / PAGES[0].name).read_bytes() == b"mine"
    assert (out / PAGES[2].name).stat().st_mtime == 1

    report = clean_into(cleaner, out, PAGES[:3], force=True)
    assert report.cleaned == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == expected


def test_an_output_that_cannot_be_written_is_a_problem(cleaner: Cleaner, tmp_path: Path) -> None:
    (tmp_path / "out" / PAGES[0].name).mkdir(parents=True)
    report = clean_into(cleaner, tmp_path / "out", PAGES[:2])
    assert report.cleaned == 1
    [note] = report.problems
    assert note.path == str(PAGES[0])
    assert note.text.startswith(f"cannot write {tmp_path / 'out' / PAGES[0].name}: ")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_devices_are_written_to_and_not_replaced(cleaner: Cleaner, tmp_path: Path) -> None:
    page = next(page for page in PAGES if cleaner.clean_encoded([page.read_bytes()])[0].data)
    run = Run(cleaner, RunSettings(force=True))
    assert clean_pairs(Run(cleaner, RunSettings()), [Pair(str(page), "/dev/null")]).cleaned == 1
    [note] = clean_pairs(run, [Pair(str(page), "/dev/full")]).problems
    assert note.text == "cannot write /dev/full: No space left on device"
    assert Path("/dev/null").is_char_device()


def test_texts_are_read_by_the_same_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes("Die Brücke\r\nbleibt.".encode("utf-16"))
    assert read_text(str(tmp_path / "a.txt")) == "Die Brücke\nbleibt."
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"One\rTwo")))
    assert read_text("-") == "One\nTwo"
    (tmp_path / "b.txt").write_bytes(b"\0")
    with pytest.raises(InputError, match=r"b\.txt: binary"):
        read_text(str(tmp_path / "b.txt"))
    with pytest.raises(InputError, match=r"cannot read .*missing: No such file"):
        read_text(str(tmp_path / "missing"))
