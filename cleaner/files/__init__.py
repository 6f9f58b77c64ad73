"""Find, read, decode and write files, so that nothing is lost when something goes wrong."""

from cleaner.files.decoding import decode_html
from cleaner.files.finding import (
    Done,
    Found,
    Group,
    Note,
    count_files,
    find_files,
    gather_groups,
    walk_directory,
)
from cleaner.files.html_file import (
    HTML_PATTERNS,
    is_html,
    output_name,
    read_html_file,
    read_page_file,
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
from cleaner.files.records import RECORD_PATTERNS, check_formats, read_row, record_format
from cleaner.files.rows import Batch, Change
from cleaner.files.text_file import STREAM, read_decoded, read_text, store_output, write_to_stream
from cleaner.files.warc import Warc
from cleaner.files.writing import (
    lend_file,
    lock_directory,
    remove_lent,
    replace_file,
    write_all,
    write_file,
)

__all__ = [
    "HTML_PATTERNS",
    "RECORD_PATTERNS",
    "STREAM",
    "SUFFIX",
    "Batch",
    "Change",
    "ConflictError",
    "Done",
    "Found",
    "Group",
    "Note",
    "Warc",
    "check_formats",
    "count_files",
    "decode_html",
    "find_files",
    "find_labelled",
    "gather_groups",
    "is_html",
    "lend_file",
    "lock_directory",
    "output_name",
    "read_decoded",
    "read_html_file",
    "read_labelled_many",
    "read_page_file",
    "read_row",
    "read_text",
    "read_version",
    "record_format",
    "remove_lent",
    "replace_file",
    "store_output",
    "walk_directory",
    "write_all",
    "write_file",
    "write_labelled",
    "write_to_stream",
    "write_version",
]
