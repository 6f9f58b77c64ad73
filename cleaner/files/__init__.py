"""Find, read, decode and write files, so that nothing is lost when something goes wrong."""

from cleaner.files.finding import (
    Found,
    Group,
    Note,
    count_files,
    find_files,
    gather_groups,
    walk_directory,
)
from cleaner.files.labelled_file import (
    SUFFIX,
    ConflictError,
    find_labelled,
    read_labelled_many,
    read_version,
    write_labelled,
    write_version,
)
from cleaner.files.records import (
    RECORD_PATTERNS,
    Batch,
    Change,
    check_formats,
    read_row,
    record_format,
)
from cleaner.files.text_file import STREAM, read_decoded, read_text, store_output, write_to_stream
from cleaner.files.writing import lend_file, lock_directory, remove_lent, replace_file, write_file

__all__ = [
    "RECORD_PATTERNS",
    "STREAM",
    "SUFFIX",
    "Batch",
    "Change",
    "ConflictError",
    "Found",
    "Group",
    "Note",
    "check_formats",
    "count_files",
    "find_files",
    "find_labelled",
    "gather_groups",
    "lend_file",
    "lock_directory",
    "read_decoded",
    "read_labelled_many",
    "read_row",
    "read_text",
    "read_version",
    "record_format",
    "remove_lent",
    "replace_file",
    "store_output",
    "walk_directory",
    "write_file",
    "write_labelled",
    "write_to_stream",
    "write_version",
]
