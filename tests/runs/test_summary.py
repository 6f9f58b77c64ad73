"""A summary counts everything and remembers only what a page can show."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.files import Note
from cleaner.runs import Summary, TaskResult
from cleaner.runs.result import FileStatus
from cleaner.runs.summary import CommonLines


def make_report(statuses: list[FileStatus], **more: object) -> TaskResult:
    report = TaskResult(files=len(statuses), cleaned=len(statuses), statuses=statuses)
    report.kept = sum(status.kept for status in statuses)
    report.dropped = sum(status.dropped for status in statuses)
    for name, value in more.items():
        setattr(report, name, value)
    return report


def make_statuses(number: int) -> list[FileStatus]:
    draw = random.Random(0).random
    return [
        FileStatus(f"in/site{n % 3}/{n}.txt", n % 7, n % 5, 1000, n % 1000, 0.5 + draw() / 2)
        for n in range(number)
    ]


# --- common lines -----------------------------------------------------------------------------


@given(
    st.lists(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 50))),
    st.integers(1, 12),
)
def test_counts_are_too_low_by_at_most_the_error(
    parts: list[dict[str, int]], capacity: int
) -> None:
    lines = CommonLines(capacity)
    true: Counter[str] = Counter()
    for part in parts:
        lines.add(part)
        true.update(part)
    counted = dict(lines.commonest(100))
    assert len(counted) <= capacity
    assert lines.error <= true.total() / (capacity + 1)
    for line, number in true.items():
        assert counted.get(line, 0) <= number
        if number > lines.error + 1:
            assert counted[line] >= number - lines.error


def test_within_its_capacity_it_counts_exactly() -> None:
    lines = CommonLines()
    for number in range(3000):
        lines.add({f"seen once {number}": 1, "Share": 2, "Print": 1})
    assert lines.commonest(5) == [("Share", 6000), ("Print", 3000)]
    assert lines.error == 0


def test_rare_lines_of_a_large_run_do_not_crowd_out_the_common_ones() -> None:
    lines = CommonLines(capacity=100)
    for number in range(2000):
        lines.add({f"seen once {number}": 1, "Share": 1})
    [(line, counted)] = lines.commonest(1)
    assert line == "Share"
    assert 2000 - lines.error <= counted <= 2000
    assert lines.error <= 40


# --- files ------------------------------------------------------------------------------------


def test_sums_do_not_depend_on_how_files_are_grouped_or_ordered() -> None:
    statuses = make_statuses(1500)
    one, many = Summary("in"), Summary("in")
    one.add(make_report(statuses))
    shuffled = statuses[:]
    random.Random(1).shuffle(shuffled)
    for start in range(0, len(shuffled), 100):
        many.add(make_report(shuffled[start : start + 100]))
    for name in ("files", "kept", "bytes_after", "confidence_bins", "share_bins", "least_certain"):
        assert getattr(one, name) == getattr(many, name), name
    assert one.confidence == pytest.approx(many.confidence)
    assert one.folders.keys() == many.folders.keys() == {"site0", "site1", "site2"}


def test_the_least_certain_files_are_remembered() -> None:
    statuses = make_statuses(1500)
    summary = Summary("in")
    summary.add(make_report(statuses))
    expected = sorted(statuses, key=lambda status: (status.confidence, status.path))[:500]
    assert summary.least_certain == expected


def test_every_file_falls_into_one_bin() -> None:
    summary = Summary("in")
    edges = [0.5, 0.51, 0.52, 0.999, 1.0]
    summary.add(make_report([FileStatus("in/a", 1, 1, 0, 5, value) for value in edges]))
    assert sum(summary.confidence_bins) == sum(summary.share_bins) == len(edges)
    assert summary.confidence_bins[0] == 2
    assert summary.confidence_bins[-1] == 2


def test_its_size_does_not_grow_with_the_number_of_files() -> None:
    summary = Summary("in")
    for number in range(3000):
        status = FileStatus(f"in/folder{number}/a.txt", 1, 1, 10, 5, 0.9)
        notes = [Note(status.path, "decoded from cp1252")]
        summary.add(
            make_report([status], remarks=notes, empty=[status.path], refused=[status.path])
        )
    assert len(summary.least_certain) == 500
    assert len(summary.folders) == 1001
    assert sum(folder.files for folder in summary.folders.values()) == 3000
    assert (summary.n_notes, len(summary.problems), len(summary.remarks)) == (6000, 100, 100)
    assert (summary.n_empty, len(summary.empty)) == (3000, 100)
    assert (summary.n_refused, len(summary.refused)) == (3000, 100)


@pytest.mark.parametrize(
    ("source", "path", "name"),
    [
        ("in", "in/a/b.txt", "a/b.txt"),
        ("./in/", "./in/b.txt", "b.txt"),
        ("in/a.txt", "in/a.txt", "a.txt"),
        ("-", "-", "-"),
    ],
)
def test_names_are_those_below_the_source(source: str, path: str, name: str) -> None:
    assert str(Summary(source).name_below(path)) == name
