"""Clean many documents: in parallel, reported, and finished by running again."""

from cleaner.runs.report import clean_and_report
from cleaner.runs.run import Settings, clean_files
from cleaner.runs.task import Report

__all__ = ["Report", "Settings", "clean_and_report", "clean_files"]
