"""Labelled HTML goes the whole way round: label, train, adapt, evaluate, compare."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner.cli import main
from cleaner.errors import LabelError, ModelError
from cleaner.files import read_labelled_many
from cleaner.labelled import LabelledDocument, format_labelled, parse_labelled

PAGE = Path(__file__).parent / "cases" / "page.html"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Pages of six sites, each with an article of corpus/, labelled and confirmed."""
    corpus = Path(__file__).parent.parent / "corpus" / "labelled"
    english = [one for one in read_labelled_many([corpus]) if one.lang == "en"]
    before, rest = PAGE.read_text(encoding="utf-8").split('itemprop="articleBody">')
    after = rest.split("</div>", 1)[1]
    for number, document in enumerate(english[:6]):
        folder = tmp_path / f"raw/site{number}.example"
        folder.mkdir(parents=True)
        rows = zip(document.lines, document.labels, strict=True)
        body = "".join(f"<p>{line}</p>" for line, label in rows if label == "body")
        html = f'{before}itemprop="articleBody">{body}</div>{after}'
        (folder / "page.html").write_text(html, encoding="utf-8")
    folder = tmp_path / "labelled"
    result = invoke("label", tmp_path / "raw", folder, "--include", "*.html",
                    "--model", "news-html", "--lang", "en")  # fmt: skip
    assert result.exit_code == 0, result.output
    for path in folder.rglob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("body?\t", "body\t").replace("clutter?\t", "clutter\t"))
    return folder


def test_labelled_files_keep_the_markup(labelled: Path) -> None:
    documents = list(read_labelled_many([labelled]))
    assert len(documents) >= 2
    for document in documents:
        assert len(document.markup) == len(document.lines)
        assert parse_labelled(format_labelled(document), "x.tsv") == document
        body = [m for m, label in zip(document.markup, document.labels, strict=True)
                if label == "body"]  # fmt: skip
        assert any("div.story-body[itemprop=articleBody] p" in markup for markup in body)


def test_a_model_of_html_is_trained_adapted_evaluated_and_compared(
    labelled: Path, tmp_path: Path
) -> None:
    model = tmp_path / "own.npz"
    result = invoke("train", labelled, "-o", model, "--from-scratch")
    assert result.exit_code == 0, result.output
    result = invoke("evaluate", labelled, "--model", model)
    assert result.exit_code == 0, result.output
    adapted = tmp_path / "adapted.npz"
    result = invoke("train", labelled, "-o", adapted, "--start", "news-html", "--force")
    assert result.exit_code == 0, result.output
    result = invoke("compare", "news-html", adapted, labelled)
    assert result.exit_code == 0, result.output
    result = invoke(PAGE, tmp_path / "clean.txt", "--model", adapted)
    assert result.exit_code == 0, result.output
    assert "chief engineer" in (tmp_path / "clean.txt").read_text(encoding="utf-8")


def test_texts_do_not_train_a_model_of_html(tmp_path: Path) -> None:
    corpus = Path(__file__).parent.parent / "corpus" / "labelled"
    result = invoke("train", corpus, "-o", tmp_path / "a.npz", "--start", "news-html")
    assert result.exit_code == 2
    assert "judges HTML" in result.output


def test_a_text_model_learns_from_labelled_html_as_from_text(labelled: Path) -> None:
    result = invoke("evaluate", labelled, "--model", "news")
    assert result.exit_code == 0, result.output


def test_explain_shows_a_page() -> None:
    result = invoke("explain", PAGE)
    assert result.exit_code == 0, result.output
    assert "its markup" in result.output


def test_a_model_of_html_refuses_text() -> None:
    from cleaner.cleaning import Cleaner

    with pytest.raises(ModelError, match="judges HTML, not text"):
        Cleaner.load("news-html").clean("It rained.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#markup: yes\nbody\tIt rained.\n", "no markup behind the text"),
        ("#markup: perhaps\nbody\tIt rained.\n", "it is 'yes' or 'no'"),
    ],
)
def test_labelled_files_without_their_markup_are_refused(text: str, problem: str) -> None:
    with pytest.raises(LabelError, match=problem):
        parse_labelled(text, "a.tsv")


def test_markup_is_that_of_every_line() -> None:
    with pytest.raises(LabelError, match="2 lines but markup for 1"):
        LabelledDocument("a", ("x", "y"), ("body", "body"), "s", markup=("p||",))
