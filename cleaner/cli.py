"""The command line: read arguments, call one library function, print what it says.

Exit codes: 0 all done; 1 some files failed, the others are done, or a model was not written as it
is worse than its start; 2 nothing was done, as the arguments, the model or the labelled files
cannot be used; 130 interrupted.

The library is imported inside the commands, so that help appears at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cleaner.errors import CleanerError
from cleaner.explained import lines_to_json, print_lines
from cleaner.terminal import (
    INTERRUPTED,
    clean_and_tell,
    count,
    printable,
    show,
    tell,
)

# Files of annotation tools, as in cleaner.exchange.
_FORMATS = ("label-studio", "doccano", "prodigy", "tsv")


class _Commands(click.Group):
    """A group whose command `clean` needs no name: ``clean-news INPUT OUTPUT``."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        try:
            return super().main(args, *others, **options)
        finally:
            if args is None:  # this process ends now, and its workers: nothing is left to interrupt
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*ctx.help_option_names, "--version", *self.commands}
        if not args or args[0] in own:
            return super().parse_args(ctx, args)
        if not os.path.lexists(args[0]):
            self._refuse_misspelt(ctx, args[0])
        return super().parse_args(ctx, ["clean", *args])

    def _refuse_misspelt(self, ctx: click.Context, name: str) -> None:
        """Refuse what is neither a command nor a file, but nearly a command."""
        from difflib import get_close_matches

        for command in get_close_matches(name, self.commands, 1):
            raise click.UsageError(
                f"no such file or directory: INPUT {printable(name)};"
                f" did you mean the command {command}?",
                ctx,
            )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CleanerError as error:
            # Told without a traceback; the exit code is 2.
            raise click.UsageError(printable(str(error))) from error
        except KeyboardInterrupt:
            tell("Interrupted.")
            ctx.exit(INTERRUPTED)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        name = ctx.command_path
        formatter.write_usage(name, "[OPTIONS] INPUT OUTPUT")
        formatter.write_usage(name, "COMMAND [OPTIONS] [ARGUMENTS]...", " " * len("Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        params = [*clean.params, *self.get_params(ctx)]
        rows = [one.get_help_record(ctx) for one in params if isinstance(one, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([row for row in rows if row])
        self.format_commands(ctx, formatter)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clean-news", prog_name="clean-news")
def main() -> None:
    """Keep the article, drop the clutter: clean the text of news pages, line by line.

    INPUT is a directory of text files, cleaned into the directory OUTPUT with the same structure
    and names; or one file; or "-" for standard input. For one file, OUTPUT is a file or "-" for
    standard output. Running again finishes what an interrupted run left.

    If INPUT has the name of a command, write ./train, for example.
    """
    _use_one_thread()


_model_option = click.option(
    "--model", default="news", show_default=True, metavar="NAME|FILE",
    help="Shipped model, or path of a model file.",
)  # fmt: skip
_any_model_option = click.option(
    "--model", default="", metavar="NAME|FILE",
    help="Shipped model, or path of a model file.  [default: news; news-html for HTML]",
)  # fmt: skip
_html_field_option = click.option(
    "--html-field", default="", metavar="NAME",
    help="Field of records that holds HTML, which is cleaned instead of a text.",
)  # fmt: skip
_jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N",
    help="Worker processes.  [default: the cores available, if there is enough to do]",
)  # fmt: skip
_threshold_option = click.option(
    "--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Keep lines whose body probability is at least this.  [default: the model's]",
)  # fmt: skip
_text_field_option = click.option(
    "--text-field", default="text", show_default=True, metavar="NAME",
    help="Field of records (JSON Lines, Parquet, Arrow) that holds the text.",
)  # fmt: skip
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@main.command(
    short_help="Clean INPUT into OUTPUT; the name of this command may be left out.",
    context_settings={"allow_extra_args": True},
)
@click.argument("source", metavar="INPUT", type=click.Path())
@click.argument("target", metavar="OUTPUT", type=click.Path())
@click.option(
    "--include", multiple=True, metavar="GLOB",
    help="Clean the files of a directory that match; may be repeated."
    "  [default: *.txt, *.html, *.jsonl, *.parquet, *.warc.gz, ...]",
)  # fmt: skip
@_text_field_option
@_html_field_option
@click.option(
    "--output-field", default="", metavar="NAME",
    help="Field for the clean text.  [default: the one of --text-field]",
)  # fmt: skip
@click.option(
    "--group-field", default="", metavar="NAME",
    help="Field by which --collection groups records: their site, or address, of which it takes"
    " the host.",
)  # fmt: skip
@click.option("--drop-empty", is_flag=True, help="Leave out records of which nothing is kept.")
@click.option(
    "--add-scores", is_flag=True,
    help="Add the fields confidence, kept_lines and dropped_lines to records.",
)  # fmt: skip
@click.option(
    "--on-error", type=click.Choice(["keep", "skip", "fail"]), default="keep", show_default=True,
    help="Keep a record without a text as it is, skip it, or fail its file.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown"]), default="text",
    show_default=True, help="How to write what is kept of HTML.",
)  # fmt: skip
@click.option("--keep-title", is_flag=True, help="Put the headline of HTML first.")
@click.option(
    "--with-metadata", is_flag=True,
    help="Add title, author, date, language, site and address of HTML: before the text, or as"
    " fields of records. Needs the extra metadata.",
)  # fmt: skip
@_any_model_option
@_threshold_option
@_jobs_option
@click.option(
    "--scheduler", default="", metavar="ADDRESS",
    help="Hand the files to the workers of a Dask cluster: tcp://HOST:PORT. Needs the extra dask.",
)  # fmt: skip
@click.option(
    "--max-bytes", type=click.IntRange(min=1), metavar="N",
    help="Do not clean documents larger than this: a file is a problem, a record is treated as"
    " --on-error says.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite existing outputs that differ.")
@click.option(
    "--retry-failed", is_flag=True,
    help="Clean only the files of a directory that the last run failed on.",
)  # fmt: skip
@click.option(
    "--collection", is_flag=True,
    help="Read all files twice, and drop lines that recur in many files of a folder.",
)  # fmt: skip
@click.option(
    "--report", "page", type=click.Path(dir_okay=False), metavar="FILE.html",
    help="Also write a page about what was kept and dropped. Needs the extra report.",
)  # fmt: skip
@click.option(
    "--json-summary", metavar="FILE", type=click.Path(),
    help="Write what was and was not cleaned as JSON; - is standard output.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def clean(
    source: str,
    target: str,
    include: tuple[str, ...],
    text_field: str,
    html_field: str,
    output_field: str,
    group_field: str,
    drop_empty: bool,
    add_scores: bool,
    on_error: str,
    form: str,
    keep_title: bool,
    with_metadata: bool,
    model: str,
    threshold: float | None,
    jobs: int | None,
    scheduler: str,
    max_bytes: int | None,
    force: bool,
    retry_failed: bool,
    collection: bool,
    page: str | None,
    json_summary: str | None,
    quiet: bool,
) -> None:
    """Clean the text files, or files of records, in INPUT into OUTPUT.

    Both are directories, or both are files; "-" is standard input or output. Records are JSON
    Lines (plain, .gz or .zst), Parquet or Arrow, as the names say; all but the first two need the
    extra records.
    """
    from cleaner.runs import PageSettings, RecordSettings, RunSettings

    if others := click.get_current_context().args:  # as a shell makes of pages/*.txt
        raise click.UsageError(
            f"{2 + len(others)} paths, but INPUT and OUTPUT are two: for several files give their"
            " directory, with --include GLOB for some of them"
        )
    settings = RunSettings(
        model,
        threshold,
        include,
        jobs,
        force,
        retry_failed,
        max_bytes,
        scheduler,
        counts_reasons=json_summary is not None,
        collection=collection,
        records=RecordSettings(
            text_field, html_field, group_field, output_field, drop_empty, on_error, add_scores
        ),
        pages=PageSettings(form == "markdown", keep_title, with_metadata),
    )
    done = clean_and_tell(source, target, settings, page, summary_file=json_summary, quiet=quiet)
    sys.exit(0 if done else 1)


@main.command(short_help="Show why each line of FILE is kept or dropped.")
@click.argument("file", type=click.Path())
@_any_model_option
@_threshold_option
@_text_field_option
@_html_field_option
@_json_option
def explain(
    file: str,
    model: str,
    threshold: float | None,
    text_field: str,
    html_field: str,
    as_json: bool,
) -> None:
    """Show each line of FILE: its probability, label and text, and the strongest reasons.

    FILE may be HTML, or a row of a file of records: shard.jsonl:17.

    Reasons are in log-odds: positive ones speak for the body, negative ones for clutter.
    """
    from cleaner.runs import RecordSettings, RunSettings, explain_file

    settings = RunSettings(model, threshold, records=RecordSettings(text_field, html_field))
    lines, kept_from = explain_file(file, settings)
    if as_json:
        show(json.dumps(lines_to_json(lines, kept_from)))
    else:
        print_lines(lines)


@main.command(name="train", short_help="Adapt a model to labelled files, or train one on them.")
@click.argument("labelled", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, metavar="MODEL", help="Model file to write.")
@click.option(
    "--start", default="news", show_default=True, metavar="NAME|FILE", help="Model to adapt."
)
@click.option(
    "--check", multiple=True, type=click.Path(), metavar="LABELLED",
    help="Files on which the model must not get worse; may be repeated.  [default: the corpus]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write the model even if it is worse than its start.")
@click.option("--from-scratch", is_flag=True, help="Train on LABELLED alone, from no model.")
def train_model(
    labelled: tuple[str, ...],
    output: str,
    start: str,
    check: tuple[str, ...],
    force: bool,
    from_scratch: bool,
) -> None:
    """Adapt a model to LABELLED files and directories, and say what it learnt.

    A model that is worse than its start on LABELLED, judged by cross-validation, is not written.
    """
    from cleaner.files import read_labelled_many
    from cleaner.learn import default_check, learn, learn_from_scratch
    from cleaner.model import load_model, save_model

    documents = list(read_labelled_many(labelled))
    kept = list(read_labelled_many(check or [default_check()]))
    name = Path(output).stem
    problem = ""
    if from_scratch:
        model, report = learn_from_scratch(documents, kept, name=name, report=_say)
    else:
        learnt = learn(documents, load_model(start), kept, name=name)
        model, report, problem = learnt.model, str(learnt), learnt.problem
    for row in report.split("\n"):
        show(printable(row))
    if problem and not force:
        _say(f"Error: {problem}")
        sys.exit(1)
    save_model(model, output)
    _say(f"{output}: trained on {count(len(documents), 'document')}")


@main.command(name="evaluate", short_help="Score a model on labelled files.")
@click.argument("labelled", nargs=-1, required=True, type=click.Path())
@_model_option
@click.option(
    "--cross-validate", is_flag=True,
    help="Score models trained on the other sources of LABELLED instead of --model.",
)  # fmt: skip
def evaluate_model(labelled: tuple[str, ...], model: str, cross_validate: bool) -> None:
    """Compare what a model keeps with the labels of LABELLED files and directories."""
    from cleaner.files import read_labelled_many
    from cleaner.learn import cross_validate as cross_validate_all
    from cleaner.learn import evaluate
    from cleaner.model import load_model

    documents = read_labelled_many(labelled)
    if cross_validate:
        show(str(cross_validate_all(list(documents), _say)))
    else:
        show(str(evaluate(load_model(model), documents)))


@main.command(name="compare", short_help="Compare two models on labelled files.")
@click.argument("model_a")
@click.argument("model_b")
@click.argument("labelled", nargs=-1, required=True, type=click.Path())
@_json_option
def compare_models(model_a: str, model_b: str, labelled: tuple[str, ...], as_json: bool) -> None:
    """Compare what two models keep with the labels of LABELLED files and directories.

    Shows their scores, the difference with its 95% interval, and the lines that change.
    """
    from cleaner.files import read_labelled_many
    from cleaner.learn import compare
    from cleaner.model import load_model

    models = load_model(model_a), load_model(model_b)
    comparison = compare(models, read_labelled_many(labelled), (model_a, model_b))
    if as_json:
        show(json.dumps(comparison.to_json()))
        return
    for row in str(comparison).split("\n"):
        show(printable(row))


@main.command(name="export", short_help="Write labelled files for an annotation tool.")
@click.argument("labelled", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, metavar="FILE", help="File to write.")
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="Kind of file.")
def export_labelled(labelled: tuple[str, ...], output: str, form: str) -> None:
    """Write LABELLED files and directories as one file of an annotation tool."""
    from cleaner.files import read_labelled_many
    from cleaner.label import export_documents

    number = export_documents(read_labelled_many(labelled), output, form)
    _say(f"{output}: {count(number, 'document')}")


@main.command(name="import", short_help="Turn pages, or annotation files, into labelled files.")
@click.argument("pages", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, metavar="DIR", help="Where to write labelled files.")
@click.option(
    "--format", "form", type=click.Choice(["pages", *_FORMATS]), default="pages",
    show_default=True, help="Pages with the text of their article, or a tool's file.",
)  # fmt: skip
@click.option("--extractors", is_flag=True, help="Also import what other extractors keep.")
@click.option(
    "--markup", is_flag=True,
    help="Write documents whose lines keep their markup, for models of HTML.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Worker processes.")
@click.option("--force", is_flag=True, help="Overwrite labelled files with those from a tool.")
def import_labelled(
    pages: tuple[str, ...],
    output: str,
    form: str,
    extractors: bool,
    markup: bool,
    jobs: int,
    force: bool,
) -> None:
    """Turn PAGES into labelled files.

    PAGES are JSON Lines, plain or gzipped: each line holds an HTML page, or its text, and the
    article. They become DIR/SET/PAGE.VIEW.tsv. Needs the extra html. With --format, PAGES are
    files of an annotation tool, and become DIR/ID.tsv.
    """
    if form == "pages":
        _import_pages(pages, output, extractors, jobs, markup=markup)
        return
    from cleaner.label import import_exchanged

    _say(f"{count(import_exchanged(pages, output, form, force), 'document')} imported")


def _import_pages(
    pages: tuple[str, ...], output: str, extractors: bool, jobs: int, *, markup: bool
) -> None:
    from cleaner.gold import import_pages

    report = import_pages(pages, output, extractors, jobs, markup=markup)
    for failure in report.failures:
        _say(failure)
    for reason, number in report.skipped.items():
        _say(f"{count(number, 'page')} left out: {reason}")
    if report.doubtful:
        _say(f"{count(len(report.doubtful), 'page')} with doubtful article text, of weight 0")
    _say(f"{count(report.n_pages, 'page')} imported as {count(report.n_documents, 'document')}")


@main.command(name="label", short_help="Write labelled files for a person to check.")
@click.argument("raw", metavar="RAW", type=click.Path())
@click.argument("labelled", metavar="LABELLED_DIR", type=click.Path())
@click.option(
    "--documents", type=click.IntRange(min=0), default=50, show_default=True, metavar="N",
    help="Write at most N new documents.",
)  # fmt: skip
@click.option(
    "--include", multiple=True, default=["*.txt"], show_default=True, metavar="GLOB",
    help="Consider the files of RAW that match; may be repeated.",
)  # fmt: skip
@click.option(
    "--source", help="Source of the documents.  [default: each file's folder, or its name]"
)
@click.option("--lang", default="", help="Language of the documents, such as en.")
@_text_field_option
@_html_field_option
@click.option(
    "--group-field", default="", metavar="NAME",
    help="Field of records that says their source: a site, or an address, of which it takes the"
    " host.  [default: each row is a source]",
)  # fmt: skip
@_model_option
def label_pages(
    raw: str,
    labelled: str,
    documents: int,
    include: tuple[str, ...],
    source: str | None,
    lang: str,
    text_field: str,
    html_field: str,
    group_field: str,
    model: str,
) -> None:
    """Write the documents of RAW that are most worth labelling to LABELLED_DIR.

    RAW is a directory, or a file of records (JSON Lines, Parquet, Arrow, WARC).

    The model's guesses are filled in as "body?" and "clutter?". Labels that a person has given
    are never touched. Check them with clean-news review, or in any editor.
    """
    from cleaner.label import PrefillSettings, label_files

    done = label_files(
        raw,
        labelled,
        PrefillSettings(
            model, include, documents, source, lang, text_field, html_field, group_field
        ),
    )
    for note in (*done.remarks, *done.problems):
        _say(f"{note.path}: {note.text}")
    for line in done.summary():
        _say(line)
    sys.exit(1 if done.problems else 0)


@main.command(name="review", short_help="Check labelled files in the browser.")
@click.argument("labelled", metavar="LABELLED_DIR", type=click.Path())
@_model_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0,
    help="Port to listen on, at 127.0.0.1.  [default: any that is free]",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address only.")
def review_labels(labelled: str, model: str, port: int, no_browser: bool) -> None:
    """Open a page that shows the documents of LABELLED_DIR, to confirm or correct their labels.

    Only this computer can reach it, at an address that nobody can guess. Needs the extra review.
    """
    from cleaner.label import run_review

    def announce(address: str) -> None:
        show(address)
        _say("Press Ctrl-C to stop; every change is saved at once.")

    run_review(labelled, model, port, open_browser=not no_browser, announce=announce)


def _use_one_thread() -> None:
    """Keep numpy, before it is loaded, from starting threads for its linear algebra.

    On matrices as small as ours they cost four times the processor time and save none; and
    without them numpy loads in 80 instead of 110 ms. --jobs is what makes use of the cores.
    """
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def _say(message: str) -> None:
    tell(printable(message))
