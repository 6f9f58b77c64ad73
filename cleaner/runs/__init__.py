"""Clean many documents: in parallel, reported, and finished by running again."""

from cleaner.runs.report import clean_and_report
from cleaner.runs.run import clean_files
from cleaner.runs.settings import PageSettings, RecordSettings, Run, RunSettings
from cleaner.runs.summary import Summary
from cleaner.runs.task import TaskResult

__all__ = [
    "PageSettings",
    "RecordSettings",
    "Run",
    "RunSettings",
    "Summary",
    "TaskResult",
    "clean_and_report",
    "clean_files",
]
