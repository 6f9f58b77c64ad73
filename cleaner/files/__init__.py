"""Find, read, decode and write files, so that nothing is lost when something goes wrong."""

from cleaner.files.decoding import decode_html
from cleaner.files.extras import check_extras
from cleaner.files.finding import Found, Note, count_files, walk_directory
from cleaner.files.html_file import read_html_file, read_lines, read_page_file
from cleaner.files.labelled_file import (
    SUFFIX,
    ConflictError,
    find_labelled,
    read_labelled,
    read_labelled_many,
    read_version,
    write_labelled,
    write_version,
)
from cleaner.files.names import (
    HTML_PATTERNS,
    RECORD_PATTERNS,
    is_archive,
    is_html,
    output_ending,
    output_name,
)
from cleaner.files.records import check_formats, holds_html, read_row, record_format
from cleaner.files.rows import Batch, Change, Origin, RecordFormat, field_values
from cleaner.files.storage import (
    fetch_file,
    find_stored,
    hide_credentials,
    identify_stored,
    is_address,
    read_stored,
    store_file,
    write_stored,
)
from cleaner.files.text_file import STREAM, read_decoded, read_text, store_output, write_to_stream
from cleaner.files.writing import (
    accept_part,
    lend_file,
    lock_directory,
    remove_lent,
    remove_part,
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
    "Found",
    "Note",
    "Origin",
    "RecordFormat",
    "accept_part",
    "check_extras",
    "check_formats",
    "count_files",
    "decode_html",
    "fetch_file",
    "field_values",
    "find_labelled",
    "find_stored",
    "hide_credentials",
    "holds_html",
    "identify_stored",
    "is_address",
    "is_archive",
    "is_html",
    "lend_file",
    "lock_directory",
    "output_ending",
    "output_name",
    "read_decoded",
    "read_html_file",
    "read_labelled",
    "read_labelled_many",
    "read_lines",
    "read_page_file",
    "read_row",
    "read_stored",
    "read_text",
    "read_version",
    "record_format",
    "remove_lent",
    "remove_part",
    "replace_file",
    "store_file",
    "store_output",
    "walk_directory",
    "write_all",
    "write_file",
    "write_labelled",
    "write_stored",
    "write_to_stream",
    "write_version",
]
