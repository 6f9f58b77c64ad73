"""A change that makes the shipped models worse is noticed, and so is one of the data."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"
SHARED = Path(os.environ.get("CLEAN_NEWS_SHARED", "../shared")) / "data" / "pages"


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("gate")
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_nothing_in_the_repository_is_worse_than_its_floor(gate: ModuleType) -> None:
    floors = json.loads(gate.FLOORS.read_text())
    assert list(gate.compare(gate.measure_labelled(), floors)) == []


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/pages")
def test_nothing_on_real_pages_is_worse_than_its_floor(gate: ModuleType) -> None:
    floors = json.loads(gate.FLOORS.read_text())
    assert list(gate.compare(gate.measure_pages(SHARED), floors)) == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("a: wrong words", 1.0, ""),
        ("a: wrong words", 0.9, ""),
        ("a: wrong words", 1.1, "1.1, and its floor is 1.0"),
        ("a: f1", 1.1, ""),
        ("a: f1", 0.9, "0.9, and its floor is 1.0"),
        ("b", 1.0, "has no floor"),
    ],
)
def test_what_is_worse_is_told(gate: ModuleType, name: str, value: float, problem: str) -> None:
    floors = {key: gate.result(1.0, "data") for key in ("a: wrong words", "a: f1")}
    told = list(gate.compare({name: gate.result(value, "data")}, floors))
    assert [problem in line for line in told] == ([True] if problem else [])


def test_other_data_are_told(gate: ModuleType) -> None:
    floors = {"a": gate.result(1.0, "data")}
    assert "other data" in next(iter(gate.compare({"a": gate.result(0.5, "more data")}, floors)))
