"""What is fuzzed: each target takes bytes, and fails only where clean-news breaks a promise.

A target feeds an inner layer, so that coverage grows, and lets pass only the errors that the layer
is to raise. `run.py` searches for inputs that make one fail; `tests/fuzz/corpus` keeps those that
were found or are worth trying again, and `test_fuzz_corpus.py` tries them as ordinary tests.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cleaner.cleaning import Cleaner
from cleaner.errors import CleanerError
from cleaner.features import N_MARKUP_COLUMNS, prepare_overlap
from cleaner.files import Origin, decode_html, is_archive, record_format
from cleaner.files.decoding import decode_bytes
from cleaner.label.exchange import FORMATS
from cleaner.label.review.app import _read_changes
from cleaner.labelled import LabelledDocument, format_labelled, parse_labelled
from cleaner.model import find_model, load_model, raw_features
from cleaner.model.model_file import _check, _read_arrays, _read_header
from cleaner.text import (
    decode_text,
    encode_text,
    join_kept_lines,
    lay_out_lines,
    read_html,
    read_metadata,
    split_content,
    split_tokens,
)

_WHERE = Path("fuzzed")
_LONGEST_VALUE = 1000


@functools.cache
def cleaners() -> tuple[Cleaner, Cleaner]:
    """The shipped models."""
    return Cleaner.load("news"), Cleaner.load("news-html")


def take_text(data: bytes) -> str:
    """Make a text of any bytes, lone surrogates among them."""
    return data.decode("utf-8", "surrogateescape").replace("\x00", "\u2028")


def layout(data: bytes) -> None:
    """Lay lines and tokens out, compute features: finite, and of the right number."""
    content = encode_text(take_text(data))
    lines = lay_out_lines([content, b"It rained.", content])
    n_lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert len(lines.line_starts) == 2 * n_lines + 1
    columns = raw_features(lines, prepare_overlap(lines))
    assert all(np.isfinite(column[lines.row]).all() for column in columns.values())


def cleaning(data: bytes) -> None:
    """Clean one text: its lines, in order, the same in company."""
    text = take_text(data)
    (alone,) = cleaners()[0].clean_encoded([encode_text(text)])
    _, among = cleaners()[0].clean_encoded([b"Home | News\n\nIt rained.", encode_text(text)])
    assert alone == among
    source = [line.rstrip() for line in encode_text(text).replace(b"\r\n", b"\n")
              .replace(b"\r", b"\n").split(b"\n")]  # fmt: skip
    place = 0
    for line in alone.data.split(b"\n"):
        if line:
            place = source.index(line, place) + 1


def splitting(data: bytes) -> None:
    """Split, tokenise, join: nothing is lost."""
    content = data * 40 if len(data) > 1000 else data
    assert b"\n".join(split_content(content)).replace(b"\r", b"\n").count(b"\n") <= (
        content.replace(b"\r", b"\n").count(b"\n")
    )
    split_tokens(take_text(data))
    lines = lay_out_lines([encode_text(take_text(data))])
    blank = np.ones(len(lines.line_starts), bool)
    blank[lines.number] = False
    join_kept_lines(lines, ~blank, blank)


def decoding(data: bytes) -> None:
    """Decode the bytes of a file: valid UTF-8 with plain line ends, or our error."""
    try:
        decoded = decode_bytes(data)
    except CleanerError:
        return
    text = decoded.data.decode("utf-8")
    assert not set("\r\x0b\x0c\x85\u2028\u2029") & set(text)


def html(data: bytes) -> None:
    """Read a page: as many lines as markup, every line without a line end."""
    try:
        page = read_html(decode_html(data), markdown=True)
    except CleanerError:
        return
    assert len(page.lines) == len(page.markup) == len(page.markdown or page.lines)
    for line in page.lines:
        assert line == " ".join(line.split())


def html_cleaning(data: bytes) -> None:
    """Clean a page, as text and as Markdown."""
    try:
        page = read_html(decode_html(data))
    except CleanerError:
        return
    (cleaned,) = cleaners()[1].clean_pages([page])
    kept = [line for line in decode_text(cleaned.data).split("\n") if line]
    lines = iter(page.lines)
    assert all(line in lines for line in kept)


def metadata(data: bytes) -> None:
    """Read the metadata of a page: values of bounded length, whatever the page says."""
    try:
        found = read_metadata(decode_html(data))
    except CleanerError:
        return
    assert all(len(value) <= _LONGEST_VALUE for value in found.to_dict().values())


def markup(data: bytes) -> None:
    """Judge lines with any strings for markup: numbers, and no error."""
    strings = take_text(data).split("\n")
    lines = lay_out_lines([b"\n".join([b"It rained."] * len(strings))], [strings])
    scored = cleaners()[1].model.score(lines)
    assert np.isfinite(scored.log_odds[lines.row]).all()
    assert cleaners()[1].model.markup_weights.size == N_MARKUP_COLUMNS


def labelled(data: bytes) -> None:
    """Read a labelled file; what can be read is written and read again alike."""
    text = data.decode("utf-8", "replace")
    try:
        document = parse_labelled(text, "a.tsv")
    except CleanerError:
        return
    again: LabelledDocument = parse_labelled(format_labelled(document), "a.tsv")
    assert again.labels == document.labels
    assert again.markup == document.markup


@functools.cache
def sound_header() -> bytes:
    """The header of the shipped model."""
    with np.load(find_model("news")) as arrays:
        return bytes(arrays["header"].tobytes())


def model_header(data: bytes) -> None:
    """Read the header of a model file, or give our error in few words.

    What does not begin like one changes bytes of a sound one: three say where, one into what.
    """
    header = data
    if data[:1] != b"{":
        changed = bytearray(sound_header())
        for at in range(0, len(data) - 3, 4):
            changed[int.from_bytes(data[at : at + 3]) % len(changed)] = data[at + 3]
        header = bytes(changed)
    try:
        _read_header(np.frombuffer(header, np.uint8), _WHERE)
    except CleanerError as error:
        assert len(str(error)) < 1000


def model_file(data: bytes) -> None:
    """Read a whole model file, or refuse it."""
    with tempfile.NamedTemporaryFile(suffix=".npz", dir="/dev/shm") as file:
        file.write(data)
        file.flush()
        try:
            _check(load_model(file.name), _WHERE)
        except CleanerError as error:
            assert len(str(error)) < 1000


def model_arrays(data: bytes) -> None:
    """Unpack arrays: only errors that the reader of models knows."""
    try:
        _read_arrays(data, _WHERE)
    except Exception as error:
        assert not isinstance(error, (MemoryError, RecursionError)), error


def json_line(data: bytes) -> None:
    """Read lines of JSON, and set the text of those that have one: nothing else changes."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        source, target = f"{folder}/a.jsonl", f"{folder}/b.jsonl"
        Path(source).write_bytes(data)
        reader = record_format(source)
        assert reader
        records = []
        change = {"text": "", "new": 1}
        with reader.write(target, Origin(source, reader, "text")) as write:
            for batch in reader.read(source, "text"):
                assert all(len(reason) < 500 for reason in batch.reasons.values())
                changes = [{} if text is None else change for text in batch.texts]
                write(batch, changes)
                pairs = zip(batch.rows, changes, strict=True)
                records += [{**(record or {}), **new} for (_, record), new in pairs]
        rows = [record or {} for batch in reader.read(target, "text") for _, record in batch.rows]
        assert repr(rows) == repr(records)  # where NaN is what it was


def parquet(data: bytes) -> None:
    """Read a Parquet file, or refuse it."""
    _read_records(data, "a.parquet")


def warc(data: bytes) -> None:
    """Read a WARC file, or refuse it."""
    _read_records(data, "a.warc")


def arrow(data: bytes) -> None:
    """Read a file or a stream of Arrow, or refuse it."""
    _read_records(data, "a.arrow")


def packed_json(data: bytes) -> None:
    """Read packed JSON Lines, or refuse them."""
    _read_records(data, "a.jsonl.gz")


def _read_records(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        reader = record_format(str(path))
        assert reader
        try:
            for batch in reader.read(str(path), "text"):
                assert len(batch.texts) == len(batch.numbers)
        except CleanerError:
            return
        assert data or is_archive(name) or name.endswith((".jsonl.gz", ".parquet"))


def exchange(data: bytes) -> None:
    """Read the files of four annotation tools, or refuse them."""
    text = data.decode("utf-8", "replace")
    for form in FORMATS.values():
        try:
            form.read(text, "a.json")
        except CleanerError:
            continue


def review_changes(data: bytes) -> None:
    """Read what the review page sends, or refuse it."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        _read_changes(value)
    except (ValueError, RecursionError):  # the page answers them with 400
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        layout, cleaning, splitting, decoding, html, html_cleaning, markup, metadata, labelled,
        model_header, model_file, model_arrays, json_line, parquet, arrow, warc, packed_json,
        exchange, review_changes,
    )
}  # fmt: skip
