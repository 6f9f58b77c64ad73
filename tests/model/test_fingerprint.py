"""The shipped model gives every line of corpus/ the log-odds that it gave when it was built.

Anything that changes a feature, a weight or a sum changes some of them. After a deliberate change
(a new model, a new feature), write them again:

    python tests/model/test_fingerprint.py --write
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleaner.files import read_labelled_many
from cleaner.model import load_model
from cleaner.text import encode_text, group_contents, lay_out_lines

TESTS = Path(__file__).parents[1]
CORPUS = TESTS.parent / "corpus"
EXPECTED = TESTS / "cases/fingerprint.npz"
# Processors differ by at most 2e-6 (DESIGN: bit-exactness); what is stored is rounded to 1/1024.
STEPS = 1024
TOLERANCE = 1 / STEPS


def texts() -> dict[str, str]:
    """Texts of all pages and labelled documents, by name."""
    pages = sorted((CORPUS / "pages").glob("*.txt"))
    found = {page.name: page.read_text(encoding="utf-8") for page in pages}
    for document in read_labelled_many([CORPUS / "labelled"]):
        found[document.id] = document.text
    return found


def log_odds() -> dict[str, NDArray[np.float32]]:
    """Calibrated log-odds of every line that is not blank, by name of the text."""
    model = load_model()
    named = texts()
    names = iter(named)
    found = {}
    for group in group_contents(map(encode_text, named.values())):
        scored = model.score(lay_out_lines(group))
        for number in range(len(group)):
            row = scored.lines.row[scored.lines.document == number]
            found[next(names)] = scored.log_odds[row]
    return found


def test_log_odds_are_those_of_the_shipped_model() -> None:
    found = log_odds()
    with np.load(EXPECTED, allow_pickle=False) as stored:
        names, lines, steps = stored["names"].tolist(), stored["lines"], stored["steps"]
    assert list(found) == names
    assert [len(values) for values in found.values()] == lines.tolist()
    off = np.abs(np.concatenate(list(found.values())) - steps / STEPS) > TOLERANCE
    places = np.repeat(names, lines)[off]
    assert not off.any(), f"{off.sum()} lines have other log-odds, the first in {places[0]}"


def test_the_fingerprint_has_lines_of_both_kinds() -> None:
    with np.load(EXPECTED, allow_pickle=False) as stored:
        steps = stored["steps"]
    assert len(steps) > 2000
    assert 0.2 < (steps > 0).mean() < 0.8


def write() -> None:
    found = log_odds()
    steps = np.rint(np.concatenate(list(found.values())) * STEPS).astype(np.int32)
    lines = np.array([len(values) for values in found.values()], np.int32)
    np.savez_compressed(EXPECTED, names=np.array(list(found)), lines=lines, steps=steps)


if __name__ == "__main__" and "--write" in sys.argv:
    write()
