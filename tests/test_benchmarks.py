"""The benchmark scripts run on small pages in every shape that they read."""

import gzip
import importlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError
from cleaner.gold import convert_page
from cleaner.learn import score_texts, shingle_counts
from cleaner.text import split_tokens

BENCHMARKS = Path(__file__).parent / "benchmarks"

PARAGRAPHS = {
    "en": (
        "The harbour office will close its oldest pier in autumn, the port authority said on"
        " Tuesday, after divers found cracks in eleven of its forty wooden pillars.",
        "“We could have waited for a storm to do the work for us,” said Edda Brook, who has run"
        " the office since spring. “Nobody here wanted to see that.”",
        "Fishing boats are to land at the northern quay until the new pier is ready, which the"
        " authority expects in about two years and at a cost of nine million crowns.",
        "Restaurant owners along the promenade asked for a floating landing stage in the"
        " meantime, because most of their guests arrive on the ferry from the islands.",
    ),
    "de": (
        "Das Hafenamt schließt im Herbst seinen ältesten Steg, weil Taucher an elf der vierzig"
        " Pfähle Risse gefunden haben. Das teilte die Behörde am Dienstag mit.",
        "„Wir hätten auch auf den nächsten Sturm warten können“, sagte die Leiterin Edda Brook."
        " „Aber das wollte hier wirklich niemand erleben.“",
        "Die Fischer sollen bis zum Ende der Arbeiten am Nordkai anlegen. Die Behörde rechnet mit"
        " zwei Jahren Bauzeit und Kosten von neun Millionen Kronen.",
        "Die Wirte an der Promenade wünschen sich für diese Zeit einen schwimmenden Anleger, denn"
        " die meisten ihrer Gäste kommen mit der Fähre von den Inseln.",
    ),
}
LANGUAGES = ("en", "de", "en", "de", "en", "de")


def make_page(number: int) -> dict[str, str]:
    """One page in one language, with its gold text; each has another order of paragraphs."""
    lang = LANGUAGES[number]
    first, second, *rest = PARAGRAPHS[lang][number % 4 :] + PARAGRAPHS[lang][: number % 4]
    paragraphs = [f"{first} {second}", *rest]  # jusText wants one of 200 letters
    html = (
        f'<!DOCTYPE html><html lang="{lang}-x"><head><title>Pier {number}</title></head><body>'
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
        f"<article><h1>Harbour closes pier {number}</h1>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        + "</article><footer><p>© Harbour Post. All rights reserved.</p></footer></body></html>"
    )
    return {"id": f"page{number}", "lang": lang, "html": html, "gold": "\n".join(paragraphs)}


PAGES = [make_page(number) for number in range(len(LANGUAGES))]
OWN = f"clean-news-html {version('clean-news')}"
NO_BODY = {"id": "empty", "lang": "en", "html": "", "gold": ""}


@pytest.fixture(scope="module")
def pages_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "harbour.jsonl.gz"
    rows: list[dict[str, Any]] = [
        {
            "id": page["id"],
            "lang": page["lang"],
            "html": page["html"],
            "gold": {"kind": "annotated", "body": page["gold"].split("\n")},
        }
        for page in PAGES
    ]
    rows.append({"id": "partial", "html": "<p>x</p>", "gold": {"kind": "prefix", "body": ["x"]}})
    rows.append({"id": "text", "text": "Home\n\nNo HTML here.", "gold": None})
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


@pytest.fixture(scope="module")
def scrapinghub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scrapinghub")
    (root / "html").mkdir()
    truth = {}
    for page in [*PAGES, NO_BODY]:
        truth[page["id"]] = {"articleBody": page["gold"], "url": "https://example.org/"}
        (root / "html" / f"{page['id']}.html.gz").write_bytes(gzip.compress(page["html"].encode()))
    (root / "ground-truth.json").write_text(json.dumps(truth), "utf-8")
    return root


@pytest.fixture(scope="module")
def wcxb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wcxb")
    for folder in ("ground-truth", "html"):
        (root / "dev" / folder).mkdir(parents=True)
    for number, page in enumerate(PAGES):
        row = {
            "url": "https://example.org/",
            "ground_truth": {"main_content": page["gold"]},
            "_internal": {"page_type": {"primary": "article" if number < 4 else "forum"}},
        }
        truth = root / "dev" / "ground-truth" / f"{number:04}.json"
        truth.write_text(json.dumps(row), "utf-8")
        html = root / "dev" / "html" / f"{number:04}.html.gz"
        html.write_bytes(gzip.compress(page["html"].encode()))
    return root


@pytest.fixture
def page_sets(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("page_sets")


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("peers")


def run_script(name: str, *arguments: object) -> str:
    """Run a benchmark, here: a process would import all anew. Return what it prints."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.syspath_prepend(BENCHMARKS)
        importlib.import_module(name).main([*map(str, arguments)])
    return printed.getvalue()


def run_process(name: str, *arguments: object) -> str:
    """Run a benchmark as a user does; return what it prints."""
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_rows(table: str) -> dict[str, list[list[str]]]:
    """Cells after the first, by the first cell, of the lines of a printed table."""
    rows: dict[str, list[list[str]]] = {}
    for line in table.splitlines():
        name, *cells = re.split(r" {2,}", line.strip())
        rows.setdefault(name, []).append(cells)
    return rows


# Page sets


def test_every_shape_gives_the_same_pages(
    page_sets: ModuleType, pages_file: Path, scrapinghub: Path, wcxb: Path
) -> None:
    sets = [
        list(page_sets.read_page_set(path, "dev"))[: len(PAGES)]
        for path in (pages_file, scrapinghub, wcxb)
    ]
    for pages in zip(PAGES, *sets, strict=True):
        expected = pages[0]
        for page in pages[1:]:
            assert (page.html, page.gold) == (expected["html"], expected["gold"])
            assert page.lang == expected["lang"]


def test_partial_gold_is_not_taken_for_complete(page_sets: ModuleType, pages_file: Path) -> None:
    partial, text = list(page_sets.read_page_set(pages_file))[-2:]
    assert (partial.gold, text.gold, text.html) == (None, None, None)
    assert text.text == "Home\n\nNo HTML here."


def test_a_page_type_selects_pages(page_sets: ModuleType, wcxb: Path) -> None:
    assert len(list(page_sets.read_page_set(wcxb, "dev", "article"))) == 4
    assert list(page_sets.read_page_set(wcxb, "dev", "product")) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("set.jsonl", b"nonsense", "set.jsonl line 1: not JSON"),
        ("readme", b"", "neither a pages file nor a directory"),
        ("ground-truth.json", b"[1]", "ground-truth.json: expected a JSON object, found list"),
        ("test/ground-truth/1.json", b"{}", "1.json: no ground_truth.main_content"),
        ("ground-truth.json", b"{", "ground-truth.json: not JSON"),
        ("ground-truth.json", b'{"a": {"articleBody": "x"}}', "a.html.gz: cannot be read"),
    ],
)
def test_a_broken_set_says_where(
    page_sets: ModuleType, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)):
        list(page_sets.read_page_set(path if name.startswith("set") else tmp_path))


# Peers


def test_a_crash_is_an_empty_page_with_its_reason(peers: ModuleType) -> None:
    (peer,) = peers.choose_peers(["resiliparse"])
    with peers.PeerProcess(peer) as process:
        text, problem = process.extract("\ud800")  # half a character
        assert text == ""
        assert problem.startswith("TypeError: ")
        assert process.extract(PAGES[0]["html"]).problem == ""


def test_a_slow_page_is_empty_and_the_next_one_gets_a_new_process(peers: ModuleType) -> None:
    (peer,) = peers.choose_peers(["resiliparse"])
    with peers.PeerProcess(peer) as process:
        assert process.extract(PAGES[0]["html"]).problem == ""
        slow = process.pid
        os.kill(slow, signal.SIGSTOP)
        process.page_seconds = 0.1
        assert process.extract(PAGES[0]["html"]) == ("", "no result after 0.1 s")
        assert process.pid is None
        process.page_seconds = 60.0
        assert process.extract(PAGES[0]["html"]).problem == ""
        assert process.pid != slow


def test_a_killed_process_is_an_empty_page(peers: ModuleType) -> None:
    (peer,) = peers.choose_peers(["resiliparse"])
    with peers.PeerProcess(peer) as process:
        assert process.extract(PAGES[0]["html"]).problem == ""
        os.kill(process.pid, signal.SIGTERM)
        assert process.extract(PAGES[0]["html"]) == ("", "its process ended")
        assert process.extract(PAGES[0]["html"]).problem == ""


def test_unknown_peers_are_refused(peers: ModuleType) -> None:
    with pytest.raises(InputError, match="no peer is called 'nobody'; there are trafilatura"):
        peers.choose_peers(["nobody"])


# Scripts


def expected_f1() -> tuple[float, float]:
    """F1 of the page texts of `PAGES` before and after cleaning."""
    texts = ["\n".join(convert_page(page["html"], "html_text")) for page in PAGES]
    cleaned = Cleaner.load("news").clean_many(texts)
    before, after = (
        score_texts([shingle_counts(p["gold"], t) for p, t in zip(PAGES, version, strict=True)])
        for version in (texts, cleaned)
    )
    return before.f1, after.f1


def test_accuracy_of_a_pages_file_beside_all_peers(pages_file: Path, peers: ModuleType) -> None:
    printed = run_script("accuracy", pages_file, "--by-language")
    rows = read_rows(printed)
    overall, *languages = [cells[:5] for cells in rows["page text (html_text)"]]
    before, after = expected_f1()
    assert [overall[0], overall[3]] == ["6", f"{before:.4f}"]
    assert rows["after clean-news"][0][3] == f"{after:.4f}"
    assert [cells[0] for cells in languages] == ["3", "3"]
    for peer in peers.choose_peers():
        cells = rows[peer.title][0]
        assert cells[0] == "6"
        assert float(cells[3]) > 0.7
        lead = re.fullmatch(r"([+-]\d\.\d{4}) \([+-]\d\.\d{3} to [+-]\d\.\d{3}\)", cells[-1])
        assert lead is not None
        assert float(lead[1]) == pytest.approx(after - float(cells[3]), abs=2e-4)
    assert "language de\n" in printed
    assert printed.endswith("failures, counted as empty output:\n  none\n")


def test_accuracy_of_a_scrapinghub_checkout_reports_failures(scrapinghub: Path) -> None:
    pytest.importorskip("readability")
    printed = run_script("accuracy", scrapinghub, "--peers", "readability-lxml")
    assert "7 pages with complete gold" in printed
    assert "(1 more pages have no body and count in no average)" in printed
    assert "1 of 7 pages: Unparseable: Document is empty (empty)" in printed
    assert read_rows(printed)["page text (html_text)"][0][3] == f"{expected_f1()[0]:.4f}"


@pytest.mark.parametrize("view", ["inscriptis", "resiliparse"])
def test_accuracy_of_a_wcxb_checkout(wcxb: Path, view: str) -> None:
    options = ("--split", "dev", "--page-type", "article", "--view", view, "--peers")
    rows = read_rows(run_script("accuracy", wcxb, *options))
    assert rows[f"page text ({view})"][0][0] == "4"
    assert set(rows) >= {"after clean-news", "none"}


def test_accuracy_limits_pages_and_says_what_is_wrong(pages_file: Path, tmp_path: Path) -> None:
    assert "2 pages with" in run_script("accuracy", pages_file, "--limit", 2, "--peers")
    with pytest.raises(SystemExit, match=r"error: .*neither a pages file nor a directory"):
        run_script("accuracy", tmp_path)


def test_segments_counts_what_is_in_and_out(tmp_path: Path) -> None:
    gold = {
        "kind": "segments",
        "body": [PARAGRAPHS["en"][0][:40], "Words that stand nowhere."],
        "not_body": ["All rights reserved"],
    }
    page = {"html": PAGES[0]["html"], "gold": gold, "consensus": {"body": PARAGRAPHS["en"]}}
    rows = [
        {"id": f"of-{publisher}", "publisher": publisher, **page}
        for publisher in ("a.example", "e.example", "pier.example")
    ]
    path = tmp_path / "segments.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    [cells] = read_rows(run_script("segments", path, "--peers"))[OWN]
    assert cells == ["3", "1.000", "0.500", "0.667", "0.667", "0"]
    for part, n_pages in (("1", "2"), ("2", "1")):
        printed = run_script("segments", path, "--peers", "--fold", part, "2")
        assert read_rows(printed)[OWN][0][0] == n_pages


def test_speed_compares_the_same_pages(pages_file: Path) -> None:
    pytest.importorskip("trafilatura")
    printed = run_process("speed", pages_file, "--pages", 4, "--repeats", 1)
    assert re.search(r"^4 pages, .* one core; best of 1 runs$", printed, re.MULTILINE)
    rows = read_rows(printed)
    assert rows["clean-news, text"][0][3:] == ["1.0", "0"]
    (others,) = (cells for name, (cells, *_) in rows.items() if name.startswith("trafilatura"))
    ours = rows["clean-news, text"][0]
    assert float(others[3]) == pytest.approx(float(others[1]) / float(ours[1]), rel=0.2)


def test_memory_is_measured_for_every_process() -> None:
    pytest.importorskip("psutil")
    printed = run_script("memory", "--megabytes", 2, "--files", 100, "--jobs", 2)
    assert re.match(r"100 files, 2\.0 MB in ", printed)
    rows = read_rows(printed)
    assert 10 < float(rows["clean-news"][0][0]) < 400
    assert "highest:" in printed


def test_a_collection_is_compared_with_pages_alone(tmp_path: Path) -> None:
    notice = (
        "The harbour foundation pays for a part of this work, the editors said, and has no say in"
        " what the newsroom reports."
    )
    paragraphs = [*PARAGRAPHS["en"], *PARAGRAPHS["de"]]
    for number, paragraph in enumerate([*paragraphs, "Other news."]):
        source = "harbour" if number < len(paragraphs) else "other"
        head = f"#id: {number}\n#source: {source}\n"
        path = tmp_path / f"imported/small/{number}.html_text.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{head}body\t{paragraph}\n\nclutter\t{notice}\n", "utf-8")
    rows = read_rows(run_script("collection", tmp_path / "imported"))
    every, small = rows["html_text"]
    assert every[0] == "all"
    assert every[1:] == small[1:]
    pages, publishers, without, with_counts, change, *lines = small[1:]
    assert (pages, publishers) == ("8", "1")
    assert lines[0] == "8", "the model keeps all paragraphs"
    assert (lines[1], lines[2]) == ("8", "0"), "the model needs no help"
    assert 0 < int(lines[3]) <= 8
    gain = float(with_counts) - float(without)
    assert 0 < gain == pytest.approx(float(change.split()[0]), abs=2e-4)


def test_a_collection_needs_several_pages_of_a_publisher(tmp_path: Path) -> None:
    (tmp_path / "a.html_text.tsv").write_text("#source: a\nbody\tIt rained.\n")
    with pytest.raises(SystemExit, match=r"error: .*no publisher with 3 pages or more"):
        run_script("collection", tmp_path)


@pytest.fixture
def stress(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("stress")


@pytest.fixture
def stories_folder(tmp_path: Path) -> Path:
    """Three publishers with three pages each, of which one is a copy, in English."""
    rows = []
    for number in range(9):
        first, *rest = [*PARAGRAPHS["en"], *PARAGRAPHS["en"][:2]]
        body = [f"{first} It was the news of day {number if number < 8 else 7}.", *rest]
        gold = {"kind": "parser", "body": ["A standfirst.", *body], "parts": ["summary"]}
        rows.append({
            "id": f"story{number}", "publisher": f"www.paper{number % 3}.org", "lang": "en",
            "html": "<p>x", "title": f"Harbour closes its old pier {number} | Post", "gold": gold,
        })  # fmt: skip
    rows.append({**rows[0], "id": "other", "lang": "xx"})
    rows.append({**rows[0], "id": "short", "gold": {"kind": "parser", "body": ["It rained."] * 4}})
    rows.append({**rows[0], "id": "partial", "gold": {"kind": "prefix", "body": ["x"] * 9}})
    (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_stress_prints_tables_for_each_layout(stories_folder: Path) -> None:
    printed = run_script("stress", stories_folder)
    assert printed.startswith("6 articles: en 6\n"), "two of each publisher"
    titles = [line for line in printed.splitlines() if ": " in line][1:]
    assert len(titles) == 9
    rows = read_rows(printed)
    assert len(rows["whole"]) == len(rows["5 paragraphs"]) == 3
    assert len(rows["related"]) == len(rows["plain_caption"]) == len(rows["all kinds"]) == 6
    assert rows["whole"][0] == ["0.0", "0.0"], "the model keeps all paragraphs"
    assert all(0 < float(rows["all kinds"][n][0]) < 100 for n in (0, 2, 4))
    assert printed == run_script("stress", stories_folder)


def test_stress_samples_publishers_and_folds(stress: ModuleType, stories_folder: Path) -> None:
    def choose(*arguments: str) -> list[Any]:
        chosen = stress.choose_stories(stress.parse_arguments([str(stories_folder), *arguments]))
        return list(chosen)

    everything = choose()
    assert choose("--pages-per-language", "3") == everything[:3]
    assert max(len([s for s in everything if s.source == f"paper{n}.org"]) for n in range(3)) == 2
    folds = []
    for part in "1", "2":
        try:
            folds.append(choose("--fold", part, "2"))
        except InputError as error:
            assert "no page (of this fold)" in str(error)  # noqa: PT017
    assert sorted(story.id for fold in folds for story in fold) == sorted(
        story.id for story in everything
    )
    for fold in folds:
        others = [story for other in folds if other is not fold for story in other]
        assert not {story.source for story in fold} & {story.source for story in others}
    assert {len(story.paragraphs) for story in everything} == {6}, "without the standfirst"
    assert everything[0].headline.startswith("Harbour closes its old pier")
    assert "|" not in everything[0].headline


def test_stress_puts_held_out_clutter_of_other_pages_in_three_gaps(
    stress: ModuleType, stories_folder: Path
) -> None:
    story, *others = stress.choose_stories(stress.parse_arguments([str(stories_folder)]))
    words = stress.slot_words(story, [story, *others])
    assert story.headline not in words["headline"]
    trials = list(stress.make_trials(story, "without blank lines", words))
    assert trials[0].name == "whole"
    assert [len(trial.body) for trial in trials[1:5]] == [1, 2, 3, 5]
    inserts = trials[5:]
    assert len(inserts) == 3 * 7
    frame = len(stress.LINES_BEFORE)
    for number, trial in enumerate(inserts):
        lines = trial.text.rstrip("\n").split("\n")
        place = frame + (1, 3, 5)[number % 3]
        assert tuple(lines[place : place + len(trial.clutter)]) == trial.clutter
        del lines[place : place + len(trial.clutter)]
        assert lines == trials[0].text.rstrip("\n").split("\n")
    spaced = list(stress.make_trials(story, "with blank lines", words))
    assert [trial.clutter for trial in spaced] == [trial.clutter for trial in trials]
    assert spaced[0].text == trials[0].text.rstrip("\n").replace("\n", "\n\n") + "\n"


def test_stress_counts_only_what_the_insert_costs(stress: ModuleType) -> None:
    class Fixed:
        def clean_many(self, texts: Any) -> Any:
            for text in texts:  # the second paragraph is always lost, the first with an insert
                lines = text.split("\n")
                n_body = sum(line.startswith("Body") for line in lines)
                extra = [line for line in lines if not line.startswith("Body")]
                has_insert = len([line for line in extra if line]) > 8
                drop = {"Body two two."} | ({"Body one."} if has_insert and n_body == 6 else set())
                yield "\n".join(line for line in lines if line not in drop)

    body = ("Body one.", "Body two two.", "Body 3.", "Body 4.", "Body 5.", "Body 6.")
    tallies = stress.measure(Fixed(), [stress.Story("a", "a.org", "en", "", "", body)])
    of_insert = stress.pool(tallies, stress.BOTH, ("related",), ("en",))
    assert of_insert.inserted == of_insert.inserted_kept > 0
    assert of_insert.body == 6 * 13
    assert of_insert.body_lost == 6 * 2
    whole = stress.pool(tallies, "with blank lines", ("whole",), ("en",))
    assert (whole.body, whole.body_lost, whole.share_kept) == (13, 3, None)
    assert whole.lost_per_thousand == pytest.approx(3000 / 13)
    one = stress.pool(tallies, "with blank lines", ("1 paragraph",), ("en",))
    assert (one.body, one.body_lost) == (2, 0)


def test_stress_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: .*: no pages file .* in this folder"):
        run_script("stress", tmp_path)
    (tmp_path / "a.jsonl").write_text('{"id": "a", "html": "x"}')
    with pytest.raises(SystemExit, match=r"error: .*: no page \(of this fold\) with complete"):
        run_script("stress", tmp_path)
    with pytest.raises(AssertionError, match="K must be from 1 to N"):
        run_process("stress", tmp_path, "--fold", 3, 2)


def test_cases_counts_wrong_words_of_both_sorts(tmp_path: Path) -> None:
    (body, *_), kept = PARAGRAPHS["en"], PARAGRAPHS["en"][1]
    n_words = len(split_tokens(body))
    (tmp_path / "a.tsv").write_text(f"body\t{body}\n\n?\tMenu\n\nclutter\tMenu\n", "utf-8")
    (tmp_path / "b.tsv").write_text(f"body\tMenu\n\nbody\t{body}\n\nclutter\t{kept}\n", "utf-8")
    printed = run_process("cases", tmp_path)
    rows = read_rows(printed)
    wrong = len(split_tokens(kept))
    assert rows["a"] == [[str(n_words), "0", "0", "0.0"]]
    rate = f"{1000 * (wrong + 1) / (n_words + 1):.1f}"
    assert rows["b"] == [[str(n_words + 1), "1", str(wrong), rate]]
    assert rows["all"][0][:3] == [str(2 * n_words + 1), "1", str(wrong)]
    assert printed.endswith("\n1 of 2 pages are perfect\n")


@pytest.mark.slow
def test_start_up_compares_with_bare_python() -> None:
    rows = read_rows(run_process("speed", "--start-up"))
    assert rows["python -c pass"][0][2] == "+0"
    assert float(rows["clean-news --help"][0][2]) > 0


def test_reasons_counts_what_the_strongest_groups_tell(tmp_path: Path) -> None:
    lines = ["clutter\tHome", f"body\t{PARAGRAPHS['en'][0]}", "clutter\tPhoto: Jane Roe/AP"]
    (tmp_path / "page.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    printed = run_script("reasons", tmp_path)
    pattern = r"^3 lines; their 3 strongest groups tell (\d+)% \(median\)$"
    found = re.search(pattern, printed, re.MULTILINE)
    assert found
    assert 100 * 3 / 9 < int(found.group(1)) <= 100


@pytest.mark.slow
def test_scale_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    scale = importlib.import_module("scale")
    monkeypatch.setattr(scale, "RUNS", 1)
    scale.main(["--megabytes", "0.5", "--memory", "1", "--files", "40"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    names = ["file", "jsonl.zst", "parquet", "parquet", "directory", "read,", "--jobs", "--jobs"]
    assert [row[0] for row in rows] == names
    assert all(0.5 < float(row[4]) < 100 for row in rows[1:3])
    assert 20 < float(rows[3][-1]) < 1000


@pytest.mark.slow
def test_growth_is_measured_and_drawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    scale = importlib.import_module("scale")
    plot = tmp_path / "scale.svg"
    scale.main(["growth", "--sizes", "0.1", "0.2", "0.4", "--plot", str(plot)])
    scale.main(["rows", "--rows", "200"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [row[0] for row in rows[1:3]] == ["jsonl.zst", "parquet"]
    assert [row[1] for row in rows[4:7]] == ["2", "20", "200"]
    assert all(20 < float(row[-1]) < 1000 for row in rows[4:])
    seconds = {"parquet": [1.0, 2.0, 4.0]}
    drawn = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in drawn:
        scale.draw([1, 2, 4], seconds, path)
    assert plot.read_text().startswith("<?xml")
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
