"""The review page's server, by HTTP: what it shows, what it saves, and whom it turns away."""

import contextlib
import http.client
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from cleaner.cleaning import Cleaner
from cleaner.cli import main
from cleaner.errors import InputError
from cleaner.files import read_labelled, write_labelled
from cleaner.label import prepare_server
from cleaner.label.review.folder import ReviewFolder
from cleaner.labelled import LabelledDocument
from cleaner.text import LARGEST_LINES

PAGES = Path(__file__).parents[2] / "corpus/pages"
STATIC = Path(__file__).parents[2] / "cleaner/label/review/static"
SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A running server and the folder that it serves."""

    folder: Path
    address: str

    def ask(
        self,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        method: str | None = None,
    ) -> Answer:
        """Ask for a path: one below the token, or from the root if it begins with "/"."""
        parts = urlsplit(self.address)
        assert parts.hostname
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        connection.request(
            method or ("GET" if body is None else "POST"),
            path if path.startswith("/") else parts.path + path,
            data,
            {**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})},
        )
        response = connection.getresponse()
        answer = Answer(
            response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        )
        connection.close()
        return answer

    def list(self) -> dict[str, dict[str, Any]]:
        """List the documents by name."""
        return {one["name"]: one for one in self.ask("documents").json["documents"]}

    def show(self, name: str) -> Any:
        return self.ask(f"documents/{self.list()[name]['key']}").json

    def save(self, page: Any, **states: str) -> Answer:
        """Save states, given as l12="body"."""
        body = {"version": page["version"], "states": {k[1:]: v for k, v in states.items()}}
        return self.ask(f"documents/{page['key']}/labels", body)


def guessed(name: str, text: str) -> LabelledDocument:
    """Fill in a document with the guesses of the shipped model."""
    lines = tuple(text.split("\n"))
    judged = {line.number: line.label for line in Cleaner.load().classify(text)}
    guesses = tuple(judged.get(number) for number in range(1, len(lines) + 1))
    return LabelledDocument(name, lines, (None,) * len(lines), "s", guesses=guesses)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    text = (PAGES / "en-interview.txt").read_text(encoding="utf-8").rstrip("\n")
    write_labelled(guessed("interview", text), tmp_path / "sub/interview.tsv")
    write_labelled(guessed("small", f"Home | News\n\n{SCRIPT}\nIt rained."), tmp_path / "small.tsv")
    done = LabelledDocument("done", ("It rained.", "By Ann"), ("body", None), "s")
    write_labelled(done, tmp_path / "done.tsv")
    server, listener, address = prepare_server(str(tmp_path), "news", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Site(tmp_path, address)
    server.should_exit = True
    thread.join()
    listener.close()


# --- what is shown ----------------------------------------------------------------------------


def test_documents_are_listed_open_ones_first(site: Site) -> None:
    listed = site.ask("documents").json["documents"]
    assert {one["name"] for one in listed} == {"sub/interview", "small", "done"}
    assert listed[-1]["name"] == "done"
    assert [one["attention"] for one in listed] == sorted(
        (one["attention"] for one in listed), reverse=True
    )
    small = next(one for one in listed if one["name"] == "small")
    assert (small["lines"], small["open"]) == (3, 3)


def test_a_document_shows_what_the_model_decides_and_what_a_person_said(site: Site) -> None:
    page = site.show("sub/interview")
    document = read_labelled(site.folder / "sub/interview.tsv")
    judged = Cleaner.load().classify(document.text)
    assert [(one["number"], one["text"], one["guess"]) for one in page["lines"]] == [
        (line.number, line.text, line.label) for line in judged
    ]
    for shown, line in zip(page["lines"], judged, strict=True):
        assert shown["probability"] == pytest.approx(line.body_probability, abs=1e-4)
        assert 0 <= shown["attention"] <= 1
    assert {one["state"] for one in page["lines"]} == {"open"}
    assert [one["state"] for one in site.show("done")["lines"]] == ["body", "skip"]


def test_reasons_are_those_of_the_decision(site: Site) -> None:
    page = site.show("sub/interview")
    text = read_labelled(site.folder / "sub/interview.tsv").text
    for line in Cleaner.load().explain(text)[::7]:
        why = site.ask(f"documents/{page['key']}/lines/{line.number}/why").json
        expected = [(one.group, one.contribution) for one in line.reasons]
        assert [(one["group"], one["contribution"]) for one in why["reasons"]] == expected
        for shown, reason in zip(why["reasons"], line.reasons, strict=True):
            parts = [part.feature for part in reason.parts]
            assert [part["feature"] for part in shown["parts"]] == parts[:6]
        total = sum(value for _, value in expected)
        assert total == pytest.approx(why["log_odds"], abs=1e-3)
    blank = text.split("\n").index("") + 1
    assert site.ask(f"documents/{page['key']}/lines/{blank}/why").status == 404
    assert site.ask(f"documents/{page['key']}/lines/99999/why").status == 404


def test_reasons_sum_to_the_probability_shown_in_a_document_that_is_judged_in_parts(
    tmp_path: Path,
) -> None:
    paragraphs = (PAGES / "en-interview.txt").read_text(encoding="utf-8").split("\n")
    lines = tuple((paragraphs * (20_000 // len(paragraphs) + 1))[:20_000])
    write_labelled(LabelledDocument("long", lines, (None,) * len(lines), "s"), tmp_path / "a.tsv")
    folder = ReviewFolder(tmp_path, Cleaner.load())
    [summary] = folder.summaries()
    _, _, shown = folder.show(summary.key)
    near_the_seam = [line for line in shown if abs(line.number - LARGEST_LINES) < 4]
    for line in [*shown[:: len(shown) // 7], *near_the_seam]:
        log_odds, reasons = folder.explain(summary.key, line.number)
        total = sum(reason.contribution for reason in reasons)
        assert log_odds == pytest.approx(total)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(line.probability, abs=1e-4)


def test_a_damaged_file_is_named_first_and_the_others_are_shown(site: Site) -> None:
    (site.folder / "broken.tsv").write_text("no label\n")
    assert site.ask("documents").json["documents"][0]["name"] == "broken"
    broken = site.list()["broken"]
    assert "line 1" in broken["problem"]
    assert site.ask(f"documents/{broken['key']}").status == 422
    assert site.show("small")["lines"]


def test_text_is_sent_as_json_and_never_as_html(site: Site) -> None:
    page = site.show("small")
    assert page["lines"][1]["text"] == SCRIPT
    html = site.ask("").body.decode()
    assert SCRIPT not in html
    for path in STATIC.glob("*.js"):
        code = path.read_text(encoding="utf-8")
        for risky in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
            assert risky not in code, f"{path.name} uses {risky}"


def test_nothing_comes_from_elsewhere() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text
        assert "https:" not in text
        assert "//" not in text.replace("// ", "") or path.suffix == ".js"


# --- what is saved ----------------------------------------------------------------------------


def test_a_label_is_in_the_file_when_the_answer_comes(site: Site) -> None:
    page = site.show("small")
    answer = site.save(page, l1="clutter", l3="skip")
    assert answer.status == 200
    assert answer.json["open"] == 1
    document = read_labelled(site.folder / "small.tsv")
    assert document.labels == ("clutter", None, None, None)
    assert document.guesses[:3] == (None, None, None)
    again = site.show("small")
    assert again["version"] == answer.json["version"]
    assert [one["state"] for one in again["lines"]] == ["clutter", "skip", "open"]


def test_a_label_can_be_taken_back(site: Site) -> None:
    page = site.show("small")
    before = (site.folder / "small.tsv").read_bytes()
    version = site.save(page, l1="body", l4="body").json["version"]
    answer = site.save({**page, "version": version}, l1="open", l4="open")
    assert answer.json == {"version": page["version"], "open": 3}
    assert (site.folder / "small.tsv").read_bytes() == before


def test_an_outdated_window_changes_nothing(site: Site) -> None:
    page = site.show("small")
    assert site.save(page, l1="clutter").status == 200
    after = (site.folder / "small.tsv").read_bytes()
    answer = site.save(page, l4="body")
    assert answer.status == 409
    assert "changed by somebody else" in answer.json["error"]
    assert (site.folder / "small.tsv").read_bytes() == after


def test_a_change_in_an_editor_is_noticed(site: Site) -> None:
    page = site.show("small")
    path = site.folder / "small.tsv"
    path.write_bytes(path.read_bytes().replace(b"?\tHome", b"\tHome"))
    assert site.save(page, l4="body").status == 409
    assert site.show("small")["lines"][0]["state"] in ("body", "clutter")


def test_of_windows_that_save_at_once_one_wins_and_the_others_are_told(site: Site) -> None:
    page = site.show("small")
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(site.save(page, l1="body").status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The winner's file is what the others would have written, and yet they did not see it.
    assert sorted(statuses) == [200] + [409] * 7


def test_headers_and_other_lines_stay(site: Site) -> None:
    path = site.folder / "small.tsv"
    path.write_text("#id: x\n#source: y.example\n#lang: de\n#weight: 0.5\nbody?\tOne\n?\tTwo\n")
    assert site.save(site.show("small"), l1="clutter").status == 200
    assert path.read_text() == (
        "#id: x\n#source: y.example\n#lang: de\n#weight: 0.5\nclutter\tOne\n?\tTwo\n"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        ({"version": 1, "states": {}}, 400),
        ({"version": "x"}, 400),
        ({"version": "x", "states": {"1": "maybe"}}, 400),
        ({"version": "x", "states": {"one": "body"}}, 400),
        ({"version": "x", "states": {"1": ["body"]}}, 400),
        ({"version": "x", "states": {"1": {}}}, 400),
        ({"version": "x", "states": {"9" * 5000: "body"}}, 400),
        (b"[" * 100_000, 400),
        (b'{"version": ' + b"9" * 5000 + b"}", 400),
        ({"version": "x", "states": {"1": "body"}}, 409),
    ],
)
def test_nonsense_is_refused(site: Site, body: object, status: int) -> None:
    key = site.list()["small"]["key"]
    before = (site.folder / "small.tsv").read_bytes()
    answer = site.ask(f"documents/{key}/labels", body)
    assert answer.status == status
    assert answer.json["error"]
    assert (site.folder / "small.tsv").read_bytes() == before


@pytest.mark.parametrize("number", ["0", "99", "-1", "9" * 5000, "one", "1.5"])
def test_there_are_no_reasons_for_lines_that_do_not_exist(site: Site, number: str) -> None:
    key = site.list()["small"]["key"]
    assert site.ask(f"documents/{key}/lines/{number}/why").status == 404


def test_a_body_that_comes_in_pieces_is_limited_too(site: Site) -> None:
    parts = urlsplit(site.address)
    assert parts.hostname
    path = f"{parts.path}documents/{site.list()['small']['key']}/labels"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):  # it stops listening
            for _ in range(40):
                connection.sendall(piece)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_a_request_to_the_server_as_a_whole_is_turned_away(site: Site) -> None:
    parts = urlsplit(site.address)
    with socket.create_connection((parts.hostname or "", parts.port), 10) as connection:
        connection.sendall(f"GET * HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 404")


def test_lines_that_do_not_exist_or_are_blank_cannot_be_labelled(site: Site) -> None:
    page = site.show("small")
    for number in ("l2", "l5", "l0"):
        assert site.save(page, **{number: "body"}).status == 404
    assert site.ask("documents/0123456789abcdef").status == 404


# --- who is turned away -----------------------------------------------------------------------


def test_without_the_token_there_is_nothing(site: Site) -> None:
    for path in ("/", "/documents", "/static/main.js", "/x/documents", "//documents", "/../"):
        answer = site.ask(path)
        assert answer.status == 404
        assert b"clean-news review printed" in answer.body


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.evil.org"])
def test_another_host_name_is_refused(site: Site, host: str) -> None:
    # A page that rebinds its own name to 127.0.0.1 still sends its own name.
    assert site.ask("documents", headers={"Host": host}).status == 421


def test_other_pages_cannot_change_labels(site: Site) -> None:
    page = site.show("small")
    body = {"version": page["version"], "states": {"1": "body"}}
    path = f"documents/{page['key']}/labels"
    for headers in (
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},  # what a form of another page may send unasked
    ):
        assert site.ask(path, body, headers).status in (400, 403)
    assert site.show("small")["version"] == page["version"]
    own = site.address.rstrip("/").rpartition("/")[0]
    assert site.ask(path, body, {"Origin": own}).status == 200


def test_only_files_of_the_page_and_labelled_files_can_be_had(site: Site) -> None:
    (site.folder / "secret.txt").write_text("secret")
    for path in (
        *("static/../app.py", "static/%2e%2e/app.py", "static/..%2fapp.py", "static//etc/passwd"),
        *("documents/..%2fsecret.txt", "documents/secret.txt"),
    ):
        answer = site.ask(path)
        assert answer.status == 404
        assert b"secret" not in answer.body
    assert site.ask("documents", method="DELETE").status == 405


def test_every_answer_has_safe_headers(site: Site) -> None:
    for path in ("", "static/main.js", "documents", "/nothing", "documents/0"):
        headers = site.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"  # else the token would travel
        assert headers["cache-control"] == "no-store"


def test_one_file_can_be_reviewed_alone(site: Site) -> None:
    server, listener, address = prepare_server(str(site.folder / "small.tsv"), "news", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert list(Site(site.folder, address).list()) == ["small"]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


# --- the command ------------------------------------------------------------------------------


def test_the_token_is_long_and_new_each_time(site: Site) -> None:
    _, listener, address = prepare_server(str(site.folder), "news", 0)
    with listener:
        tokens = [urlsplit(one).path.strip("/") for one in (address, site.address)]
        assert tokens[0] != tokens[1]
        assert min(map(len, tokens)) >= 32
        assert listener.getsockname()[0] == "127.0.0.1"


def test_what_cannot_be_served_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labelled files"):
        prepare_server(str(tmp_path), "news", 0)
    write_labelled(LabelledDocument("a", ("x",), ("body",), "s"), tmp_path / "a.tsv")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="choose another --port"):
            prepare_server(str(tmp_path), "news", taken.getsockname()[1])


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_the_command_prints_the_address_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    write_labelled(LabelledDocument("a", ("x",), ("body",), "s"), tmp_path / "a.tsv")
    command = [sys.executable, "-m", "cleaner", "review", str(tmp_path), "--no-browser"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    site = Site(tmp_path, process.stdout.readline().strip())
    assert site.list()["a"]["lines"] == 1
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Press Ctrl-C to stop" in message
    assert "Traceback" not in message


def test_a_server_that_cannot_start_does_not_say_how_to_end_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["review", str(tmp_path), "--no-browser"])
    assert result.exit_code == 2
    assert "no labelled files" in result.stderr
    assert "Ctrl-C" not in result.output
