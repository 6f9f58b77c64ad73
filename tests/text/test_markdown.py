"""Lines as Markdown: what a page shows as a heading, a list or a link is one again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text import read_html, space_blocks


def markdown(html: str) -> list[str]:
    return [line for line in read_html(html, markdown=True).markdown if line]


def test_headings_have_their_level() -> None:
    html = "".join(f"<h{level}>Rain</h{level}>" for level in range(1, 7))
    assert markdown(html) == [f"{'#' * level} Rain" for level in range(1, 7)]
    assert markdown("<h7>Rain</h7><hr><header>Rain</header>") == ["Rain", "Rain"]


def test_lists_have_marks_and_numbers_and_stand_in_one_another() -> None:
    html = "<ul><li>One<li>Two<ul><li>Inner</ul></ul><ol><li>First<li>Second</ol>"
    assert markdown(html) == ["- One", "- Two", "    - Inner", "1. First", "2. Second"]


@pytest.mark.parametrize(
    ("start", "number"),
    [("3", 3), (" 12 ", 12), ("0", 0), ("", 1), ("-2", 1), ("x", 1), ("3.5", 1), ("9" * 10, 1)],
)
def test_a_list_begins_with_the_number_that_it_says(start: str, number: int) -> None:
    html = f"<ol start='{start}'><li>First<ol><li>Inner</ol><li>Second</ol>"
    expected = [f"{number}. First", "    1. Inner", f"{number + 1}. Second"]
    assert markdown(html) == expected


def test_what_stands_in_a_quotation_is_quoted() -> None:
    html = "<blockquote><p>It rained.</p><ul><li>All day</ul></blockquote><p>It stopped.</p>"
    assert markdown(html) == ["> It rained.", "> - All day", "It stopped."]
    html = "<blockquote><ul><li>All day<ul><li>And all night</ul></ul></blockquote>"
    assert markdown(html) == ["> - All day", ">     - And all night"]


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


def render(line: str) -> Any:
    """Show a line as a reader of Markdown does."""
    reader = pytest.importorskip("markdown_it").MarkdownIt("commonmark")
    html = pytest.importorskip("lxml.html")
    return html.fromstring(f"<div>{reader.render(line)}</div>")


PIECES = st.sampled_from([
    " ", "a", "rain", "1.", "2)", "12345678901.", "#", "###", "-", "+", "=", "---", "***", "~~~",
    "```", "|", "\\", "!", "(", "«z»", "é", "&amp;", "&amp;copy;", "&amp;#35;", "&lt;br&gt;", "*",
    "_", "[x](y)", "<b>bold</b>", "<i>it</i>", "<b>bold.</b>", "<b>“q”</b>", "<b>重要</b>",
    "<em> sp </em>", "<b><i>x</i></b>", "<b>a<i>b</i></b>", "<i>x <b>y</b></i>",
    "<code>c*d</code>", "<code>a`b</code>", "<code>``</code>", "<code>x<b>y</b></code>",
    "<a href=/x>link</a>", "<a href='/?a&amp;copy;'>t</a>",
])  # fmt: skip


BLOCKS = st.sampled_from(
    ["<p>", "<h2>", "<ul><li>", "<ol><li>", "<blockquote>", "<blockquote><h2>", "<h6>"]
)


@given(BLOCKS, st.lists(PIECES, min_size=1, max_size=8))
def test_markdown_says_the_text_of_the_line_and_nothing_else(block: str, pieces: list[str]) -> None:
    page = read_html(block + "".join(pieces), markdown=True)
    for line, written in zip(page.lines, page.markdown, strict=True):
        assert " ".join(render(written).text_content().split()) == line


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<b>Rain</b>", "**Rain**"),
        ("<b>Rain</b>drop", "**Rain**drop"),
        ("这是<b>重要</b>的", "这是**重要**的"),
        ("(<b>“Rain”</b>)", "(**“Rain”**)"),
        ("<b><i>Rain</i></b>", "***Rain***"),
        ("<i>It <b>rained</b> all day</i>", "*It **rained** all day*"),
        # No reader of Markdown takes these for marks.
        ("这是<b>“重要”</b>的", "这是“重要”的"),
        ("<b>Rain:</b>all day", "Rain:all day"),
        ("<i>It</i><b>rained</b>", "*It*rained"),
        ("<b>a<i>b</i></b>", "**ab**"),
        ("<code>a`b</code>", "`` a`b ``"),
        ("<code>x <b>y</b></code>", "`x y`"),
        ("Rain!<a href=/x>More</a>", r"Rain\![More](/x)"),
    ],
)
def test_marks_are_written_where_they_are_marks(html: str, written: str) -> None:
    assert markdown(f"<p>{html}</p>") == [written]
    tags = {element.tag for element in render(written).iter()}
    assert tags - {"div", "p"} <= {"strong", "em", "code", "a"}
    assert bool(tags & {"strong", "em"}) == ("*" in written)


@pytest.mark.parametrize(
    ("kept", "spaced"),
    [
        # The items that these stood in were not kept.
        ("    - one\n    - two", "- one\n- two"),
        ("It rained.\n        - one\n    - two", "It rained.\n\n- one\n- two"),
        ("- one\n        - two\n            - three", "- one\n    - two\n        - three"),
        ("- one\n    - two\n- three", "- one\n    - two\n- three"),
        ("- one\n\n    1. two", "- one\n\n    1. two"),
        ("- one\nIt rained.\n    - two", "- one\n\nIt rained.\n\n- two"),
        ("- one\n>     - two", "- one\n> - two"),
        (">     - one\n>     - two", "> - one\n> - two"),
    ],
)
def test_items_are_never_code(kept: str, spaced: str) -> None:
    found = space_blocks(kept.encode()).decode()
    assert found == spaced
    assert not render(found).xpath("//pre")
