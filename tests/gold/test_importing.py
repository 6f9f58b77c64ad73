"""Importing: pages in, labelled files out; what is left out, doubted and reported."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import InputError, OutputError
from cleaner.files import read_labelled, read_labelled_many
from cleaner.gold import (
    CONVERTERS,
    EXTRACTORS,
    ImportedPage,
    import_pages,
    label_page,
    read_pages,
)
from cleaner.gold.alignment import align_lines
from cleaner.gold.articles import Article
from cleaner.gold.importing import is_contradicted
from cleaner.learn import Counts, score_texts, shingle_counts
from cleaner.text import split_tokens

RAIN = [f"On day {day} the river rose by another {day + 2} centimetres." for day in range(15)]
SNOW = [f"In week {week} the snow lay {week + 7} metres deep on the pass." for week in range(15)]


def make_html(*paragraphs: str, head: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head>{head}</head><body><ul><li>Home</li></ul>{body}<p>Imprint</p></body></html>"
    )


def gold(*paragraphs: str, **more: Any) -> dict[str, Any]:
    return {"kind": "annotated", "body": list(paragraphs), **more}


def save(path: Path, *records: dict[str, Any]) -> Path:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(lines.encode()))
    return path


def import_one(tmp_path: Path, record: dict[str, Any], extractors: bool = False) -> ImportedPage:
    (page,) = read_pages([save(tmp_path / "one.jsonl.gz", {"id": "page", **record})])
    return label_page(page, [*CONVERTERS, *EXTRACTORS] if extractors else list(CONVERTERS))


def test_files_are_written_for_every_view(tmp_path: Path) -> None:
    record = {
        "id": "weather/1",
        "set": "rain",
        "url": "https://www.example.org/rain",
        "lang": "en",
        "html": make_html(*RAIN),
        "gold": gold(*RAIN),
    }
    report = import_pages([save(tmp_path / "p.jsonl.gz", record)], tmp_path / "out" / "deep")
    assert (report.n_pages, report.n_documents, report.failures) == (1, 3, ())
    folder = tmp_path / "out" / "deep" / "rain"
    assert {path.name for path in folder.iterdir()} == {f"weather_1.{v}.tsv" for v in CONVERTERS}
    for document in read_labelled_many([folder]):
        body = [
            line
            for line, label in zip(document.lines, document.labels, strict=True)
            if label == "body"
        ]
        clutter = [
            line.lstrip("* ")
            for line, label in zip(document.lines, document.labels, strict=True)
            if label == "clutter"
        ]
        assert (body, clutter) == (RAIN, ["Home", "Imprint"])
        assert (document.source, document.lang, document.weight) == ("example.org", "en", 1.0)
    assert "" in read_labelled(folder / "weather_1.html_text.tsv").lines


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    records = [
        {"id": str(n), "html": make_html(*RAIN[n:], *SNOW[:n]), "gold": gold(*RAIN[n:])}
        for n in range(4)
    ]
    path = save(tmp_path / "p.jsonl.gz", *records)
    folders = [tmp_path / "one", tmp_path / "two"]
    reports = [import_pages([path], folder, jobs=n) for n, folder in enumerate(folders, 1)]
    assert reports[0] == reports[1]
    assert reports[0].n_documents > 0
    one, two = (list(read_labelled_many([folder])) for folder in folders)
    assert one == two


def test_gold_text_and_views_stand_beside_the_labels(tmp_path: Path) -> None:
    page = import_one(tmp_path, {"html": make_html(*RAIN), "gold": gold(*RAIN), "lang": "en"})
    assert (page.id, page.set, page.source, page.lang) == ("page", "one", "page", "en")
    assert page.article is not None
    assert page.article.text == "\n".join(RAIN)
    assert page.article.is_complete
    assert page.fit == 1
    assert list(page.views) == list(CONVERTERS)
    assert [document.lines for document in page.documents] == [*map(tuple, page.views.values())]


@pytest.mark.parametrize(
    ("record", "weight"),
    [
        ({"html": make_html(*RAIN), "gold": gold(*RAIN)}, 1.0),
        ({"html": make_html(*RAIN), "consensus": {"body": RAIN}}, 0.5),
        (
            {
                "html": make_html(
                    *RAIN,
                    head='<script type="application/ld+json">'
                    + json.dumps({"articleBody": " ".join(RAIN)})
                    + "</script>",
                )
            },
            0.7,
        ),
        ({"text": "\n\n".join(["Home", *RAIN]), "consensus": {"body": RAIN}}, 0.5),
        ({"html": make_html(*RAIN), "gold": gold(*SNOW)}, 0.0),
    ],
    ids=["gold", "silver", "own text", "text", "gold of another page"],
)
def test_weights(tmp_path: Path, record: dict[str, Any], weight: float) -> None:
    page = import_one(tmp_path, record)
    assert {document.weight for document in page.documents} == {weight}
    assert page.is_doubtful == (weight == 0)


def test_a_text_page_has_one_view(tmp_path: Path) -> None:
    text = "\n".join(["  Home ", "", *RAIN])
    page = import_one(tmp_path, {"text": text, "consensus": {"body": RAIN}})
    (document,) = page.documents
    assert document.id == "page.text"
    assert document.lines == ("Home", "", *RAIN)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"html": make_html(*RAIN)}, "nothing known about the article"),
        ({"html": make_html("abc"), "gold": gold("abc def ghi")}, "article of less than 25 words"),
        ({"html": make_html(*RAIN), "gold": gold(*RAIN), "lang": "la"}, "placeholder text"),
        ({"html": "<br>", "gold": gold(*RAIN)}, "no text in any view"),
    ],
)
def test_pages_that_teach_nothing_are_skipped(
    tmp_path: Path, record: dict[str, Any], reason: str
) -> None:
    page = import_one(tmp_path, record)
    assert (page.skipped, page.documents) == (reason, ())


def test_a_copy_is_skipped_but_not_for_a_page_that_is_skipped_itself(tmp_path: Path) -> None:
    path = save(
        tmp_path / "p.jsonl.gz",
        {"id": "placeholder", "html": make_html(*RAIN), "gold": gold(*RAIN), "lang": "la"},
        {"id": "silver", "html": make_html(*RAIN), "consensus": {"body": RAIN}},
        {"id": "gold", "html": make_html(*RAIN), "gold": gold(*RAIN)},
    )
    report = import_pages([path], tmp_path / "out")
    assert report.skipped == {"placeholder text": 1, "copy of another page": 1}
    assert {document.id.split(".")[0] for document in read_labelled_many([tmp_path / "out"])} == {
        "gold"
    }


def test_article_text_that_all_extractors_contradict_is_doubted() -> None:
    page = ["Home", *RAIN, *SNOW, "Imprint"]
    kept = [*RAIN, *SNOW]
    voters = {"trafilatura": kept, "readability": kept, "newspaper4k": kept}
    cut_short = Article("annotated", tuple(RAIN[:6]))
    assert is_contradicted({"html_text": page, **voters}, cut_short)
    assert not is_contradicted({"html_text": page, **voters}, Article("annotated", tuple(kept)))
    assert not is_contradicted(
        {"html_text": page, **voters, "resiliparse_main": RAIN[:6]}, cut_short
    )
    assert not is_contradicted({"html_text": page, "trafilatura": kept}, cut_short)
    assert not is_contradicted({"html_text": page}, cut_short)


def test_extractor_views_weigh_a_third(tmp_path: Path) -> None:
    for package in ("trafilatura", "readability", "justext", "newspaper"):
        pytest.importorskip(package)
    record = {"html": make_html(*RAIN), "gold": gold(*RAIN), "lang": "en"}
    page = import_one(tmp_path, record, extractors=True)
    weights = {document.id.split(".")[1]: document.weight for document in page.documents}
    assert weights["html_text"] == 1
    assert {weights[name] for name in EXTRACTORS if name in weights} == {1 / 3}
    assert {"trafilatura", "readability", "resiliparse_main"} <= set(weights)


def test_an_extractor_that_fails_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    for package in ("trafilatura", "readability", "justext", "newspaper"):
        pytest.importorskip(package)
    # An address that newspaper4k cannot take apart.
    html = make_html(*RAIN, head='<link rel="canonical" href="http://[x">')
    path = save(tmp_path / "p.jsonl.gz", {"id": "a", "html": html, "gold": gold(*RAIN)})
    report = import_pages([path], tmp_path / "out", extractors=True)
    [failure] = report.failures
    assert failure.startswith("a: newspaper4k failed: ValueError")
    assert report.n_documents >= len(CONVERTERS)


def test_errors_of_reading_and_writing(tmp_path: Path) -> None:
    good = save(tmp_path / "p.jsonl.gz", {"id": "a", "html": make_html(*RAIN), "gold": gold(*RAIN)})
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        import_pages([good], tmp_path / "file")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": "a"}\n')
    with pytest.raises(InputError, match=r"broken\.jsonl line 1"):
        import_pages([good, broken], tmp_path / "out")
    assert not (tmp_path / "out").exists()  # all records are read once before the first is written


SHARED = Path(os.environ.get("CLEAN_NEWS_SHARED", Path(__file__).parents[3] / "shared"))
PAGES = SHARED / "data" / "pages"


@pytest.mark.slow
@pytest.mark.skipif(not PAGES.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["fundus", "wcxb", "readability", "newspaper"])
def test_whole_lines_give_the_article_of_every_gold_set(name: str) -> None:
    """Labels lose nothing that whole lines could give: document F1 of at least .99 in every view.

    Words are those of `split_tokens`: with the benchmark's own, a converter that puts spaces
    inside Japanese or Chinese sentences would count as an error of the labels.
    """
    counts: dict[str, list[Counts]] = {view: [] for view in CONVERTERS}
    for record in read_pages([PAGES / f"{name}.jsonl.gz"]):
        page = label_page(record, list(CONVERTERS))
        if page.article is None or not page.documents or page.is_doubtful:
            continue
        gold_words = " ".join(split_tokens(page.article.text))
        for view, lines in page.views.items():
            matches = align_lines(lines, page.article.paragraphs)  # with the standfirst
            kept = [line for line, match in zip(lines, matches, strict=True) if match.is_body]
            counts[view].append(shingle_counts(gold_words, " ".join(split_tokens(" ".join(kept)))))
    scores = {view: score_texts(of_view).f1 for view, of_view in counts.items()}
    assert all(f1 >= 0.99 for f1 in scores.values()), scores
