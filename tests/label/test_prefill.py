"""Labelled files filled in by the model: what is written, and that a person's labels stay."""

import shutil
from pathlib import Path

import pytest

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError, OutputError
from cleaner.files import read_labelled, read_labelled_many
from cleaner.label import Labelling, PrefillSettings, label_files

PAGES = Path(__file__).parents[2] / "corpus/pages"


def label(folder: Path, **settings: object) -> Labelling:
    raw, labelled = folder / "raw", folder / "labelled"
    return label_files(str(raw), str(labelled), PrefillSettings(**settings))  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with some pages in raw/, of two sites."""
    for number, page in enumerate(sorted(PAGES.glob("en-*.txt"))[:12]):
        site = tmp_path / "raw" / ("north.example" if number % 2 else "south.example")
        site.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, site)
    return tmp_path


def test_every_line_is_a_guess_of_the_model_and_nothing_is_a_label(folder: Path) -> None:
    done = label(folder, documents=100)
    assert (done.found, done.looked_at, done.problems) == (12, 12, [])
    assert len(done.written) == 12
    cleaner = Cleaner.load()
    for name in done.written:
        page = (folder / "raw" / name).read_text(encoding="utf-8")
        document = read_labelled(folder / "labelled" / name.replace(".txt", ".tsv"))
        assert document.text == page.removesuffix("\n")
        assert document.labels == (None,) * len(document.lines)
        assert document.source == name.split("/")[0]
        judged = {line.number: line.label for line in cleaner.classify(page)}
        assert dict(enumerate(document.guesses, 1)) == {
            number: judged.get(number) for number in range(1, len(document.lines) + 1)
        }


def test_only_so_many_documents_and_the_next_run_takes_others(folder: Path) -> None:
    first = label(folder, documents=5)
    second = label(folder, documents=5)
    assert len(first.written) == len(second.written) == 5
    assert not set(first.written) & set(second.written)
    assert second.looked_at == 7
    assert len(list((folder / "labelled").rglob("*.tsv"))) == 10


def test_labels_of_a_person_stay_and_other_guesses_are_renewed(folder: Path) -> None:
    label(folder, documents=3)
    path = sorted((folder / "labelled").rglob("*.tsv"))[0]
    rows = path.read_text(encoding="utf-8").split("\n")
    guessed = [number for number, row in enumerate(rows) if "?\t" in row]
    turned = {"body?": "clutter?", "clutter?": "body?"}
    mine = {guessed[0]: "body", guessed[1]: "clutter", guessed[2]: "?"}
    for number in guessed:  # guesses of a poor model, and three labels of mine
        word, _, text = rows[number].partition("\t")
        rows[number] = f"{mine.get(number, turned[word])}\t{text}"
    path.write_text("\n".join(rows), encoding="utf-8")
    before = read_labelled(path)

    done = label(folder, documents=0)

    assert done.renewed == [str(path)]
    after = read_labelled(path)
    assert after.labels == before.labels
    assert after.lines == before.lines
    judged = {line.number: line.label for line in Cleaner.load().classify(after.text)}
    for number, (old, new) in enumerate(zip(before.guesses, after.guesses, strict=True), 1):
        assert new == (None if old is None else judged[number])
    assert label(folder, documents=0).renewed == []


def test_a_document_that_is_done_is_not_touched(folder: Path) -> None:
    label(folder, documents=1)
    [path] = (folder / "labelled").rglob("*.tsv")
    path.write_bytes(path.read_bytes().replace(b"?\t", b"\t"))
    done_at = path.stat().st_mtime_ns, path.read_bytes()
    label(folder, documents=0)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == done_at
    assert all(read_labelled(path).labels[n] for n, t in enumerate(read_labelled(path).lines) if t)


def test_a_page_that_has_changed_is_left_alone_and_named(folder: Path) -> None:
    [name] = label(folder, documents=1).written
    path = folder / "labelled" / name.replace(".txt", ".tsv")
    before = path.read_bytes()
    (folder / "raw" / name).write_text("Something else.\n")
    done = label(folder, documents=0)
    assert [note.path for note in done.problems] == [str(path)]
    assert "has changed" in done.problems[0].text
    assert path.read_bytes() == before


def test_problems_are_named_and_the_others_go_on(folder: Path) -> None:
    (folder / "raw/binary.txt").write_bytes(b"\0")
    (folder / "labelled").mkdir()
    (folder / "raw/broken.txt").write_text("It rained.\n")
    (folder / "labelled/broken.tsv").write_text("no label\n")
    done = label(folder, documents=100)
    assert sorted(Path(note.path).name for note in done.problems) == ["binary.txt", "broken.tsv"]
    assert len(done.written) == 12
    assert (folder / "labelled/broken.tsv").read_text() == "no label\n"


def test_odd_names_and_odd_texts_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    texts = {
        "empty.txt": b"",
        "blank.txt": b"\n \t\n\n",
        "tabs.txt": b"body\tOne\n\t\n#id: x\n",
        "returns.txt": b"One.\r\nTwo.\rThree.",
        "two\nlines.txt": b"It rained.",
        "latin.txt": "Über die Brücke.\n".encode("cp1252"),
        "separators.txt": "one\u2028two\x0bthree\x85four\n\u00a0\n".encode(),
    }
    for name, data in texts.items():
        (tmp_path / "raw" / name).write_bytes(data)
    done = label(tmp_path)
    assert done.problems == []
    assert len(done.written) + done.copies + done.empty == len(texts)
    assert done.empty == 2
    assert not {"empty.txt", "blank.txt"} & set(done.written)
    assert "skipped, as they have no line to label: 2" in list(done.summary())
    assert len(list(read_labelled_many([tmp_path / "labelled"]))) == len(done.written)
    assert label(tmp_path).problems == []


def test_source_and_language_can_be_given(folder: Path) -> None:
    label(folder, documents=2, source="coast.example", lang="en")
    documents = list(read_labelled_many([folder / "labelled"]))
    assert {(one.source, one.lang) for one in documents} == {("coast.example", "en")}


def test_wrong_directories_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="is neither a directory of page texts"):
        label_files(str(folder / "missing"), str(folder / "out"), PrefillSettings())
    with pytest.raises(InputError, match=r"matches \*\.md"):
        label_files(str(folder / "raw"), str(folder / "out"), PrefillSettings(include=("*.md",)))
    (folder / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        label_files(str(folder / "raw"), str(folder / "file"), PrefillSettings())
    assert not (folder / "out").exists()
