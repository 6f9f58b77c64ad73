"""Lines that recur in a folder are clutter, unless the documents are copies of one story."""

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.cleaning import Cleaner
from cleaner.collection import (
    FEWEST_OCCURRENCES,
    N_CELLS,
    N_ROWS,
    Collection,
    Company,
    distinct_lines,
    folder_lines,
    lower_recurring,
)
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument
from cleaner.model import RECURRENCE, Model
from cleaner.text import LARGEST_LINES, encode_text, lay_out_lines

CORPUS = Path(__file__).parents[1] / "corpus/labelled"
# Each looks like body to the model under most stories, and is long or short.
DISCLAIMERS = [
    "About 40,000 people live on the coast between the two rivers, and most of them work in"
    " fishing, in the two shipyards or for the county.",
    "The county, which is larger than it looks on most maps, has been run by a council of 31"
    " members since the reform of 1974.",
    "The shipyard in Tollan, which has changed hands four times since 1921, has built eleven of the"
    " fourteen ferries that the county owns.",
]
STORY = [
    "The ferry to the outer islands will sail only twice a week from November, the shipping"
    " company said on Monday, because two of its three captains have retired.",
    "Farmers on Norsund, the largest of the islands, said that they would have to sell their"
    " lambs three weeks earlier, when prices on the mainland are still low.",
    "“We asked for a third captain in the spring and were told that somebody would come,” said"
    " Runa Elvestad, who keeps two hundred sheep. “Nobody came.”",
    "The company has offered to carry animals at half the usual fare until the end of the year,"
    " an offer that the islanders called an insult.",
    "A spokesman for the county said that it had asked two other companies whether they could"
    " take over the line, and that it expected their answers in a fortnight.",
    "Last winter the islands were cut off for nine days in a storm, and the army flew in bread,"
    " milk and medicine by helicopter.",
]


@pytest.fixture(scope="module")
def news() -> Cleaner:
    return Cleaner.load()


@pytest.fixture(scope="module")
def corpus() -> list[LabelledDocument]:
    """Stories on different subjects, each on a page of its own make, with a body."""
    return [document for document in read_labelled_many([CORPUS]) if "body" in document.labels]


def with_paragraph(document: LabelledDocument, paragraph: str) -> str:
    """Give the page of a document one more paragraph, under its body."""
    end = max(n for n, label in enumerate(document.labels) if label == "body") + 1
    return "\n".join([*document.lines[:end], "", paragraph, *document.lines[end:]])


def with_body(document: LabelledDocument, paragraphs: list[str]) -> str:
    """Put another body into the page of a document, between the clutter above and below its own."""
    rows = list(zip(document.lines, document.labels, strict=True))
    places = [n for n, (_, label) in enumerate(rows) if label == "body"]
    above, below = (
        [line for line, label in part if label == "clutter" or not line]
        for part in (rows[: places[0]], rows[places[-1] + 1 :])
    )
    return "\n".join([*above, "", "\n\n".join(paragraphs), "", *below])


def clean_twice(news: Cleaner, pages: list[str]) -> tuple[list[str], list[str]]:
    """Clean pages one by one, and as a collection."""
    collection = Collection()
    collection.count(pages)
    return list(news.clean_many(pages)), list(news.clean_many(pages, collection))


# --- what is lost and what is not -------------------------------------------------------------


@pytest.mark.parametrize("disclaimer", DISCLAIMERS, ids=lambda text: text[:15])
def test_different_stories_lose_a_disclaimer_and_no_line_of_their_body(
    news: Cleaner, corpus: list[LabelledDocument], disclaimer: str
) -> None:
    documents = corpus[:50]
    alone, together = clean_twice(news, [with_paragraph(one, disclaimer) for one in documents])
    assert sum(disclaimer in text for text in alone) > 30, "the model needs no help"
    assert not any(disclaimer in text for text in together)
    for document, before, after in zip(documents, alone, together, strict=True):
        lost = Counter(before.splitlines()) - Counter(after.splitlines())
        body = {
            n for n, label in zip(document.lines, document.labels, strict=True) if label == "body"
        }
        assert not lost.keys() & body


@pytest.mark.parametrize("copies", [3, 50])
def test_copies_of_one_story_lose_nothing(
    news: Cleaner, corpus: list[LabelledDocument], copies: int
) -> None:
    pages = [with_body(document, STORY) for document in corpus[:copies]]
    assert len(set(pages)) == copies
    alone, together = clean_twice(news, pages)
    assert together == alone
    assert sum(text.count(STORY[1]) for text in alone) == copies


def test_shortened_copies_lose_nothing(news: Cleaner, corpus: list[LabelledDocument]) -> None:
    pages = [with_body(one, STORY[: 3 + n % 4]) for n, one in enumerate(corpus[:50])]
    alone, together = clean_twice(news, pages)
    assert together == alone


def test_background_survives_in_a_few_stories(
    news: Cleaner, corpus: list[LabelledDocument]
) -> None:
    pages = [with_paragraph(document, STORY[4]) for document in corpus]
    alone, together = clean_twice(news, pages[:4])
    assert together == alone
    assert all(STORY[4] in text for text in alone)


def test_a_short_story_loses_a_long_disclaimer(
    news: Cleaner, corpus: list[LabelledDocument]
) -> None:
    """Lines are counted, not words, when copies are told from stories."""
    disclaimer = (
        "The foundation that pays for a part of this work was set up in 1974 by two shipowners. It"
        " is run by a board of seven members, who are elected every spring and who decide how the"
        " surplus of the past year is spent. It has no say in what is reported. The reporting rests"
        " on interviews and on public records, and it is checked by two editors before it appears."
    )
    story = [
        f"The council of {name} voted on Tuesday to keep its {thing} open until the spring, after a"
        f" debate of {n} hours."
        for n, (name, thing) in enumerate(
            ((name, thing) for name in ("Norsund", "Tollan", "Elvik") for thing in
             ("library", "school", "pool", "harbour", "market")), start=2
        )
    ]  # fmt: skip
    pages = [f"{one}\n\n{disclaimer}" for one in story]
    alone, together = clean_twice(news, pages)
    assert sum(disclaimer in text for text in alone) > 10, "the model needs no help"
    assert together == [text.replace(f"\n{disclaimer}\n", "") for text in alone]


def test_twice_is_not_often(news: Cleaner, corpus: list[LabelledDocument]) -> None:
    alone, together = clean_twice(news, [with_paragraph(one, DISCLAIMERS[2]) for one in corpus[:2]])
    assert together == alone
    assert FEWEST_OCCURRENCES == 3


def test_other_folders_do_not_count(news: Cleaner, corpus: list[LabelledDocument]) -> None:
    contents = [encode_text(with_paragraph(one, DISCLAIMERS[2])) for one in corpus[:40]]

    def count_kept(folders: list[str]) -> int:
        collection = Collection()
        collection.add(distinct_lines(contents, folders))
        cleaned = news.clean_encoded(contents, Company(collection, folders))
        return sum(encode_text(DISCLAIMERS[2]) in one.data for one in cleaned)

    assert count_kept(["a"] * 40) == 0
    assert count_kept([str(number // 2) for number in range(40)]) > 30


def test_lines_that_go_since_they_recur_are_counted_as_such(
    news: Cleaner, corpus: list[LabelledDocument]
) -> None:
    contents = [encode_text(with_paragraph(one, DISCLAIMERS[2])) for one in corpus[:40]]
    collection = Collection()
    collection.add(distinct_lines(contents, [""] * 40))
    company = Company(collection, [""] * 40)
    counting = Cleaner(news.model, counts_reasons=True)
    alone = counting.clean_encoded(contents)
    together = counting.clean_encoded(contents, company)
    for one, other in zip(alone, together, strict=True):
        assert sum((one.kept_for or {}).values()) == one.kept
        assert sum((one.dropped_for or {}).values()) == one.dropped
        assert sum((other.dropped_for or {}).values()) == other.dropped
        assert not (one.dropped_for or {})[RECURRENCE]
        assert not (other.kept_for or {})[RECURRENCE]
    recurring = sum((one.dropped_for or {})[RECURRENCE] for one in together)
    newly_dropped = sum(one.kept for one in alone) - sum(one.kept for one in together)
    assert recurring >= newly_dropped > 10


def test_a_huge_document_is_judged_in_company_too(news: Cleaner) -> None:
    huge = "\n".join([DISCLAIMERS[2], *("Share" for _ in range(LARGEST_LINES))])
    pages = [f"{huge}\n{paragraph}" for paragraph in STORY] + STORY
    alone, together = clean_twice(news, pages)
    assert alone[-6:] == together[-6:]
    counting = Cleaner(news.model, counts_reasons=True)
    [cleaned] = counting.clean_encoded([encode_text(pages[0])])
    assert sum((cleaned.kept_for or {}).values()) == cleaned.kept
    assert sum((cleaned.dropped_for or {}).values()) == cleaned.dropped
    collection = Collection()
    collection.count(pages)
    lines = distinct_lines([encode_text(DISCLAIMERS[2])], [""])
    assert collection.occurrences(lines).tolist() == [len(STORY)]


# --- counting ---------------------------------------------------------------------------------

line = st.sampled_from(["Share", "It rained.", "it rained", "", "!", "Zürich", "1 2 3", "Ads"])
text = st.lists(line | st.text(max_size=5), max_size=8).map("\n".join)


def occurrences_in(collection: Collection, page: str) -> dict[int, int]:
    lines = distinct_lines([encode_text(page)], [""])
    counts = collection.occurrences(lines)
    return dict(zip(lines.tolist(), counts.tolist(), strict=True))


@settings(max_examples=15)  # each clears and compares 16 MB of cells
@given(texts=st.lists(text, min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_each_document_counts_once_in_any_order(texts: list[str], order: Random) -> None:
    collection, shuffled = Collection(), Collection()
    collection.count(texts)
    order.shuffle(texts)
    for one in texts:
        shuffled.count([one])
    assert np.array_equal(collection.cells, shuffled.cells)
    truth = Counter(line for one in texts for line in occurrences_in(collection, one))
    for one in texts:
        found = occurrences_in(collection, one)
        assert found == {line: truth[line] for line in found}


def test_counts_stop_at_the_largest() -> None:
    lines = distinct_lines([b"Share"], [""])
    collection = Collection()
    for _ in range(3):
        collection.add(np.repeat(lines, 30_000))
    assert collection.occurrences(lines).tolist() == [65_535]


@pytest.mark.parametrize("load", [0.3, 5, 200])
def test_a_full_collection_overlooks_rare_repeats_and_invents_none(load: float) -> None:
    """As many lines as 200 times the cells: some ten million files."""
    draw = np.random.default_rng(3)
    cells = draw.poisson(load, (N_ROWS, N_CELLS)).astype(np.uint16)
    once, often = draw.integers(0, 1 << 64, (2, 20_000), np.uint64)
    collection = Collection(cells)
    collection.add(once)
    collection.add(np.repeat(often, 100))
    assert np.mean(collection.occurrences(once) >= FEWEST_OCCURRENCES) < 0.001
    found = collection.occurrences(often)
    assert np.percentile(found, 1) > 40
    assert np.median(found) <= 100 + load**0.5


def test_an_empty_batch_has_no_lines() -> None:
    assert distinct_lines([b"", b" \n\t"], ["", ""]).tolist() == []
    assert Collection().occurrences(np.zeros(0, np.uint64)).tolist() == []


# --- judging ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(texts=st.lists(text, min_size=1, max_size=8), draw=st.integers(0, 2**32))
def test_only_lines_that_recur_are_lowered(
    random_model: Model, texts: list[str], draw: int
) -> None:
    scored = random_model.score(lay_out_lines([encode_text(one) for one in texts]))
    counts = np.random.default_rng(draw).integers(0, 6, len(scored.lines.row))
    changed = lower_recurring(scored, counts, np.float32(0)).log_odds
    before, after = scored.log_odds[scored.lines.row], changed[scored.lines.row]
    assert changed.dtype == np.float32
    assert (after[counts < FEWEST_OCCURRENCES] == before[counts < FEWEST_OCCURRENCES]).all()
    assert (after <= before).all()
    for document in range(len(texts)):  # all lines that recur, or none
        own = (scored.lines.document == document) & (counts >= FEWEST_OCCURRENCES)
        assert len(set((after < before)[own])) < 2


@settings(max_examples=10)
@given(texts=st.lists(text, max_size=8), order=st.randoms(use_true_random=False))
def test_the_same_in_any_batch_and_order(
    random_model: Model, texts: list[str], order: Random
) -> None:
    cleaner, collection = Cleaner(random_model), Collection()
    collection.count(texts)
    together = list(cleaner.clean_many(texts, collection))
    assert [next(cleaner.clean_many([one], collection)) for one in texts] == together
    places = list(range(len(texts)))
    order.shuffle(places)
    shuffled = list(cleaner.clean_many((texts[place] for place in places), collection))
    assert shuffled == [together[place] for place in places]
    assert list(cleaner.clean_many(texts, Collection())) == list(cleaner.clean_many(texts))


def test_the_hashes_of_both_passes_are_the_same() -> None:
    contents = [b"Share\n\nIt rained.", b"It rained."]
    hashes = folder_lines(lay_out_lines(contents), ["a", "b"])
    assert sorted(hashes.tolist()) == sorted(distinct_lines(contents, ["a", "b"]).tolist())
    assert len(set(hashes.tolist())) == 3


def test_lines_are_counted_by_what_is_looked_at_when_they_are_judged() -> None:
    start = b"It rained. " * (65_536 // 8)
    hashes = [distinct_lines([start + end], [""]).tolist() for end in (b"Monday", b"Tuesday")]
    assert hashes[0] == hashes[1]
    assert distinct_lines([b"It rained. Monday"], [""]).tolist() != hashes[0]
