"""Read pages with gold text: a pages file, or a checkout of a public benchmark."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.errors import InputError
from cleaner.gold import read_pages
from cleaner.learn import fold_of

_LANG = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([a-zA-Z]{2,3})\b", re.IGNORECASE)
_HEAD_CHARACTERS = 20_000  # an <html> tag further down is no page's own


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its HTML, or its text where a set has no HTML, and the gold body."""

    id: str
    lang: str  # as the set or else the <html> tag says; "" if neither does
    html: str | None
    text: str | None
    gold: str | None  # None: not known in full
    source: str = ""  # publisher; "" if it is not known


def in_fold(source: str, fold: Sequence[int] | None) -> bool:
    """Whether a publisher belongs to the K-th of N parts of all, from 1; without a fold, any does.

    These are the publishers that ``models/build.py --hold-out`` leaves out.
    """
    return fold is None or fold_of(source, fold[1]) == fold[0] - 1


def read_page_set(path: Path, split: str = "test", page_type: str | None = None) -> Iterator[Page]:
    """Read all pages of a set, whatever its shape.

    Parameters
    ----------
    path : Path
        A pages file (``*.jsonl`` or ``*.jsonl.gz``), or a checkout of the scrapinghub
        article-extraction-benchmark or of WCXB.
    split, page_type : str
        Of WCXB only: the split, and the primary page type to select; None for every type.

    Raises
    ------
    InputError
        If the path is none of these, or a page of it is missing or broken.
    """
    if path.is_file():
        return _read_pages_file(path)
    if (path / "ground-truth.json").is_file():
        return _read_scrapinghub(path)
    if (path / split / "ground-truth").is_dir():
        return _read_wcxb(path / split, page_type)
    raise InputError(
        f"{path}: neither a pages file nor a directory with ground-truth.json (scrapinghub) or "
        f"{split}/ground-truth (WCXB; another --split?)"
    )


def _read_pages_file(path: Path) -> Iterator[Page]:
    for page in read_pages([path]):
        article = page.article
        yield Page(
            id=page.id,
            lang=page.lang or declared_language(page.html or ""),
            html=page.html,
            text=page.text,
            gold=article.text if article and article.is_complete else None,
            source=page.source,
        )


def _read_scrapinghub(root: Path) -> Iterator[Page]:
    for page_id, row in _read_json(root / "ground-truth.json").items():
        html = _read_html(root / "html" / f"{page_id}.html.gz")
        yield Page(page_id, declared_language(html), html, None, row.get("articleBody") or "")


def _read_wcxb(root: Path, page_type: str | None) -> Iterator[Page]:
    for truth_file in sorted((root / "ground-truth").glob("*.json")):
        row = _read_json(truth_file)
        if page_type and row.get("_internal", {}).get("page_type", {}).get("primary") != page_type:
            continue
        if "main_content" not in row.get("ground_truth", {}):
            raise InputError(f"{truth_file}: no ground_truth.main_content")
        html = _read_html(root / "html" / f"{truth_file.stem}.html.gz")
        gold = row["ground_truth"]["main_content"] or ""
        yield Page(truth_file.stem, declared_language(html), html, None, gold)


def _read_html(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise InputError(f"{path}: expected a JSON object, found {type(row).__name__}")
    return row


def declared_language(html: str) -> str:
    """Return the language that the page's <html> tag declares, lower case, or ""."""
    match = _LANG.search(html, 0, _HEAD_CHARACTERS)
    return match.group(1).lower() if match else ""
