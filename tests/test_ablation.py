"""The ablation command leaves out what a row says, still scores every page, and adds up."""

import gzip
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from cleaner.features import FEATURES
from cleaner.files import write_labelled
from cleaner.labelled import LabelledDocument
from cleaner.learn import Counts, TrainingSettings
from cleaner.model import COLUMN_NAMES

BENCHMARKS = Path(__file__).parent / "benchmarks"
# Ids of pages, made of documents of corpus/.
IDS = {
    "en": ("fundus_0.html_text", "wcxb_0.html_text", "newspaper_0.html_text"),
    "de": ("fundus_1.html_text", "fundus_2.html_text", "fundus_2.resiliparse", "goose_0.html_text"),
}


@pytest.fixture
def ablation(monkeypatch: pytest.MonkeyPatch, quick_settings: TrainingSettings) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("ablation")
    monkeypatch.setattr(module.build, "SETTINGS", quick_settings)
    return module


@pytest.fixture(scope="module")
def imported(documents: list[LabelledDocument], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("imported")
    for lang, ids in IDS.items():
        of_lang = [document for document in documents if document.lang == lang]
        for name, document in zip(ids, of_lang, strict=False):
            write_labelled(replace(document, id=name), directory / f"{name}.tsv")
    return directory


def read_rows(table: str) -> dict[str, list[str]]:
    """Cells after the first, by the first cell."""
    rows = [re.split(r" {2,}", line.strip()) for line in table.splitlines()[1:]]
    return {name: cells for name, *cells in rows}


def test_every_feature_is_in_one_group(ablation: ModuleType) -> None:
    groups = ablation.feature_groups()
    assert groups.pop(ablation.NEIGHBOURS)[0] == "log_words[-1]"
    assert sorted(name for names in groups.values() for name in names) == sorted(FEATURES)
    assert {"log_lines", "place"} <= set(groups["its place"])


def test_rows_have_names_of_their_own_and_leave_out_what_there_is(ablation: ModuleType) -> None:
    settings = ablation.pass_settings()
    names = [*settings, *ablation.KINDS, ablation.WEIGHTS, *ablation.feature_groups()]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= ablation.SHORTEST[0]
    for row in settings.values():
        assert set(row.left_out) <= COLUMN_NAMES


def test_scored_pages_stay_without_weight(ablation: ModuleType, imported: Path) -> None:
    pieces = ablation.read_pieces(imported, True)
    gold = ablation.labelled_bodies(pieces)
    assert sorted(gold) == ["fundus_0", "fundus_1", "fundus_2", "newspaper_0", "wcxb_0"]

    def weights(kind: str) -> dict[str, float]:
        some = ablation.leave_out(pieces, ablation.KINDS[kind], gold)
        return {one.id: one.weight for one in some if one.id in (*IDS["en"], *IDS["de"])}

    whole = {one.document.id: one.document.weight for one in pieces if one.origin == "imported"}
    assert weights("corpus") == weights("augmented documents") == whole
    assert weights("wcxb") == whole | {"wcxb_0.html_text": 0}
    assert "goose_0.html_text" in whole
    assert "goose_0.html_text" not in weights("silver sets")
    german = weights("German")
    assert german["fundus_1.html_text"] == german["fundus_2.html_text"] == 0
    assert "fundus_2.resiliparse" not in german
    assert "fundus_2.resiliparse" in weights("extractors' views")
    assert "fundus_2.resiliparse" not in weights("all views but html_text")


@pytest.mark.slow
def test_a_table_of_some_rows(
    ablation: ModuleType, imported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ("wcxb", "pass 2", "extractors' views")
    ablation.main([str(imported), "--only", *only])
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1].rstrip().endswith("other")
    rows = read_rows(printed.out)
    assert list(rows) == ["left out", "nothing", "pass 2", "wcxb"]
    assert "extractors' views: there is none in these data" in printed.err
    assert rows["nothing"][1:3] == ["+0.0000", "+0.0000 to +0.0000"]
    for name in list(rows)[1:]:
        f1, change, interval, *domains = rows[name]
        assert float(f1) == pytest.approx(sum(map(float, domains)) / len(domains), abs=1e-4)
        assert float(change) == pytest.approx(float(f1) - float(rows["nothing"][0]), abs=2e-4)
        low, high = map(float, interval.split(" to "))
        assert low <= high
    assert rows["pass 2"] != rows["nothing"]


def test_gold_of_pages_is_what_is_scored(
    ablation: ModuleType, imported: Path, documents: list[LabelledDocument], tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One page's gold, which nothing on the page agrees with; trained with a small corpus."""
    monkeypatch.setattr(ablation, "REPOSITORY", tmp_path)
    for name, some in (("labelled", documents[:12]), ("hard", documents[12:14])):
        for document in some:
            write_labelled(document, tmp_path / f"corpus/{name}/{document.id}.tsv")
    gold = {"kind": "annotated", "body": ["Words of nobody on any page of these."]}
    row = {"id": "fundus_0", "set": "fundus", "lang": "en", "html": "<p>x</p>", "gold": gold}
    pages = tmp_path / "fundus.jsonl.gz"
    pages.write_bytes(gzip.compress(json.dumps(row).encode()))
    ablation.main([str(imported), "--pages", str(tmp_path), "--only", "nothing"])
    rows = read_rows(capsys.readouterr().out)
    assert rows["nothing"] == ["0.0000", "+0.0000", "+0.0000 to +0.0000", "0.0000"]


def test_cells_without_pages_are_empty(ablation: ModuleType) -> None:
    before: Sequence[list[Counts]] = [[], [Counts(5, 0, 5)], [Counts(10, 0, 0)], []]
    after: Sequence[list[Counts]] = [[], [Counts(10, 0, 0)], [Counts(10, 0, 0)], []]
    cells = ablation.make_cells("layout", before, after)
    assert cells[:3] == ["layout", "1.0000", "+0.1667"]
    assert cells[4:] == ["", "1.0000", "1.0000", ""]


def test_a_mistake_is_said(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "ablation.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no labelled files of the views html_text and text" in done.stderr
    done = subprocess.run(
        [*command, "--only", "layuot"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice: 'layuot'" in done.stderr
