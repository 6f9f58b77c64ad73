"""The bank of clutter is complete, can be filled, and keeps a third of it for measurements."""

import random
import re
import subprocess
import sys

import pytest

from cleaner.errors import InputError
from cleaner.gold import CLUTTER_KINDS, bank_languages, fill_template, load_bank
from cleaner.gold.clutter_bank import SLOTS, ClutterTemplate

LANGUAGES = [
    "ar", "cs", "de", "el", "en", "es", "fr", "hi", "id", "it", "ja", "nl", "pl", "pt", "ru", "sv",
    "tr", "uk", "zh",
]  # fmt: skip
FEWEST = {"en": 520, "de": 420}


def test_the_languages() -> None:
    assert bank_languages() == LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_has_templates_and_no_template_stands_twice(lang: str) -> None:
    templates = load_bank(lang).templates
    assert len(templates) >= FEWEST.get(lang, 110)
    assert {template.kind for template in templates} == set(CLUTTER_KINDS)
    texts = ["\n".join(template.lines) for template in templates]
    assert len(set(texts)) == len(texts)
    for kind in CLUTTER_KINDS:
        sides = {template.is_held_out for template in templates if template.kind == kind}
        assert sides == {True, False}, f"{lang} {kind}: all on one side"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_template_can_be_filled(lang: str) -> None:
    bank = load_bank(lang)
    assert set(bank.words) == set(SLOTS) - {"number"}
    assert all(len(set(texts)) >= 3 for texts in bank.words.values())
    for template in bank.templates:
        assert set(re.findall(r"\{(.*?)\}", "".join(template.lines))) <= set(SLOTS), template
        lines = fill_template(template, bank.words, random.Random(0))
        assert len(lines) == len(template.lines)
        for line in lines:
            assert line == line.strip() != ""
            assert not re.search(r"[{}\n]", line), template


@pytest.mark.parametrize("lang", LANGUAGES)
def test_about_a_third_is_held_out(lang: str) -> None:
    templates = load_bank(lang).templates
    share = sum(template.is_held_out for template in templates) / len(templates)
    assert 0.2 <= share <= 0.45


def test_sides_are_pinned() -> None:
    """A template that changed sides would be measured although models were trained on it."""
    related = [t for t in load_bank("en").templates if t.kind == "related"]
    held_out = [t.lines[0] for t in related if t.is_held_out]
    assert held_out[:4] == [
        "Related article: {headline}",
        "Video: {headline}",
        "In pictures: {headline}",
        "Explainer: {headline}",
    ]


def test_case_and_punctuation_do_not_change_the_side() -> None:
    for template in load_bank("en").templates:
        shouted = tuple(f"{line.upper()} –" for line in template.lines)
        assert ClutterTemplate("note", shouted).is_held_out == template.is_held_out


def test_slots_are_filled_by_lot_and_differ_within_a_template() -> None:
    bank = load_bank("en")
    template = ClutterTemplate("plain_caption", ("{name}, {name}", "{name} and {name}, {number}"))
    first = fill_template(template, bank.words, random.Random(1))
    assert first == fill_template(template, bank.words, random.Random(1))
    assert first != fill_template(template, bank.words, random.Random(2))
    assert sum(name in "\n".join(first) for name in bank.words["name"]) == 4
    assert fill_template(template, {"name": ["Ann Lee"]}, random.Random(0))[0] == "Ann Lee, Ann Lee"


def test_texts_with_braces_are_put_in_as_they_are() -> None:
    template = ClutterTemplate("related", ("Read more: {headline}",))
    lines = fill_template(template, {"headline": [r"What {name} \1 means"]}, random.Random(0))
    assert lines == (r"Read more: What {name} \1 means",)


def test_a_language_without_a_bank_is_refused() -> None:
    with pytest.raises(
        InputError, match="no bank of clutter for language 'xx'; there are ar, cs, de"
    ):
        load_bank("xx")
    with pytest.raises(InputError):
        load_bank("../gold/clutter/en")


def test_the_sides_are_the_same_in_every_process() -> None:
    code = (
        "from cleaner.gold import load_bank\n"
        "print([t.is_held_out for t in load_bank('de').templates])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([t.is_held_out for t in load_bank("de").templates])
