"""Read a directory once, and give the lines of its files to be counted in a Collection."""

# ruff: noqa: PTH118, PTH120
# Pathlib would double the cost of a file, of which there may be a million.

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from cleaner.collection import distinct_lines
from cleaner.files import read_decoded, record_format
from cleaner.runs.groups import Group, halve_group
from cleaner.runs.settings import RecordSettings
from cleaner.runs.shard import text_groups
from cleaner.runs.workers import Rescue, RunId, run_in_workers
from cleaner.text import Hashes, encode_text, group_contents


def hash_groups(
    source: str,
    groups: Iterable[Group],
    jobs: int,
    records: RecordSettings = RecordSettings(),  # noqa: B008
) -> Iterator[tuple[Group, Hashes]]:
    r"""Read groups of files below a directory; those that cannot be read give no lines.

    No text passes between processes, and nothing is remembered.

    Parameters
    ----------
    source
        The directory.
    groups
        From `gather_groups`.
    jobs
        Worker processes; one is this process itself.
    records
        Of files of records: the fields of the text and of the group.

    Returns
    -------
    iterator of tuple
        Each group with the lines of its files, from `distinct_lines`; in no particular order.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     size = pathlib.Path(directory, "a.txt").write_bytes(b"It rained.\n\nShare")
    ...     groups = [Group(["a.txt", "missing.txt"], 17)]
    ...     [(group.names, len(lines)) for group, lines in hash_groups(directory, groups, 1)]
    [(['a.txt', 'missing.txt'], 2)]
    """
    if jobs > 1:
        rescue = Rescue(halve_group, _lose_group)
        return run_in_workers(
            functools.partial(_hash_in_worker, source, records), groups, jobs, rescue
        )
    return (_hash_group(source, records, group) for group in groups)


def _lose_group(group: Group, _reason: str) -> tuple[Group, Hashes]:
    """Count nothing of files that no worker survives; the second pass tells of them."""
    return group, np.zeros(0, np.uint64)


def _hash_in_worker(
    source: str, records: RecordSettings, group: Group, _run: RunId
) -> tuple[Group, Hashes]:
    return _hash_group(source, records, group)


def _hash_group(source: str, records: RecordSettings, group: Group) -> tuple[Group, Hashes]:
    contents, folders, hashes = [], [], []
    for name in group.names:
        path = os.path.join(source, name)
        if record_format(path):
            hashes += hash_rows(path, records)
            continue
        try:
            contents.append(read_decoded(os.path.join(source, name)).data)
        except Exception:  # the second pass meets it again, and reports it
            continue
        folders.append(os.path.dirname(name))
    hashes.append(_hash_lines(contents, folders))
    return group, np.concatenate(hashes)


def hash_rows(path: str, records: RecordSettings) -> list[Hashes]:
    """Hash the lines of a file of records, as far as it can be read."""
    reader, hashes = record_format(path), []
    assert reader
    try:
        for batch in reader.read(path, records.text_field):
            texts = [encode_text(text) for text in batch.texts if text is not None]
            groups = text_groups(batch, records.group_field)
            hashes += [
                _hash_lines(some, [groups.pop(0) for _ in some]) for some in group_contents(texts)
            ]
    except Exception:  # the second pass meets it again, and reports it
        return hashes
    return hashes


def _hash_lines(contents: Sequence[bytes], folders: Sequence[str]) -> Hashes:
    """Hash the lines of one batch; if that fails, of each file for which it does not."""
    if not contents:
        return np.zeros(0, np.uint64)
    try:
        return distinct_lines(contents, folders)
    except Exception:  # reported by the second pass
        if len(contents) == 1:
            return np.zeros(0, np.uint64)
        pairs = zip(contents, folders, strict=True)
        return np.concatenate([_hash_lines([content], [folder]) for content, folder in pairs])
