"""Turn an HTML page into page texts: one for each converter, and one for each extractor.

The converters print the whole page and differ in what they call a line and where they leave
blank lines. The extractors keep what they take for the article. All need optional packages.
"""

from __future__ import annotations

import importlib
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO

from cleaner.errors import MissingExtraError

# Characters; what is longer is no caption.
_LONGEST_CAPTION = 400
_SPACE = re.compile(r"\s+")


def split_page_text(text: str) -> list[str]:
    r"""Split a page text into lines, white space inside them collapsed; blank lines stay.

    Examples
    --------
    >>> split_page_text("  Home \t page\n\nNews")
    ['Home page', '', 'News']
    """
    return [_SPACE.sub(" ", line).strip() for line in text.split("\n")]


def _with_html_text(html: str, _lang: str = "") -> str:
    import html_text

    return str(html_text.extract_text(html))


def _with_resiliparse(html: str, _lang: str = "", *, main_content: bool = False) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(
        extract_plain_text(
            html,
            preserve_formatting=True,
            main_content=main_content,
            list_bullets=False,
            alt_texts=not main_content,
            links=False,
            form_fields=False,
            noscript=False,
        )
    )


def _with_inscriptis(html: str, _lang: str = "") -> str:
    import inscriptis

    return str(inscriptis.get_text(html))


def _with_trafilatura(html: str, _lang: str = "") -> str:
    import trafilatura

    return trafilatura.extract(html) or ""


def _with_readability(html: str, _lang: str = "") -> str:
    import readability

    return _with_html_text(readability.Document(html).summary())


def _with_resiliparse_main(html: str, _lang: str = "") -> str:
    return _with_resiliparse(html, main_content=True)


def _with_justext(html: str, lang: str) -> str:
    import justext

    stoplist = justext.get_stoplist(JUSTEXT_LANGUAGES.get(lang, "English"))
    paragraphs = justext.justext(html.encode("utf-8"), stoplist, encoding="utf-8")
    return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)


def _with_newspaper(html: str, lang: str) -> str:
    import newspaper

    known = lang in newspaper.valid_languages()
    article = newspaper.Article(
        "https://example.org/", language=lang if known else "en", fetch_images=False
    )
    article.download(input_html=html)
    article.parse()
    return str(article.text)


JUSTEXT_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "en": "English",
    "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ko": "Korean", "lv": "Latvian", "mr": "Marathi",
    "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese",
    "ru": "Russian", "sv": "Swedish", "sw": "Swahili", "tr": "Turkish", "uk": "Ukrainian",
}  # fmt: skip
CONVERTERS: dict[str, Callable[[str, str], str]] = {
    "html_text": _with_html_text,
    "resiliparse": _with_resiliparse,
    "inscriptis": _with_inscriptis,
}
EXTRACTORS: dict[str, Callable[[str, str], str]] = {
    "trafilatura": _with_trafilatura,
    "readability": _with_readability,
    "resiliparse_main": _with_resiliparse_main,
    "justext": _with_justext,
    "newspaper4k": _with_newspaper,
}
_PACKAGES = {
    "html_text": ("html_text",),
    "resiliparse": ("resiliparse",),
    "inscriptis": ("inscriptis",),
    "trafilatura": ("trafilatura",),
    "readability": ("readability", "html_text"),
    "resiliparse_main": ("resiliparse",),
    "justext": ("justext",),
    "newspaper4k": ("newspaper",),
}


def require_packages(names: Iterable[str]) -> None:
    """Check that the packages of these converters and extractors can be imported.

    Raises
    ------
    MissingExtraError
        Naming what to install.

    Examples
    --------
    >>> require_packages(["html_text"])
    """
    for name in names:
        for package in _PACKAGES[name]:
            try:
                with _silence():
                    importlib.import_module(package)
            except ImportError as error:
                extra = "html" if name in CONVERTERS else "html,benchmarks"
                raise MissingExtraError(
                    f"{name} needs the package {package}, which is not installed ({error}):"
                    f" pip install 'clean-news[{extra}]'"
                ) from error


def convert_page(html: str, name: str, lang: str = "") -> list[str]:
    """Turn a page into lines by the converter or extractor of this name.

    Parameters
    ----------
    html
        The page.
    name
        One of CONVERTERS or EXTRACTORS.
    lang
        ISO 639-1 code of the page, for extractors that want it; "" is taken for English.

    Returns
    -------
    list of str
        Lines without white space around them; blank lines are "".

    Raises
    ------
    MissingExtraError
        If its package is not installed.
    Exception
        Whatever the package raises on this page.

    Examples
    --------
    >>> convert_page("<h1>Rain</h1><p>It <b>rained</b>.</p>", "html_text")
    ['Rain', '', 'It rained.']
    """
    require_packages([name])
    convert = CONVERTERS.get(name) or EXTRACTORS[name]
    with _silence():
        text = convert(html, lang)
    return split_page_text(text)


def find_captions(html: str) -> list[str]:
    """Find the captions of a page's pictures and what stands in place of them, each once.

    Raises
    ------
    MissingExtraError
        If lxml is not installed.

    Examples
    --------
    >>> page = "<img alt='A boat'><figure><figcaption>The <b>old</b> pier</figcaption></figure>"
    >>> find_captions(page)
    ['The old pier', 'A boat']
    """
    require_packages(["html_text"])
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, fromstring

    try:
        tree = fromstring(html.encode(), parser=HTMLParser(encoding="utf-8"))
    except ParserError:  # there is no element in it
        return []
    captions = [str(element.text_content()) for element in tree.iter("figcaption")]
    captions += [str(text) for text in tree.xpath("//img/@alt")]
    found = (" ".join(caption.split()) for caption in captions)
    return list(dict.fromkeys(caption for caption in found if 0 < len(caption) < _LONGEST_CAPTION))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what packages log, warn or print about a page from our own output."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
