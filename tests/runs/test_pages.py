"""HTML in, clean text out: pages, archives and records, with metadata, titles and Markdown."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyarrow import parquet

from cleaner.cleaning import Cleaner
from cleaner.errors import MissingExtraError
from cleaner.files import read_row, record_format
from cleaner.runs import (
    PageSettings,
    RecordSettings,
    RunSettings,
    Summary,
    clean_files,
    explain_file,
)
from cleaner.text import read_html

PAGE = Path(__file__).parent.parent / "cases" / "page.html"
HTML = PAGE.read_text(encoding="utf-8")
LINES = [
    "The harbour bridge will close to traffic on Monday, the council said, after engineers found"
    " cracks in two of its bearings.",
    "“We would rather close it for six weeks than for six years,” said the chief engineer, Ines"
    " Vogt, who has inspected the bridge since 2009.",
    "What changes for travellers",
    "Ferries will run every ten minutes from the old customs house until the bridge reopens.",
    "Tickets will stay at two crowns, the council promised its residents on Sunday.",
    "The last closure, in 2011, took twice as long as had been planned and cost the city four"
    " million crowns, according to the council.",
]
DAMAGED = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def run(source: Path, target: Path, settings: RunSettings | None = None) -> Summary:
    chosen = settings or RunSettings(jobs=1)
    summary = Summary(str(source))
    for result in clean_files(str(source), str(target), chosen):
        summary.add(result)
    return summary


def text_lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def write_warc(path: Path, pages: list[tuple[str, bytes, str]]) -> None:
    from fastwarc.warc import WarcRecord, WarcRecordType

    with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
        for url, body, kind in pages:
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = url
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
            record.set_bytes_content(head + body)
            record.headers["Content-Type"] = "application/http; msgtype=response"
            buffer = io.BytesIO()
            record.write(buffer)
            file.write(buffer.getvalue())


def test_the_article_is_what_is_kept_of_a_page(tmp_path: Path) -> None:
    summary = run(PAGE, tmp_path / "clean.txt")
    assert summary.cleaned == 1
    assert text_lines(tmp_path / "clean.txt") == LINES


def test_cleaning_a_page_is_the_same_through_every_door(tmp_path: Path) -> None:
    run(PAGE, tmp_path / "clean.txt")
    expected = (tmp_path / "clean.txt").read_text(encoding="utf-8")
    cleaner = Cleaner.load("news-html")
    assert cleaner.clean_html(HTML) == expected
    assert cleaner.clean_html(PAGE.read_bytes()) == expected
    others = ["<p>Home", HTML * 3, "", HTML]
    assert [*cleaner.clean_many_html(others)] == [cleaner.clean_html(one) for one in others]
    kept = [line.text for line in cleaner.explain_html(HTML) if line.label == "body"]
    assert kept == LINES


def test_reasons_of_a_page_sum_to_its_log_odds_and_tell_of_markup() -> None:
    import math

    lines = Cleaner.load("news-html").explain_html(HTML)
    for line in lines:
        total = sum(reason.contribution for reason in line.reasons)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(line.body_probability, abs=1e-5)
    groups = {reason.group for line in lines for reason in line.reasons}
    assert {"its markup", "the page's template"} <= groups


def test_a_directory_may_hold_texts_and_pages_and_every_name_stays_apart(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.html").write_bytes(PAGE.read_bytes())
    (source / "a.htm").write_bytes(b"<p>Home")
    (source / "b.html.gz").write_bytes(gzip.compress(PAGE.read_bytes()))
    (source / "c.txt").write_text("\n\n".join(["Home", *LINES]), encoding="utf-8")
    (source / "d.html").write_bytes(DAMAGED)
    (source / "e.html.gz").write_bytes(gzip.compress(PAGE.read_bytes())[:-30])
    summary = run(source, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.htm.txt", "a.html.txt", "b.txt", "c.txt",
    ]  # fmt: skip
    assert text_lines(tmp_path / "out/a.html.txt") == LINES
    assert (tmp_path / "out/b.txt").read_bytes() == (tmp_path / "out/a.html.txt").read_bytes()
    reasons = {Path(note.path).name: note.text for note in summary.problems}
    assert reasons.keys() == {"d.html", "e.html.gz"}
    assert "binary" in reasons["d.html"]
    assert "cut short or damaged" in reasons["e.html.gz"]


def test_workers_clean_pages_to_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(8):
        (source / f"{number}.html").write_text(HTML.replace("Monday", f"Monday {number}"))
    for jobs in (1, 2):
        run(source, tmp_path / f"out{jobs}", RunSettings(jobs=jobs))
    for number in range(8):
        one, two = (tmp_path / f"out{jobs}" / f"{number}.txt" for jobs in (1, 2))
        assert one.read_bytes() == two.read_bytes() != b""


def test_a_model_of_texts_judges_pages_by_their_text_and_one_of_html_no_texts(
    tmp_path: Path,
) -> None:
    run(PAGE, tmp_path / "text.txt", RunSettings(model="news"))
    assert LINES[0] in text_lines(tmp_path / "text.txt")
    (tmp_path / "a.txt").write_text("It rained.")
    summary = run(tmp_path / "a.txt", tmp_path / "b.txt", RunSettings(model="news-html"))
    assert "judges HTML, not text" in summary.problems[0].text


def test_a_survey_of_a_page_is_told_of_its_text(tmp_path: Path) -> None:
    settings = RunSettings(jobs=1, surveyed=True)
    [result] = clean_files(str(PAGE), str(tmp_path / "page.txt"), settings)
    [status] = result.statuses
    text = read_html(HTML).text
    assert (status.bytes_before, status.bytes_after) == (
        len(text.encode()), (tmp_path / "page.txt").stat().st_size,
    )  # fmt: skip
    assert sum(result.dropped_lines.values()) == status.dropped > 0


@pytest.mark.parametrize(
    "title", ["It\x93s", "a\x7f", "\ufffe", "yes", "é “q”: # - 'x'", 'a\\b"c', "🙂", "\u200e"]
)
def test_any_title_is_read_back_from_the_header(tmp_path: Path, title: str) -> None:
    """Pages that were decoded wrongly have signs of C1, which stand in YAML only as escapes."""
    page = f"<meta name=title content='{html.escape(title)}'><p>{LINES[0]}</p><p>{LINES[1]}</p>"
    (tmp_path / "a.html").write_text(f"<meta charset=utf-8>{page}", encoding="utf-8")
    pages = PageSettings(with_metadata=True)
    run(tmp_path / "a.html", tmp_path / "a.txt", RunSettings(pages=pages))
    _, header, text = (tmp_path / "a.txt").read_text(encoding="utf-8").split("---\n")
    assert yaml.safe_load(header) == {"title": title}
    assert LINES[0] in text


def test_metadata_title_and_markdown_on_request(tmp_path: Path) -> None:
    target = tmp_path / "clean.md"
    pages = PageSettings(markdown=True, keep_title=True, with_metadata=True)
    run(PAGE, target, RunSettings(pages=pages))
    assert target.read_text(encoding="utf-8") == (
        '---\ntitle: "Harbour bridge to close for six weeks"\nauthor: "Mara Lindqvist, Tom Ahle"\n'
        'date: "2024-03-04T07:15:00+00:00"\nlanguage: "en-GB"\nsite: "Harbour News"\n'
        'address: "https://harbour.example/2024/bridge"\n---\n\n'
        "# Harbour bridge to close for six weeks\n\n"
        "The harbour bridge will close to traffic on Monday, the council said, after engineers"
        " found **cracks** in two of its [bearings](https://harbour.example/bearings).\n\n"
        f"{LINES[1]}\n\n## {LINES[2]}\n\n- {LINES[3]}\n- {LINES[4]}\n\n{LINES[5]}\n"
    )


def test_pages_of_a_warc_file_become_a_table(tmp_path: Path) -> None:
    write_warc(tmp_path / "a.warc", [("https://a.example/", HTML.encode(), "text/html")])
    for name in ("a.jsonl", "a.parquet"):
        run(tmp_path / "a.warc", tmp_path / name)
    [row] = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == [row]


def test_a_page_of_an_archive_is_explained_as_html(tmp_path: Path) -> None:
    write_warc(tmp_path / "a.warc", [("https://a.example/", HTML.encode(), "text/html")])
    lines, _ = explain_file(f"{tmp_path}/a.warc:1", RunSettings())
    assert lines == Cleaner.load("news-html").explain_html(HTML)


@pytest.mark.parametrize("ending", [".warc", ".warc.gz"])
def test_the_pages_of_an_archive_become_rows(tmp_path: Path, ending: str) -> None:
    source = tmp_path / f"crawl{ending}"
    latin = HTML.replace('<meta charset="utf-8">', "").encode("cp1252")
    write_warc(
        source,
        [
            ("https://harbour.example/2024/bridge", PAGE.read_bytes(), "text/html"),
            ("https://harbour.example/logo", DAMAGED, "image/png"),
            ("https://harbour.example/latin", latin, "text/html; charset=iso-8859-1"),
            ("https://harbour.example/broken", DAMAGED, "text/html"),
        ],
    )
    pages = PageSettings(with_metadata=True)
    summary = run(source, tmp_path / "clean.jsonl", RunSettings(pages=pages))
    rows = [json.loads(line) for line in (tmp_path / "clean.jsonl").read_text().splitlines()]
    assert [row["url"].rpartition("/")[2] for row in rows] == ["bridge", "latin", "broken"]
    for row in rows[:2]:
        assert [line for line in row["text"].split("\n") if line] == LINES
        assert row["title"] == "Harbour bridge to close for six weeks"
        assert row["date"] == "2024-03-04T07:15:00+00:00"
        assert "crawled" in row
    assert "text" not in rows[2]
    assert "binary" in summary.problems[0].text
    run(tmp_path, tmp_path.with_name(f"{tmp_path.name}-out"), RunSettings(include=("*.warc*",)))
    assert tmp_path.with_name(f"{tmp_path.name}-out").joinpath("crawl.warc.jsonl").exists()


@pytest.mark.parametrize(
    "kind",
    [
        'text/html; charset="koi8-r"',
        "text/html;charset='koi8-r'",
        "TEXT/HTML; Charset=KOI8-R, utf-8",
        "text/html, text/html; charset=koi8-r",
    ],
)
def test_the_charset_of_a_page_is_told_in_many_ways(tmp_path: Path, kind: str) -> None:
    page = "<p>Мост"
    write_warc(tmp_path / "a.warc", [("https://a.example/", page.encode("koi8-r"), kind)])
    assert read_row(f"{tmp_path}/a.warc:1", "text") == page


def test_pages_of_an_archive_are_unpacked(tmp_path: Path) -> None:
    kind = "text/html; charset=utf-8\r\n{}: gzip\r\nTRANSFER-ENCODING: chunked"
    packed = gzip.compress(PAGE.read_bytes())
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    url = "https://a.example/"
    pages = [(url, chunks, kind.format(name)) for name in ("Content-Encoding", "X-Other")]
    write_warc(tmp_path / "a.warc", pages)
    summary = run(tmp_path / "a.warc", tmp_path / "a.jsonl")
    first, second = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert [line for line in first["text"].split("\n") if line] == LINES
    assert "text" not in second
    assert [problem.text.partition(")")[2] for problem in summary.problems] == [
        " binary: neither UTF-8 nor text in a known legacy encoding"
    ]


def test_packed_pages_are_held_by_what_they_unpack_to(tmp_path: Path) -> None:
    page = gzip.compress(b"<p>" + b"It rained. " * 100_000)
    kind = "text/html; charset=utf-8\r\nContent-Encoding: gzip"
    write_warc(tmp_path / "a.warc", [("https://a.example/", page, kind)] * 10)
    reader = record_format(f"{tmp_path}/a.warc")
    assert reader
    sizes = [len(batch.texts) for batch in reader.read(f"{tmp_path}/a.warc", "")]
    assert sizes == [3, 3, 3, 1]


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_what_is_no_archive_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.warc").write_bytes(content)
    summary = run(tmp_path / "a.warc", tmp_path / "a.jsonl")
    assert len(summary.problems) == 1
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize("ending", [".warc", ".warc.gz"])
def test_an_archive_that_is_cut_short_gives_nothing(tmp_path: Path, ending: str) -> None:
    source = tmp_path / f"a{ending}"
    pages = [(f"https://harbour.example/{n}", PAGE.read_bytes(), "text/html") for n in range(9)]
    write_warc(source, pages)
    content = source.read_bytes()
    source.write_bytes(content[: len(content) * 7 // 10])
    summary = run(source, tmp_path / "b.jsonl")
    assert "damaged WARC file" in summary.problems[0].text
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize(
    ("ending", "form"), [(".jsonl", str), (".parquet", str), (".parquet", str.encode)]
)
def test_a_field_of_html_is_cleaned_into_the_text_field(
    tmp_path: Path, ending: str, form: Callable[[str], str | bytes]
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "html": form(HTML), "title": "kept as it is"},
        {"id": 2, "html": form("<div>" * 5000), "title": "nested"},
        {"id": 3, "html": None, "title": "none"},
    ]
    source, target = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    if ending == ".jsonl":
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), source)
    settings = RunSettings(
        records=RecordSettings(html_field="html"), pages=PageSettings(with_metadata=True)
    )
    summary = run(source, target, settings)
    if ending == ".jsonl":
        found = [json.loads(line) for line in target.read_text().splitlines()]
    else:
        found = parquet.read_table(target).to_pylist()
    assert [row["id"] for row in found] == [1, 2, 3]
    assert [line for line in found[0]["text"].split("\n") if line] == LINES
    assert found[0]["html"] == form(HTML)
    assert found[0]["title"] == "kept as it is"
    assert found[0]["author"] == "Mara Lindqvist, Tom Ahle"
    assert found[1].get("text") is None
    assert any("row 2 elements are nested" in note.text for note in summary.problems)


@pytest.mark.parametrize(
    ("package", "names", "told"),
    [
        ("selectolax", ["a.txt", "b.html", "c.HTM.gz", "d.html"], "clean-news[html]"),
        ("fastwarc", ["a.txt", "b.warc.gz"], "clean-news[html]"),
        ("pyarrow", ["a.txt", "b.parquet", "c.jsonl.zst"], "clean-news[records]"),
    ],
)
def test_a_missing_extra_is_told_once_before_a_directory_is_cleaned(
    package: str, names: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    source = tmp_path / "in"
    source.mkdir()
    for name in names:
        (source / name).write_text("It rained.")
    with pytest.raises(MissingExtraError, match=re.escape(told)) as raised:
        run(source, tmp_path / "out")
    assert "--include" in str(raised.value)
    assert not (tmp_path / "out").exists()
    texts = RunSettings(jobs=1, include=("*.txt",))
    assert run(source, tmp_path / "out", texts).cleaned == 1
