"""Sum up what became of any number of files in bounded memory, for terminal and report."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from cleaner.files import Note
from cleaner.runs.result import FileStatus, TaskResult
from cleaner.runs.statistics import Statistics

# Files that are named one by one: the least certain ones.
_NAMED_FILES = 500
_NAMED_NOTES = 100
# Folders that are counted one by one; files of any more are counted as others.
_COUNTED_FOLDERS = 1000
OTHER_FOLDERS = "(others)"
# So many dropped lines are counted at a time: the commonest of a million stay in, and the error
# is known.
_COUNTED_LINES = 10_000
# Steps of the histograms: confidence from .5 to 1, shares from 0 to 1.
CONFIDENCE_BINS = 25
SHARE_BINS = 20


class CommonLines:
    """Counts lines in bounded memory; a count is too low by at most `error`.

    The summary of Misra and Gries, merged as by Agarwal et al. (Mergeable Summaries, 2012).

    Examples
    --------
    >>> lines = CommonLines(capacity=2)
    >>> for counts in ({"Share": 5, "By Ann": 1}, {"Share": 3, "By Bob": 1}):
    ...     lines.add(counts)
    >>> lines.commonest(9), lines.error
    ([('Share', 7)], 1)
    """

    def __init__(self, capacity: int = _COUNTED_LINES) -> None:
        self.error = 0
        self._capacity = capacity
        self._counts: Counter[str] = Counter()

    def add(self, counts: Mapping[str, int]) -> None:
        """Add the counts of some lines."""
        self._counts.update(counts)
        if len(self._counts) > self._capacity:
            excess = heapq.nlargest(self._capacity + 1, self._counts.values())[-1]
            self.error += excess
            self._counts = Counter(
                {line: n - excess for line, n in self._counts.items() if n > excess}
            )

    def commonest(self, number: int) -> list[tuple[str, int]]:
        """Give lines with their counts, the commonest first; those seen once are left out."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [(line, n) for line, n in ranked[:number] if n + self.error > 1]


@dataclass(slots=True)
class Folder:
    """What became of the files of one folder."""

    files: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    confidence: float = 0.0  # the sum over the files


@dataclass(slots=True)
class Summary:
    """What became of all files; its size does not depend on their number.

    Attributes
    ----------
    source
        The directory (or file) that was cleaned.
    confidence_bins, share_bins
        Numbers of files by confidence (from .5 to 1) and by the share of text kept.
    least_certain
        Files, the least certain first.
    """

    source: str
    files: int = 0
    cleaned: int = 0
    done: int = 0  # by an earlier run
    kept: int = 0
    dropped: int = 0
    rows: int = 0
    empty_rows: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    confidence_sum: float = 0.0
    confidence_bins: list[int] = field(default_factory=lambda: [0] * CONFIDENCE_BINS)
    share_bins: list[int] = field(default_factory=lambda: [0] * SHARE_BINS)
    statistics: Statistics = field(default_factory=Counter)
    folders: dict[str, Folder] = field(default_factory=dict)
    common_lines: CommonLines = field(default_factory=CommonLines)
    n_unmatched: int = 0  # files that match no pattern
    n_remarks: int = 0
    n_problems: int = 0
    n_empty: int = 0
    empty: list[str] = field(default_factory=list)  # the first ones
    n_refused: int = 0
    refused: list[str] = field(default_factory=list)  # outputs, the first ones
    problems: list[Note] = field(default_factory=list)  # refused outputs too; the first ones
    remarks: list[Note] = field(default_factory=list)  # the first ones
    _heap: list[tuple[float, str, FileStatus]] = field(default_factory=list)

    @property
    def confidence(self) -> float:
        """Mean confidence of the documents."""
        return self.confidence_sum / max(self.cleaned, 1)

    @property
    def least_certain(self) -> list[FileStatus]:
        """Files, the least certain first; at most 500."""
        return [status for _, _, status in sorted(self._heap, key=lambda one: (-one[0], one[1]))]

    @property
    def notes(self) -> list[Note]:
        """Problems and remarks, the first ones of each."""
        return [*self.problems, *self.remarks]

    @property
    def n_notes(self) -> int:
        """Number of problems, refused outputs and remarks."""
        return self.n_problems + self.n_refused + self.n_remarks

    @property
    def all_cleaned(self) -> bool:
        """Whether there is nothing that a person should look at."""
        return not self.n_problems and not self.n_refused

    def add(self, result: TaskResult) -> None:
        """Count what one result says."""
        self.files += result.files
        self.cleaned += result.cleaned
        self.done += result.done
        self.kept += result.kept
        self.dropped += result.dropped
        self.rows += result.rows
        self.empty_rows += result.empty_rows
        self.n_unmatched += result.n_unmatched
        self.n_remarks += len(result.remarks)
        self.n_problems += len(result.problems)
        self.n_empty += len(result.empty)
        self.empty = _first([*self.empty, *result.empty])
        self.n_refused += len(result.refused)
        self.refused = _first([*self.refused, *result.refused])
        refused = (
            Note(path, "another file is there and was left alone") for path in result.refused
        )
        problems = [*result.problems, *refused]
        self.problems = self.problems + problems[: _NAMED_NOTES - len(self.problems)]
        self.remarks = self.remarks + result.remarks[: _NAMED_NOTES - len(self.remarks)]
        self.statistics.update(result.statistics)
        self.common_lines.add(result.dropped_lines)
        for status in result.statuses:
            self._add_file(status)

    def _add_file(self, status: FileStatus) -> None:
        self.bytes_before += status.bytes_before
        self.bytes_after += status.bytes_after
        self.confidence_sum += status.confidence
        _count(self.confidence_bins, status.confidence * 2 - 1)
        _count(self.share_bins, status.bytes_after / max(status.bytes_before, 1))
        folder = self._folder(status.path)
        folder.files += 1
        folder.bytes_before += status.bytes_before
        folder.bytes_after += status.bytes_after
        folder.confidence += status.confidence
        entry = (-status.confidence, status.path, status)
        if len(self._heap) < _NAMED_FILES:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    def _folder(self, path: str) -> Folder:
        """Find the counts of the folder right below the source that a file is in."""
        parts = self.name_below(path).parts
        name = parts[0] if len(parts) > 1 else "."
        if name not in self.folders and len(self.folders) >= _COUNTED_FOLDERS:
            name = OTHER_FOLDERS
        return self.folders.setdefault(name, Folder())

    def name_below(self, path: str) -> PurePath:
        """Give the path of a file as it is below the source; its name if it is the source."""
        whole, source = PurePath(path), PurePath(self.source)
        if whole == source:
            return PurePath(whole.name)
        return whole.relative_to(source) if whole.is_relative_to(source) else whole


def _first(names: Sequence[str]) -> list[str]:
    return list(names[:_NAMED_NOTES])


def _count(bins: list[int], value: float) -> None:
    bins[min(max(int(value * len(bins)), 0), len(bins) - 1)] += 1
