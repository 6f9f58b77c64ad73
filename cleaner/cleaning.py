"""Clean texts: keep the lines that a model judges to be the article's body."""

from __future__ import annotations

import functools
import operator
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cleaner.collection import Collection, Company, folder_lines, lower_recurring
from cleaner.errors import InputError, ModelError
from cleaner.files import decode_html
from cleaner.labelled import Label
from cleaner.model import (
    PAGE_MODEL,
    TEXT_MODEL,
    Model,
    Reason,
    Scored,
    count_reasons,
    document_confidence,
    line_reasons,
    load_model,
    probabilities,
)
from cleaner.text import (
    Flags,
    Lines,
    PageLines,
    TextPart,
    blank_debris,
    decode_text,
    encode_text,
    group_contents,
    is_very_long,
    join_kept_lines,
    join_parts,
    lay_out_lines,
    read_html,
    restore_lines,
    shorten_lines,
    space_blocks,
    split_content,
    surround_parts,
    vocabulary,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A judged line.

    Attributes
    ----------
    number : int
        In the source, from 1.
    text : str
    body_probability : float
        From 0 to 1.
    label : "body" or "clutter"
    reasons : tuple of Reason
        Only from `explain`: largest contribution first; they sum to the log-odds.
    """

    number: int
    text: str
    body_probability: float
    label: Label
    reasons: tuple[Reason, ...] = ()


class Cleaned(NamedTuple):
    """A cleaned document."""

    data: bytes  # UTF-8, ends with a newline unless it is empty
    kept: int  # lines, without blank ones
    dropped: int  # lines, without blank ones
    confidence: float  # from 0 to 1, see `document_confidence`
    language: str = ""  # of most of its function words; "" if that is not known
    # If asked for: numbers of lines by the group of features that spoke most for the decision.
    kept_for: Mapping[str, int] | None = None
    dropped_for: Mapping[str, int] | None = None


class Cleaner:
    """Cleans texts with a model; nothing that it cleans changes it.

    Examples
    --------
    >>> cleaner = Cleaner.load()
    >>> cleaner.clean("")
    ''
    """

    def __init__(
        self, model: Model, threshold: float | None = None, *, counts_reasons: bool = False
    ) -> None:
        """Take a model, and a threshold in place of the model's own.

        Parameters
        ----------
        counts_reasons : bool
            Count the lines of each document by the reason for which they are kept or dropped.

        Raises
        ------
        InputError
            If the threshold is not between 0 and 1.
        """
        chosen = model.threshold if threshold is None else threshold
        if not 0 < chosen < 1:
            raise InputError(f"threshold {chosen}: must lie between 0 and 1, both excluded")
        self.model = model
        self.threshold = chosen
        self.counts_reasons = counts_reasons

    @classmethod
    def load(cls, name_or_path: str | Path = TEXT_MODEL, threshold: float | None = None) -> Cleaner:
        """Load a shipped model by name, or a model file by path.

        Raises
        ------
        ModelError
            If there is no such model or the file is not sound.
        """
        return cls(load_model(name_or_path), threshold)

    def clean(self, text: str) -> str:
        r"""Keep the body lines of one text, in order and unchanged but for trailing white space.

        Lines end with ``\n``, ``\r\n`` or ``\r``. Form feeds, U+2028 and their like, which end
        lines in text taken from PDF, do so in files only: replace them first.

        Raises
        ------
        TypeError
            If the text is not a `str`; the same holds for all methods that take texts.
        """
        _check_text(text)
        return decode_text(self.clean_encoded([encode_text(text)])[0].data)

    def clean_many(
        self, texts: Iterable[str], collection: Collection | None = None
    ) -> Iterator[str]:
        """Clean any number of texts in batches: the fast way. Memory stays flat.

        Parameters
        ----------
        texts : iterable of str
        collection : Collection, optional
            What has counted the texts of a site before: lines that recur are then held for
            clutter, but in copies of one story.

        Yields
        ------
        str
            One for each text, in order; without a collection the same as `clean` gives.
        """
        return (text for text, _ in self.clean_with_confidence(texts, collection))

    def clean_with_confidence(
        self, texts: Iterable[str], collection: Collection | None = None
    ) -> Iterator[tuple[str, float]]:
        """Clean any number of texts, as `clean_many` does, and say how sure each result is.

        Yields
        ------
        tuple of str and float
            Clean text and confidence (see `document_confidence`: 1 is certain, .5 a guess), one
            for each text, in order. Doubtful documents can be sent elsewhere.

        Examples
        --------
        >>> pages = ["Home | News | Sport", ""]
        >>> [(text, confidence > 0.9) for text, confidence in
        ...  Cleaner.load().clean_with_confidence(pages)]
        [('', True), ('', True)]
        """
        return self._clean_groups(check_texts(texts), collection)

    def _clean_groups(
        self, texts: Iterable[str], collection: Collection | None
    ) -> Iterator[tuple[str, float]]:
        for group in group_contents(encode_text(text) for text in texts):
            company = Company(collection, [""] * len(group)) if collection else None
            for cleaned in self.clean_encoded(group, company):
                yield decode_text(cleaned.data), cleaned.confidence

    def clean_html(self, html: str | bytes, url: str | None = None) -> str:  # noqa: ARG002
        """Keep the body lines of one HTML page; what they are, see `cleaner.text.read_html`.

        A model of HTML (``news-html``) judges lines by their markup and their text, a model of
        texts by their text alone.

        Parameters
        ----------
        html : str or bytes
            Bytes are decoded as browsers do: by a byte order mark, then by what the page says of
            its charset; if it says nothing, as text files are.
        url : str, optional
            Where the page comes from. It is not opened, and no line is judged by it.

        Raises
        ------
        InputError
            If the bytes are binary, or the parser cannot stand the page.
        MissingExtraError
            If the extra html is not installed.
        TypeError
            If it is neither a `str` nor bytes.

        Examples
        --------
        >>> Cleaner.load("news-html").clean_html("<nav><a>Home</a> <a>Sport</a></nav>")
        ''
        """
        return decode_text(next(self.clean_pages([read_page(html)])).data)

    def clean_many_html(self, pages: Iterable[str | bytes]) -> Iterator[str]:
        """Clean any number of HTML pages in batches: the fast way. Memory stays flat.

        Yields
        ------
        str
            One for each page, in order, the same as `clean_html` gives. Errors as there.
        """
        _check_many(pages, "pages")
        return (decode_text(one.data) for one in self.clean_pages(map(read_page, pages)))

    def clean_pages(self, pages: Iterable[PageLines]) -> Iterator[Cleaned]:
        """Clean the lines of HTML pages; pages that were read as Markdown give Markdown."""
        waiting: deque[PageLines] = deque()

        def contents() -> Iterator[bytes]:
            for page in pages:
                waiting.append(page)
                yield encode_text(page.text)

        for group in group_contents(contents()):
            of_group = [waiting.popleft() for _ in group]
            cleaned = self.clean_encoded(group, pages=of_group)
            for page, one in zip(of_group, cleaned, strict=True):
                yield one._replace(data=space_blocks(one.data)) if page.markdown else one

    def clean_encoded(
        self,
        contents: Sequence[bytes],
        company: Company | None = None,
        pages: Sequence[PageLines] = (),
    ) -> list[Cleaned]:
        """Clean one batch of UTF-8 documents, alone or in the company of a collection.

        Parameters
        ----------
        pages : sequence of PageLines, optional
            What the documents are made of, if they come from HTML.
        """
        contents = [blank_debris(content) for content in contents]
        if not any(map(is_very_long, contents)):
            return self._clean_batch(contents, company, pages)
        return [
            self._clean_in_parts(
                content,
                company and company._replace(folders=[company.folders[number]]),
                pages[number] if pages else None,
            )
            for number, content in enumerate(contents)
        ]

    def _clean_in_parts(
        self, content: bytes, company: Company | None, page: PageLines | None
    ) -> Cleaned:
        parts = split_content(content)
        cleaned = [
            self._clean_batch([part.content], company, _slice_page(page, part), part.own)[0]
            for part in surround_parts(parts)
        ]
        return join_cleaned(parts, cleaned)

    def _judge(
        self,
        contents: Sequence[bytes],
        company: Company | None = None,
        pages: Sequence[PageLines] = (),
    ) -> Scored:
        if self.model.reads_markup and not pages:
            raise ModelError(
                f"the model {self.model.name!r} judges HTML, not text: clean HTML with it, or take"
                " a model of texts, such as 'news'"
            )
        shown = [shorten_lines(content) for content in contents]
        markup = [page.markup for page in pages] if self.model.reads_markup else ()
        lines = lay_out_lines(shown, markup)
        scored = self.model.score(lines)
        if company:
            hashes = folder_lines(lines, company.folders)
            occurrences = company.collection.occurrences(hashes)
            scored = lower_recurring(scored, occurrences, self._least_log_odds)
        if any(page.markdown for page in pages):
            contents = [encode_text("\n".join(page.markdown or page.lines)) for page in pages]
        if any(map(operator.is_not, shown, contents)):
            scored = scored._replace(lines=restore_lines(lines, contents))
        return scored

    def _clean_batch(
        self,
        contents: Sequence[bytes],
        company: Company | None,
        pages: Sequence[PageLines] = (),
        own_lines: range | None = None,
    ) -> list[Cleaned]:
        scored = self._judge(contents, company, pages)
        lines = scored.lines
        kept = self._kept_rows(scored)
        own = np.ones(len(kept), bool)
        n_lines = lines.n_lines
        if own_lines:  # the lines around a part are those of other parts
            own = (lines.number >= own_lines.start) & (lines.number < own_lines.stop)
            kept &= own
            n_lines = np.array([np.count_nonzero(own)])
        is_kept, is_blank = np.zeros((2, len(lines.line_starts)), bool)
        is_kept[lines.number] = kept
        is_blank[:] = True
        is_blank[lines.number] = False
        n_kept = np.bincount(lines.document, kept, len(contents)).astype(int)
        confidence = document_confidence(scored)
        languages = vocabulary().languages
        cleaned = [
            Cleaned(*values)
            for values in zip(
                join_kept_lines(lines, is_kept, is_blank),
                n_kept.tolist(),
                (n_lines - n_kept).tolist(),
                confidence.tolist(),
                [languages[number] for number in lines.language.tolist()],
                strict=True,
            )
        ]
        if not self.counts_reasons:
            return cleaned
        counts = count_reasons(self.model, scored, kept, own)
        return [
            one._replace(kept_for=kept_for, dropped_for=dropped_for)
            for one, (kept_for, dropped_for) in zip(cleaned, counts, strict=True)
        ]

    def classify(
        self, text: str, company: Company | None = None, markup: Sequence[str] = ()
    ) -> list[Line]:
        """Judge every line of a text that is not blank, alone or in company.

        Parameters
        ----------
        markup : sequence of str, optional
            Of a page of HTML: that of each of its lines (see `cleaner.text.read_html`).
        """
        return self._lines(text, markup, company)

    def explain(self, text: str, markup: Sequence[str] = ()) -> list[Line]:
        """Judge every line, as `classify` does alone, and say why."""
        return self._lines(text, markup, explained=True)

    def explain_html(self, html: str | bytes) -> list[Line]:
        """Judge every line of an HTML page, and say why; errors as `clean_html`.

        The numbers of lines are those in `cleaner.text.read_html`.
        """
        page = read_page(html)
        return self.explain(page.text, page.markup)

    def explain_line(self, text: str, number: int, markup: Sequence[str] = ()) -> Line | None:
        """Explain one line as `explain` does, without explaining the others: fast in long texts.

        Parameters
        ----------
        text : str
            The whole text, which the line is judged in.
        number : int
            Of the line, from 1.
        markup : sequence of str, optional
            As for `classify`.

        Returns
        -------
        Line or None
            None if the line is blank or there is no such line.

        Examples
        --------
        >>> cleaner = Cleaner.load()
        >>> cleaner.explain_line("Home | News", 1) == cleaner.explain("Home | News")[0]
        True
        """
        return next(iter(self._lines(text, markup, explained=True, only=number)), None)

    def _kept_rows(self, scored: Scored) -> Flags:
        """Decide: bool array (n,), in the order of the rows."""
        return scored.log_odds[scored.lines.row] >= self._least_log_odds

    @property
    def _least_log_odds(self) -> np.float32:
        return np.float32(np.log(self.threshold / (1 - self.threshold)))

    def _lines(
        self,
        text: str,
        markup: Sequence[str],
        company: Company | None = None,
        *,
        explained: bool = False,
        only: int | None = None,
    ) -> list[Line]:
        """Judge the lines of a text, or only that of one number."""
        _check_text(text)
        page = PageLines((), markup) if markup else None
        lines: list[Line] = []
        for part in surround_parts(split_content(blank_debris(encode_text(text)))):
            wanted = part.own if only is None else {only - part.first - 1}.intersection(part.own)
            if not wanted:
                continue
            scored = self._judge([part.content], company, _slice_page(page, part))
            rows = scored.lines.row
            labels = np.where(self._kept_rows(scored), "body", "clutter").tolist()
            sure = probabilities(scored.log_odds[rows]).tolist()
            lines += [
                Line(
                    part.first + number + 1,
                    _line_text(scored.lines, number),
                    body_probability,
                    label,
                    line_reasons(self.model, scored, row) if explained else (),
                )
                for number, row, label, body_probability in zip(
                    scored.lines.number.tolist(), rows.tolist(), labels, sure, strict=True
                )
                if number in wanted
            ]
        return lines


def read_page(html: str | bytes) -> PageLines:
    """Find the lines of a page given as `str` or bytes."""
    if not isinstance(html, (str, bytes)):
        raise TypeError(f"expected HTML, a str or bytes, not {type(html).__name__}")
    return read_html(decode_html(html) if isinstance(html, bytes) else html)


def _check_many(values: Iterable[object], what: str) -> None:
    """Refuse a single one, or a table, where many are expected."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"expected a sequence of {what}, not a single {type(values).__name__}")
    if getattr(values, "ndim", 1) != 1:  # iterating over a data frame gives the column names
        raise TypeError(f"expected a sequence of {what}, not a table: select one column of it")


def _check_text(text: str) -> None:
    if not isinstance(text, str):
        hint = ": decode it first" if isinstance(text, bytes) else ""
        raise TypeError(f"expected a text, a str, not {type(text).__name__}{hint}")


def _slice_page(page: PageLines | None, part: TextPart) -> tuple[PageLines, ...]:
    """Give the markup of a part, if that of its document is known."""
    if page is None:
        return ()
    stop = part.first + part.content.count(b"\n") + 1
    return (PageLines(*(of_lines[part.first : stop] for of_lines in page)),)


def check_texts(texts: Iterable[str]) -> Iterator[str]:
    """Pass texts on, and refuse whatever is not many texts: at once where that can be told.

    Raises
    ------
    TypeError
        If there is a single text or a table, or (raised by the iterator) one is not a `str`.

    Examples
    --------
    >>> list(check_texts(["Home", "It rained."]))
    ['Home', 'It rained.']
    """
    _check_many(texts, "texts")
    return _check_each(texts)


def _check_each(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"text {number} is not a str but {type(text).__name__}: {text!r:.40}")
        yield text


def join_cleaned(parts: Sequence[bytes], cleaned: Sequence[Cleaned]) -> Cleaned:
    """Join the results of the parts of one document."""
    n_lines = [of_part.kept + of_part.dropped for of_part in cleaned]
    sure = sum(n * of_part.confidence for n, of_part in zip(n_lines, cleaned, strict=True))
    return Cleaned(
        join_parts(parts, [of_part.data for of_part in cleaned]),
        sum(of_part.kept for of_part in cleaned),
        sum(of_part.dropped for of_part in cleaned),
        sure / sum(n_lines) if sum(n_lines) else 1.0,
        cleaned[0].language,
        _add_up([of_part.kept_for for of_part in cleaned]),
        _add_up([of_part.dropped_for for of_part in cleaned]),
    )


def _add_up(counts: Sequence[Mapping[str, int] | None]) -> Mapping[str, int] | None:
    there = [one for one in counts if one is not None]
    return sum(map(Counter, there), Counter[str]()) if there else None


def _line_text(lines: Lines, number: int) -> str:
    return decode_text(lines.data[lines.line_starts[number] : lines.line_ends[number]])


# Shipped models, loaded when they are first needed.
_load = functools.cache(Cleaner.load)


def clean_html(html: str | bytes, url: str | None = None) -> str:
    """Clean one HTML page with the shipped model of HTML; errors as `Cleaner.clean_html`.

    Examples
    --------
    >>> clean_html("<nav><a>Home</a> <a>Sport</a></nav>")
    ''
    """
    return _load(PAGE_MODEL).clean_html(html, url)


def clean(text: str) -> str:
    """Clean one text with the shipped model; for many texts, `Cleaner.clean_many` is faster.

    Examples
    --------
    >>> clean("Home | News | Sport")
    ''
    """
    return _load().clean(text)
