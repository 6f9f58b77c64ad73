"""Turn rows into the features of each line by itself: length, shape, punctuation and cues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.text import (
    CREDIT_IN_BRACKETS,
    GROUPS,
    N_KINDS,
    Batch,
    Flags,
    Floats,
    Ints,
    Kind,
    Rows,
    Words,
    log_count,
    vocabulary,
)

# Lengths in words: a list of one link, a headline, a caption, a sentence, a paragraph.
_LENGTH_STEPS = (1, 4, 7, 10, 14, 19, 30, 60)
# A line that can be a paragraph has this many words (RESEARCH: "good line").
_GOOD_WORDS = 12
_GOOD_FUNCTION_SHARE = 0.2
# Function-word share of lines in documents whose language is unknown: that of running text.
_NEUTRAL_FUNCTION_SHARE = 0.35


def _is_one_of(*kinds: Kind) -> Flags:
    """Tell which kinds are among those given: bool array (N_KINDS,)."""
    return np.isin(np.arange(N_KINDS), kinds)


_CLOSER = _is_one_of(Kind.QUOTE, Kind.APOSTROPHE, Kind.CLOSE)
# What may follow the mark that ends a sentence.
_AFTER_END = _CLOSER | _is_one_of(Kind.SPACE, Kind.NEWLINE)
_WORD_END = _is_one_of(Kind.LOWER, Kind.WORD_REST, Kind.UPPER, Kind.LETTER)

# Name of each line feature, and what it means in words a reader of `explain` understands.
LINE_FEATURES: dict[str, str] = {
    "words": "length in words",
    "log_words": "length in words, logarithm",
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
    **{f"{group.replace(' ', '_')}_words": f"{group} words" for group in GROUPS},
    **{f"{group.replace(' ', '_')}_phrase": f"{group} phrase" for group in GROUPS},
    "call_to_action_short": "short call to action",
    "credit_line": "photo credit",
    "date_short": "short line with a date",
    "byline_start": "starts like a byline",
    "starts_with_time": "starts with a time or date",
}

_GROUP_BITS = (1 << np.arange(len(GROUPS))).astype(np.uint16)[:, None]


def _block(suffix: str) -> slice:
    """Place of the features of all cue groups, which follow one another."""
    start = list(LINE_FEATURES).index(f"{GROUPS[0].replace(' ', '_')}_{suffix}")
    return slice(start, start + len(GROUPS))


_CUE_WORDS, _CUE_PHRASES = _block("words"), _block("phrase")


def line_features(batch: Batch, rows: Rows, words: Words) -> tuple[Floats, Flags]:
    """Compute the line features of a batch.

    Returns
    -------
    float32 array (len(LINE_FEATURES), n_rows)
        In the order of `LINE_FEATURES`; values in empty rows mean nothing.
    bool array (n_rows,)
        Good lines: those that look like a paragraph of running text by themselves.
    """
    columns = np.zeros((len(LINE_FEATURES), rows.n_rows), np.float32)
    place = {name: columns[number] for number, name in enumerate(LINE_FEATURES)}
    by_kind = np.bincount(
        words.tokens.kinds * np.int64(rows.n_rows) + words.row, minlength=N_KINDS * rows.n_rows
    ).reshape(N_KINDS, rows.n_rows)
    n_words = by_kind[Kind.LOWER : Kind.LETTER + 1].sum(axis=0)
    # Two characters of a script without spaces make about one word.
    n_words += (by_kind[Kind.IDEOGRAPH] + 1) // 2
    _fill_lengths(place, batch, rows, words, n_words)
    _fill_words(place, rows, words, n_words, by_kind[Kind.UPPER])
    _fill_marks(place, by_kind, n_words, words.n_tokens)
    _fill_ends(place, words, _sentence_ends(words), n_words)
    _fill_cues(columns, place, rows, words, n_words)
    place["credit_in_brackets"][:] = _credits_in_brackets(batch, rows, by_kind)
    credit = (place["credit_phrase"] > 0) | (place["credit_in_brackets"] > 0)
    place["credit_line"][:] = credit & (n_words < 40)
    good = (n_words >= _GOOD_WORDS) & (place["ends_sentence"] > 0) & ~credit
    good &= place["function_share"] > _GOOD_FUNCTION_SHARE
    return columns, good


def _ratio(part: Ints, whole: Ints) -> Floats:
    return np.divide(part, np.maximum(whole, 1), dtype=np.float32, casting="same_kind")


def _fill_lengths(
    place: dict[str, Floats], batch: Batch, rows: Rows, words: Words, n_words: Ints
) -> None:
    """Lengths of lines in words and bytes, and of their words in bytes."""
    np.minimum(n_words, 120, out=place["words"], casting="same_kind")
    place["log_words"][:] = log_count(n_words)
    n_bytes = batch.line_ends[rows.line] - batch.line_starts[rows.line]
    place["log_bytes"][rows.row] = log_count(n_bytes)
    for step in _LENGTH_STEPS:
        place[f"words_over_{step}"][:] = n_words > step
    tokens = words.tokens
    in_words = tokens.lengths * (tokens.kinds <= Kind.LETTER)
    lengths = np.zeros(rows.n_rows, np.int64)
    lengths[rows.row] = np.add.reduceat(in_words, words.line_start)
    np.minimum(_ratio(lengths, n_words), 20, out=place["word_length"])


def _fill_words(
    place: dict[str, Floats], rows: Rows, words: Words, n_words: Ints, upper: Ints
) -> None:
    """Write about function words and capitals; `upper` counts the words that start with one."""
    at = np.flatnonzero(words.is_function)
    function = np.bincount(words.row.take(at), minlength=rows.n_rows)
    known = (words.language < len(vocabulary().languages) - 1).take(rows.owner)
    share = _ratio(function, n_words)
    place["function_share"][:] = np.where(known, share, np.float32(_NEUTRAL_FUNCTION_SHARE))
    place["log_function"][:] = log_count(function)
    place["no_function"][:] = (function == 0) & known

    # Two capitals at the start of a word: "NATO", "READ".
    at = np.flatnonzero(words.tokens.kinds == Kind.UPPER)
    at = at[words.kinds.take(words.tokens.starts.take(at) + 1) == Kind.UPPER]
    capitals = np.bincount(words.row.take(at), minlength=rows.n_rows)
    place["capital_share"][:] = _ratio(upper, n_words)
    place["all_capitalised"][:] = (upper == n_words) & (n_words > 0)
    place["capitals_share"][:] = _ratio(capitals, n_words)


def _sentence_ends(words: Words) -> Ints:
    """Find the tokens that end sentences: int64 array (n_ends,), ascending."""
    tokens = words.tokens
    # Kinds below STOP wrap around to large numbers.
    at = np.flatnonzero(tokens.kinds - np.uint8(Kind.STOP) <= Kind.QUESTION - Kind.STOP)
    lengths = tokens.lengths.take(at)
    after = words.kinds.take(tokens.starts.take(at) + lengths)
    ends: Ints = at[_AFTER_END[after] | (lengths > 1)]
    return ends


def _fill_marks(place: dict[str, Floats], by_kind: Ints, n_words: Ints, n_tokens: Ints) -> None:
    """Punctuation and symbols, counted by kind of token."""
    place["comma_rate"][:] = _ratio(by_kind[Kind.COMMA], n_words)
    quotes = by_kind[Kind.QUOTE]
    place["quote"][:] = quotes > 0
    place["log_quotes"][:] = log_count(quotes)
    place["digit_share"][:] = _ratio(by_kind[Kind.DIGIT], n_tokens)
    # Every token is a word, an ideograph or a mark.
    marks = n_tokens - by_kind[: Kind.QUOTE].sum(axis=0)
    place["mark_share"][:] = _ratio(marks, n_tokens)
    place["symbol_share"][:] = _ratio(by_kind[Kind.OTHER], n_tokens)
    place["bar"][:] = by_kind[Kind.BAR] > 0
    place["at_sign"][:] = by_kind[Kind.AT] > 0
    place["hash_sign"][:] = by_kind[Kind.HASH] > 0
    place["copyright"][:] = by_kind[Kind.COPYRIGHT] > 0
    place["slash"][:] = by_kind[Kind.SLASH] > 0
    place["dash"][:] = by_kind[Kind.DASH] > 0
    place["colon_short"][:] = (by_kind[Kind.COLON] > 0) & (n_words < 15)
    place["question_short"][:] = (by_kind[Kind.QUESTION] > 0) & (n_words < 15)
    place["brackets"][:] = by_kind[Kind.OPEN] > 0


def _fill_ends(place: dict[str, Floats], words: Words, ends: Ints, n_words: Ints) -> None:
    """Sentences, and first and last marks of lines."""
    sentences = np.bincount(words.row.take(ends), minlength=len(n_words))
    place["log_sentences"][:] = log_count(sentences)
    place["two_sentences"][:] = sentences >= 2
    kinds = words.tokens.kinds
    is_end = np.zeros(len(kinds), bool)
    is_end[ends] = True
    occupied = words.n_tokens > 0
    first = words.start
    last = first + np.maximum(words.n_tokens, 1) - 1
    kind = np.where(occupied, kinds.take(last), np.uint8(Kind.SPACE))
    place["ends_ellipsis"][:] = kind == Kind.ELLIPSIS
    place["ends_bracket"][:] = kind == Kind.CLOSE
    place["ends_word"][:] = _WORD_END[kind]
    place["ends_digit"][:] = kind == Kind.DIGIT
    place["ends_colon"][:] = kind == Kind.COLON
    place["ends_comma"][:] = kind == Kind.COMMA
    place["ends_stop"][:] = kind == Kind.STOP
    # A quotation or bracket may close after the full stop.
    for _ in range(3):
        last -= _CLOSER.take(kinds.take(last)) & (last > first)
    sentence = occupied & is_end.take(last)
    place["ends_sentence"][:] = sentence
    place["sentence_long"][:] = sentence & (n_words >= 8)
    place["sentence_short"][:] = sentence & (n_words < 8)
    place["open_long"][:] = ~sentence & (n_words >= 15)
    place["open_middle"][:] = ~sentence & (n_words >= 6) & (n_words < 15)
    place["title_case"][:] = ~sentence & (place["capital_share"] > 0.6) & (n_words >= 4)

    kind = np.where(occupied, kinds.take(first), np.uint8(Kind.SPACE))
    place["starts_lower"][:] = kind == Kind.LOWER
    place["starts_quote"][:] = (kind == Kind.QUOTE) | (kind == Kind.APOSTROPHE)
    place["starts_digit"][:] = kind == Kind.DIGIT
    place["starts_mark"][:] = (kind > Kind.APOSTROPHE) & (kind != Kind.OPEN)


def _fill_cues(
    columns: Floats, place: dict[str, Floats], rows: Rows, words: Words, n_words: Ints
) -> None:
    """Cue words and phrases, times of day, web addresses."""
    counts, starting = _cue_words(rows, words)
    phrases = _cue_phrases(rows, words)
    # As many cues in fewer words say more.
    columns[_CUE_WORDS] = _ratio(np.minimum(counts, 4), np.maximum(n_words, 4))
    columns[_CUE_PHRASES] = phrases
    cued = {
        group: (counts[number] > 0) | phrases[number]
        for number, group in enumerate(GROUPS)
        if group in ("date", "call to action")
    }
    place["call_to_action_short"][:] = cued["call to action"] & (n_words < 12)

    tokens = words.tokens
    colon = np.flatnonzero(tokens.kinds == Kind.COLON)
    before, after = words.kinds[tokens.starts[colon] - 1], words.kinds[tokens.starts[colon] + 1]
    clock = np.zeros(rows.n_rows, bool)
    clock[words.row[colon[(before == Kind.DIGIT) & (after == Kind.DIGIT)]]] = True
    place["clock"][:] = clock
    place["date_short"][:] = (cued["date"] | clock) & (n_words < 12)
    short = n_words < 15
    place["starts_with_time"][:] = (starting["date"] & short) | (
        clock & (place["starts_digit"] > 0)
    )
    place["byline_start"][:] = starting["byline"] & short


def _cue_words(rows: Rows, words: Words) -> tuple[Ints, dict[str, Flags]]:
    """Count cue words, and find the lines that start with some.

    Returns
    -------
    int64 array (len(GROUPS), n_rows)
    dict of bool arrays (n_rows,), by group
    """
    bits = vocabulary().word_groups.take(words.cue)
    is_cue = np.flatnonzero(bits > 0)
    bits, at = bits[is_cue], words.known[is_cue]
    row = words.row.take(at)
    group, member = _members(bits)
    counts = np.bincount(
        group * rows.n_rows + row.take(member), minlength=len(GROUPS) * rows.n_rows
    )
    is_first = at == words.start[row]
    starting = {}
    for name in ("date", "byline"):
        flags = np.zeros(rows.n_rows, bool)
        flags[row[is_first & ((bits & _GROUP_BITS[GROUPS.index(name)]) > 0)]] = True
        starting[name] = flags
    return counts.reshape(len(GROUPS), rows.n_rows), starting


def _members(bits: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """Numbers of the groups to which entries belong, and of those entries, by group."""
    # One dimension: numpy finds what is set in more of them five times slower.
    group, member = np.divmod(np.flatnonzero((bits & _GROUP_BITS) > 0), max(len(bits), 1))
    return group, member


def _cue_phrases(rows: Rows, words: Words) -> Flags:
    """Find the lines with cue phrases of each group: bool array (len(GROUPS), n_rows)."""
    at, pair = vocabulary().pairs.find(words.pairs)
    group, member = _members(vocabulary().pair_groups[pair])
    found = np.zeros((len(GROUPS), rows.n_rows), bool)
    found[group, words.row[at[member]]] = True
    return found


def _credits_in_brackets(batch: Batch, rows: Rows, by_kind: Ints) -> Flags:
    """Search the few lines that have both brackets and a slash."""
    found = np.zeros(rows.n_rows, bool)
    candidate = (by_kind[Kind.OPEN] > 0) & (by_kind[Kind.SLASH] > 0) & (by_kind[Kind.CLOSE] > 0)
    at = np.flatnonzero(candidate[rows.row])
    line = rows.line[at]
    for row, start, end in zip(
        rows.row[at].tolist(),
        batch.line_starts[line].tolist(),
        batch.line_ends[line].tolist(),
        strict=True,
    ):
        found[row] = CREDIT_IN_BRACKETS.search(batch.data, start, end) is not None
    return found
