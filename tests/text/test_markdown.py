"""Lines as Markdown: what a page shows as a heading, a list or a link is one again."""

import pytest

from cleaner.text import read_html


def markdown(html: str) -> list[str]:
    return [line for line in read_html(html, markdown=True).markdown if line]


def test_headings_have_their_level() -> None:
    html = "".join(f"<h{level}>Rain</h{level}>" for level in range(1, 7))
    assert markdown(html) == [f"{'#' * level} Rain" for level in range(1, 7)]
    assert markdown("<h7>Rain</h7><hr><header>Rain</header>") == ["Rain", "Rain"]


def test_lists_have_marks_and_numbers_and_stand_in_one_another() -> None:
    html = "<ul><li>One<li>Two<ul><li>Inner</ul></ul><ol><li>First<li>Second</ol>"
    assert markdown(html) == ["- One", "- Two", "    - Inner", "1. First", "2. Second"]


def test_what_stands_in_a_quotation_is_quoted() -> None:
    html = "<blockquote><p>It rained.</p><ul><li>All day</ul></blockquote><p>It stopped.</p>"
    assert markdown(html) == ["> It rained.", "> - All day", "It stopped."]


def test_emphasis_and_links_are_kept() -> None:
    html = "<p>It <b>rained</b> <i>all</i> <a href=/day>day</a>.</p>"
    assert markdown(html) == ["It **rained** *all* [day](/day)."]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("# 1 in the charts", r"\# 1 in the charts"),
        ("1. May was dry", r"1\. May was dry"),
        ("- 5 degrees", r"\- 5 degrees"),
        ("+ 5 degrees", r"\+ 5 degrees"),
        ("* a star", r"\* a star"),
        ("&gt; 5", r"\> 5"),
        ("a*b_c [d](e)", r"a\*b\_c \[d\](e)"),
    ],
)
def test_marks_of_the_text_itself_are_escaped(text: str, escaped: str) -> None:
    assert markdown(f"<p>{text}</p>") == [escaped]
