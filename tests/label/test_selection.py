"""The choice of documents: what each share holds, what is passed over, and that it is stable."""

import random

from hypothesis import given
from hypothesis import strategies as st

from cleaner.cleaning import Line
from cleaner.label.selection import Candidate, choose_documents, describe_candidate


def candidate(name: str, uncertain: float = 0.0, odd: int = 0) -> Candidate:
    return Candidate(name, uncertain, odd, (), frozenset([hash(name)]))


def judged(*lines: tuple[str, float]) -> list[Line]:
    return [
        Line(number, text, odds, "body" if odds >= 0.5 else "clutter")
        for number, (text, odds) in enumerate(lines, 1)
    ]


ARTICLE = " ".join(f"On day {day} the river rose by {day} more inches." for day in range(20))


def test_the_shares() -> None:
    pages = [candidate(f"sure-{n}") for n in range(100)]
    pages += [candidate(f"unsure-{n}", uncertain=1 + n) for n in range(20)]
    pages += [candidate(f"odd-{n}", odd=1 + n) for n in range(20)]
    chosen, _ = choose_documents(pages, 10)
    reasons = [why for _, why in chosen]
    assert reasons == ["looks wrong"] * 3 + ["uncertain"] * 5 + ["random"] * 2
    assert [name for name, _ in chosen][:8] == [
        *("odd-19", "odd-18", "odd-17"),
        *("unsure-19", "unsure-18", "unsure-17", "unsure-16", "unsure-15"),
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.randoms())
def test_no_more_than_asked_and_in_any_order_the_same(
    there: int, count: int, shuffler: random.Random
) -> None:
    pages = [candidate(f"{n}", uncertain=n % 7, odd=n % 3) for n in range(there)]
    chosen, _ = choose_documents(pages, count)
    assert len(chosen) == min(there, count)
    assert len({name for name, _ in chosen}) == len(chosen)
    shuffled = pages.copy()
    shuffler.shuffle(shuffled)
    assert {name for name, _ in choose_documents(shuffled, count)[0]} == {
        name for name, _ in chosen
    }


def test_near_duplicates_collapse_even_with_those_labelled_before() -> None:
    first = describe_candidate("a", judged(("Home | News", 0.1), (ARTICLE, 0.9)))
    copy = describe_candidate("b", judged(("Start | Sport", 0.1), (ARTICLE + " Ends.", 0.9)))
    other = describe_candidate("c", judged(("Home | News", 0.1), ("Wholly other.", 0.9)))
    chosen, n_copies = choose_documents([first, copy, other], 5)
    assert n_copies == 1
    assert {name for name, _ in chosen} - {"a", "b"} == {"c"}
    again, n_copies = choose_documents([copy, other], 5, known=[first])
    assert [name for name, _ in again] == ["c"]
    assert n_copies == 1


def test_a_kept_line_that_a_site_repeats_looks_wrong() -> None:
    pages = [
        describe_candidate(
            str(n), judged((f"Read on for {n} more.", 0.99), (f"About the {n * 'very '}old.", 0.9))
        )
        for n in range(3)
    ]
    assert choose_documents(pages, 3)[0][0][1] == "looks wrong"
    two, _ = choose_documents(pages[:2], 2)  # twice may be chance
    assert "looks wrong" not in {why for _, why in two}


def test_a_line_that_is_mostly_dropped_elsewhere_looks_wrong_where_it_is_kept() -> None:
    kept = describe_candidate("kept", judged(("Follow us.", 0.9), ("One.", 0.9)))
    dropped = [
        describe_candidate(name, judged(("Follow us.", 0.1), (f"{name}.", 0.9)))
        for name in ("two", "three")
    ]
    chosen, _ = choose_documents([kept, *dropped], 4)
    assert ("kept", "looks wrong") in chosen


def test_the_longest_document_does_not_win_by_its_length() -> None:
    short = describe_candidate("short", judged(*[(f"Line {'x' * n}", 0.5) for n in range(10)]))
    long = describe_candidate("long", judged(*[(f"Line {'y' * n}", 0.6) for n in range(500)]))
    assert short.uncertain > long.uncertain


def test_marks_ignore_case_numbers_and_spacing() -> None:
    one = describe_candidate("a", judged(("Updated  12:30", 0.1)))
    two = describe_candidate("b", judged(("UPDATED 9:05", 0.1)))
    assert one.marks == two.marks != ()
