"""Turn a directory of page texts into labelled files that the model has filled in for a person.

Only the documents that are worth a person's time are written (see `selection`). What a
person has labelled is never touched: running again, with a better model, adds further documents
and renews the guesses that nobody has confirmed yet.
"""

from __future__ import annotations

import heapq
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from cleaner.cleaning import Cleaner, Line
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.files import (
    SUFFIX,
    Found,
    Note,
    RecordFormat,
    is_archive,
    read_lines,
    read_version,
    record_format,
    row_groups,
    walk_directory,
    write_version,
)
from cleaner.label.selection import Candidate, Why, choose_documents, describe_candidate, draw_lot
from cleaner.labelled import Label, LabelledDocument
from cleaner.model import TEXT_MODEL
from cleaner.text import PageLines, read_html

# New documents that are looked at in a run, drawn by lot: more would take longer than a minute
# and change the choice of some fifty little (10 ms a document).
_LOOKED_AT = 5000
_NAMED_ROWS = 5


@dataclass(frozen=True, slots=True)
class PrefillSettings:
    """What to label, and with what.

    Attributes
    ----------
    model
        Name of a shipped model, or path of a model file.
    include
        Patterns of the files to look at, as for `cleaner.files.walk_directory`.
    documents
        New documents to choose at most.
    source
        Source of all documents (the group that cross-validation keeps together); None for the
        folder that a file lies in, or the name of the file itself if it lies in no folder.
    lang
        ISO 639-1 code of all documents, or "" if unknown.
    text_field, html_field
        Of a file of records: the field of the texts, or that of HTML in their place.
    group_field
        Of a file of records: the field that says the source, such as a site; of a web address it
        is the host. "" for rows that are a source of their own each.
    """

    model: str = TEXT_MODEL
    include: tuple[str, ...] = ("*.txt",)
    documents: int = 50
    source: str | None = None
    lang: str = ""
    text_field: str = "text"
    html_field: str = ""
    group_field: str = ""


@dataclass(slots=True)
class Labelling:
    """What a run did; names are paths below the directory of page texts."""

    found: int = 0  # page texts that match
    looked_at: int = 0  # of those without a labelled file
    copies: int = 0  # near duplicates skipped
    empty: int = 0  # page texts without a line to label
    written: dict[str, Why] = field(default_factory=dict)  # new labelled files, and why
    renewed: list[str] = field(default_factory=list)  # labelled files with new guesses
    problems: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)  # links to directories, not followed

    def summary(self) -> Iterator[str]:
        """Give the lines of a closing summary, without counts of 0.

        Examples
        --------
        >>> list(Labelling(found=9, written={"a.txt": "uncertain", "b.txt": "random"}).summary())
        ['2 of 9 documents written to label: uncertain 1, random 1']
        """
        reasons = Counter(self.written.values())
        parts = ", ".join(f"{why} {reasons[why]}" for why in get_args(Why) if reasons[why])
        yield f"{len(self.written):,} of {self.found:,} documents written to label: {parts or 0}"
        if self.renewed:
            yield f"labelled files with new guesses, labels untouched: {len(self.renewed):,}"
        if self.copies:
            yield f"skipped as near duplicates: {self.copies:,}"
        if self.empty:
            yield f"skipped, as they have no line to label: {self.empty:,}"


def label_files(raw: str, labelled: str, settings: PrefillSettings) -> Labelling:
    r"""Write labelled files, filled in by the model, for the documents most worth labelling.

    Parameters
    ----------
    raw
        Directory of page texts, walked to the bottom; or a file of records, of which 5,000 rows
        at most are drawn by lot.
    labelled
        Directory of labelled files, made if it is missing. A page ``a/b.txt`` becomes
        ``a/b.tsv``. Files that are there are kept: only guesses that nobody has confirmed are
        renewed.

    Raises
    ------
    InputError
        If there is no such directory, or no file in it that matches.
    OutputError
        If the labelled files cannot be written.
    ModelError
        If the model cannot be loaded.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     Path(directory, "raw").mkdir()
    ...     _ = Path(directory, "raw/a.txt").write_text("Home | News | Sport\n")
    ...     done = label_files(f"{directory}/raw", f"{directory}/labelled", PrefillSettings())
    ...     Path(directory, "labelled/a.tsv").read_text()
    '#id: a\n#source: a\nclutter?\tHome | News | Sport\n'
    """
    if Path(labelled).exists() and not Path(labelled).is_dir():
        raise OutputError(f"{labelled} is a file; name a directory for the labelled files")
    done = Labelling()
    names, read, sources = _find(raw, settings, done)
    cleaner = Cleaner.load(settings.model)
    old = [name for name in names if _target(labelled, name).exists()]
    new = sorted(set(names).difference(old), key=draw_lot)[:_LOOKED_AT]
    done.looked_at = len(new)
    known = []
    for name, page in _read(raw, old, read, done):
        lines = cleaner.classify(page.text, markup=page.markup)
        known.append(describe_candidate(name, lines))
        _renew(page.text, lines, _target(labelled, name), done)
    candidates = _candidates(_read(raw, new, read, done), cleaner, done)
    chosen, done.copies = choose_documents(candidates, settings.documents, known)
    reasons = dict(chosen)
    for name, page in _read(raw, list(reasons), read, done):
        judged = cleaner.classify(page.text, markup=page.markup)
        document = _fill_in(name, page, judged, settings, sources.get(name, ""))
        with _noting(_say_where(raw, name), done):
            write_version(document, _target(labelled, name), None)
            done.written[name] = reasons[name]
    return done


_ReadPage = Callable[[str], PageLines]


def _find(
    raw: str, settings: PrefillSettings, done: Labelling
) -> tuple[list[str], _ReadPage, dict[str, str]]:
    """Find the page texts: names, what reads one, and sources; note what was met on the way."""
    reader = record_format(raw) if Path(raw).is_file() else None
    if reader:
        rows, sources = _draw_rows(raw, reader, settings, done)
        if settings.html_field or is_archive(raw):
            return sorted(rows), lambda name: read_html(rows[name]), sources
        return sorted(rows), lambda name: PageLines(rows[name].split("\n"), ()), sources
    if not Path(raw).is_dir():
        raise InputError(f"{raw} is neither a directory of page texts nor a file of records")
    names = []
    for item in walk_directory(raw, settings.include):
        if isinstance(item, Found):
            names.append(item.name)
        elif item.text:
            (done.problems if item.is_problem else done.remarks).append(item)
    if not names:
        patterns = " or ".join(settings.include)
        raise InputError(f"no file in {raw} matches {patterns} (see --include)")
    done.found = len(names)
    return sorted(names), lambda name: read_lines(str(Path(raw, name))), {}


def _draw_rows(
    raw: str, reader: RecordFormat, settings: PrefillSettings, done: Labelling
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw rows of a file of records, the same ones each time: texts and sources by name."""
    drawn: list[tuple[int, str, str, str]] = []  # the highest lot first, to be put back
    for batch in reader.read(raw, settings.html_field or settings.text_field):
        done.problems += [
            Note(raw, f"row {number} {reason}", number) for number, reason in batch.reasons.items()
        ][: _NAMED_ROWS - len(done.problems)]
        sources = row_groups(batch, settings.group_field)
        for number, text, source in zip(batch.numbers, batch.texts, sources, strict=True):
            if text is None:
                continue
            done.found += 1
            name = f"{Path(raw).name}-{number}"
            heapq.heappush(drawn, (-draw_lot(name), name, text, source))
            if len(drawn) > _LOOKED_AT:
                heapq.heappop(drawn)
    if not drawn:
        raise InputError(f"{raw}: no row has a text")
    texts = {name: text for _, name, text, _ in drawn}
    return texts, {name: source for _, name, _, source in drawn}


def _target(labelled: str, name: str) -> Path:
    """Name the labelled file of a page; only .txt gives way, so that no two names become one."""
    return Path(labelled, name.removesuffix(".txt") + SUFFIX)


@contextmanager
def _noting(path: str, done: Labelling) -> Iterator[None]:
    """Note what goes wrong with one document: the others go on."""
    try:
        yield
    except CleanerError as error:
        done.problems.append(Note(path, str(error).removeprefix(f"{path}: ")))


def _read(
    raw: str, names: Sequence[str], read: _ReadPage, done: Labelling
) -> Iterator[tuple[str, PageLines]]:
    """Read the pages of some names, those that can be read."""
    for name in names:
        with _noting(_say_where(raw, name), done):
            yield name, read(name)


def _say_where(raw: str, name: str) -> str:
    return str(Path(raw, name)) if Path(raw).is_dir() else f"{raw}: {name}"


def _candidates(
    pages: Iterator[tuple[str, PageLines]], cleaner: Cleaner, done: Labelling
) -> Iterator[Candidate]:
    """Judge the documents that have a line to label."""
    for name, page in pages:
        if page.text.strip():
            yield describe_candidate(name, cleaner.classify(page.text, markup=page.markup))
        else:
            done.empty += 1


def _split(text: str) -> tuple[str, ...]:
    lines = text.split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def _guess(lines: Sequence[str], judged: Sequence[Line]) -> list[Label | None]:
    """Lay out the decisions on all lines, blank ones included."""
    guesses: list[Label | None] = [None] * len(lines)
    for line in judged:
        if lines[line.number - 1].strip():
            guesses[line.number - 1] = line.label
    return guesses


def _fill_in(
    name: str, page: PageLines, judged: Sequence[Line], settings: PrefillSettings, source: str
) -> LabelledDocument:
    lines = _split(page.text)
    guesses = _guess(lines, judged)
    stem = _header(name.removesuffix(".txt").replace(os.sep, "-"))
    folder = _header(Path(name).parent.as_posix())
    return LabelledDocument(
        id=stem,
        lines=lines,
        labels=(None,) * len(lines),
        source=settings.source or _header(source) or (stem if folder in (".", "") else folder),
        lang=settings.lang,
        guesses=tuple(guesses) if any(guesses) else (),
        markup=tuple(page.markup[: len(lines)]),
    )


def _header(name: str) -> str:
    """Make a file name fit for a header line: it may hold line ends and broken characters."""
    return "".join(one if one.isprintable() else "_" for one in name).strip()


def _renew(text: str, judged: Sequence[Line], path: Path, done: Labelling) -> None:
    """Guess again where nobody has confirmed a guess."""
    with _noting(str(path), done):
        document, version = read_version(path)
        if [*map(_without_tabs, document.lines)] != [*map(_without_tabs, _split(text))]:
            raise InputError(
                "the text of the page has changed since it was labelled; left as it is"
            )
        if not document.guesses:
            return
        guesses = tuple(
            (new or old) if old else None  # a confirmed line has no guess
            for old, new in zip(document.guesses, _guess(document.lines, judged), strict=True)
        )
        if guesses != document.guesses:
            write_version(replace(document, guesses=guesses), path, version)
            done.renewed.append(str(path))


def _without_tabs(line: str) -> str:
    """Take a line as the file format keeps it: blank lines lose their tabs."""
    return line if line.strip() else line.replace("\t", " ")
