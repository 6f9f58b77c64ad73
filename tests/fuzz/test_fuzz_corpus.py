"""Every saved input of the fuzzer is tried again, and some that hypothesis thinks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
SAVED = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


def test_every_folder_of_the_corpus_is_a_target_with_inputs() -> None:
    assert {path.parent.name for path in SAVED} == set(TARGETS)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_saved_inputs_break_nothing(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", [*TARGETS])
@settings(max_examples=10)
@given(st.binary(max_size=200))
def test_any_bytes_break_nothing(name: str, data: bytes) -> None:
    TARGETS[name](data)
