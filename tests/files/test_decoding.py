"""Bytes of every kind become UTF-8, or are refused as binary."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.files import decode_html, read_text
from cleaner.files.decoding import decode_bytes

CASES = json.loads((Path(__file__).parents[1] / "cases/decoding.json").read_text(encoding="utf-8"))


def encoded(kind: str) -> list[tuple[str, str, bool]]:
    """Pairs of encoding and text of one kind of cases, and whether to write a mark."""
    return [
        (encoding, case["text"], case.get("mark", False))
        for case in CASES[kind]
        for encoding in case["encodings"]
    ]


@pytest.mark.parametrize(("encoding", "text", "mark"), encoded("in the wild"))
def test_encodings_are_recognised(encoding: str, text: str, mark: bool) -> None:
    decoded = decode_bytes((("\ufeff" if mark else "") + text).encode(encoding))
    assert decoded.data.decode() == text
    assert decoded.replaced == 0
    assert bool(decoded.remark) == (encoding != "utf_8")


@pytest.mark.xfail(strict=True, raises=AssertionError)
@pytest.mark.parametrize(("encoding", "text", "mark"), encoded("known failures"))
def test_known_failures(encoding: str, text: str, mark: bool) -> None:
    assert decode_bytes(text.encode(encoding)).data.decode() == text


@pytest.mark.parametrize("case", CASES["damaged"])
def test_damaged_utf_8_is_not_taken_for_another_encoding(case: dict[str, Any]) -> None:
    decoded = decode_bytes(bytes.fromhex(case["bytes"]))
    assert decoded.remark == f"broken characters replaced by U+FFFD: {case['replaced']}"
    assert decoded == (case["text"].encode(), "utf-8", case["replaced"])


@pytest.mark.parametrize("case", CASES["binary"], ids=lambda case: case["why"])
def test_binary_content_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"^binary: "):
        decode_bytes(bytes.fromhex(case["bytes"]))


def test_line_ends_are_made_equal_after_decoding() -> None:
    text = "Brücke\r\nFluss\rUfer\n"
    for data in (text.encode(), text.encode("cp1252"), text.encode("utf-16")):
        assert decode_bytes(data).data.decode() == "Brücke\nFluss\nUfer\n"


def test_the_guess_does_not_depend_on_where_the_first_such_letter_stands() -> None:
    plain = b"Nothing but letters of the Latin alphabet on this line.\n" * 20_000
    text = "Městská rada v pondělí rozhodla, že starý most zůstane: říká to starostka.\n" * 3
    assert decode_bytes(plain + text.encode("iso8859_2")).encoding == "iso8859_2"
    one_line = plain.replace(b"\n", b" ")
    assert decode_bytes(one_line + text.encode("iso8859_2")).encoding == "iso8859_2"


def test_a_long_text_without_spaces_is_cut_between_characters() -> None:
    [case] = [case for case in CASES["in the wild"] if "cp932" in case["encodings"]]
    text = case["text"].replace("\n", "") * 2000
    for encoding in case["encodings"]:
        assert decode_bytes(text.encode(encoding)).data.decode() == text


@given(st.text())
def test_utf_8_comes_back_but_for_line_ends(text: str) -> None:
    text = text.replace("\0", "")
    expected = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for end in "\r\v\f\x85\u2028\u2029":
        expected = expected.replace(end, "\n")
    assert decode_bytes(text.encode()) == (expected.encode(), "utf-8", 0)


@given(st.binary() | st.text().map(lambda text: text.encode("cp1252", "replace")))
def test_any_bytes_become_utf_8_or_are_binary(data: bytes) -> None:
    try:
        decoded = decode_bytes(data)
    except InputError:  # said to be binary
        return
    assert not set(b"\0\r") & set(decoded.data)
    assert decode_bytes(data) == decoded
    again = decode_bytes(decoded.data)
    assert again.encoding == "utf-8"
    assert again.replaced == 0


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_whatever_ends_a_line_becomes_a_plain_line_end(end: str, encoding: str) -> None:
    text = end.join(["Home", "Über uns …", "It rained in 東京.", ""])
    decoded = decode_bytes(text.encode(encoding))
    assert decoded.data.decode() == text.replace(end, "\n")


@given(st.text(st.sampled_from("aé東🙂 \r\n\v\f\x85\u2028\u2029…")))
def test_lines_are_those_that_python_splits(text: str) -> None:
    lines = decode_bytes(text.encode()).data.decode().split("\n")
    assert "\n".join([*lines[:-1], lines[-1] + "|"]) == "\n".join((text + "|").splitlines())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.4\nA text that a PDF may hold.", "a PDF file, of which a text has to be made"),
        (b"PK\x03\x04 and some words", "a zip file, as .docx and .xlsx are"),
        (gzip.compress(b"It rained."), "packed with gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfd and some words", "packed with zstd; unpack it first"),
    ],
)
def test_files_that_are_no_texts_are_called_what_they_are(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        decode_bytes(data)
    assert decode_bytes(b"It begins with " + data[:1]).data


@pytest.mark.parametrize("name", ["a.csv", "A.TSV", "a.json", "a.csv.gz", "a.json.gz"])
def test_tables_are_no_texts(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("text\nIt rained.\n")
    with pytest.raises(InputError, match=rf"{name}: a table or JSON .* write its rows as JSON"):
        read_text(str(tmp_path / name))


XML = b"<?xml version='1.0' encoding=\"windows-1251\"?>\n"
RUSSIAN = "Мост останется открытым."


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b"\xef\xbb\xbf<meta charset=koi8-r>" + RUSSIAN.encode(), "windows-1251"),
        (("<meta charset=koi8-r>" + RUSSIAN).encode("utf-16"), "windows-1251"),
        (b"<meta charset=koi8-r>" + RUSSIAN.encode("cp1251"), "windows-1251"),
        (b"<meta charset=koi8-r>" + RUSSIAN.encode("koi8-r"), "no-such-charset"),
        (XML + b"<meta charset=koi8-r>" + RUSSIAN.encode("koi8-r"), ""),
        (XML + RUSSIAN.encode("cp1251"), ""),
        (b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=koi8-r'>"
         + RUSSIAN.encode("koi8-r"), ""),
        (b"<meta charset=utf-16>" + RUSSIAN.encode(), ""),
        (b"<p>" + XML + RUSSIAN.encode(), ""),
        (RUSSIAN.encode(), ""),
        (RUSSIAN.encode("utf-16-le"), "utf-16le"),
    ],
)  # fmt: skip
def test_pages_are_decoded_as_browsers_do(data: bytes, charset: str) -> None:
    pytest.importorskip("webencodings")
    assert decode_html(data, charset).endswith(RUSSIAN)


@pytest.mark.parametrize("charset", ["", "utf-8", "windows-1252", "shift_jis"])
def test_binary_is_no_page_whatever_its_charset(charset: str) -> None:
    pytest.importorskip("webencodings")
    with pytest.raises(InputError, match="binary"):
        decode_html(bytes(range(256)) * 100, charset)
    page = "<p>A page with a single stray\0character is one."
    assert decode_html(page.encode(), charset or "utf-8") == page
