"""HTML pages as text: what every converter gives, and what a missing package says."""

import logging
import subprocess
import sys
import textwrap

import pytest

from cleaner.gold import CONVERTERS, EXTRACTORS, convert_page, find_captions
from cleaner.gold.converters import require_packages, split_page_text

PARAGRAPHS = [
    f"On day {day} of the flood the water in the town rose by another {day + 2} centimetres, and"
    " it was the mayor who said that all of this had been on its way for as long as he lived,"
    " and that there was no one in the town who did not know it."
    for day in range(12)
]
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Flood in the valley</title>
<script>var tracking = "never seen";</script><style>p {{ color: red }}</style></head>
<body><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul>
<article><h1>Flood in the valley</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</article>
<footer><a href="/imprint">Imprint</a></footer></body></html>"""


@pytest.mark.parametrize("name", CONVERTERS)
def test_converters_print_the_whole_page_and_nothing_else(name: str) -> None:
    lines = convert_page(PAGE, name)
    expected = [
        *(["Flood in the valley"] if name == "html_text" else []),  # it prints the title too
        "Home",
        "Sport",
        "Flood in the valley",
        *PARAGRAPHS,
        "Imprint",
    ]
    assert [line.lstrip("* ") for line in lines if line] == expected
    assert "" in lines  # blank lines are evidence of layout
    assert all(line == line.strip() for line in lines)


@pytest.mark.parametrize("name", EXTRACTORS)
def test_extractors_keep_the_article(name: str) -> None:
    packages = {"newspaper4k": "newspaper", "resiliparse_main": "resiliparse"}
    pytest.importorskip(packages.get(name, name))
    lines = convert_page(PAGE, name, "en")
    assert set(PARAGRAPHS) <= set(lines)
    assert "Imprint" not in lines


@pytest.mark.parametrize("name", CONVERTERS)
@pytest.mark.parametrize("html", ["", " ", "plain text", "<p>open", "</div>", "\ufeff<p>\x0b</p>"])
def test_converters_take_any_html(name: str, html: str) -> None:
    assert isinstance(convert_page(html, name), list)


def test_only_line_feeds_part_lines_and_other_white_space_is_collapsed() -> None:
    text = "a\u00a0 b\tc\x0cd\u2028e\r\n\n  \n f "
    assert split_page_text(text) == ["a b c d e", "", "", "f"]


def test_converting_says_nothing_and_leaves_logging_as_it_was(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = logging.root.manager.disable
    for name in CONVERTERS:
        convert_page("<p>\x00</p>", name)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert logging.root.manager.disable == before


def test_a_missing_package_is_named_with_its_extra() -> None:
    program = """
        import sys
        sys.modules["inscriptis"] = None  # what an import finds when it is not installed
        sys.modules["newspaper"] = None
        from cleaner.errors import MissingExtraError
        from cleaner.gold.converters import require_packages
        require_packages(["html_text"])
        for name in ["inscriptis", "newspaper4k"]:
            try:
                require_packages([name])
            except MissingExtraError as error:
                print(error)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    first, second = result.stdout.splitlines()
    assert first.startswith("inscriptis needs the package inscriptis, which is not installed")
    assert first.endswith("pip install 'clean-news[html]'")
    assert second.endswith("pip install 'clean-news[html,benchmarks]'")


def test_importing_pages_loads_no_converter() -> None:
    program = """
        import sys
        import cleaner.gold
        unwanted = {"html_text", "inscriptis", "resiliparse", "lxml", "joblib"}
        print(sorted(unwanted & set(sys.modules)))
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_every_view_can_be_required() -> None:
    require_packages(CONVERTERS)
    with pytest.raises(KeyError):
        require_packages(["unknown"])


def test_captions_are_found_once_and_without_tags() -> None:
    page = """<figure><img alt="Boats at dawn"><figcaption>The <i>old</i>
    pier</figcaption></figure><img alt="Boats at dawn"><img alt=""><img><p>Text</p>"""
    assert find_captions(page) == ["The old pier", "Boats at dawn"]


@pytest.mark.parametrize("page", ["", "  ", "<!-- x -->", "plain text", f"<img alt='{'a' * 999}'>"])
def test_pages_without_captions(page: str) -> None:
    assert find_captions(page) == []
