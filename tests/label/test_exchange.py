"""Labelled documents survive a journey through annotation tools, and come back with labels."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError, LabelError, OutputError
from cleaner.files import read_labelled, read_labelled_many, write_labelled
from cleaner.label import export_documents, import_exchanged
from cleaner.label.exchange import FORMATS, read_exchanged
from cleaner.labelled import LabelledDocument

ROOT = Path(__file__).parents[2]
CASES = [
    pytest.param(name, case, id=f"{name}: {case['name']}")
    for name in FORMATS
    for case in json.loads(
        (ROOT / f"tests/cases/exchange_{name.replace('-', '_')}.json").read_text(encoding="utf-8")
    )
]


def write_case(case: dict[str, Any], name: str, path: Path) -> None:
    """Write the file of a case: given as text, as JSON, or as the objects of JSON Lines."""
    if "file_text" in case:
        text = case["file_text"]
    elif name == "label-studio":
        text = json.dumps(case["file"])
    else:
        text = "".join(json.dumps(record) + "\n" for record in case["file"])
    path.write_bytes(text.encode())


@pytest.mark.parametrize(("name", "case"), CASES)
def test_files_as_the_tools_write_them(name: str, case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    write_case(case, name, path)
    if "error" in case:
        with pytest.raises(LabelError) as caught:
            read_exchanged(path, name)
        assert case["error"] in str(caught.value)
        assert "all.json" in str(caught.value)
        return
    documents = read_exchanged(path, name)
    assert len(documents) == len(case["documents"])
    for document, expected in zip(documents, case["documents"], strict=True):
        found = {key: getattr(document, key) for key in expected}
        assert found == {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in expected.items()
        }


@pytest.mark.parametrize("name", FORMATS)
def test_the_corpus_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    documents = list(read_labelled_many([ROOT / "corpus/labelled"]))
    assert export_documents(documents, tmp_path / "all", name) == len(documents)
    assert read_exchanged(tmp_path / "all", name) == documents
    assert import_exchanged([tmp_path / "all"], tmp_path / "back", name) == len(documents)
    for document in documents:
        assert read_labelled(tmp_path / "back" / f"{document.id}.tsv") == document


MARKS = st.sampled_from(
    [(None, None), ("body", None), ("clutter", None), (None, "body"), (None, "clutter")]
)
LINES = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), MARKS
)


@given(st.lists(LINES, min_size=1), st.sampled_from(["", "en"]), st.sampled_from([0, 0.5, 1]))
def test_any_document_comes_back_as_it_was(
    lines: list[tuple[str, tuple[Any, Any]]], lang: str, weight: float
) -> None:
    marks = [mark if line.strip() else (None, None) for line, mark in lines]
    guesses = tuple(guess for _, guess in marks)
    document = LabelledDocument(
        id="a",
        lines=tuple(line for line, _ in lines),
        labels=tuple(label for label, _ in marks),
        source="example.org",
        lang=lang,
        weight=weight,
        guesses=guesses if any(guesses) else (),
    )
    for form in FORMATS.values():
        assert form.read(form.write([document]), "all") == [document]


def test_line_ends_of_any_kind(tmp_path: Path) -> None:
    text = "Home\r\nIt rained.\rIt snowed."
    for name, record in {
        "doccano": {"text": text, "label": [[6, 16, "body"]]},
        "prodigy": {"text": text, "answer": "accept",
                    "spans": [{"start": 6, "end": 16, "label": "body"}]},
    }.items():  # fmt: skip
        (tmp_path / "a").write_text(json.dumps(record))
        [document] = read_exchanged(tmp_path / "a", name)
        assert document.lines == ("Home", "It rained.", "It snowed.")
        assert document.labels == (None, "body", None)


def test_doccano_gets_offsets_as_javascript_counts_them() -> None:
    lines = ("🚒🚑 112", "It rained \U0001f327.", "End")
    document = LabelledDocument("a", lines, ("clutter", "body", "body"), "x.org")
    record = json.loads(FORMATS["doccano"].write([document]))
    units = record["text"].encode("utf-16-le")
    parts = [units[2 * start : 2 * end].decode("utf-16-le") for start, end, _ in record["label"]]
    assert parts == list(lines)


# --- files ------------------------------------------------------------------------------------


def document(name: str, line: str = "It rained.") -> LabelledDocument:
    return LabelledDocument(name, (line,), ("body",), "example.org")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_as_spreadsheets_write_them(tmp_path: Path, encoding: str) -> None:
    text = 'document\tlabel\ttext\r\na\tbody\t"It ""rained""\tall day – 🌧"\r\n'
    (tmp_path / "all").write_bytes(text.encode(encoding))
    [document] = read_exchanged(tmp_path / "all", "tsv")
    assert document.lines == ('It "rained"\tall day – 🌧',)


def test_ids_that_would_share_a_file_are_refused(tmp_path: Path) -> None:
    for first, second in (("a", "a"), ("a/b", "a?b")):
        with pytest.raises(LabelError, match="would have the same name"):
            export_documents([document(first), document(second)], tmp_path / "all", "tsv")
    for name in ("one", "two"):
        export_documents([document("a")], tmp_path / name, "prodigy")
    with pytest.raises(LabelError, match=r"one and .*two: documents 'a' and 'a'"):
        import_exchanged([tmp_path / "one", tmp_path / "two"], tmp_path / "out", "prodigy")


def test_ids_never_lead_out_of_the_directory(tmp_path: Path) -> None:
    export_documents([document("../../etc/passwd")], tmp_path / "all", "doccano")
    import_exchanged([tmp_path / "all"], tmp_path / "out", "doccano")
    [path] = (tmp_path / "out").iterdir()
    assert path.name == "etc_passwd.tsv"
    assert read_labelled(path).id == "../../etc/passwd"


def test_labelled_files_are_not_overwritten_until_forced(tmp_path: Path) -> None:
    mine = document("b", "Mine.")
    write_labelled(mine, tmp_path / "out/b.tsv")
    write_labelled(document("c"), tmp_path / "out/c.tsv")
    export_documents([document("a"), document("b"), document("c")], tmp_path / "all", "tsv")
    with pytest.raises(OutputError, match=r"1 labelled file would .*b\.tsv; nothing was written"):
        import_exchanged([tmp_path / "all"], tmp_path / "out", "tsv")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b.tsv", "c.tsv"]
    assert read_labelled(tmp_path / "out/b.tsv") == mine
    assert import_exchanged([tmp_path / "all"], tmp_path / "out", "tsv", force=True) == 3
    assert read_labelled(tmp_path / "out/b.tsv") == document("b")


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("prodigy", {"text": "It rained.", "spans": [], "meta": "x"}),
        ("prodigy", {"text": "It rained.", "spans": 5}),
        ("prodigy", {"text": "It rained.", "accept": 5, "answer": "accept"}),
        ("prodigy", {"text": "It rained.", "accept": {"a": 1}, "answer": "accept"}),
        ("prodigy", {"text": "It rained.", "label": "body", "meta": {"line": []}}),
        ("prodigy", {"text": "It rained.", "label": "body", "answer": ["accept"]}),
        ("doccano", {"text": "It rained.", "label": 5}),
        ("doccano", {"text": "It rained.", "label": [], "meta": 5}),
        ("doccano", {"text": "It rained.", "label": {"start": 1}}),
        ("label-studio", {"data": {"text": "It rained."}, "annotations": [{"result": {"a": 1}}]}),
        ("label-studio", {"data": {"text": "It rained.", "weight": {}}, "annotations": []}),
    ],
)
def test_values_of_other_types_are_refused_with_their_place(
    name: str, record: dict[str, Any], tmp_path: Path
) -> None:
    good = {
        "prodigy": {"text": "It rained.", "label": "body", "meta": {"line": 1}},
        "doccano": {"text": "It rained.", "label": []},
        "label-studio": {"data": {"text": "It rained."}},
    }
    write_case({"file": [good[name], record]}, name, tmp_path / "all")
    with pytest.raises(LabelError, match="all"):
        read_exchanged(tmp_path / "all", name)


@pytest.mark.parametrize("name", ["label-studio", "doccano", "prodigy"])
def test_deep_nesting_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "all").write_text("[" * 100_000)
    with pytest.raises(LabelError, match="is not JSON"):
        read_exchanged(tmp_path / "all", name)


def test_targets_of_any_kind(tmp_path: Path) -> None:
    write_case({"file": [{"text": "It rained.", "label": [], "document": "a"}]}, "doccano",
               tmp_path / "all")  # fmt: skip
    (tmp_path / "directory/a.tsv").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"a\.tsv"):
        import_exchanged([tmp_path / "all"], tmp_path / "directory", "doccano")
    (tmp_path / "latin").mkdir()
    (tmp_path / "latin/a.tsv").write_bytes(b"\xff")
    with pytest.raises(OutputError, match="would be overwritten"):
        import_exchanged([tmp_path / "all"], tmp_path / "latin", "doccano")


def test_long_ids_get_names_of_their_own(tmp_path: Path) -> None:
    ids = ["中" * 300, "中" * 300 + "!x", "a" * 300]
    records = [{"text": "It rained.", "label": [], "document": one} for one in ids]
    write_case({"file": records}, "doccano", tmp_path / "all")
    assert import_exchanged([tmp_path / "all"], tmp_path / "out", "doccano") == 3
    assert {read_labelled(path).id for path in (tmp_path / "out").iterdir()} == set(ids)


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*missing"):
        read_exchanged(tmp_path / "missing", "tsv")
    (tmp_path / "latin").write_bytes("Über".encode("latin-1"))
    with pytest.raises(InputError, match="byte 0 is not UTF-8"):
        read_exchanged(tmp_path / "latin", "tsv")
    (tmp_path / "half").write_bytes("Über".encode("utf-16")[:-1])
    with pytest.raises(InputError, match=r"byte 8 is not UTF-16.*save it as UTF-8"):
        read_exchanged(tmp_path / "half", "tsv")
    with pytest.raises(LabelError, match="cannot be written as UTF-8"):
        export_documents([document("a", "\ud800")], tmp_path / "all", "prodigy")
    with pytest.raises(OutputError, match="cannot write"):
        export_documents([document("a")], tmp_path, "prodigy")
