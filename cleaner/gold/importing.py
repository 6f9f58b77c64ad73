"""Turn pages with known article text into labelled documents, one for each view of a page.

A view is what one HTML converter prints, or what one other extractor keeps, so that a model
learns to clean any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import starmap
from pathlib import Path

from cleaner.errors import InputError, MissingExtraError
from cleaner.files import SUFFIX, write_labelled
from cleaner.gold.alignment import align_lines
from cleaner.gold.articles import WEIGHTS, Article
from cleaner.gold.converters import (
    CONVERTERS,
    EXTRACTORS,
    convert_page,
    require_packages,
    split_page_text,
)
from cleaner.gold.duplicates import find_copies
from cleaner.gold.labelling import fit, label_page_text
from cleaner.gold.records import Page, read_pages
from cleaner.labelled import LabelledDocument
from cleaner.text import read_html, split_tokens

# Shorter articles are test fixtures ("abc def ghi"), not news.
MIN_ARTICLE_TOKENS = 25
# Latin is the language of placeholder text (lorem ipsum), which has no news in it.
PLACEHOLDER_LANG = "la"
# Below this token F1 between the best choice of lines and the article text, the text is not the
# one of this page (another article, a script-built page, broken characters).
MIN_FIT = 0.9
# Article text is contradicted if all extractors keep more than this share of its tokens outside it,
# in lines of at least this many tokens: then it is cut short, or of another part of the page.
MAX_OUTSIDE_SHARE = 0.5
OUTSIDE_LINE_TOKENS = 12
MIN_VOTERS = 3
# justext is left out of the vote: it drops short paragraphs, so that nothing would be unanimous.
VOTERS = ("trafilatura", "readability", "resiliparse_main", "newspaper4k")
# The view whose lines keep their markup; whether an article is doubtful is told by the others.
MARKUP_VIEW = "html"
# All extractor views of a page together weigh less than its whole-page views.
EXTRACTOR_WEIGHT = 1 / 3


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """One page with its views and their labels.

    Attributes
    ----------
    id, set, lang, source
        As in `Page`.
    article
        What is known about its article; its `text` is what scores are measured against.
    views
        Lines of every view by name, blank ones included.
    documents
        The labelled views; empty if the page was skipped.
    fit
        How well whole lines of the best view can give the article, token F1 from 0 to 1.
    is_doubtful
        Whether the article text seems to be wrong for this page; then all weights are 0.
    skipped
        Why the page gave no documents, "" if it did.
    failures
        Converters and extractors that failed, and why.
    """

    id: str
    set: str
    lang: str
    source: str
    article: Article | None
    views: dict[str, list[str]]
    documents: tuple[LabelledDocument, ...] = ()
    fit: float = 0.0
    is_doubtful: bool = False
    skipped: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import has written and left out.

    Attributes
    ----------
    n_pages, n_documents
        Pages imported, labelled files written.
    doubtful
        Ids of imported pages whose weight is 0.
    skipped
        Number of pages left out, by reason.
    failures
        Every view that failed, with its page and why; the other views of the page go on.
    """

    n_pages: int
    n_documents: int
    doubtful: tuple[str, ...]
    skipped: dict[str, int]
    failures: tuple[str, ...]


def import_pages(
    paths: Sequence[str | Path],
    directory: str | Path,
    extractors: bool = False,
    jobs: int = 1,
    *,
    markup: bool = False,
) -> ImportReport:
    """Write the labelled documents of page files to DIRECTORY/SET/PAGE.VIEW.tsv.

    Parameters
    ----------
    paths
        JSON Lines files, see `cleaner.gold.records`.
    directory
        Made if missing; files of the same names are replaced.
    extractors
        Also import what other extractors keep, and doubt articles that all of them contradict.
    jobs
        Number of processes.
    markup
        Write one document a page instead, whose lines keep their markup: for models of HTML.

    Raises
    ------
    InputError
        If a page file cannot be read.
    MissingExtraError
        If a converter or extractor is not installed.
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import json, tempfile
    >>> body = ["It rained all night, and in the morning the river stood in the cellars."] * 2
    >>> gold = {"kind": "annotated", "body": body}
    >>> html = "<ul><li>Home</li></ul>" + "".join(f"<p>{line}</p>" for line in body)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pages = Path(folder, "rain.jsonl")
    ...     _ = pages.write_text(json.dumps({"id": "a", "html": html, "gold": gold}))
    ...     report = import_pages([pages], folder)
    ...     sorted(path.name for path in Path(folder, "rain").iterdir())
    ['a.html_text.tsv', 'a.inscriptis.tsv', 'a.resiliparse.tsv']
    >>> report.n_pages, report.n_documents, report.skipped
    (1, 3, {})
    """
    n_pages = n_documents = 0
    doubtful: list[str] = []
    skipped: Counter[str] = Counter()
    failures: list[str] = []
    for page in label_pages(paths, extractors, jobs, markup=markup):
        failures += page.failures
        if page.skipped:
            skipped[page.skipped] += 1
            continue
        n_pages += 1
        if page.is_doubtful:
            doubtful.append(page.id)
        for document in page.documents:
            if markup and not document.markup:
                continue
            write_labelled(document, Path(directory) / page.set / f"{document.id}{SUFFIX}")
            n_documents += 1
    return ImportReport(n_pages, n_documents, tuple(doubtful), dict(skipped), tuple(failures))


def label_pages(
    paths: Sequence[str | Path],
    extractors: bool = False,
    jobs: int = 1,
    *,
    markup: bool = False,
) -> Iterator[ImportedPage]:
    r"""Read page files and label every view of every page; pages come in the order of the files.

    Of pages that occur several times (same address or text) the one with the best gold is used.
    Raises as `import_pages`, except for writing.

    Examples
    --------
    >>> import json, tempfile
    >>> text = "It rained all night, and in the morning the river stood in the cellars. " * 2
    >>> record = {"id": "a", "text": "Home\n" + text, "consensus": {"body": [text]}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pages = Path(folder, "rain.jsonl")
    ...     _ = pages.write_text(json.dumps(record))
    ...     [page.documents[0].labels for page in label_pages([pages])]
    [('clutter', 'body')]
    """
    names = [*CONVERTERS, *EXTRACTORS] if extractors else list(CONVERTERS)
    require_packages(names)
    names += [MARKUP_VIEW] if markup else []
    copies = find_copies(page for page in read_pages(paths) if not _reason_to_skip(page))
    tasks = ((page, names, page.id in copies) for page in read_pages(paths))
    if jobs == 1:
        yield from starmap(label_page, tasks)
    else:
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs=jobs, return_as="generator")
        yield from parallel(delayed(label_page)(*task) for task in tasks)


def label_page(page: Page, names: Sequence[str], is_copy: bool = False) -> ImportedPage:
    """Make the views of one page by the converters and extractors named, and label them.

    A view that fails is reported; a page without article text, or a copy, is skipped.

    Examples
    --------
    >>> page = Page("a", "set", "x.org", "", "la", "<p>Lorem ipsum", None, Article("parser", ()))
    >>> label_page(page, ["html_text"]).skipped
    'placeholder text'
    """
    article = page.article
    reason = "copy of another page" if is_copy else _reason_to_skip(page)
    if article is None or reason:
        return _imported(page, {}, skipped=reason)
    views, failures = _make_views(page, names)
    markup = _read_markup(page, views, failures) if MARKUP_VIEW in names else ()
    fits = [_fit(lines, article) for name, lines in views.items() if name not in EXTRACTORS]
    best_fit = max(fits, default=0.0)
    is_doubtful = best_fit < MIN_FIT or is_contradicted(views, article)
    weight = 0.0 if is_doubtful else WEIGHTS[article.kind]
    documents = [
        LabelledDocument(
            id=f"{page.id}.{name}",
            lines=tuple(lines),
            labels=tuple(label_page_text(lines, article)),
            source=page.source,
            lang=page.lang,
            weight=weight * (EXTRACTOR_WEIGHT if name in EXTRACTORS else 1.0),
            markup=tuple(markup) if name == MARKUP_VIEW else (),
        )
        for name, lines in views.items()
        if any(lines)
    ]
    return replace(
        _imported(page, views, skipped="" if documents else "no text in any view"),
        documents=tuple(documents),
        fit=best_fit,
        is_doubtful=is_doubtful,
        failures=tuple(failures),
    )


def _imported(page: Page, views: dict[str, list[str]], skipped: str) -> ImportedPage:
    return ImportedPage(
        page.id, page.set, page.lang, page.source, page.article, views, skipped=skipped
    )


def _reason_to_skip(page: Page) -> str:
    if page.article is None:
        return "nothing known about the article"
    if page.lang == PLACEHOLDER_LANG:
        return "placeholder text"
    if len(split_tokens(page.article.text)) < MIN_ARTICLE_TOKENS:
        return f"article of less than {MIN_ARTICLE_TOKENS} words"
    return ""


def _make_views(page: Page, names: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    if page.html is None:
        return {"text": split_page_text(page.text or "")}, []
    views: dict[str, list[str]] = {}
    failures: list[str] = []
    for name in names:
        if name == MARKUP_VIEW:
            continue
        try:
            views[name] = convert_page(page.html, name, page.lang)
        except MissingExtraError:
            raise
        except Exception as error:  # other people's code on any HTML: counted, and the rest goes on
            failures.append(f"{page.id}: {name} failed: {type(error).__name__}: {error}")
    return views, failures


def _read_markup(page: Page, views: dict[str, list[str]], failures: list[str]) -> Sequence[str]:
    """Add the view that keeps the markup of lines; give the markup."""
    if page.html is None:
        return []
    try:
        lines = read_html(page.html)
    except InputError as error:
        failures.append(f"{page.id}: {MARKUP_VIEW} failed: {error}")
        return []
    views[MARKUP_VIEW] = list(lines.lines)
    return lines.markup


def _fit(lines: Sequence[str], article: Article) -> float:
    return fit(align_lines(lines, article.paragraphs), len(split_tokens(article.text)))


def is_contradicted(views: Mapping[str, Sequence[str]], article: Article) -> bool:
    """Whether all other extractors keep long lines that make up much text outside the article.

    Without at least three extractor views nothing is contradicted.

    Examples
    --------
    >>> whole = ["The article ends here, says its gold text.", "But there is much more. " * 5]
    >>> views = dict.fromkeys(["html_text", "trafilatura", "readability", "newspaper4k"], whole)
    >>> is_contradicted(views, Article("annotated", (whole[0],)))
    True
    """
    whole = next((views[name] for name in CONVERTERS if name in views), [])
    voters = [views[name] for name in VOTERS if any(views.get(name, ()))]
    if len(voters) < MIN_VOTERS:
        return False
    labels = label_page_text(whole, article)
    inside = {line for line, label in zip(whole, labels, strict=True) if label == "body"}
    votes = [[match.is_body for match in align_lines(whole, kept)] for kept in voters]
    outside = 0
    for line, label, *kept_by in zip(whole, labels, *votes, strict=True):
        if label == "clutter" and line not in inside and all(kept_by):
            length = len(split_tokens(line))
            outside += length if length >= OUTSIDE_LINE_TOKENS else 0
    return outside >= MAX_OUTSIDE_SHARE * len(split_tokens(article.text))
