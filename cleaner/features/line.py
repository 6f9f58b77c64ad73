"""Turn rows into the features of each line by itself: length, shape, punctuation and cues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.features.naming import Columns, Values, name_columns
from cleaner.text import (
    CREDIT_IN_BRACKETS,
    GROUPS,
    N_KINDS,
    Flags,
    Floats,
    Ints,
    Kind,
    Lines,
    log_count,
    vocabulary,
)

# Lengths in words: a list of one link, a headline, a caption, a sentence, a paragraph.
_LENGTH_STEPS = (1, 4, 7, 10, 14, 19, 30, 60)
# A line that can be a paragraph has this many words.
_GOOD_WORDS = 12
_GOOD_FUNCTION_SHARE = 0.2
# Function-word share of lines in documents whose language is unknown: that of running text.
_NEUTRAL_FUNCTION_SHARE = 0.35
# Of capitalised lines, above which a line without a full stop is in title case.
_TITLE_SHARE = 0.6
# Lengths in words: longer lines count as this; captions and short lines have fewer.
_MOST_WORDS = 120
_CAPTION_WORDS = 40
_SHORT_WORDS = 15
# Bytes; a longer mean length of words says no more.
_LONGEST_WORD = 20


def _is_one_of(*kinds: Kind) -> Flags:
    """Tell which kinds are among those given: bool array (N_KINDS,)."""
    return np.isin(np.arange(N_KINDS), kinds)


_CLOSER = _is_one_of(Kind.QUOTE, Kind.APOSTROPHE, Kind.CLOSE)
# What may follow the mark that ends a sentence.
_AFTER_END = _CLOSER | _is_one_of(Kind.SPACE, Kind.NEWLINE)
_WORD_END = _is_one_of(Kind.LOWER, Kind.WORD_REST, Kind.UPPER, Kind.LETTER)


def _name(group: str) -> str:
    return group.replace(" ", "_")


# Name of each line feature, and what it means in words a reader of `explain` understands.
LINE_FEATURES: dict[str, str] = {
    "words": "length in words",
    "log_words": "length in lines, logarithm",
    "log_bytes": "length in bytes, logarithm",
    **{f"words_over_{step}": f"more than {step} words" for step in _LENGTH_STEPS},
    "word_length": "mean length of words",
    "function_share": "share of function words",
    "log_function": "number of function words",
    "no_function": "no function word",
    "capital_share": "share of capitalised words",
    "title_case": "title case, no full stop",
    "all_capitalised": "every word capitalised",
    "capitals_share": "share of words in capitals",
    "ends_sentence": "ends like a sentence",
    "ends_stop": "last mark is a full stop",
    "ends_colon": "ends with a colon",
    "ends_ellipsis": "ends with an ellipsis",
    "ends_comma": "ends with a comma",
    "ends_bracket": "ends with a bracket",
    "ends_word": "ends with a word",
    "ends_digit": "ends with a number",
    "sentence_long": "ends like a sentence, eight words or more",
    "sentence_short": "ends like a sentence, under eight words",
    "open_long": "no end of sentence, fifteen words or more",
    "open_middle": "no end of sentence, six to fourteen words",
    "log_sentences": "number of sentences",
    "two_sentences": "two sentences or more",
    "comma_rate": "commas per word",
    "quote": "has quotation marks",
    "log_quotes": "number of quotation marks",
    "digit_share": "share of numbers",
    "mark_share": "share of punctuation marks",
    "symbol_share": "share of other symbols",
    "starts_lower": "starts in lower case",
    "starts_quote": "starts with a quotation mark",
    "starts_mark": "starts with a mark",
    "starts_digit": "starts with a number",
    "bar": "has a bar, arrow or bullet",
    "at_sign": "has an @",
    "hash_sign": "has a #",
    "copyright": "has a copyright sign",
    "slash": "has a slash",
    "dash": "has a dash",
    "colon_short": "short, with a colon",
    "question_short": "short question",
    "clock": "has a time of day",
    "brackets": "has brackets",
    "credit_in_brackets": "photo credit in brackets",
    **{f"{_name(group)}_words": f"{group} words" for group in GROUPS},
    **{f"{_name(group)}_phrase": f"{group} phrase" for group in GROUPS},
    "call_to_action_short": "short call to action",
    "credit_line": "photo credit",
    "date_short": "short line with a date",
    "byline_start": "starts like a byline",
    "starts_with_time": "starts with a time or date",
}

_GROUP_BITS = (1 << np.arange(len(GROUPS))).astype(np.uint16)[:, None]


def line_features(lines: Lines) -> tuple[Columns, Flags]:
    """Compute the line features of a batch.

    Returns
    -------
    Columns
        Those of `LINE_FEATURES`; values in empty rows mean nothing.
    bool array (n_rows,)
        Good lines: those that look like a paragraph of running text by themselves.
    """
    n_rows = lines.n_rows
    by_kind = np.bincount(
        lines.tokens.kinds * np.int64(n_rows) + lines.token_row, minlength=N_KINDS * n_rows
    ).reshape(N_KINDS, n_rows)
    n_words = by_kind[Kind.LOWER : Kind.LETTER + 1].sum(axis=0)
    # Two characters of a script without spaces make about one word.
    n_words += (by_kind[Kind.IDEOGRAPH] + 1) // 2
    values: dict[str, Values] = {
        **_lengths(lines, n_words),
        **_word_kinds(lines, n_words, by_kind[Kind.UPPER]),
        **_marks(by_kind, n_words, lines.n_tokens),
    }
    values |= _ends(lines, n_words, is_title=values["capital_share"] > _TITLE_SHARE)
    values |= _cues(lines, n_words, starts_digit=values["starts_digit"] > 0)
    bracketed = _credits_in_brackets(lines, by_kind)
    credit = values["credit_phrase"] | bracketed
    values["credit_in_brackets"] = bracketed
    values["credit_line"] = credit & (n_words < _CAPTION_WORDS)
    good = (n_words >= _GOOD_WORDS) & values["ends_sentence"] & ~credit
    good &= values["function_share"] > _GOOD_FUNCTION_SHARE
    return name_columns(LINE_FEATURES, values), good


def _ratio(part: Ints, whole: Ints) -> Floats:
    return np.divide(part, np.maximum(whole, 1), dtype=np.float32, casting="same_kind")


def _lengths(lines: Lines, n_words: Ints) -> dict[str, Values]:
    """Lengths of lines in words and bytes, and of their words in bytes."""
    n_bytes = np.zeros(lines.n_rows, np.int64)
    n_bytes[lines.row] = lines.line_ends[lines.number] - lines.line_starts[lines.number]
    tokens = lines.tokens
    in_words = tokens.lengths * (tokens.kinds <= Kind.LETTER)
    lengths = np.zeros(lines.n_rows, np.int64)
    lengths[lines.row] = np.add.reduceat(in_words, lines.line_token)
    return {
        "words": np.minimum(n_words, _MOST_WORDS),
        "log_words": log_count(n_words),
        "log_bytes": log_count(n_bytes),
        **{f"words_over_{step}": n_words > step for step in _LENGTH_STEPS},
        "word_length": np.minimum(_ratio(lengths, n_words), _LONGEST_WORD),
    }


def _word_kinds(lines: Lines, n_words: Ints, upper: Ints) -> dict[str, Values]:
    """Look at function words and capitals; `upper` counts the words that start with one."""
    at = np.flatnonzero(lines.is_function)
    function = np.bincount(lines.token_row.take(at), minlength=lines.n_rows)
    known = (lines.language < len(vocabulary().languages) - 1).take(lines.owner)
    share = np.where(known, _ratio(function, n_words), np.float32(_NEUTRAL_FUNCTION_SHARE))
    # Two capitals at the start of a word: "NATO", "READ".
    at = np.flatnonzero(lines.tokens.kinds == Kind.UPPER)
    at = at[lines.byte_kinds.take(lines.tokens.starts.take(at) + 1) == Kind.UPPER]
    capitals = np.bincount(lines.token_row.take(at), minlength=lines.n_rows)
    return {
        "function_share": share,
        "log_function": log_count(function),
        "no_function": (function == 0) & known,
        "capital_share": _ratio(upper, n_words),
        "all_capitalised": (upper == n_words) & (n_words > 0),
        "capitals_share": _ratio(capitals, n_words),
    }


def _sentence_ends(lines: Lines) -> Ints:
    """Find the tokens that end sentences: int64 array (n_ends,), ascending."""
    tokens = lines.tokens
    # Kinds below STOP wrap around to large numbers.
    at = np.flatnonzero(tokens.kinds - np.uint8(Kind.STOP) <= Kind.QUESTION - Kind.STOP)
    lengths = tokens.lengths.take(at)
    after = lines.byte_kinds.take(tokens.starts.take(at) + lengths)
    ends: Ints = at[_AFTER_END[after] | (lengths > 1)]
    return ends


def _marks(by_kind: Ints, n_words: Ints, n_tokens: Ints) -> dict[str, Values]:
    """Punctuation and symbols, counted by kind of token."""
    # Every token is a word, an ideograph or a mark.
    marks = n_tokens - by_kind[: Kind.QUOTE].sum(axis=0)
    return {
        "comma_rate": _ratio(by_kind[Kind.COMMA], n_words),
        "quote": by_kind[Kind.QUOTE] > 0,
        "log_quotes": log_count(by_kind[Kind.QUOTE]),
        "digit_share": _ratio(by_kind[Kind.DIGIT], n_tokens),
        "mark_share": _ratio(marks, n_tokens),
        "symbol_share": _ratio(by_kind[Kind.OTHER], n_tokens),
        "bar": by_kind[Kind.BAR] > 0,
        "at_sign": by_kind[Kind.AT] > 0,
        "hash_sign": by_kind[Kind.HASH] > 0,
        "copyright": by_kind[Kind.COPYRIGHT] > 0,
        "slash": by_kind[Kind.SLASH] > 0,
        "dash": by_kind[Kind.DASH] > 0,
        "colon_short": (by_kind[Kind.COLON] > 0) & (n_words < _SHORT_WORDS),
        "question_short": (by_kind[Kind.QUESTION] > 0) & (n_words < _SHORT_WORDS),
        "brackets": by_kind[Kind.OPEN] > 0,
    }


def _ends(lines: Lines, n_words: Ints, *, is_title: Flags) -> dict[str, Values]:
    """Sentences, and first and last marks of lines."""
    ends = _sentence_ends(lines)
    sentences = np.bincount(lines.token_row.take(ends), minlength=len(n_words))
    kinds = lines.tokens.kinds
    is_end = np.zeros(len(kinds), bool)
    is_end[ends] = True
    occupied = lines.n_tokens > 0
    first = lines.first_token
    last = first + np.maximum(lines.n_tokens, 1) - 1
    starts_with = np.where(occupied, kinds.take(first), np.uint8(Kind.SPACE))
    ends_with = np.where(occupied, kinds.take(last), np.uint8(Kind.SPACE))
    # A quotation or bracket may close after the full stop.
    for _ in range(3):
        last -= _CLOSER.take(kinds.take(last)) & (last > first)
    sentence = occupied & is_end.take(last)
    return {
        "log_sentences": log_count(sentences),
        "two_sentences": sentences >= 2,
        "ends_ellipsis": ends_with == Kind.ELLIPSIS,
        "ends_bracket": ends_with == Kind.CLOSE,
        "ends_word": _WORD_END[ends_with],
        "ends_digit": ends_with == Kind.DIGIT,
        "ends_colon": ends_with == Kind.COLON,
        "ends_comma": ends_with == Kind.COMMA,
        "ends_stop": ends_with == Kind.STOP,
        "ends_sentence": sentence,
        "sentence_long": sentence & (n_words >= 8),
        "sentence_short": sentence & (n_words < 8),
        "open_long": ~sentence & (n_words >= 15),
        "open_middle": ~sentence & (n_words >= 6) & (n_words < 15),
        "title_case": ~sentence & is_title & (n_words >= 4),
        "starts_lower": starts_with == Kind.LOWER,
        "starts_quote": (starts_with == Kind.QUOTE) | (starts_with == Kind.APOSTROPHE),
        "starts_digit": starts_with == Kind.DIGIT,
        "starts_mark": (starts_with > Kind.APOSTROPHE) & (starts_with != Kind.OPEN),
    }


def _cues(lines: Lines, n_words: Ints, *, starts_digit: Flags) -> dict[str, Values]:
    """Cue words and phrases, times of day, dates and bylines."""
    counts, starting = _cue_words(lines)
    phrases = _cue_phrases(lines)
    cued = {
        group: (counts[number] > 0) | phrases[number]
        for number, group in enumerate(GROUPS)
        if group in ("date", "call to action")
    }
    clock = _clocks(lines)
    short = n_words < _SHORT_WORDS
    # As many cues in fewer words say more.
    rates = _ratio(np.minimum(counts, 4), np.maximum(n_words, 4))
    return {
        **{f"{_name(group)}_words": rates[number] for number, group in enumerate(GROUPS)},
        **{f"{_name(group)}_phrase": phrases[number] for number, group in enumerate(GROUPS)},
        "call_to_action_short": cued["call to action"] & (n_words < 12),
        "clock": clock,
        "date_short": (cued["date"] | clock) & (n_words < 12),
        "starts_with_time": (starting["date"] & short) | (clock & starts_digit),
        "byline_start": starting["byline"] & short,
    }


def _clocks(lines: Lines) -> Flags:
    """Find the lines with a time of day, a colon between digits: bool array (n_rows,)."""
    tokens = lines.tokens
    colon = np.flatnonzero(tokens.kinds == Kind.COLON)
    at = tokens.starts[colon]
    before, after = lines.byte_kinds[at - 1], lines.byte_kinds[at + 1]
    clock = np.zeros(lines.n_rows, bool)
    clock[lines.token_row[colon[(before == Kind.DIGIT) & (after == Kind.DIGIT)]]] = True
    return clock


def _cue_words(lines: Lines) -> tuple[Ints, dict[str, Flags]]:
    """Count cue words, and find the lines that start with some.

    Returns
    -------
    int64 array (len(GROUPS), n_rows)
    dict of bool arrays (n_rows,), by group
    """
    bits = vocabulary().word_groups.take(lines.cue)
    is_cue = np.flatnonzero(bits > 0)
    bits, at = bits[is_cue], lines.known[is_cue]
    row = lines.token_row.take(at)
    group, member = _members(bits)
    counts = np.bincount(
        group * lines.n_rows + row.take(member), minlength=len(GROUPS) * lines.n_rows
    )
    is_first = at == lines.first_token[row]
    starting = {}
    for name in ("date", "byline"):
        flags = np.zeros(lines.n_rows, bool)
        flags[row[is_first & ((bits & _GROUP_BITS[GROUPS.index(name)]) > 0)]] = True
        starting[name] = flags
    return counts.reshape(len(GROUPS), lines.n_rows), starting


def _members(bits: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """Numbers of the groups to which entries belong, and of those entries, by group."""
    # One dimension: numpy finds what is set in more of them five times slower.
    group, member = np.divmod(np.flatnonzero((bits & _GROUP_BITS) > 0), max(len(bits), 1))
    return group, member


def _cue_phrases(lines: Lines) -> Flags:
    """Find the lines with cue phrases of each group: bool array (len(GROUPS), n_rows)."""
    at, pair = vocabulary().pairs.find(lines.pairs)
    group, member = _members(vocabulary().pair_groups[pair])
    found = np.zeros((len(GROUPS), lines.n_rows), bool)
    found[group, lines.token_row[at[member]]] = True
    return found


def _credits_in_brackets(lines: Lines, by_kind: Ints) -> Flags:
    """Search the few lines that have both brackets and a slash."""
    found = np.zeros(lines.n_rows, bool)
    candidate = (by_kind[Kind.OPEN] > 0) & (by_kind[Kind.SLASH] > 0) & (by_kind[Kind.CLOSE] > 0)
    at = np.flatnonzero(candidate[lines.row])
    line = lines.number[at]
    for row, start, end in zip(
        lines.row[at].tolist(),
        lines.line_starts[line].tolist(),
        lines.line_ends[line].tolist(),
        strict=True,
    ):
        found[row] = CREDIT_IN_BRACKETS.search(lines.data, start, end) is not None
    return found
