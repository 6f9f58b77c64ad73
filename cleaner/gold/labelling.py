"""Label the lines of a page text by what is known about the page's article."""

from __future__ import annotations

from collections.abc import Sequence

from cleaner.gold.alignment import LineMatch, align_lines, label_of
from cleaner.gold.articles import Article
from cleaner.labelled import Label
from cleaner.text import split_tokens

# A passage that must be in the article is looked for only if it has this many tokens: shorter ones
# occur anywhere.
PASSAGE_TOKENS = 4
# A line is out if a passage that must be out makes up so much of its tokens.
PASSAGE_SHARE = 0.6
# A page holds a second copy of its article if so much of the article's tokens occurs again.
COPY_SHARE = 0.5


def label_page_text(lines: Sequence[str], article: Article) -> list[Label | None]:
    """Label the lines of one page text by what is known about its article.

    Parameters
    ----------
    lines
        The page text, blank lines included.

    Returns
    -------
    list of "body", "clutter" or None
        One for each line. None: blank, standfirst, unsure, or a second copy of the article.

    Examples
    --------
    >>> article = Article("consensus", ("Rain fell all night.",), unsure=("By Ann Weather",))
    >>> label_page_text(["Home", "By Ann Weather", "Rain fell all night."], article)
    ['clutter', None, 'body']
    """
    matches = align_lines(lines, article.paragraphs)
    labels = [label_of(match) for match in matches]
    keys = [tuple(split_tokens(line)) for line in lines]
    _unlabel_copies(labels, lines, article)
    if article.unsure:
        _unlabel_unsure(labels, lines, keys, article)
    if not article.is_complete and article.title:
        title = tuple(split_tokens(article.title))
        for number, key in enumerate(keys):
            if key and key == title:
                labels[number] = "clutter"
    _force_passages(labels, keys, article)
    for number, match in enumerate(matches):
        if labels[number] == "body" and match.paragraph in article.standfirst:
            labels[number] = None
    return labels


def _others(labels: Sequence[Label | None], lines: Sequence[str]) -> list[str]:
    return ["" if label == "body" else line for label, line in zip(labels, lines, strict=True)]


def _unlabel_copies(labels: list[Label | None], lines: Sequence[str], article: Article) -> None:
    """Unlabel a second copy of the article: which of the two is "the" article is arbitrary."""
    copies = align_lines(_others(labels, lines), article.paragraphs)
    repeated = sum(match.aligned for match in copies if match.is_body)
    if repeated >= COPY_SHARE * len(split_tokens(article.text)):
        for number, match in enumerate(copies):
            if match.is_body:
                labels[number] = None


def _unlabel_unsure(
    labels: list[Label | None],
    lines: Sequence[str],
    keys: Sequence[tuple[str, ...]],
    article: Article,
) -> None:
    """Unlabel lines that the sources disagree on, and short ones that may be agreed lines.

    Complete gold may itself hold lines of which it is not sure.
    """
    if article.is_complete:
        doubtful = {tuple(split_tokens(text)) for text in article.unsure}
        for number, key in enumerate(keys):
            if labels[number] == "body" and key in doubtful:
                labels[number] = None
        return
    unsure = {tuple(split_tokens(text)) for text in (*article.unsure, *article.paragraphs)}
    matches = align_lines(_others(labels, lines), article.unsure)
    for number, match in enumerate(matches):
        if labels[number] == "clutter" and (match.is_body or keys[number] in unsure):
            labels[number] = None


def _force_passages(
    labels: list[Label | None], keys: Sequence[tuple[str, ...]], article: Article
) -> None:
    """Make labels agree with the passages that must be in or out.

    Where they contradict complete gold, the line is left unlabelled.
    """
    for passage in article.outside:
        wanted = tuple(split_tokens(passage))
        for number in _lines_with(wanted, keys):
            if labels[number] == "body" and len(wanted) >= PASSAGE_SHARE * len(keys[number]):
                labels[number] = None if article.is_complete else "clutter"
    for passage in article.inside:
        wanted = tuple(split_tokens(passage))
        if len(wanted) < PASSAGE_TOKENS:
            continue
        numbers = _lines_with(wanted, keys)
        if not any(labels[number] == "body" for number in numbers):
            for number in numbers:
                labels[number] = "body" if len(numbers) == 1 else None


def _lines_with(wanted: tuple[str, ...], keys: Sequence[tuple[str, ...]]) -> list[int]:
    """Find the lines whose tokens hold all of `wanted` in a row."""
    if not wanted:
        return []
    text = f" {' '.join(wanted)} "
    return [number for number, key in enumerate(keys) if text in f" {' '.join(key)} "]


def fit(matches: Sequence[LineMatch], n_gold_tokens: int) -> float:
    """Measure how well whole lines can give the article: token F1 of the body lines, 0 to 1.

    Examples
    --------
    >>> fit([LineMatch(4, 0, -1), LineMatch(10, 10, 0)], n_gold_tokens=10)
    1.0
    """
    body = [match for match in matches if match.is_body]
    total = sum(match.tokens for match in body) + n_gold_tokens
    return 2 * sum(match.aligned for match in body) / total if total else 1.0
