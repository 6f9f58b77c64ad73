"""Every feature of every line of texts, by name: what tests/cases/feature_table.tsv pins.

This is the one place of the tests that knows how features are computed. To write the table again
after a deliberate change, and to read in `git diff` what it changes:

    python tests/feature_values.py --write
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from cleaner.features import (
    FEATURES,
    N_COLUMNS,
    N_MARKUP_COLUMNS,
    hashed_word_features,
    judged_features,
    lexical_log_odds,
    lexical_places,
    markup_features,
    markup_log_odds,
    markup_places,
    prepare_overlap,
    stacked_features,
    stacked_markup_features,
)
from cleaner.model import raw_features
from cleaner.text import encode_text, lay_out_lines

CASES = Path(__file__).parent / "cases"
PAGES = CASES / "feature_pages.txt"
TABLE = CASES / "feature_table.tsv"
# Log-odds of pass 1 that the pages start with; cycled, by line. They have runs of both
# signs, and the main stretch of the three ways to weigh it differs.
PASS_1_ODDS = (
    0.75,
    -6,
    -2,
    -2,
    -6,
    2,
    -1.25,
    1,
    -3.5,
    -6,
    1,
    0.25,
    0.25,
    -3.5,
    5,
    -1.25,
    1,
    4.5,
    -0.25,
)


# Where the lines of the pages stand in markup; cycled, by line. All tags that have a feature are
# among it, and places that differ in numbers only.
MARKUP = (
    "body nav.menu ul li|a|a=100",
    "body article#story-12 h1||",
    "body article#story-12 div.text p||a=12",
    "body article#story-99 div.text p||a=4 strong=30",
    "body article#story-12 div.text p|em|em=100",
    "body article#story-12 div.text blockquote p||",
    "body article#story-12 div.text ul li|strong|strong=100",
    "body aside.related[hidden] div.teaser3 h3|a|a=100",
    "body article#story-12 div.text p||",
    "body article#story-12 figure figcaption.wp-caption||em=55",
    "body article#story-12 div.text table tr||a=7",
    "body footer[role=contentinfo]||a=40",
    "||",
)


def made_up_lexical_weights() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Weigh every hashed word, from -900 to 900, in no order that a shift would leave alike."""
    return made_up_weights(N_COLUMNS)


def made_up_weights(n: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Likewise for any number of columns."""
    mixed = np.arange(n, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(1 << 32)
    return (mixed % np.uint64(1801)).astype(np.int16) - np.int16(900)


def feature_values(
    texts: list[str], pass_1_odds: tuple[float, ...] = PASS_1_ODDS
) -> list[dict[str, list[float]]]:
    """Compute all features of the lines of each text.

    Parameters
    ----------
    pass_1_odds : tuple of float
        What pass 1 is taken to say of the lines of each text; cycled.

    Returns
    -------
    list of dict
        For each text, feature name to a value for every line that is not blank.
    """
    markup = [_mark_up(text) for text in texts]
    lines = lay_out_lines([encode_text(text) for text in texts], markup)
    overlap = prepare_overlap(lines)
    raw = raw_features(lines, overlap)
    places, weights = lexical_places(lines), made_up_lexical_weights()
    lexical, head, tail = lexical_log_odds(places, weights, 0.25)
    raw |= hashed_word_features(lines, lexical, head, tail)
    in_markup = markup_places(lines)
    of_markup = markup_log_odds(in_markup, made_up_weights(N_MARKUP_COLUMNS), 0.25, lines.n_rows)
    raw |= markup_features(lines, in_markup, of_markup, lexical)
    odds = np.full(lines.n_rows, 7.5, np.float32)  # nobody may look at empty rows
    number_in_text = lines.row - lines.first_row[lines.document]
    odds[lines.row] = np.take(pass_1_odds, number_in_text, mode="wrap")
    stacked = stacked_features(lines, overlap, raw, odds)
    columns = {**raw, **stacked, **stacked_markup_features(lines, in_markup, odds)}
    columns |= judged_features(lines, np.roll(odds, 1) * np.float32(0.75))
    return [
        {name: columns[name][lines.row[lines.document == number]].tolist() for name in FEATURES}
        for number in range(len(texts))
    ]


def _mark_up(text: str) -> list[str]:
    lines = text.split("\n")
    return [MARKUP[n % len(MARKUP)] if line.strip() else "" for n, line in enumerate(lines)]


def feature_names() -> list[str]:
    """List the features in the order of the table."""
    return list(FEATURES)


def read_pages() -> dict[str, str]:
    """Read the pages of the table: name to text. A line `=== name` starts each."""
    pages = {}
    for part in PAGES.read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, text = part.partition("\n")
        pages[name] = text.removesuffix("\n")
    return pages


def read_table() -> dict[tuple[str, str], list[float]]:
    """Read the expected values: page and feature to a value for every line."""
    table = {}
    for row in TABLE.read_text(encoding="utf-8").splitlines():
        if row.startswith("#"):
            continue
        page, feature, *values = row.split("\t")
        table[page, feature] = [float(value) for value in values]
    return table


def write_table() -> None:
    """Write the values that the features have now."""
    pages = read_pages()
    found = dict(zip(pages, feature_values(list(pages.values())), strict=True))
    lines = [
        "# Page, feature, and its value for every line of the page in feature_pages.txt that is",
        "# not blank. Written by `python tests/feature_values.py --write`; read the difference.",
    ]
    for feature in feature_names():
        for page in pages:
            # Adding 0 turns -0.0 into 0.0.
            values = [f"{round(value, 4) + 0:g}" for value in found[page][feature]]
            lines.append("\t".join([page, feature, *values]))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write the table")
    parser.parse_args()
    write_table()
