"""Turn rows into the features of each line by itself: length, shape, punctuation and cues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.batch import Batch
from cleaner.characters import N_KINDS, Ints, Kind
from cleaner.cues import CREDIT_IN_BRACKETS, GROUPS, vocabulary
from cleaner.rows import Flags, Floats, Rows, Words, log_count

# Lengths in words: a list of one link, a headline, a caption, a sentence, a paragraph.
_LENGTH_STEPS = (1, 4, 7, 10, 14, 19, 30, 60)
# A line that can be a paragraph has this many words (RESEARCH: "good line").
_GOOD_WORDS = 12
_GOOD_FUNCTION_SHARE = 0.2
# Function-word share of lines in documents whose language is unknown: that of running text.
_NEUTRAL_FUNCTION_SHARE = 0.35
_CLOSERS = (Kind.QUOTE, Kind.APOSTROPHE, Kind.CLOSE)
_ENDS = (Kind.STOP, Kind.EXCLAMATION, Kind.QUESTION)

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
    kinds = words.tokens.kinds
    by_kind = np.bincount(
        kinds.astype(np.int64) * rows.n_rows + words.row, minlength=N_KINDS * rows.n_rows
    ).reshape(N_KINDS, rows.n_rows)
    n_words = by_kind[Kind.LOWER : Kind.LETTER + 1].sum(axis=0)
    # Two characters of a script without spaces make about one word.
    n_words += (by_kind[Kind.IDEOGRAPH] + 1) // 2
    is_end = _fill_shape(place, batch, rows, words, n_words)
    _fill_marks(place, by_kind, n_words, words.n_tokens)
    _fill_ends(place, words, is_end, n_words)
    _fill_cues(place, rows, words, n_words)
    place["credit_in_brackets"][:] = _credits_in_brackets(batch, rows, by_kind)
    credit = (place["credit_phrase"] > 0) | (place["credit_in_brackets"] > 0)
    place["credit_line"][:] = credit & (n_words < 40)
    good = (n_words >= _GOOD_WORDS) & (place["ends_sentence"] > 0) & ~credit
    good &= place["function_share"] > _GOOD_FUNCTION_SHARE
    return columns, good


def _count(words: Words, flags: Flags) -> Ints:
    """Tokens of each row for which the flag is set."""
    return np.bincount(words.row[np.flatnonzero(flags)], minlength=len(words.n_tokens))


def _ratio(part: Ints | NDArray[np.float64], whole: Ints) -> Floats:
    return np.divide(part, np.maximum(whole, 1), dtype=np.float32, casting="same_kind")


def _fill_shape(
    place: dict[str, Floats], batch: Batch, rows: Rows, words: Words, n_words: Ints
) -> Flags:
    """Lengths, function words, capitals and sentences; gives the tokens that end sentences."""
    tokens = words.tokens
    kinds, after = tokens.kinds, words.kinds[tokens.starts + tokens.lengths]
    place["words"][:] = np.minimum(n_words, 120)
    place["log_words"][:] = log_count(n_words)
    place["log_bytes"][rows.row] = log_count(
        batch.line_ends[rows.line] - batch.line_starts[rows.line]
    )
    for step in _LENGTH_STEPS:
        place[f"words_over_{step}"][:] = n_words > step
    is_word = kinds <= Kind.LETTER
    lengths = np.bincount(words.row, np.where(is_word, tokens.lengths, 0), len(words.n_tokens))
    place["word_length"][:] = np.minimum(_ratio(lengths, n_words), 20)

    function = _count(words, words.is_function)
    known = np.zeros(len(words.n_tokens), bool)
    known[rows.row] = (words.language < len(vocabulary().languages) - 1)[rows.document]
    share = _ratio(function, n_words)
    place["function_share"][:] = np.where(known, share, np.float32(_NEUTRAL_FUNCTION_SHARE))
    place["log_function"][:] = log_count(function)
    place["no_function"][:] = (function == 0) & known

    upper = _count(words, kinds == Kind.UPPER)
    # Two capitals at the start of a word: "NATO", "READ".
    capitals = _count(words, (kinds == Kind.UPPER) & (words.kinds[tokens.starts + 1] == Kind.UPPER))
    place["capital_share"][:] = _ratio(upper, n_words)
    place["all_capitalised"][:] = (upper == n_words) & (n_words > 0)
    place["capitals_share"][:] = _ratio(capitals, n_words)

    is_end = (kinds >= Kind.STOP) & (kinds <= Kind.QUESTION)
    is_end &= (
        (after == Kind.SPACE) | (after == Kind.NEWLINE) | (after == Kind.QUOTE)
        | (after == Kind.CLOSE) | (after == Kind.APOSTROPHE) | (tokens.lengths > 1)
    )  # fmt: skip
    sentences = _count(words, is_end)
    place["log_sentences"][:] = log_count(sentences)
    place["two_sentences"][:] = sentences >= 2
    return is_end


def _fill_marks(place: dict[str, Floats], by_kind: Ints, n_words: Ints, n_tokens: Ints) -> None:
    """Punctuation and symbols, counted by kind of token."""
    place["comma_rate"][:] = _ratio(by_kind[Kind.COMMA], n_words)
    quotes = by_kind[Kind.QUOTE]
    place["quote"][:] = quotes > 0
    place["log_quotes"][:] = log_count(quotes)
    place["digit_share"][:] = _ratio(by_kind[Kind.DIGIT], n_tokens)
    marks = by_kind[Kind.QUOTE :].sum(axis=0)
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


def _fill_ends(place: dict[str, Floats], words: Words, is_end: Flags, n_words: Ints) -> None:
    """First and last marks of lines."""
    kinds = words.tokens.kinds
    occupied = words.n_tokens > 0
    first = words.start
    last = first + np.maximum(words.n_tokens, 1) - 1
    kind = np.where(occupied, kinds[last], np.uint8(Kind.SPACE))
    place["ends_ellipsis"][:] = kind == Kind.ELLIPSIS
    place["ends_bracket"][:] = kind == Kind.CLOSE
    place["ends_word"][:] = (kind >= Kind.LOWER) & (kind <= Kind.LETTER) & (kind != Kind.DIGIT)
    place["ends_digit"][:] = kind == Kind.DIGIT
    place["ends_colon"][:] = kind == Kind.COLON
    place["ends_comma"][:] = kind == Kind.COMMA
    place["ends_stop"][:] = kind == Kind.STOP
    # A quotation or bracket may close after the full stop.
    for _ in range(3):
        closing = np.flatnonzero(np.isin(kinds[last], _CLOSERS) & (last > first))
        last[closing] -= 1
    ends = occupied & is_end[last] & np.isin(kinds[last], _ENDS)
    place["ends_sentence"][:] = ends
    place["sentence_long"][:] = ends & (n_words >= 8)
    place["sentence_short"][:] = ends & (n_words < 8)
    place["open_long"][:] = ~ends & (n_words >= 15)
    place["open_middle"][:] = ~ends & (n_words >= 6) & (n_words < 15)
    place["title_case"][:] = ~ends & (place["capital_share"] > 0.6) & (n_words >= 4)

    kind = np.where(occupied, kinds[first], np.uint8(Kind.SPACE))
    place["starts_lower"][:] = kind == Kind.LOWER
    place["starts_quote"][:] = (kind == Kind.QUOTE) | (kind == Kind.APOSTROPHE)
    place["starts_digit"][:] = kind == Kind.DIGIT
    place["starts_mark"][:] = (kind > Kind.APOSTROPHE) & (kind != Kind.OPEN)


def _fill_cues(place: dict[str, Floats], rows: Rows, words: Words, n_words: Ints) -> None:
    """Cue words and phrases, times of day, web addresses."""
    table = vocabulary()
    word_bits = table.word_groups[words.cue]
    cued = np.flatnonzero(word_bits)
    pair = table.pairs.find(words.pairs)
    paired = np.flatnonzero(pair)
    pair_bits = table.pair_groups[pair[paired]]
    per_line: dict[str, Ints] = {}
    for number, group in enumerate(GROUPS):
        name, bit = group.replace(" ", "_"), np.uint16(1 << number)
        hits = words.row[cued[(word_bits[cued] & bit) > 0]]
        per_line[name] = np.bincount(hits, minlength=rows.n_rows)
        # As many cues in fewer words say more.
        place[f"{name}_words"][:] = _ratio(np.minimum(per_line[name], 4), np.maximum(n_words, 4))
        place[f"{name}_phrase"][words.row[paired[(pair_bits & bit) > 0]]] = 1
    call = (per_line["call_to_action"] > 0) | (place["call_to_action_phrase"] > 0)
    place["call_to_action_short"][:] = call & (n_words < 12)

    tokens = words.tokens
    colon = np.flatnonzero(tokens.kinds == Kind.COLON)
    before, after = words.kinds[tokens.starts[colon] - 1], words.kinds[tokens.starts[colon] + 1]
    clock = colon[(before == Kind.DIGIT) & (after == Kind.DIGIT)]
    place["clock"][words.row[clock]] = 1
    dated = (per_line["date"] > 0) | (place["date_phrase"] > 0) | (place["clock"] > 0)
    place["date_short"][:] = dated & (n_words < 12)
    date_bit = np.uint16(1 << GROUPS.index("date"))
    byline_bit = np.uint16(1 << GROUPS.index("byline"))
    occupied = words.n_tokens > 0
    starts_date = occupied & ((word_bits[words.start] & date_bit) > 0)
    place["starts_with_time"][:] = (starts_date & (n_words < 15)) | (
        (place["clock"] > 0) & (place["starts_digit"] > 0)
    )
    starts_byline = occupied & ((word_bits[words.start] & byline_bit) > 0)
    place["byline_start"][:] = starts_byline & (n_words < 15)


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
