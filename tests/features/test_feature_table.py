"""Every feature of every line of a few pages has the value in tests/cases/feature_table.tsv."""

import pytest
from feature_values import CASES, feature_names, feature_values, read_pages, read_table

from cleaner.features import FEATURES, TEXT_FEATURES

PAGES = read_pages()
TABLE = read_table()
FOUND = dict(zip(PAGES, feature_values(list(PAGES.values())), strict=True))


def test_the_table_has_every_feature_of_every_page() -> None:
    assert set(TABLE) == {(page, feature) for page in PAGES for feature in feature_names()}


@pytest.mark.parametrize("page", PAGES)
def test_features_have_their_expected_values(page: str) -> None:
    for feature in feature_names():
        found, expected = FOUND[page][feature], TABLE[page, feature]
        assert found == pytest.approx(expected, abs=1e-4), f"{page}: {feature}"


def test_no_feature_is_the_same_everywhere() -> None:
    """A feature that is the same in every line of the table would not be missed in it."""
    for feature in feature_names():
        assert len({value for page in PAGES for value in TABLE[page, feature]}) > 1, feature


def test_no_two_features_are_the_same_everywhere() -> None:
    """Two features with one row of values could be exchanged, and nobody would notice."""
    values = {
        feature: tuple(value for page in PAGES for value in TABLE[page, feature])
        for feature in feature_names()
    }
    alike: dict[tuple[float, ...], list[str]] = {}
    for feature, row in values.items():
        alike.setdefault(row, []).append(feature)
    assert [names for names in alike.values() if len(names) > 1] == []


def test_a_page_has_the_same_values_alone() -> None:
    for page, text in PAGES.items():
        assert feature_values([text]) == [FOUND[page]]


def test_features_mean_what_reasons_say_they_mean() -> None:
    """In words, by group and in this order: a change of any is a change of every `explain`."""
    rows = (CASES / "feature_meanings.tsv").read_text(encoding="utf-8").splitlines()
    found = [(name, *feature) for name, feature in FEATURES.items()]
    assert [tuple(row.split("\t")) for row in rows] == found


def test_reasons_have_at_most_ten_groups() -> None:
    groups = {name: feature.group for name, feature in FEATURES.items()}
    assert len({groups[name] for name in TEXT_FEATURES}) <= 9  # and the average line
    assert len(set(groups.values())) <= 11  # where the markup is known
