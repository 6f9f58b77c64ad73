"""Clean many documents: in parallel, reported, and finished by running again."""

from cleaner.runs.explanation import explain_file
from cleaner.runs.report import clean_and_report
from cleaner.runs.result import TaskResult
from cleaner.runs.run import clean_files
from cleaner.runs.settings import PageSettings, RecordSettings, Run, RunSettings
from cleaner.runs.statistics import statistics_to_json
from cleaner.runs.summary import Summary

__all__ = [
    "PageSettings",
    "RecordSettings",
    "Run",
    "RunSettings",
    "Summary",
    "TaskResult",
    "clean_and_report",
    "clean_files",
    "explain_file",
    "statistics_to_json",
]
