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
from cleaner.files.text_file import STREAM, read_decoded, read_text, store_output, write_to_stream
from cleaner.files.writing import lend_file, lock_directory, remove_lent, write_file

__all__ = [
    "STREAM",
    "SUFFIX",
    "ConflictError",
    "Found",
    "Group",
    "Note",
    "count_files",
    "find_files",
    "find_labelled",
    "gather_groups",
    "lend_file",
    "lock_directory",
    "read_decoded",
    "read_labelled_many",
    "read_text",
    "read_version",
    "remove_lent",
    "store_output",
    "walk_directory",
    "write_file",
    "write_labelled",
    "write_to_stream",
    "write_version",
]
