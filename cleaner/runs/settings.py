"""What a run cleans with: the settings that a user chose, and what was made of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cleaner.cleaning import Cleaner
from cleaner.collection import Collection, Company, read_cells
from cleaner.files import HTML_PATTERNS, RECORD_PATTERNS
from cleaner.model import PAGE_MODEL, TEXT_MODEL, load_model
from cleaner.runs.workers import RunId


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """How to clean files of records.

    Attributes
    ----------
    text_field
        Name of the field that holds the text.
    html_field
        Name of the field that holds HTML, which is cleaned in place of the text; "" for none.
    group_field
        Name of the field by which a collection counts rows together, as files are by folder.
    output_field
        Name of the field for the clean text; "" for `text_field`.
    drop_empty
        Leave out rows of which no line was kept.
    on_error
        What becomes of a row without a text: "keep" it as it is, "skip" it, or "fail" the file.
    add_scores
        Add the fields confidence, kept_lines and dropped_lines.
    """

    text_field: str = "text"
    html_field: str = ""
    group_field: str = ""
    output_field: str = ""
    drop_empty: bool = False
    on_error: str = "keep"
    add_scores: bool = False


@dataclass(frozen=True, slots=True)
class PageSettings:
    """How to write what is kept of HTML pages.

    Attributes
    ----------
    markdown
        As Markdown: with subheadings, lists, quotations, emphasis and links.
    keep_title
        Put the headline first, as the page's metadata have it.
    with_metadata
        Put what the page says of its article before the text, or into fields of records.
    """

    markdown: bool = False
    keep_title: bool = False
    with_metadata: bool = False


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How to clean files.

    Attributes
    ----------
    model
        Name of a shipped model, or path of a model file; "" for `news`, and `news-html` for HTML.
    threshold
        Lines from this probability upwards are kept; None for the model's own.
    include
        Patterns of the files to clean in a directory, as for `cleaner.files.walk_directory`; none
        for text, HTML and files of records.
    jobs
        Worker processes; None for as many as there are cores, if there is enough to do.
    force
        Overwrite existing files that differ.
    retry_failed
        Of a directory, clean only what the last run failed on.
    max_bytes
        Larger documents are not cleaned: files are problems, rows are as those without a text.
        None for any size.
    scheduler
        Address of the scheduler of a Dask cluster, to whose workers the files are handed.
    surveyed
        Give results the status of each file, and the dropped lines, for `cleaner.runs.summary`.
    counts_reasons
        Also count lines by the reason for which they are kept or dropped.
    collection
        Read all files of a directory first, and hold lines that recur in many files of a folder
        for clutter; see `cleaner.collection`.
    records
        How to clean files of records.
    pages
        How to write what is kept of HTML pages.
    """

    model: str = ""
    threshold: float | None = None
    include: tuple[str, ...] = ()
    jobs: int | None = None
    force: bool = False
    retry_failed: bool = False
    max_bytes: int | None = None
    scheduler: str = ""
    surveyed: bool = False
    counts_reasons: bool = False
    collection: bool = False
    records: RecordSettings = RecordSettings()
    pages: PageSettings = PageSettings()

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of the files to clean in a directory."""
        return self.include or ("*.txt", *HTML_PATTERNS, *RECORD_PATTERNS)

    def load_cleaner(self, *, of_html: bool = False) -> Cleaner:
        """Load the chosen model, or else the shipped one for texts or for HTML.

        Raises
        ------
        ModelError
            If it cannot be loaded.
        """
        model = load_model(self.model or (PAGE_MODEL if of_html else TEXT_MODEL))
        return Cleaner(model, self.threshold, counts_reasons=self.counts_reasons)


@dataclass(frozen=True)
class Run:
    """What all files of a run are cleaned with.

    Attributes
    ----------
    cleaner
        With the model and the threshold of the settings, for texts.
    settings
        What the user chose.
    collection
        What has counted the lines of all files, or None to judge each file alone.
    before_write
        Called before each output is written; to stop here, it ends the process.
    watch
        Called while a file of records is cleaned, with the bytes and rows that have been read.
    """

    cleaner: Cleaner
    settings: RunSettings
    collection: Collection | None = None
    before_write: Callable[[], None] = lambda: None
    watch: Callable[[int, int], None] = lambda _bytes, _rows: None

    @classmethod
    def load(
        cls,
        settings: RunSettings,
        collection: Collection | None = None,
        before_write: Callable[[], None] = lambda: None,
    ) -> Run:
        """Load the model for texts; that for HTML is loaded when it is needed.

        Raises
        ------
        ModelError
            If it cannot be loaded.
        """
        return cls(settings.load_cleaner(), settings, collection, before_write)

    def company(self, folders: Sequence[str]) -> Company | None:
        """Give what documents of some folders are judged with, if there is a collection."""
        return Company(self.collection, folders) if self.collection else None

    @functools.cached_property
    def page_cleaner(self) -> Cleaner:
        """What HTML is cleaned with: the chosen model, or else the one for HTML."""
        return self.cleaner if self.settings.model else self.settings.load_cleaner(of_html=True)


@functools.lru_cache(maxsize=1)
def start_in_worker(settings: RunSettings, cells: str | None, origin: RunId) -> Run:
    """Load models, once in a run: the next one may find another model in the same file."""
    collection = read_cells(cells) if cells else None
    return Run.load(settings, collection, origin.exit_if_killed)
