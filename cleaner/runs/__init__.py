"""Clean many documents: in parallel, reported, and finished by running again."""

from cleaner.runs.report import load_template, report_run
from cleaner.runs.run import Settings, clean_files
from cleaner.runs.task import Report

__all__ = ["Report", "Settings", "clean_files", "load_template", "report_run"]
