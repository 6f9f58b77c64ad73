"""Files at addresses, on a real server that speaks S3: fetched, cleaned, stored, resumed."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.cli import main
from cleaner.errors import InputError, OutputError
from cleaner.files import hide_credentials, store_file
from cleaner.runs import RunSettings, Summary, clean_files, explain_file

pytest.importorskip("s3fs")
ARTICLE = "The council voted on Monday to keep the bridge, and to rebuild it in the spring.\n"
ROWS = [{"id": number, "text": "Home | News\n\n" + ARTICLE * (number + 1)} for number in range(4)]
SHARD = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own, with three shards."""
    for name, value in {
        "AWS_ENDPOINT_URL": server, "AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    system = file_system()
    name = f"news-{os.urandom(4).hex()}"
    system.mkdir(name)
    for number in range(3):
        system.pipe_file(
            f"{name}/raw/{number}.jsonl", SHARD.replace(b"bridge", b"pier %d" % number)
        )
    return name


def _shard(number: int) -> bytes:
    return SHARD.replace(b"bridge", b"pier %d" % number)


def file_system() -> Any:
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    return s3fs.S3FileSystem(skip_instance_cache=True)


def run(source: str, target: str, **settings: Any) -> Summary:
    summary = Summary(source)
    for result in clean_files(source, target, RunSettings(**settings)):
        summary.add(result)
    return summary


def texts(data: bytes) -> list[str]:
    return [json.loads(line)["text"] for line in data.splitlines()]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.mark.parametrize("jobs", [1, 2])
def test_shards_are_cleaned_from_bucket_to_bucket(bucket: str, jobs: int) -> None:
    command = [sys.executable, "-m", "cleaner", f"s3://{bucket}/raw", f"s3://{bucket}/clean"]
    result = subprocess.run(
        [*command, "--jobs", str(jobs)], capture_output=True, text=True, check=True
    )
    assert "3 of 3 files cleaned" in result.stderr
    assert "12 rows of records" in result.stderr
    system = file_system()
    names = [path.rpartition("/")[2] for path in system.find(f"{bucket}/clean")]
    assert names == ["0.jsonl", "1.jsonl", "2.jsonl"]
    for number in range(3):
        found = texts(system.cat_file(f"{bucket}/clean/{number}.jsonl"))
        assert found == [ARTICLE.replace("bridge", f"pier {number}") * (n + 1) for n in range(4)]


def test_what_is_done_is_not_fetched_again_and_what_changed_is(bucket: str) -> None:
    source, target = f"s3://{bucket}/raw/*.jsonl", f"s3://{bucket}/clean"
    first = run(source, target)
    again = run(source, target)
    assert (again.done, again.cleaned, again.kept) == (3, 3, first.kept)
    system = file_system()
    system.pipe_file(f"{bucket}/raw/1.jsonl", SHARD[: len(SHARD) // 2] + b"\n")
    system.pipe_file(f"{bucket}/clean/2.jsonl", b"a person was here")
    changed = run(source, target)
    assert (changed.done, changed.cleaned) == (1, 2)
    assert changed.refused == [f"s3://{bucket}/clean/2.jsonl"]
    assert file_system().cat_file(f"{bucket}/clean/2.jsonl") == b"a person was here"


def test_one_file_between_storage_and_this_machine(bucket: str, tmp_path: Path) -> None:
    local = tmp_path / "out" / "clean.jsonl"
    assert run(f"s3://{bucket}/raw/0.jsonl", str(local)).cleaned == 1
    assert len(texts(local.read_bytes())) == 4
    (tmp_path / "page.txt").write_text(f"Home\n\n{ARTICLE}")
    result = invoke(tmp_path / "page.txt", f"s3://{bucket}/page.txt")
    assert result.exit_code == 0, result.output
    assert file_system().cat_file(f"{bucket}/page.txt").decode() == ARTICLE


def test_problems_name_addresses_and_are_tried_again_alone(bucket: str) -> None:
    system = file_system()
    system.pipe_file(f"{bucket}/raw/bad.parquet", b"PAR1 no table")
    summary = run(f"s3://{bucket}/raw", f"s3://{bucket}/clean")
    assert [note.path for note in summary.problems] == [f"s3://{bucket}/raw/bad.parquet"]
    assert not file_system().exists(f"{bucket}/clean/bad.parquet")
    again = run(f"s3://{bucket}/raw", f"s3://{bucket}/clean", retry_failed=True)
    assert (again.files, again.n_problems) == (1, 1)


def test_what_cannot_be_reached_is_told_without_credentials(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s3://no-such-bucket.*"):
        run("s3://no-such-bucket-at-all/raw", f"s3://{bucket}/clean")
    with pytest.raises(InputError, match="nothing-here: no such file, directory or bucket"):
        run(f"s3://{bucket}/nothing-here", f"s3://{bucket}/clean")
    with pytest.raises(OutputError, match="is INPUT itself"):
        run(f"s3://{bucket}/raw", f"s3://{bucket}/raw")
    summary = run(f"s3://{bucket}/raw/0.jsonl", "s3://no-such-bucket-at-all/clean.jsonl")
    assert "no-such-bucket-at-all" in summary.problems[0].text
    assert "secret" not in str(summary)
    assert hide_credentials("ftp://me:secret@example.org/x") == "ftp://example.org/x"


def test_a_server_that_is_gone_is_an_error_and_not_a_traceback(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    file_system()
    result = invoke(f"s3://{bucket}/raw", f"s3://{bucket}/clean")
    assert result.exit_code == 2
    assert "Error: s3://" in result.output
    assert "Traceback" not in result.output


def test_other_storage_is_written_under_a_temporary_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    target = tmp_path / "storage" / "deep" / "b"
    store_file(str(tmp_path / "a"), f"file://{target}")
    assert target.read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_memory_is_storage_too() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe_file("/raw/a.txt", f"Home\n\n{ARTICLE}".encode())
    memory.pipe_file("/raw/b.html", f"<nav>Home</nav><article><p>{ARTICLE}</p></article>".encode())
    summary = run("memory://raw", "memory://clean")
    assert summary.cleaned == 2
    assert memory.cat_file("/clean/a.txt").decode() == ARTICLE
    assert memory.exists("/clean/b.html.txt")


@pytest.fixture
def website(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server and the folder that it shows; of old.txt it does not tell when it was changed."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def send_header(self, keyword: str, value: str) -> None:
            if keyword != "Last-Modified" or not self.path.startswith("/old.txt"):
                super().send_header(keyword, value)

        def log_message(self, *_: Any) -> None:
            pass

    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(SHARD)
    for name in ("b.txt", "old.txt"):
        (folder / name).write_text(f"Home | News\n\n{ARTICLE}")
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def test_files_of_a_website(website: tuple[str, Path], tmp_path: Path) -> None:
    address, _ = website
    out = tmp_path / "out"
    shard = f"{address}/a.jsonl?at=07:15:00&key=secret"
    assert run(shard, str(tmp_path / "a.jsonl")).rows == len(ROWS)
    assert run(f"{address}/b.txt", str(tmp_path / "b.txt")).cleaned == 1
    assert (tmp_path / "b.txt").read_text() == ARTICLE
    assert run(f"{address}/", str(out)).cleaned == 3
    assert sorted(path.name for path in out.iterdir()) == ["a.jsonl", "b.txt", "old.txt"]
    assert run(f"{address}/", str(out)).done == 2  # of old.txt nobody knows
    assert run(f"{address}/*.txt", str(tmp_path / "texts")).cleaned == 2


@pytest.mark.parametrize("start", ["", "\ufeff\n<!-- x -->\n"])
def test_a_page_of_the_web_is_html_whatever_its_address(
    website: tuple[str, Path], tmp_path: Path, start: str
) -> None:
    pytest.importorskip("selectolax")
    address, folder = website
    page = (Path(__file__).parents[1] / "cases/page.html").read_text(encoding="utf-8")
    for name in ("article", "news.php", "page.html"):
        (folder / name).write_text(start + page, encoding="utf-8")
        assert not run(f"{address}/{name}?id=7", str(tmp_path / f"{name}.txt")).remarks
    article, *others = [(tmp_path / f"{name}.txt").read_text(encoding="utf-8")
                        for name in ("page.html", "article", "news.php")]  # fmt: skip
    assert article.startswith("The harbour bridge will close")
    assert others == [article, article]
    (folder / "notes").write_text(ARTICLE)
    run(f"{address}/notes", str(tmp_path / "notes.txt"))
    assert (tmp_path / "notes.txt").read_text() == ARTICLE


def test_files_and_rows_at_addresses_are_explained(website: tuple[str, Path]) -> None:
    address, folder = website
    page = Path(__file__).parents[1] / "cases/page.html"
    (folder / "page").write_bytes(page.read_bytes())
    for path, local in (("b.txt", folder / "b.txt"), ("a.jsonl:3", folder / "a.jsonl:3"),
                        ("page", page)):  # fmt: skip
        expected = explain_file(str(local), RunSettings())
        assert explain_file(f"{address}/{path}", RunSettings()) == expected
    with pytest.raises(InputError, match=r"there is no row 9"):
        explain_file(f"{address}/a.jsonl:9", RunSettings())
    with pytest.raises(InputError, match=r"missing.txt: no such file"):
        explain_file(f"{address}/missing.txt", RunSettings())


def test_keys_in_addresses_are_not_told(website: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = website
    done = invoke(f"{address}/missing.txt?at=07:15:00&key=secret", tmp_path / "a.txt")
    assert done.exit_code == 2
    assert "missing.txt?...: no such file, directory or bucket (404" in done.output
    (folder / "c.txt").write_bytes(b"\0")
    done = invoke(f"{address}/c.txt?at=07:15:00&key=secret", tmp_path / "c.txt")
    assert "/c.txt?...: binary" in done.output
    written = [path.read_text() for path in tmp_path.glob("c.txt.*")]
    assert written
    assert "secret" not in done.output + "".join(written)


@pytest.mark.parametrize("name", ["b.txt", "old.txt"])
def test_what_changed_on_a_website_is_cleaned_again(
    website: tuple[str, Path], tmp_path: Path, name: str
) -> None:
    address, folder = website
    other = ARTICLE.replace("Monday", "Friday")
    target = tmp_path / "out.txt"
    assert run(f"{address}/{name}", str(target)).done == 0
    os.utime(folder / name, (1, 1))
    assert run(f"{address}/{name}", str(target)).done == 0
    # Whether a file has changed is known of one only.
    assert run(f"{address}/{name}", str(target)).done == (name == "b.txt")
    (folder / name).write_text(f"Home | News\n\n{other}")
    assert run(f"{address}/{name}", str(target)).done == 0
    assert target.read_text() == other


def test_files_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("all.zip", "w") as archive:
        archive.writestr("a.jsonl", SHARD)
        archive.writestr("inner/b.txt", ARTICLE)
    assert run("zip://::all.zip", "out").cleaned == 2
    assert Path("out/inner/b.txt").read_text() == ARTICLE
    assert run("zip://::all.zip", "out").done == 2
    assert run("zip://a.jsonl::all.zip", "one.jsonl").rows == len(ROWS)
    assert run("zip://inner/*.txt::all.zip", "texts").cleaned == 1
    assert run("simplecache::file://" + str(tmp_path / "out/inner/b.txt"), "b.txt").cleaned == 1
    with pytest.raises(InputError, match=r"zip://c\.txt::all\.zip: no such file"):
        run("zip://c.txt::all.zip", "c.txt")
