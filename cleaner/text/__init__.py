"""Bytes of page text to lines and words, and kept lines back to text."""

from cleaner.text.arrays import Bytes, Flags, Floats, Hashes, Ints
from cleaner.text.batch import (
    BATCH_BYTES,
    LARGEST_LINES,
    TextPart,
    blank_debris,
    decode_text,
    encode_text,
    group_contents,
    is_very_long,
    normalise_line_ends,
    shorten_lines,
    split_content,
    surround_parts,
)
from cleaner.text.hashing import digest, group_keys, hash_text, mix_pair, salt_hash
from cleaner.text.language_files import GROUPS, letters
from cleaner.text.lines import Lines, lay_out_lines, log_count, restore_lines
from cleaner.text.markdown import space_blocks
from cleaner.text.markup import PageLines, read_html
from cleaner.text.metadata import Metadata, read_metadata
from cleaner.text.near_duplicates import SHARE, sketch
from cleaner.text.output import join_kept_lines, join_parts
from cleaner.text.tokens import N_KINDS, Kind, split_tokens
from cleaner.text.vocabulary import CREDIT_IN_BRACKETS, vocabulary, vocabulary_digest

__all__ = [
    "BATCH_BYTES",
    "CREDIT_IN_BRACKETS",
    "GROUPS",
    "LARGEST_LINES",
    "N_KINDS",
    "SHARE",
    "Bytes",
    "Flags",
    "Floats",
    "Hashes",
    "Ints",
    "Kind",
    "Lines",
    "Metadata",
    "PageLines",
    "TextPart",
    "blank_debris",
    "decode_text",
    "digest",
    "encode_text",
    "group_contents",
    "group_keys",
    "hash_text",
    "is_very_long",
    "join_kept_lines",
    "join_parts",
    "lay_out_lines",
    "letters",
    "log_count",
    "mix_pair",
    "normalise_line_ends",
    "read_html",
    "read_metadata",
    "restore_lines",
    "salt_hash",
    "shorten_lines",
    "sketch",
    "space_blocks",
    "split_content",
    "split_tokens",
    "surround_parts",
    "vocabulary",
    "vocabulary_digest",
]
