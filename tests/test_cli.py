"""The command line: what is typed, what is printed where, and with which exit code."""

import inspect
import json
import math
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cleaner.cleaning import Cleaner
from cleaner.cli import main
from cleaner.files import read_labelled, write_labelled
from cleaner.label.exchange import FORMATS
from cleaner.labelled import Label, LabelledDocument
from cleaner.model import BASELINE, Model, load_model, save_model

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "corpus/pages"
PAGE = PAGES / "en-interview.txt"
SOME_LABELLED = sorted((ROOT / "corpus/labelled").iterdir())[::4]
NO_BARS = str.maketrans("", "", "▏▎▍▌▋▊▉█")


def invoke(*arguments: str | Path, standard_input: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], input=standard_input)


@pytest.fixture(scope="module")
def expected() -> bytes:
    """PAGE, cleaned."""
    return Cleaner.load().clean_encoded([PAGE.read_bytes()])[0].data


# --- every command ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "command"), [*main.commands.items()])
def test_commands_and_options_have_help_and_documentation(
    name: str, command: click.Command
) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    documentation = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert command.help
    assert command.short_help
    assert name == "clean" or f"clean-news {name}" in documentation
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts} has no help"
            shown = any(f"`{one}" in documentation for one in option.opts)
            assert shown, f"{option.opts} are in no documentation"


@pytest.mark.parametrize("name", [[], *([name] for name in main.commands)])
def test_help_may_be_asked_for_in_short(name: list[str]) -> None:
    assert invoke(*name, "-h").stdout == invoke(*name, "--help").stdout != ""
    assert invoke(*name, "-h").exit_code == 0


@pytest.mark.parametrize("name", [*main.commands])
def test_numpy_gets_one_thread_in_every_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    invoke(name)
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_no_command_takes_a_bag_of_options() -> None:
    for name, command in main.commands.items():
        assert command.callback
        kinds = {one.kind for one in inspect.signature(command.callback).parameters.values()}
        assert kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD}, name


def test_a_misspelt_command_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("tran", "labelled", "-o", "x")
    assert result.exit_code == 2
    assert "no such file or directory: INPUT tran; did you mean the command train?" in result.stderr
    Path("tran").mkdir()
    Path("tran/a.txt").write_text("It rained.\n")
    assert invoke("tran", "out").exit_code == 0, "a directory may be called so"


def test_help_shows_both_usages_and_all_options() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    assert "[OPTIONS] INPUT OUTPUT\n" in result.stdout
    assert "COMMAND [OPTIONS] [ARGUMENTS]...\n" in result.stdout
    clean = main.commands["clean"]
    words = [*main.commands, *(option.opts[0] for option in clean.params[2:]), "--version"]
    assert all(word in result.stdout for word in words)


# --- clean ------------------------------------------------------------------------------------


def test_a_directory(tmp_path: Path, expected: bytes) -> None:
    result = invoke(PAGES, tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout == ""
    count = len(list(PAGES.iterdir()))
    assert result.stderr.startswith(f"{count} of {count} files cleaned: ")
    assert (tmp_path / "out" / PAGE.name).read_bytes() == expected


def test_options_may_stand_anywhere_and_the_command_be_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for arguments in (
        f"--threshold 0.4 {PAGE} {out}",
        f"{PAGE} --threshold 0.4 {out}",
        f"clean {PAGE} {out} --threshold 0.4",
    ):
        result = invoke(*arguments.split(" "))
        assert result.exit_code == 0, result.output
    assert out.read_bytes() == Cleaner.load("news", 0.4).clean_encoded([PAGE.read_bytes()])[0].data


def test_a_directory_called_like_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("explain").mkdir()
    Path("explain/a.txt").write_text("It rained.\n")
    assert invoke("./explain", "out").exit_code == 0
    assert Path("out/a.txt").exists()


def test_standard_input_and_output(expected: bytes) -> None:
    result = invoke("-", "-", standard_input=PAGE.read_bytes())
    assert result.exit_code == 0
    assert result.stdout_bytes == expected
    assert result.stderr.startswith("1 of 1 file cleaned: ")


def test_all_includes_are_used_and_replace_the_default(tmp_path: Path) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    for name in ("a.txt", "b.text", "sub/c.md"):
        (tmp_path / "in" / name).write_text("It rained.\n")
    invoke(tmp_path / "in", tmp_path / "out", "--include", "*.text", "--include", "sub/*")
    outputs = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert sorted(path.name for path in outputs) == ["b.text", "c.md"]


def test_links_to_directories_and_files_of_other_names_are_told_and_no_problem(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "PAGE.TXT", "b.pdf", "c.md"):
        (tmp_path / "in" / name).write_text("It rained.\n")
    (tmp_path / "in/link").symlink_to(".")
    result = invoke(tmp_path / "in", tmp_path / "out")
    assert result.exit_code == 0
    assert f"{tmp_path / 'in/link'}: a link to a directory, not followed" in result.stderr
    assert "3 other files did not match --include *.txt --include *.html" in result.stderr
    assert result.stderr.endswith("1 remark, listed above\n")
    result = invoke(tmp_path / "in", tmp_path / "out", "--include", "*.text")
    assert result.exit_code == 2
    assert "matches *.text (see --include); 4 have other names\n" in result.stderr


def test_problems_are_named_and_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/binary.txt").write_bytes(b"\0")
    (tmp_path / "in/latin.txt").write_bytes("Über die Brücke.\n".encode("cp1252"))
    (tmp_path / "in/page.txt").write_bytes(PAGE.read_bytes())
    result = invoke(tmp_path / "in", tmp_path / "out")
    assert result.exit_code == 1
    assert f"{tmp_path / 'in/binary.txt'}: binary: " in result.stderr
    assert f"{tmp_path / 'in/latin.txt'}: decoded from cp1252\n" in result.stderr
    assert "2 of 3 files cleaned" in result.stderr
    assert result.stderr.endswith("1 problem, listed above\n")


def test_other_existing_outputs_are_refused_until_forced(tmp_path: Path, expected: bytes) -> None:
    out = tmp_path / "clean.txt"
    out.write_text("mine")
    result = invoke(PAGE, out)
    assert result.exit_code == 1
    assert f"1 existing output differs from what this run writes: {out}; " in result.stderr
    assert out.read_text() == "mine"
    assert invoke(PAGE, out, "--force").exit_code == 0
    assert out.read_bytes() == expected
    assert invoke(PAGE, out).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing", "out"], "no such file or directory: INPUT missing"),
        ([str(PAGES)], "Missing argument 'OUTPUT'"),
        ([str(PAGES), "out", "more"], "3 paths, but INPUT and OUTPUT are two: for several files"),
        (["in/*.txt", "out"], "INPUT in/*.txt; for several files give their directory"),
        ([str(PAGE), "new/"], "OUTPUT new/ is a directory, but INPUT"),
        ([str(PAGES), "out", "--threshold", "1"], "'--threshold': 1.0 is not in the range 0<x<1"),
        ([str(PAGES), "out", "--jobs", "0"], "'--jobs': 0 is not in the range x>=1"),
        ([str(PAGES), "out", "--nonsense"], "No such option"),
        ([str(PAGES), "out", "--model", "nonsense"], "nonsense"),
        ([str(PAGES), "-"], "OUTPUT must be one too"),
        ([str(PAGES), str(PAGES / "new")], "lies inside INPUT"),
        ([str(PAGE), "-", "--json-summary", "-"], "cannot both be standard output"),
        (["explain"], "Missing argument 'FILE'"),
        (["explain", "missing"], "cannot read missing: No such file or directory"),
        ([], "Usage: "),
    ],
)
def test_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not any(tmp_path.iterdir())


# --- in a shell -------------------------------------------------------------------------------


def start(
    *arguments: str | Path, stdout: int | None = None, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    return subprocess.Popen(command, stdout=stdout, stderr=stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes that break")
def test_a_reader_that_goes_away_is_no_error() -> None:
    process = start(PAGE, "-", stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    _, message = process.communicate()
    assert b"Traceback" not in message
    assert b"Error" not in message
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf_8_are_cleaned_and_printed_safely(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    name = os.fsdecode(b"caf\xe9\x1b[2J.txt")
    (tmp_path / "in" / name).write_bytes(b"")
    process = start(tmp_path / "in", tmp_path / "out")
    message = process.communicate()[1].decode()
    assert process.returncode == 0
    assert r"caf\udce9\x1b[2J.txt" in message
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("collection", [False, True])
def test_a_terminal_gets_a_bar_and_a_pipe_does_not(tmp_path: Path, collection: bool) -> None:
    import pty

    options = ["--collection"] if collection else []
    ours, theirs = pty.openpty()
    process = start(PAGES, tmp_path / "out", *options, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    assert b"Cleaning  [####" in shown
    assert (b"Counting  [####" in shown) == collection
    assert b"100%" in shown
    last = shown.decode().replace("\r", "\n").rstrip().splitlines()[-20:]
    n_files = len(list(PAGES.rglob("*.*"))) * (2 if collection else 1)
    assert re.search(rf"100%  {n_files}/{n_files} files, [\d.]+ MB/s", "\n".join(last))
    process = start(PAGES, tmp_path / "out", *options)
    assert b"ing  [" not in process.communicate()[1]


def best_time(*command: str | Path) -> float:
    """Seconds of the quickest of ten runs: processor time, as other work delays the clock."""
    times = []
    for _ in range(10):
        before = os.times()
        subprocess.run([*map(str, command)], check=True, capture_output=True)
        after = os.times()
        times.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return min(times)


@pytest.mark.slow
def test_it_starts_quickly(tmp_path: Path) -> None:
    bare = best_time(sys.executable, "-c", "pass")
    assert best_time(sys.executable, "-m", "cleaner", "--help") - bare < 0.1
    assert best_time(sys.executable, "-m", "cleaner", PAGE, tmp_path / "out.txt") < 0.4


# --- the other commands -----------------------------------------------------------------------


def test_explain_shows_every_line_that_is_not_blank() -> None:
    result = invoke("explain", PAGE)
    assert result.exit_code == 0
    lines = Cleaner.load().explain(PAGE.read_text(encoding="utf-8"))
    shown = result.stdout.splitlines()
    assert len(shown) == 2 * len(lines)
    for line, judged, reasons in zip(lines, shown[::2], shown[1::2], strict=True):
        number, probability, label, text = judged.translate(NO_BARS).split(maxsplit=3)
        assert (int(number), label, text) == (line.number, line.label, line.text.strip())
        assert float(probability) == pytest.approx(line.body_probability, abs=0.006)
        [strongest] = [one for one in line.reasons if one.group != "an average line"][:1]
        shown_first = (
            f"{strongest.group} {strongest.contribution:+.1f} ({strongest.parts[0].feature}"
        )
        assert reasons.lstrip().startswith(shown_first[:40])


def test_explain_for_programs() -> None:
    result = invoke("explain", PAGE, "--json", "--threshold", "0.3")
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    lines = Cleaner.load("news", 0.3).explain(PAGE.read_text(encoding="utf-8"))
    assert shown["threshold"] == 0.3
    for line, values in zip(lines, shown["lines"], strict=True):
        assert (values["number"], values["label"]) == (line.number, line.label)
        odds = math.log(line.body_probability / (1 - line.body_probability))
        total = sum(reason["contribution"] for reason in values["reasons"])
        assert total == pytest.approx(odds, abs=1e-3)


def test_compare_two_models(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    save_model(replace(load_model("news"), threshold=0.9), other)
    result = invoke("compare", "news", other, *SOME_LABELLED)
    assert result.exit_code == 0, result.output
    assert str(other) in result.stdout
    assert "lines that were right and are now wrong" in result.stdout
    result = invoke("compare", "news", other, *SOME_LABELLED, "--json")
    assert json.loads(result.stdout)["f1_difference"]["value"] < 0


def test_export_and_import_with_an_annotation_tool(tmp_path: Path) -> None:
    out, back = tmp_path / "all", tmp_path / "back"
    result = invoke("export", *SOME_LABELLED, "-o", out, "--format", "doccano")
    assert result.exit_code == 0, result.output
    assert result.stderr == f"{out}: {len(SOME_LABELLED)} documents\n"
    result = invoke("import", out, "-o", back, "--format", "doccano")
    assert result.exit_code == 0, result.output
    for path in SOME_LABELLED:
        assert read_labelled(back / path.name) == read_labelled(path)
    (back / SOME_LABELLED[0].name).write_text("body\tMine.\n")
    result = invoke("import", out, "-o", back, "--format", "doccano")
    assert result.exit_code == 2
    assert "use --force" in result.stderr
    assert invoke("import", out, "-o", back, "--format", "doccano", "--force").exit_code == 0


def test_the_formats_offered_are_those_there_are() -> None:
    for name in ("export", "import"):
        [option] = [one for one in main.commands[name].params if one.name == "form"]
        assert {*option.type.choices} - {"pages"} == {*FORMATS}  # type: ignore[attr-defined]


def test_a_report_is_written_beside_the_outputs(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    result = invoke(PAGES, tmp_path / "out", "--report", page)
    assert result.exit_code == 0, result.output
    assert PAGE.name in page.read_text(encoding="utf-8")
    assert len(list((tmp_path / "out").iterdir())) == len(list(PAGES.iterdir()))


def test_label_writes_guesses_and_tells_what_it_chose(tmp_path: Path) -> None:
    result = invoke("label", PAGES, tmp_path / "labelled", "--documents", "4", "--lang", "en")
    assert result.exit_code == 0
    assert result.stderr.startswith(
        f"4 of {len(list(PAGES.iterdir()))} documents written to label: "
    )
    paths = [*(tmp_path / "labelled").iterdir()]
    assert len(paths) == 4
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "#lang: en\n" in text
        assert "?\t" in text
        assert "\nbody\t" not in text
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/binary.txt").write_bytes(b"\0")
    result = invoke("label", tmp_path / "raw", tmp_path / "labelled")
    assert result.exit_code == 1
    assert f"{tmp_path / 'raw/binary.txt'}: binary: " in result.stderr
    assert invoke("label", tmp_path / "missing", tmp_path / "labelled").exit_code == 2


def test_review_needs_labelled_files(tmp_path: Path) -> None:
    result = invoke("review", tmp_path, "--no-browser")
    assert result.exit_code == 2
    assert "no labelled files" in result.stderr


def test_import_train_and_evaluate_follow_one_another(tmp_path: Path) -> None:
    pages = tmp_path / "rain.jsonl"
    with pages.open("w", encoding="utf-8") as file:
        for number in range(12):
            body = [
                f"It rained all night over valley {number}, and in the morning the river stood"
                f" in the cellars of {number + 2} houses.",
                f"The mayor said on Monday that {number + 3} pumps were at work, and that nobody"
                " had been hurt.",
            ]
            html = "".join(f"<li>Item {item}</li>" for item in range(number + 3))
            html = f"<ul>{html}</ul>" + "".join(f"<p>{line}</p>" for line in body)
            gold = {"kind": "annotated", "body": body}
            url = f"https://news{number}.example/rain"
            page = {"id": f"rain-{number}", "url": url, "html": html, "gold": gold, "lang": "en"}
            file.write(json.dumps(page) + "\n")
    labelled, model = tmp_path / "labelled", tmp_path / "rain.npz"

    result = invoke("import", pages, "-o", labelled)
    assert result.exit_code == 0, result.output
    assert "12 pages imported as 36 documents" in result.stderr
    result = invoke("train", labelled, "-o", model, "--from-scratch")
    assert result.exit_code == 0, result.output
    assert f"{model}: trained on 36 documents" in result.stderr
    for options in (["--model", str(model)], ["--cross-validate"]):
        result = invoke("evaluate", labelled, *options)
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[1].split()[:2] == ["all", "36"]


def test_labelled_files_that_are_not_sound_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("body\tIt rained.\nmaybe\tIt poured.\n")
    for command in (["evaluate", tmp_path], ["train", tmp_path, "-o", tmp_path / "model.npz"]):
        result = invoke(*map(str, command))
        assert result.exit_code == 2
        assert "a.tsv line 2: 'maybe" in result.stderr
    assert not (tmp_path / "model.npz").exists()


def test_train_adapts_and_refuses_to_make_it_worse(
    tmp_path: Path, trained_model: Model, documents: list[LabelledDocument]
) -> None:
    start, model = tmp_path / "start.npz", tmp_path / "mine.npz"
    save_model(trained_model, start)
    for number, document in enumerate(documents):
        write_labelled(document, tmp_path / "new" / f"{number}.tsv")
    check = tmp_path / "new/0.tsv"
    options: list[str | Path] = ["--start", start, "-o", model, "--check", check]
    # Labels by chance, so that the model is worse on documents that it has not seen.
    noisy = [replace(one, labels=_by_chance(one.labels)) for one in documents]
    for number, document in enumerate(noisy):
        write_labelled(document, tmp_path / "noise" / f"{number}.tsv")
    result = invoke("train", tmp_path / "new", *options, "--force")
    assert result.exit_code == 0, result.output
    assert "new documents, before" in result.stdout
    assert load_model(model).name == "mine"
    model.unlink()
    result = invoke("train", tmp_path / "noise", *options)
    assert "Moved most" in result.stdout
    assert result.exit_code == 1, result.output
    assert "not written: F1 on the new documents falls by" in result.stderr
    assert not model.exists()


def _by_chance(labels: tuple[Label | None, ...]) -> tuple[Label | None, ...]:
    draw = random.Random(4)
    return tuple(draw.choice(("body", "clutter")) if label else None for label in labels)


def test_a_summary_for_programs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, content in {"a.txt": PAGE.read_bytes(), "b.txt": b"\0", "c.md": b""}.items():
        (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "in/link").symlink_to(".")
    result = invoke(tmp_path / "in", tmp_path / "out", "--json-summary", tmp_path / "run.json")
    found = json.loads((tmp_path / "run.json").read_text())
    assert result.exit_code == 1
    assert (found["files"], found["files_cleaned"], found["files_not_matched"]) == (2, 1, 1)
    assert found["lines_kept"] + found["lines_dropped"] == len(Cleaner.load().classify(
        PAGE.read_text(encoding="utf-8")))  # fmt: skip
    lines = Cleaner.load().explain(PAGE.read_text(encoding="utf-8"))
    for label, number in (("body", "kept"), ("clutter", "dropped")):
        sign = 1 if label == "body" else -1
        strongest = Counter(
            max(
                (one for one in line.reasons if one.group != BASELINE),
                key=lambda one: sign * one.contribution,
            ).group
            for line in lines
            if line.label == label
        )
        assert found[f"lines_{number}_by_reason"] == strongest
    _, confidence = next(Cleaner.load().clean_with_confidence([PAGE.read_text(encoding="utf-8")]))
    [(band, n_documents)] = found["documents_by_confidence"].items()
    assert n_documents == 1
    assert 0 <= confidence - float(band) < 0.05
    assert found["documents_by_language"] == {"en": 1}
    assert not found["all_cleaned"]
    [problem], [remark] = found["problems"], found["remarks"]
    assert problem["path"] == str(tmp_path / "in/b.txt")
    assert problem["reason"].startswith("binary")
    assert remark["path"] == str(tmp_path / "in/link")
    printed = invoke(tmp_path / "in", tmp_path / "out", "--json-summary", "-", "--quiet")
    again = json.loads(printed.stdout)
    assert again["documents_by_language"] == {}, "of those that were cleaned in this run"
    same = {name: value for name, value in found.items() if "_by_" not in name}
    assert again | same == again | {"files_done_before": 0}
    assert printed.stderr == f"{problem['path']}: {problem['reason']}\n"
    assert invoke(PAGE, "-", "--json-summary", "-").exit_code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_summary_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = invoke(PAGE, tmp_path / "out.txt", "--json-summary", "/dev/full/x")
    assert result.exit_code == 2
    assert "cannot write /dev/full/x" in result.stderr
    assert (tmp_path / "out.txt").exists()


def test_explain_a_row_of_records(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(json.dumps({"page": text}) + "\n")
    shown = invoke("explain", f"{tmp_path}/a.jsonl:1", "--text-field", "page")
    assert (shown.exit_code, shown.stdout) == (0, invoke("explain", PAGE).stdout)
    missing = invoke("explain", f"{tmp_path}/a.jsonl:2", "--text-field", "page")
    assert missing.exit_code == 2
    assert "there is no row 2" in missing.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_label_tells_of_links_to_directories(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_bytes(PAGE.read_bytes())
    (tmp_path / "raw/link").symlink_to(".")
    result = invoke("label", tmp_path / "raw", tmp_path / "labelled")
    assert result.exit_code == 0
    assert f"{tmp_path / 'raw/link'}: a link to a directory, not followed" in result.stderr
    assert "1 of 1 documents written to label" in result.stderr


@pytest.mark.parametrize("other", [["--report", "page.html"], ["--collection"]])
def test_failed_files_alone_make_no_report_and_no_collection(
    tmp_path: Path, other: list[str]
) -> None:
    names = [str(tmp_path / name) for name in ("in", "out")]
    result = CliRunner().invoke(main, [*names, "--retry-failed", *other])
    assert result.exit_code == 2
    assert f"--retry-failed and {other[0]} cannot go together" in result.output
    assert not list(tmp_path.iterdir())
