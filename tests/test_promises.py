"""The eight promises, each as a property of any input, and of real pages where they are at hand."""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError, ModelError
from cleaner.files.decoding import decode_bytes
from cleaner.labelled import LabelledDocument
from cleaner.learn import TrainingSettings, train_from_scratch
from cleaner.model import load_model, save_model

ROOT = Path(__file__).parent.parent
CORPUS = sorted((ROOT / "corpus" / "pages").glob("*.txt"))
SHARED = Path(os.environ.get("CLEAN_NEWS_SHARED", ROOT.parent / "shared")) / "data" / "pages"
NEWS = Cleaner.load()
# Words, signs and line ends of which hard texts are made; what is drawn beside them is anything.
PIECES = (
    "The council voted on Monday to keep the bridge.", "Read more: ", "(Tom Ahle/AP)",
    "Home | News", "\n", "\n\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00",
    "\ud800", "\udfff", "\u202e", "\u200b", "\ufeff", "\U0001f469\u200d\U0001f467", "e\u0301",
    "議会は月曜日に", "قرر مجلس", " ", "\t", '"', "'",
)  # fmt: skip


def any_text() -> st.SearchStrategy[str]:
    piece = st.sampled_from(PIECES) | st.text(st.characters(), max_size=6)
    return st.lists(piece, max_size=30).map("".join)


def real_pages() -> list[str]:
    """Page texts of corpus/, and HTML of real pages as text, which is as odd as text gets."""
    pages = [path.read_text(encoding="utf-8") for path in CORPUS]
    for path in sorted(SHARED.glob("*.jsonl.gz"))[:3] if SHARED.is_dir() else ():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            pages += [json.loads(next(file)).get("html") or "" for _ in range(3)]
    return pages


def source_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def check_lines(text: str) -> None:
    clean = NEWS.clean(text)
    left = iter(line.rstrip() for line in source_lines(text))
    for line in clean.split("\n"):
        assert not line or any(line == other or line == other.rstrip() for other in left)


@settings(max_examples=60)
@given(any_text())
def test_promise_1_output_lines_are_input_lines_in_order(text: str) -> None:
    clean = NEWS.clean(text).encode("utf-8", "surrogatepass")
    source = text.encode("utf-8", "surrogatepass").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    left = iter([line.rstrip() for line in source.split(b"\n")])
    assert all(line in left for line in clean.split(b"\n") if line)


def test_promise_1_on_real_pages() -> None:
    for text in real_pages():
        check_lines(text)


@settings(max_examples=25)
@given(st.lists(any_text(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_promise_2_alone_in_any_batch_and_in_any_order_the_same(
    texts: list[str], lot: random.Random
) -> None:
    alone = [NEWS.clean(text) for text in texts]
    assert list(NEWS.clean_many(texts)) == alone
    order = list(range(len(texts)))
    lot.shuffle(order)
    assert list(NEWS.clean_many(texts[n] for n in order)) == [alone[n] for n in order]


def test_promise_2_on_real_pages() -> None:
    pages = real_pages()
    assert list(NEWS.clean_many(reversed(pages))) == [*reversed([*map(NEWS.clean, pages)])]


@settings(max_examples=60)
@given(any_text())
def test_promise_3_any_text_is_accepted(text: str) -> None:
    assert isinstance(NEWS.clean(text), str)
    assert NEWS.clean("\n" * text.count("\n")) == ""


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_promise_3_any_bytes_are_decoded_by_the_policy_or_refused(data: bytes) -> None:
    try:
        decoded = decode_bytes(data)
    except InputError:
        return
    text = decoded.data.decode("utf-8")
    assert (decoded.remark == "") == (decoded.encoding == "utf-8" and not decoded.replaced)
    assert not set("\r\x0b\x0c\x85\u2028\u2029") & set(text)


@pytest.mark.parametrize(
    "piece", ["x\n", "abc\n", '"' * 99 + "\n", "\n", "Read more: x\n", "word "]
)
def test_promise_4_memory_is_linear_and_bounded(piece: str) -> None:
    """By counting what is allocated: twice as much text takes twice as much, or no more at all."""
    peaks = []
    for size in (1 << 19, 1 << 20):
        text = piece * (size // len(piece))
        tracemalloc.start()
        NEWS.clean(text)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] <= 2.3 * peaks[0]
    assert peaks[1] < 400 << 20


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_promise_5_a_kill_leaves_nothing_half_and_running_again_finishes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(300):
        text = CORPUS[number % len(CORPUS)].read_text(encoding="utf-8")
        (tmp_path / f"in/{number}.txt").write_text(text, encoding="utf-8")
    expected = {
        f"{n}.txt": NEWS.clean(CORPUS[n % len(CORPUS)].read_text("utf-8")) for n in range(300)
    }
    command = [sys.executable, "-m", "cleaner", "in", "out", "--jobs", "1"]
    lot = random.Random(5)
    for _ in range(4):
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            time.sleep(lot.uniform(0.1, 0.6))
            process.send_signal(signal.SIGKILL)
        for path in (tmp_path / "out").glob("*.txt"):
            assert path.read_bytes().decode() == expected[path.name]
    subprocess.run(command, cwd=tmp_path, check=True, stderr=subprocess.DEVNULL)
    assert {
        path.name: path.read_bytes().decode() for path in (tmp_path / "out").iterdir()
    } == expected


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 255), st.sampled_from(["news", "news-html"]))
def test_promise_6_a_damaged_model_is_refused_or_the_same(place: int, byte: int, name: str) -> None:
    data = bytearray((ROOT / "models" / f"{name}.npz").read_bytes())
    data[place % len(data)] = byte
    path = Path(os.environ.get("TMPDIR", "/tmp"), f"clean-news-promise-{os.getpid()}.npz")
    path.write_bytes(data)
    try:
        model = load_model(path)
    except ModelError:
        return
    finally:
        path.unlink()
    assert model.name == name  # a byte that says nothing, such as the date of an entry


def test_promise_6_loading_a_model_executes_nothing() -> None:
    code = (
        "import sys\n"
        "from cleaner.model import load_model\n"
        "load_model('news')\n"
        "bad = ('exec', 'os.system', 'subprocess.Popen', 'pickle.find_class', 'marshal')\n"
        "sys.addaudithook(lambda name, _: sys.exit(name) if name.startswith(bad) else None)\n"
        "load_model('news-html')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_promise_7_the_same_documents_give_the_same_model(
    documents: list[LabelledDocument], quick_settings: TrainingSettings, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        model = train_from_scratch(documents[:8], quick_settings, name="same")
        save_model(model, tmp_path / f"{name}.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@settings(max_examples=40)
@given(any_text())
def test_promise_8_reasons_sum_to_the_log_odds_of_the_decision(text: str) -> None:
    for line in NEWS.explain(text):
        total = sum(reason.contribution for reason in line.reasons)
        assert math.isclose(1 / (1 + math.exp(-total)), line.body_probability, abs_tol=1e-5)
        for reason in line.reasons:
            parts = sum(part.contribution for part in reason.parts)
            assert not reason.parts or math.isclose(parts, reason.contribution, abs_tol=1e-6)


def test_promise_8_on_a_document_that_is_judged_in_parts() -> None:
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in CORPUS) * 5
    shown = {line.number: line for line in NEWS.classify(text)}
    for number in np.random.default_rng(0).choice(list(shown), 12, replace=False).tolist():
        line = NEWS.explain_line(text, number)
        assert line is not None
        total = sum(reason.contribution for reason in line.reasons)
        assert math.isclose(
            1 / (1 + math.exp(-total)), shown[number].body_probability, abs_tol=1e-5
        )
