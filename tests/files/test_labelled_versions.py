"""Versions of labelled files: nobody overwrites what another has written in the meantime."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.errors import InputError, OutputError
from cleaner.files import ConflictError, read_labelled, read_version, write_labelled, write_version
from cleaner.labelled import LabelledDocument

PAGE = LabelledDocument("a", ("Sport", "It rained."), (None, None), "example.org")


def test_a_version_stands_for_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.tsv"
    version = write_version(PAGE, path, None)
    assert read_version(path) == (PAGE, version)
    path.write_text(path.read_text().replace("?\tSport", "clutter\tSport"))  # in an editor
    assert read_version(path)[1] != version


def test_an_older_version_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    version = write_version(PAGE, path, None)
    theirs = replace(PAGE, labels=("clutter", None))
    write_version(theirs, path, version)
    with pytest.raises(ConflictError, match=r"a\.tsv was changed by somebody else"):
        write_version(replace(PAGE, labels=(None, "body")), path, version)
    with pytest.raises(ConflictError, match=r"a\.tsv exists already"):
        write_version(PAGE, path, None)
    assert read_labelled(path) == theirs
    path.unlink()
    with pytest.raises(ConflictError, match="is gone"):
        write_version(PAGE, path, version)
    assert not path.exists()


def test_of_many_writers_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    for round_number in range(20):
        write_labelled(replace(PAGE, id=str(round_number)), path)
        _, version = read_version(path)
        start = threading.Barrier(4)
        won = []

        def write(number: int) -> None:
            start.wait()  # noqa: B023 - the thread ends within its round
            try:
                write_version(replace(PAGE, id=f"writer-{number}"), path, version)  # noqa: B023
            except ConflictError:
                return
            won.append(f"writer-{number}")  # noqa: B023

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [read_labelled(path).id]


def test_what_cannot_be_read_or_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read labelled file"):
        read_version(tmp_path / "missing.tsv")
    (tmp_path / "latin.tsv").write_bytes("body\tfrüh".encode("latin-1"))
    with pytest.raises(InputError, match="byte 7 is not UTF-8"):
        read_version(tmp_path / "latin.tsv")
    with pytest.raises(OutputError, match="cannot write"):
        write_version(PAGE, tmp_path / "latin.tsv" / "a.tsv", None)
