"""Every file of a directory is found once, and nothing in it stops the walk."""

import os
import sys
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.files import Found, Note, count_files, walk_directory
from cleaner.files.finding import match_names


def make_files(directory: Path, *names: str) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"It rained.")


def find_names(directory: Path, *include: str) -> list[str]:
    return sorted(
        item.name for item in walk_directory(str(directory), include) if isinstance(item, Found)
    )


def test_the_walk_goes_to_the_bottom(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt", "b/c.txt", "b/d/e/f.txt", ".hidden.txt", "b/page.html")
    assert find_names(tmp_path, "*.txt") == [".hidden.txt", "a.txt", "b/c.txt", "b/d/e/f.txt"]
    assert count_files(str(tmp_path), ["*.txt"]) == (4, 4 * len(b"It rained."))


@pytest.mark.parametrize(
    ("include", "names"),
    [
        (["*"], ["B.TXT", "a.txt", "sub/a.txt", "sub/c.html"]),
        (["a.*"], ["a.txt", "sub/a.txt"]),
        (["sub/*"], ["sub/a.txt", "sub/c.html"]),
        (["*.html", "*.TXT"], ["B.TXT", "sub/c.html"]),
        (["[ab].txt"], ["a.txt", "sub/a.txt"]),
        (["?.md"], []),
    ],
)
def test_patterns_are_matched_with_names_or_paths(
    tmp_path: Path, include: list[str], names: list[str]
) -> None:
    make_files(tmp_path, "a.txt", "B.TXT", "sub/a.txt", "sub/c.html")
    assert find_names(tmp_path, *include) == names


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/*.txt", ["a.txt", "b/a.txt", "b/c/a.txt", "b/c/d/a.txt", "c/a.txt"]),
        ("*/*.txt", ["b/a.txt", "c/a.txt"]),
        ("./c/*", ["c/a.txt"]),
        ("b/*", ["b/a.txt"]),
        ("b/**", ["b/a.txt", "b/c/a.txt", "b/c/d/a.txt"]),
        ("a.txt/**", []),
        ("b/**/*.txt", ["b/a.txt", "b/c/a.txt", "b/c/d/a.txt"]),
        ("**/c/*.txt", ["b/c/a.txt", "c/a.txt"]),
        ("**/c/**/*.txt", ["b/c/a.txt", "b/c/d/a.txt", "c/a.txt"]),
        ("**/?/[!a-c]/**/a.*", ["b/c/d/a.txt"]),
        ("**/**/d/a.txt", ["b/c/d/a.txt"]),
        ("b?a.txt", []),
        ("[b/]*.txt", []),
    ],
)
def test_a_star_stays_in_its_folder_and_two_cross_any_number(
    tmp_path: Path, pattern: str, names: list[str]
) -> None:
    make_files(tmp_path, "a.txt", "b/a.txt", "b/c/a.txt", "b/c/d/a.txt", "c/a.txt")
    assert find_names(tmp_path, pattern) == names


@pytest.mark.skipif(sys.version_info < (3, 13), reason="full_match is new in Python 3.13")
@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=5),
    st.lists(st.sampled_from(["**", "*", "a", "?", "[!a]", "b*"]), min_size=2, max_size=5),
)
def test_patterns_mean_what_they_mean_in_pathlib(parts: list[str], pattern: list[str]) -> None:
    path, glob = PurePath(*parts), "/".join(pattern)
    full_match = path.full_match  # type: ignore[attr-defined, unused-ignore]
    assert match_names([glob])(str(path)) == full_match(glob)


def test_many_double_stars_take_no_longer(tmp_path: Path) -> None:
    folders = "/".join("a" * 60)
    make_files(tmp_path, f"{folders}/b.txt")
    assert find_names(tmp_path, "**/a/" * 20 + "c.txt") == []  # tried in every way: 10^15


def test_files_that_do_not_match_are_told_apart_and_counted(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt", "PAGE.TXT", "sub/page.html", ".clean-news-0123.part")
    walked = list(walk_directory(str(tmp_path), ["*.txt"]))
    skipped = {str(tmp_path / name) for name in ("PAGE.TXT", "sub/page.html")}
    assert {item.path for item in walked if not isinstance(item, Found)} == skipped
    assert [item for item in walked if isinstance(item, Found)] == [("a.txt", 10)]
    assert all(item[1:] == ("", None, False) for item in walked if item[0] in skipped)


def test_links_to_files_are_followed_and_circles_are_not(tmp_path: Path) -> None:
    make_files(tmp_path, "sub/a.txt")
    (tmp_path / "link.txt").symlink_to("sub/a.txt")
    (tmp_path / "sub/up").symlink_to("..")
    (tmp_path / "self.txt").symlink_to("self.txt")
    (tmp_path / "nowhere.txt").symlink_to("nowhere")
    found = list(walk_directory(str(tmp_path), ["*.txt"]))
    assert {item for item in found if isinstance(item, Found)} == {
        ("sub/a.txt", 10),
        ("link.txt", 10),
    }
    notes = {item.path: item.text for item in found if isinstance(item, Note)}
    assert set(notes) == {str(tmp_path / name) for name in ("sub/up", "self.txt", "nowhere.txt")}
    assert "link to a directory" in notes[str(tmp_path / "sub/up")]
    remarks = [item.path for item in found if isinstance(item, Note) and not item.is_problem]
    assert remarks == [str(tmp_path / "sub/up")]


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_what_is_no_file_is_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "pipe")
    [note] = (item for item in walk_directory(str(tmp_path), ["*.txt"]) if item[1])
    assert note == Note(str(tmp_path / "pipe.txt"), "neither a file nor a link to one")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_unreadable_directories_are_named(tmp_path: Path) -> None:
    make_files(tmp_path, "closed/a.txt", "open/b.txt")
    (tmp_path / "closed").chmod(0)
    try:
        found = list(walk_directory(str(tmp_path), ["*.txt"]))
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert Found("open/b.txt", 10) in found
    [note] = (item for item in found if isinstance(item, Note))
    assert note.path.rstrip("/") == str(tmp_path / "closed")
    assert "Permission denied" in note.text


def test_a_directory_that_vanishes_is_named(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt")
    assert [type(item) for item in walk_directory(str(tmp_path / "gone"), ["*"])] == [Note]


def test_directories_may_be_deeper_than_there_are_open_files(tmp_path: Path) -> None:
    import resource

    depth = 300
    make_files(tmp_path, "/".join(["d"] * depth) + "/a.txt")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        assert len(find_names(tmp_path, "*.txt")) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_need_not_be_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"stra\xdfe.txt")
    make_files(tmp_path, name)
    assert find_names(tmp_path, "*.txt") == [name]


def test_what_a_killed_run_left_is_not_text(tmp_path: Path) -> None:
    make_files(tmp_path, ".clean-news-0123456789abcdef.part", "a.txt")
    assert find_names(tmp_path, "*") == ["a.txt"]


def test_an_unfinished_walk_closes_its_directories(tmp_path: Path) -> None:
    make_files(tmp_path, "a.txt", "b.txt", "c/d.txt")
    walk = walk_directory(str(tmp_path), ["*.txt"])
    next(walk)
    del walk  # a directory left open would warn, and warnings are errors
