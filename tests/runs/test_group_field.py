"""Lines that recur among the rows of a site are clutter, as among the files of a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.errors import InputError
from cleaner.files import read_labelled_many
from cleaner.runs import RecordSettings, RunSettings, Summary, clean_files

CORPUS = Path(__file__).parents[2] / "corpus" / "labelled"
RECURRING = "The ferry has run every day since the spring of 1887."
RECORDS = RecordSettings(group_field="site")


def run(source: Path, target: Path, settings: RunSettings) -> Summary:
    summary = Summary(str(source))
    for result in clean_files(str(source), str(target), settings):
        summary.add(result)
    return summary


def rows() -> list[dict[str, str]]:
    """Twelve articles of one site, with a line in each of them, and one of another site.

    The site is told by its name, or by the address of the page.
    """
    documents = [
        [line for line, label in zip(one.lines, one.labels, strict=True) if label == "body"]
        for one in read_labelled_many([CORPUS])
        if one.lang == "en"
    ]
    articles = [body for body in documents if len(body) > 6][:13]
    return [
        {
            "site": (
                "b.example"
                if number == 12
                else f"https://A.example/{number}"
                if number % 2
                else "a.example"
            ),
            "text": "\n\n".join([*body[:3], RECURRING, *body[3:]]),
        }
        for number, body in enumerate(articles)
    ]


def write(path: Path, form: str) -> None:
    if form == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows()))
    else:
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows()), path)


def read(path: Path, form: str) -> list[str]:
    if form == ".jsonl":
        return [json.loads(line)["text"] for line in path.read_text().splitlines()]
    from pyarrow import parquet

    return [str(row["text"]) for row in parquet.read_table(path).to_pylist()]


@pytest.mark.parametrize("form", [".jsonl", ".parquet"])
def test_a_collection_of_rows_of_one_file(tmp_path: Path, form: str) -> None:
    source = tmp_path / f"in{form}"
    write(source, form)
    run(source, tmp_path / f"alone{form}", RunSettings())
    run(source, tmp_path / f"together{form}", RunSettings(collection=True, records=RECORDS))
    alone, together = (
        read(tmp_path / f"alone{form}", form),
        read(tmp_path / f"together{form}", form),
    )
    kept = [sum(RECURRING in text for text in some[:12]) for some in (alone, together)]
    assert kept[0] > kept[1] == 0
    assert (RECURRING in together[12]) == (RECURRING in alone[12])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_collection_of_shards_counts_them_all_together(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "in").mkdir()
    for number, row in enumerate(rows()):
        (tmp_path / f"in/{number}.jsonl").write_text(json.dumps(row) + "\n")
    settings = RunSettings(collection=True, records=RECORDS, jobs=jobs)
    assert run(tmp_path / "in", tmp_path / "out", settings).cleaned == 13
    found = [read(tmp_path / f"out/{number}.jsonl", ".jsonl")[0] for number in range(12)]
    assert not any(RECURRING in text for text in found)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (RunSettings(collection=True), "--group-field"),
        (RunSettings(collection=True, include=("*.jsonl",)), "--group-field"),
        (RunSettings(collection=True, include=("*.html",)), "leave HTML out"),
    ],
)
def test_what_cannot_be_a_collection_is_refused(
    tmp_path: Path, settings: RunSettings, problem: str
) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "a.jsonl"
    write(source, ".jsonl")
    given = source if settings.include == RunSettings().include else tmp_path / "in"
    with pytest.raises(InputError, match=problem):
        run(given, tmp_path / "out.jsonl", settings)
