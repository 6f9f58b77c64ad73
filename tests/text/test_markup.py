"""Lines of HTML and their markup: what a browser would show, for any input, in linear time."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.text import page_tree, read_html

PAGE = Path(__file__).parents[1] / "cases" / "page.html"
_TAGS = ["p", "div", "span", "b", "a", "li", "ul", "table", "tr", "td", "br", "h2", "pre", "i"]


def _lines(html: str) -> list[str]:
    return list(read_html(html).lines)


def _markup(html: str) -> list[str]:
    return [one for one in read_html(html).markup if one]


def test_blocks_are_lines_and_inline_elements_are_not() -> None:
    html = "<div>One <b>bold</b><i>est</i> line<div>Two</div>Three</div><span>Four</span>"
    assert _lines(html) == ["One boldest line", "Two", "Three", "Four"]


def test_br_ends_a_line_and_two_of_them_no_more_than_that() -> None:
    assert _lines("<p>One<br>Two<br><br>Three</p>") == ["One", "Two", "Three"]


def test_paragraphs_have_blank_lines_around_them_and_divs_do_not() -> None:
    assert _lines("<div>A</div><p>B</p><p>C</p><div>D</div><div>E</div>") == [
        "A", "", "B", "", "C", "", "D", "E",
    ]  # fmt: skip


def test_cells_of_a_row_are_one_line() -> None:
    html = "<table><tr><td>Oslo</td><td>3</td></tr><tr><th>Rome</th><td>21</td></tr></table>"
    assert _lines(html) == ["Oslo 3", "Rome 21"]


def test_links_side_by_side_are_words_apart() -> None:
    assert _lines("<nav><a>Home</a><a>Sport</a></nav>") == ["Home Sport"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert _lines("<pre>One\n  two\nthree</pre>") == ["One", "two", "three"]
    assert _lines("<pre>One\n\n \ntwo</pre>") == ["One", "", "two"]


@pytest.mark.parametrize("markdown", [False, True])
def test_elements_within_preformatted_text_make_no_blank_lines_and_hide_none(
    markdown: bool,
) -> None:
    def lines(html: str) -> list[str]:
        return list(read_html(html, markdown=markdown).lines)

    assert lines("<pre>One\n<b>two</b>\n<i>three</i></pre>") == ["One", "two", "three"]
    assert lines("<pre>One\n\n<b>two</b></pre>") == ["One", "", "two"]
    assert lines("<pre>One<b>\n</b>\ntwo</pre>") == ["One", "", "two"]
    assert lines("<pre>One<br>\ntwo</pre>") == ["One", "two"]


@pytest.mark.parametrize(
    "tag", ["script", "style", "noscript", "template", "svg", "textarea", "noembed", "noframes"]
)
def test_what_is_never_shown_is_left_out(tag: str) -> None:
    assert _lines(f"<p>Seen</p><{tag}>hidden</{tag}>") == ["Seen"]


def test_entities_are_characters() -> None:
    assert _lines("<p>caf&eacute; &amp; &#8222;bar&ldquo; &nbsp; end</p>") == ["café & „bar“ end"]


def test_markup_tells_the_blocks_outermost_first_with_their_names() -> None:
    html = '<article id=main class="story long"><div itemprop=articleBody><p>Rain</p></div>'
    assert _markup(html) == ["body article#main.story.long div[itemprop=articleBody] p||"]


def test_markup_tells_the_inline_elements_that_hold_the_whole_line() -> None:
    assert _markup("<p><em><a href=x>Read more</a></em></p>") == ["body p|em a|a=100 em=100"]
    assert _markup("<p>It <a href=x>rained</a></p>") == ["body p||a=75"]


def test_markup_tells_what_may_be_hidden() -> None:
    for attribute in ("hidden", 'aria-hidden="true"', 'style="display: none"'):
        assert _markup(f"<p {attribute}>Rain</p>") == ["body p[hidden]||"]


def test_markup_of_deep_elements_tells_the_nearest() -> None:
    (markup,) = _markup("<div class=top>" + "<div>" * 30 + "<p>Rain")
    assert markup.endswith("div div p||")
    assert "top" not in markup
    assert len(markup.split()) == 16


def test_names_with_signs_of_the_format_do_not_break_it() -> None:
    (markup,) = _markup('<p class="a|b [c] d=e" id="x y">Rain</p>')
    assert markup == "body p#xy.ab.c.de||"


@pytest.mark.parametrize(
    ("html", "lines"),
    [("", []), ("plain text", ["plain text"]), ("<", ["<"]), ("</p><p", []), ("<p>", [])],
)
def test_what_is_no_html_is_read_as_browsers_read_it(html: str, lines: list[str]) -> None:
    assert [line for line in _lines(html) if line] == lines


def test_a_text_disguised_as_html_keeps_its_lines() -> None:
    assert _lines("One line.\n\nAnother line.\n") == ["One line.", "", "Another line."]


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<b>" * 100_000 + "x",
        "</div>" * 100_000 + "<div>" * 100_000,
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x",
    ],
    ids=["nested", "unclosed", "behind ends", "attributes"],
)
def test_what_the_parser_takes_too_long_for_is_refused(html: str) -> None:
    with pytest.raises(InputError, match="no page is like that"):
        read_html(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>It rained.</p>" * 20_000,
        "<li>x" * 20_000,
        "x<br>" * 20_000,
        "<table>" + "<tr><td colspan=99999999>x</td></tr>" * 5_000,
        "<!--" * 100_000,
        "<" * 100_000,
        "&" * 100_000,
        "\0<p>x" * 10_000,
        "<p" * 100_000,
        # Each of these took minutes, as all of the page was searched for the end of each tag.
        "<td " * 100_000,
        '<td x="' * 100_000,
        "<td x='\"" * 100_000,
        "<td " * 100_000 + "'>",
        "</body " * 100_000,
        # Each of these would take the parser a minute.
        "<select>" + "<option>x" * 100_000,
        "<SELECT\nid=a size=9>" + "<Option selected>x</option>" * 50_000,
        "<select><button><selectedcontent>" + "<optgroup><option>x</optgroup>" * 50_000,
    ],
)
def test_large_and_odd_pages_are_read(html: str) -> None:
    start = time.process_time()
    page = read_html(html)
    assert len(page.lines) == len(page.markup)
    assert time.process_time() - start < 10


def test_cells_outside_of_a_table_take_linear_memory() -> None:
    """The parser took 1.3 GB for 4 MB of them."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from cleaner.text import read_html\n"
        "print(len(read_html('<tr><td colspan=9>x</td></tr>' * 200_000).lines))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "1\n", result.stderr[-500:]


@pytest.mark.parametrize(
    ("piece", "before"),
    [
        ("<li>x", ""),
        ("<b><i>x</i></b>", ""),
        ("<p a b c d e f g h>x", ""),
        # 10 KB of names stand around each line, and no two are alike.
        ("<p id=a{}>x", "".join(f"<div role={'a' * 80} class={'b' * 80}>" for _ in range(16))),
        ("ab ", ""),
        # The parser puts items before the table, or out of sight.
        ("<li>x", "<table>"),
        ("<li>x", "<template>"),
    ],
    ids=["items", "one line of elements", "attributes", "long names", "words", "table", "template"],
)
def test_reading_takes_thirty_bytes_a_byte(piece: str, before: str) -> None:
    """The parser's tree takes 65 for each byte of items: large pages are parsed in parts."""
    code = (
        "import sys\n"
        "from cleaner.text import read_html\n"
        "def peak():\n"
        "    lines = open('/proc/self/status').read().split('\\n')\n"
        "    return next(int(line.split()[1]) for line in lines if line.startswith('VmHWM'))\n"
        "read_html('<p>It rained.')\n"
        "piece, before = sys.argv[1:]\n"
        "html = before + ''.join(piece.format(n) for n in range((2 << 20) // len(piece)))\n"
        "start = peak()\n"
        "read_html(html)\n"
        "print((peak() - start) * 1024 / len(html))"
    )
    if not Path("/proc/self/status").exists():
        pytest.skip("there is no /proc")
    result = subprocess.run(
        [sys.executable, "-c", code, piece, before], capture_output=True, text=True, check=True
    )
    assert float(result.stdout) < 30


def test_a_line_of_many_pieces_takes_linear_time_as_markdown_too() -> None:
    """Deep inside of inline elements: 10 seconds, as the way up was gone for every piece."""
    start = time.process_time()
    read_html("<p>x" + "<b>" * 1900 + "y<i>z</i>" * 20_000, markdown=True)
    assert time.process_time() - start < 2


def test_parts_of_a_page_are_read_as_the_whole_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [
        PAGE.read_text(encoding="utf-8"),
        "<!doctype html><title>x</title><body class=a><div id=b><p>One <b>bold <a href=c>link"
        "</a> <a href=d>more</a></b> end<br>Two</p><ol><li>A<li class=e>B<ul><li>C</ul><li>D</ol>"
        "<pre>one\n two</pre><table class=f><tr><td>Oslo<td>3<tr><th>Rome<td>21</table></div>"
        "<a class=g><svg><g><path></g></svg>Home</a><a>Sport</a><script>if (a < b) c</script>"
        "<!-- <p>no --><p title='<b>'>Three</p><select><option>x<option>y</select>Four"
        "<noscript><p>no</p></noscript><article></body></html><p>Five",
    ]
    for html in pages:
        whole = read_html(html, markdown=True)
        assert len(whole.lines) > 10
        with monkeypatch.context() as patch:
            patch.setattr(page_tree, "WHOLE_TAGS", 1)
            for n_tags in range(1, 30):
                patch.setattr(page_tree, "PART_TAGS", n_tags)
                parts = list(page_tree.parse_html(html))
                assert len(parts) > 1
                assert read_html(html, markdown=True) == whole


def test_a_page_of_one_endless_comment_is_parsed_once_or_twice() -> None:
    """Where a part ends inside a comment, a script or an attribute, it goes on."""
    before = "<p>y" * 30_000
    for html in (before + "<!--" + "<p>x" * 60_000, before + "<script>" + "<p>x" * 60_000):
        start = time.process_time()
        assert {*read_html(html).lines} == {"", "y"}
        assert time.process_time() - start < 3


def test_marks_that_a_page_brings_itself_take_linear_time() -> None:
    """A mark that no page has was looked for in all of the page for each that it had: 8 seconds."""
    html = "<p>x" + "".join(f"<!--end of part {number}-->" for number in range(66_000))
    start = time.process_time()
    assert read_html(html).lines == ["x"]
    assert time.process_time() - start < 3


def test_names_of_elements_are_bounded() -> None:
    (markup,) = _markup(f"<{'x' * 100_000}>Rain")
    assert len(markup) < 200


def test_reading_keeps_nothing_of_long_attributes() -> None:
    """The last 4,096 classes were kept, each up to the size of a page."""
    page = "<p class='{}'>x<p id='{}'>y<p role='{}'>z"
    read_html(page)
    tracemalloc.start()
    for number in range(40):
        read_html(page.replace("{}", f"{number:0100000}"))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1 << 20


def test_long_lists_of_choices_change_no_other_line() -> None:
    """They are left out, however many there are, and what stands around them is not."""
    page = "<p class=a>It rained.<select name=b {}>{}</select> A lot.</p><option>Home<option>Sport"
    few, many, several = (
        read_html(page.format(attribute, "<option>Town</option>" * n))
        for attribute, n in (("", 2), ("", 9999), ("multiple", 2))
    )
    assert few == many == several
    assert few.lines == ["It rained. A lot.", "", "Home", "Sport"]


@settings(max_examples=200)
@given(
    st.text()
    | st.lists(
        st.sampled_from([f"<{tag}>" for tag in _TAGS])
        | st.sampled_from([f"</{tag}>" for tag in _TAGS])
        | st.text(max_size=8)
    ).map("".join)
)
def test_any_text_gives_lines_with_markup(html: str) -> None:
    page = read_html(html)
    assert len(page.lines) == len(page.markup)
    for line, markup in zip(page.lines, page.markup, strict=True):
        assert line == " ".join(line.split())
        assert "\n" not in markup
        assert "\t" not in markup
        assert bool(line) or not markup


@settings(max_examples=100)
@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=20))
def test_paragraphs_come_back_whole_and_in_order(words: list[str]) -> None:
    page = read_html("".join(f"<p>{word}</p>" for word in words))
    assert [line for line in page.lines if line] == words
