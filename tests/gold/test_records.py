"""Page records: how they are read, and the messages for those that cannot be."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import InputError
from cleaner.gold import read_pages

GOLD = {"kind": "annotated", "body": ["It rained."]}


def write_records(path: Path, *records: Any) -> Path:
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["rain.jsonl.gz", "rain.jsonl"])
def test_a_full_record(tmp_path: Path, name: str) -> None:
    record = {
        "id": "set/one two",
        "set": "weather",
        "publisher": "uk/Rain Times",
        "url": "https://www.rain-times.co.uk/today?id=1",
        "lang": "en",
        "title": "Rain",
        "html": "<p>It rained.</p>",
        "gold": GOLD,
    }
    (page,) = read_pages([write_records(tmp_path / name, record)])
    assert (page.id, page.set, page.source) == ("set_one_two", "weather", "rain-times.co.uk")
    assert (page.lang, page.html, page.text) == ("en", record["html"], None)
    assert page.article is not None
    assert page.article.paragraphs == ("It rained.",)


def test_a_bare_record(tmp_path: Path) -> None:
    record = {"id": "a", "text": "It rained.", "url": None, "lang": "unknown"}
    (page,) = read_pages([write_records(tmp_path / "rain.jsonl.gz", record)])
    assert (page.set, page.source, page.lang, page.article) == ("rain", "a", "", None)
    assert (page.html, page.text) == (None, "It rained.")


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"publisher": "www.rain.org"}, "rain.org"),
        ({"publisher": "de/RAIN  Zeitung"}, "de/RAIN Zeitung"),
        (
            {"publisher": "Rain", "html": '<link rel=canonical href="http://rain.org/x">'},
            "rain.org",
        ),
        ({"publisher": "Rain", "url": "http://localhost/x"}, "Rain"),
        ({"publisher": ""}, "a"),
    ],
)
def test_the_source_is_the_domain_where_there_is_one(
    tmp_path: Path, fields: dict[str, str], source: str
) -> None:
    record = {"id": "a", "html": "<p>It rained.</p>", **fields}
    (page,) = read_pages([write_records(tmp_path / "x.jsonl", record)])
    assert page.source == source


def test_ids_are_made_unique_and_safe(tmp_path: Path) -> None:
    names = ["a", "a", "a_2", "a", "../a", "..", "é/ß", "n" * 500]
    path = write_records(tmp_path / "x.jsonl", *({"id": name, "text": ""} for name in names))
    ids = [page.id for page in read_pages([path])]
    assert ids == ["a", "a_2", "a_2_2", "a_3", "_a", "page", "é_ß", "n" * 120]
    assert len(set(ids)) == len(ids)


def test_blank_lines_and_half_surrogates(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('\n{"id": "a", "text": "a smile \\ud83d here"}\n  \n')
    (page,) = read_pages([path])
    assert page.text == "a smile ? here"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ("[1]", "line 2: a page must be a JSON object, not list"),
        ('{"text": "x"}', "line 2: a page needs an id"),
        ('{"id": 7, "text": "x"}', "line 2: id must be text, not int"),
        ('{"id": "b"}', "line 2: page 'b' has neither html nor text"),
        ('{"id": "b", "html": 1}', "line 2: html must be text"),
        ('{"id": "b", "text": "x", "gold": 1}', "line 2: gold must be an object"),
    ],
)
def test_a_broken_record_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f'{{"id": "a", "text": "x"}}\n{line}\n')
    pages = read_pages([path])
    assert next(pages).id == "a"
    with pytest.raises(InputError) as error:
        next(pages)
    assert str(error.value).startswith(f"{path} {message}")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    whole = write_records(
        tmp_path / "x.jsonl.gz", *({"id": str(n), "text": "x"} for n in range(99))
    )
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz: damaged gzip file"):
        list(read_pages([cut]))
    plain = tmp_path / "plain.jsonl.gz"
    plain.write_text('{"id": "a"}')
    with pytest.raises(InputError, match=r"plain\.jsonl\.gz: damaged gzip file after line 0"):
        list(read_pages([plain]))
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"id": "a", "text": "x"}\n{"id": "fr\xfch"}')
    with pytest.raises(InputError, match=r"latin\.jsonl line 2: not UTF-8"):
        list(read_pages([latin]))
    with pytest.raises(InputError, match=r"cannot read .*none"):
        list(read_pages([tmp_path / "none.jsonl"]))
    with pytest.raises(InputError, match="cannot read"):
        list(read_pages([tmp_path]))


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://a.b.example.com:8080/x?y=https%3A//z.org", "example.com"),
        ("http://user@example.org", "example.org"),
        ("news.example.com.au", "example.com.au"),
        ("example.co", "example.co"),
        ("HTTPS://WWW.EXAMPLE.DE", "example.de"),
        ("https://192.168.0.1/x", ""),
        ("Rain Times", ""),
        ("us/RainTimes", ""),
        ("", ""),
    ],
)
def test_the_source_is_the_registered_domain_of_the_address(
    tmp_path: Path, address: str, domain: str
) -> None:
    record = {"id": "none", "text": "It rained.", "url": address}
    (page,) = read_pages([write_records(tmp_path / "x.jsonl", record)])
    assert page.source == (domain or "none")


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<LINK href='https://a.org/x' rel='canonical' />", "https://a.org/x"),
        (
            '<link rel="canonical" href="/relative">'
            '<meta property="og:url" content="https://b.org/y"/>',
            "https://b.org/y",
        ),
        ("<link rel=stylesheet href=https://a.org/x>" * 9, ""),
    ],
)
def test_the_address_that_a_page_gives_as_its_own(tmp_path: Path, html: str, url: str) -> None:
    (page,) = read_pages([write_records(tmp_path / "x.jsonl", {"id": "a", "html": html})])
    assert page.url == url
