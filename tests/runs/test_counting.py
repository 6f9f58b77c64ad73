"""All files of a directory are read once; what cannot be read is left out."""

import os
from pathlib import Path

import numpy as np
import pytest

from cleaner.collection import Collection, distinct_lines
from cleaner.files import walk_directory
from cleaner.runs.counting import hash_groups
from cleaner.runs.groups import Group, gather_groups


def count(directory: Path, groups: list[Group], jobs: int) -> tuple[int, Collection]:
    files, collection = 0, Collection()
    for group, lines in hash_groups(str(directory), groups, jobs):
        files += len(group.names)
        collection.add(lines)
    return files, collection


def occurrences(collection: Collection, line: str, folder: str) -> int:
    [number] = collection.occurrences(distinct_lines([line.encode()], [folder])).tolist()
    return int(number)


@pytest.mark.parametrize("jobs", [1, 2])
def test_files_are_counted_by_folder_whatever_their_encoding(tmp_path: Path, jobs: int) -> None:
    encodings = ("utf-8", "utf-16", "cp1252", "utf-8-sig")
    for number in range(40):
        path = tmp_path / f"in/{number % 2}/sub/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"Für alle Leser\r\n\r\nNummer {number} geht über die Brücke.\r\nFür alle Leser"
        path.write_bytes(text.encode(encodings[number % 4]))
    (tmp_path / "in/top.txt").write_text("Für alle Leser", "utf-8")
    groups = list(gather_groups(walk_directory(str(tmp_path / "in"), ["*.txt"])))
    files, collection = count(tmp_path / "in", groups, jobs)
    assert files == 41
    for folder in (f"0{os.sep}sub", f"1{os.sep}sub"):
        assert occurrences(collection, "Für alle Leser", folder) == 20
    assert occurrences(collection, "Für alle Leser", "") == 1
    # Digits are alike: of the odd numbers, five have one digit and fifteen have two.
    assert occurrences(collection, "Nummer 8 geht über die Brücke.", f"1{os.sep}sub") == 5
    assert occurrences(collection, "nummer 88 geht über die Brücke", f"1{os.sep}sub") == 0
    one_by_one = [Group([name], 1) for group in groups[::-1] for name in group.names[::-1]]
    assert np.array_equal(count(tmp_path / "in", one_by_one, 1)[1].cells, collection.cells)


def test_what_cannot_be_read_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("It rained.")
    (tmp_path / "binary.txt").write_bytes(b"It rained.\0\1\2")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    names = ["missing.txt", "good.txt", "binary.txt", "folder.txt", "loop.txt"]
    files, collection = count(tmp_path, [Group(names, 1), Group(names[2:], 1)], 1)
    assert files == 8
    assert occurrences(collection, "It rained.", "") == 1
    assert int(collection.cells.sum(dtype=int)) == len(collection.cells)
