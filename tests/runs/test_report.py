"""The page about a run shows what happened, loads nothing, and takes no text for markup."""

import re
import shutil
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cleaning import Cleaner
from cleaner.cli import main
from cleaner.runs import Run, RunSettings, Summary, clean_and_report, clean_files
from cleaner.runs.report import render_report

PAGES = sorted((Path(__file__).parents[2] / "corpus/pages").glob("*.txt"))
VOID = {"meta", "input"}


class Page(HTMLParser):
    """Collects the text of a page, its tags and its attributes, and checks that tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self._skip = False
        self.feed(html)
        self.close()
        assert self._open == []
        self.text = " ".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words += data.split()


CleanAndRead = Callable[..., Page]


@pytest.fixture
def run(tmp_path: Path) -> CleanAndRead:
    """Clean files given by name and content, and read the page about it."""

    def clean(contents: dict[str, str | bytes], **settings: object) -> Page:
        for name, content in contents.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        names = str(tmp_path / "in"), str(tmp_path / "out")
        chosen = RunSettings(jobs=1, **settings)  # type: ignore[arg-type]
        assert list(clean_and_report(*names, chosen, str(tmp_path / "page")))
        return Page((tmp_path / "page").read_text(encoding="utf-8"))

    return clean


def test_it_shows_every_file_and_line_of_a_small_run(run: CleanAndRead) -> None:
    page = run({f"{path.stem[:2]}/{path.name}": path.read_bytes() for path in PAGES[:20]})
    cleaner = Cleaner.load()
    results = cleaner.clean_encoded([path.read_bytes() for path in PAGES[:20]])
    n_empty = sum(not result.data for result in results)
    assert "Files cleaned 20 of 20" + (f"; {n_empty} with" if n_empty else "") in page.text
    assert f"Lines kept {sum(result.kept for result in results)} " in page.text
    for path, result in zip(PAGES[:20], results, strict=True):
        assert f"{path.stem[:2]}/{path.name}" in page.words
        assert f"{100 * result.confidence:.1f}%" in page.words
        assert f"{result.kept} of {result.kept + result.dropped} lines" in page.text
        for line in cleaner.classify(path.read_text(encoding="utf-8")):
            assert " ".join(line.text.split())[:500] in page.text


def test_it_shows_the_lines_of_a_collection_as_they_were_judged(run: CleanAndRead) -> None:
    notice = (
        "The foundation that pays for a part of this work was set up in 1974 by two shipowners. It"
        " is run by a board of seven members, who are elected every spring."
    )
    site = {
        f"{folder}/{town} {thing}.txt": f"The council of {town} voted on Tuesday to keep its"
        f" {thing} open until spring, after a debate of many hours.\n\n{notice}"
        for folder in ("north", "south/sub")
        for town in ("Norsund", "Tollan", "Elvik", "Surava")
        for thing in ("library", "school", "harbour", "pool")
    }
    for collection, dropped in ((False, 0), (True, len(site))):
        page = run({**site, "one.txt": notice}, collection=collection, force=True)
        assert f"Lines kept {2 * len(site) + 1 - dropped} " in page.text
        assert page.attributes.count(("class", "line dropped")) == dropped


def test_the_least_certain_come_first(run: CleanAndRead) -> None:
    page = run({path.name: path.read_bytes() for path in PAGES})
    listed = [word for word in page.words if word.endswith(".txt")][: len(PAGES)]
    results = Cleaner.load().clean_with_confidence(path.read_text("utf-8") for path in PAGES)
    confidence = {path.name: value for path, (_, value) in zip(PAGES, results, strict=True)}
    assert [confidence[name] for name in listed] == sorted(confidence.values())


def test_dropped_lines_are_dimmed_and_kept_ones_are_not(run: CleanAndRead) -> None:
    text = PAGES[20].read_text(encoding="utf-8")
    page = run({"a.txt": text})
    classes = [value for name, value in page.attributes if name == "class"]
    lines = Cleaner.load().classify(text)
    assert classes.count("line") == sum(line.label == "body" for line in lines)
    assert classes.count("line dropped") == sum(line.label == "clutter" for line in lines)


HOSTILE = '<script>alert(1)</script> </div> & "quoted" {{ 7 * 7 }} <img src=x onerror=alert(1)>'


def test_texts_and_names_are_never_markup(run: CleanAndRead) -> None:
    name = "<b onclick=x>&amp;'\".txt"
    page = run({name: HOSTILE + "\n" + HOSTILE, f"sub {name[:-4]}/a.txt": HOSTILE})
    assert HOSTILE in page.text
    assert name.split()[0] in page.text
    assert not {"script", "img", "b", "iframe", "link", "object"} & {*page.tags} - {"b"}
    assert page.tags.count("b") == 4  # the numbers of the tiles
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_it_loads_nothing_from_elsewhere(run: CleanAndRead, tmp_path: Path) -> None:
    page = run({path.name: path.read_bytes() for path in PAGES[:5]})
    assert not {"src", "href", "srcset", "action"} & {name for name, _ in page.attributes}
    html = (tmp_path / "page").read_text(encoding="utf-8")
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_odd_characters(run: CleanAndRead) -> None:
    page = run({"a.txt": "It\x0brained \x1b[2J\u202e and\tpoured 🌧.\nשלום עולם, זה מבחן\n"})
    assert "rained [2J\u202e and poured 🌧." in page.text  # the direction ends with the element
    assert "שלום עולם, זה מבחן" in page.text
    assert not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]", page.text)


def test_problems_and_empty_results_are_named(run: CleanAndRead, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    page = run({"binary.txt": b"\0", "nothing.txt": "Home | News", "mine.txt": "It rained.",
                "latin.txt": "Über uns".encode("latin-1")})  # fmt: skip
    assert "Nothing kept 2 documents in which" in page.text
    assert "nothing.txt" in page.words
    assert "binary: it holds a NUL byte" in page.text
    assert "another file is there and was left alone" in page.text
    assert "decoded from" in page.text


def test_only_so_much_of_a_large_run_is_shown(run: CleanAndRead, tmp_path: Path) -> None:
    long = "\n".join(f"Line {n} of a page that is very long. " + "word " * 300 for n in range(600))
    contents: dict[str, str | bytes] = {f"{n}.txt": "Home\nIt rained.\n" for n in range(700)}
    page = run({**contents, "long.txt": long})
    assert "The 500 least certain of 701 documents." in page.text
    assert page.tags.count("details") == 40
    assert (tmp_path / "page").stat().st_size < 2_000_000


def test_files_that_are_gone_meanwhile(tmp_path: Path) -> None:
    shutil.copytree(PAGES[0].parent, tmp_path / "in")
    names = str(tmp_path / "in"), str(tmp_path / "out")
    summary = Summary(names[0])
    for report in clean_files(*names, RunSettings(surveyed=True, jobs=1)):
        summary.add(report)
    gone = Path(summary.least_certain[0].path)
    gone.unlink()
    page = Page(render_report(summary, Run.load(RunSettings()), names[1]))
    assert f"cannot read {gone}: No such file" in page.text


def test_workers_report_the_same(tmp_path: Path) -> None:
    pages = []
    for jobs in (1, 2):
        names = str(PAGES[0].parent), str(tmp_path / f"out{jobs}")
        summary = Summary(names[0])
        for report in clean_files(*names, RunSettings(surveyed=True, jobs=jobs)):
            summary.add(report)
        html = render_report(summary, Run.load(RunSettings()), "out")
        pages.append(re.sub(r'<span class="when">.*?</span>', "", html))
    assert pages[0] == pages[1]


def test_nothing_cleaned(tmp_path: Path) -> None:
    page = Page(render_report(Summary(str(tmp_path)), Run.load(RunSettings()), "out"))
    assert "Files cleaned 0 of 0" in page.text


def test_without_jinja_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)  # as if it were not installed
    arguments = [str(PAGES[0]), str(tmp_path / "out.txt"), "--report", str(tmp_path / "page.html")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "pip install 'clean-news[report]'" in result.stderr
    assert not any(tmp_path.iterdir())


def test_html_is_shown_as_its_lines_as_they_were_judged(run: CleanAndRead) -> None:
    html = (PAGES[0].parents[2] / "tests/cases/page.html").read_text(encoding="utf-8")
    page = run({"page.html": html})
    assert "<p>" not in page.text
    lines = [line for line in Cleaner.load("news-html").explain_html(html) if line.text.strip()]
    assert len({line.label for line in lines}) == 2
    for line in lines:
        assert " ".join(line.text.split()) in page.text
    classes = [value for name, value in page.attributes if name == "class"]
    assert classes.count("line dropped") == sum(line.label == "clutter" for line in lines)
    assert classes.count("line") == sum(line.label == "body" for line in lines)
