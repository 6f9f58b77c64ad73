"""Turn rows into the features of each line by itself: length, shape, punctuation and cues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features.labels import label_lengths
from cleaner.features.naming import (
    CUES,
    SHAPE,
    WORDS,
    Columns,
    Feature,
    Values,
    group_features,
    name_columns,
)
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
_LENGTH_STEPS = (1, 4, 7, 10, 19, 30)
# A line that can be a paragraph has this many words.
_GOOD_WORDS = 12
_GOOD_FUNCTION_SHARE = 0.2
# Function-word share of lines in documents whose language is unknown: that of running text.
_NEUTRAL_FUNCTION_SHARE = 0.35
# Of capitalised lines, above which a line without a full stop is in title case.
_TITLE_SHARE = 0.6
# Short lines have fewer words.
_SHORT_WORDS = 15
# A line with more words than this for every end of a sentence is no prose: the choices of a form.
_ENDLESS_WORDS = 40
# A cue pair counts as so many cue words; more cues than this count as this.
_PAIR_CUES = 2
_MOST_CUES = 4
# Cues among so many tokens at either end of a line count as its start and its end.
_START_TOKENS = 3
_END_TOKENS = 5
# Groups whose cues at its start say more of a line than their number, and those that make labels.
_STARTING = ("call to action", "byline", "biography", "related", "note", "caption")
_LABEL_GROUPS = ("call to action", "credit", "related", "note", "caption", "appeal", "comment")
_MAKES_LABELS = np.array([group in _LABEL_GROUPS for group in GROUPS])
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
LINE_FEATURES: dict[str, Feature] = {
    **group_features(
        SHAPE,
        {
            "log_words": "length in words, logarithm",
            **{f"words_over_{step}": f"more than {step} words" for step in _LENGTH_STEPS},
            "word_length": "mean length of words",
            "capital_share": "share of capitalised words",
            "all_capitalised": "every word capitalised",
            "capitals_share": "share of words in capitals",
            "title_case": "title case, no full stop",
            "ends_sentence": "ends like a sentence",
            "ends_colon": "ends with a colon",
            "ends_ellipsis": "ends with an ellipsis",
            "ends_bracket": "ends with a bracket",
            "ends_word": "ends with a word",
            "ends_digit": "ends with a number",
            "sentence_long": "ends like a sentence, eight words or more",
            "open_long": "no end of sentence, fifteen words or more",
            "open_middle": "no end of sentence, six to fourteen words",
            "log_sentences": "number of sentences",
            "endless": "words beyond those of its sentences, logarithm",
            "digit_share": "share of numbers",
            "mark_share": "share of punctuation marks",
            "symbol_share": "share of other symbols",
            "starts_lower": "starts in lower case",
            "starts_quote": "starts with a quotation mark",
            "starts_mark": "starts with a mark",
            "bar": "has a bar, arrow or bullet",
            "question_short": "short question",
        },
    ),
    **group_features(
        WORDS,
        {
            "function_share": "share of function words",
            "no_function": "no function word",
        },
    ),
    **group_features(
        CUES,
        {
            "at_sign": "has an @",
            "copyright": "has a copyright sign",
            "clock": "has a time of day",
            "in_brackets": "stands in brackets as a whole",
            "credit_in_brackets": "photo credit in brackets",
            **{_name(group): f"{group} cues" for group in GROUPS},
            **{f"{_name(group)}_start": f"starts with {group} cues" for group in _STARTING},
            "date_short": "short line with a date",
            "credit_end": "ends with photo credit cues",
            "caption_end": "ends with caption cues",
            "label": "starts with a label",
            "label_cue": "starts with a label of cues",
            "label_words": "length behind its label, logarithm",
        },
    ),
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
    place = lines.tokens.kinds.astype(np.int64)
    place *= n_rows
    place += lines.token_row
    by_kind = np.bincount(place, minlength=N_KINDS * n_rows).reshape(N_KINDS, n_rows)
    n_words = by_kind[Kind.LOWER : Kind.LETTER + 1].sum(axis=0)
    # Every token is a word, an ideograph or a mark.
    n_marks = lines.n_tokens - n_words - by_kind[Kind.IDEOGRAPH]
    # Two characters of a script without spaces make about one word.
    n_words += (by_kind[Kind.IDEOGRAPH] + 1) // 2
    cues = find_cues(lines)
    values: dict[str, Values] = {
        **_lengths(lines, n_words),
        **_word_kinds(lines, n_words, by_kind[Kind.UPPER]),
        **_marks(by_kind, n_marks, n_words, lines.n_tokens),
        **_cues(lines, n_words, cues),
    }
    values |= _ends(lines, n_words, is_title=values["capital_share"] > _TITLE_SHARE)
    values |= _labels(lines, cues)
    bracketed = _credits_in_brackets(lines, by_kind)
    values["credit_in_brackets"] = bracketed
    is_pair = np.zeros(lines.n_rows, bool)
    is_pair[cues.row[cues.is_pair & (cues.group == GROUPS.index("credit"))]] = True
    good = (n_words >= _GOOD_WORDS) & values["ends_sentence"] & ~(is_pair | bracketed)
    good &= values["function_share"] > _GOOD_FUNCTION_SHARE
    return name_columns(LINE_FEATURES, values), good


def _ratios(parts: Iterable[Ints], whole: Ints) -> Iterator[Floats]:
    """Divide counts by that of the whole, which is at least one."""
    divisor = np.maximum(whole, 1).astype(np.float32)
    for part in parts:
        ratio: Floats = part.astype(np.float32)
        ratio /= divisor
        yield ratio


def _lengths(lines: Lines, n_words: Ints) -> dict[str, Values]:
    """Lengths of lines in words, and of their words in bytes."""
    tokens = lines.tokens
    in_words = tokens.lengths * (tokens.kinds <= Kind.LETTER)
    lengths = np.zeros(lines.n_rows, np.int64)
    lengths[lines.row] = np.add.reduceat(in_words, lines.line_token)
    [word_length] = _ratios([lengths], n_words)
    return {
        "log_words": log_count(n_words),
        **{f"words_over_{step}": n_words > step for step in _LENGTH_STEPS},
        "word_length": np.minimum(word_length, _LONGEST_WORD),
    }


def _word_kinds(lines: Lines, n_words: Ints, upper: Ints) -> dict[str, Values]:
    """Look at function words and capitals; `upper` counts the words that start with one."""
    at = np.flatnonzero(lines.is_function)
    function = np.bincount(lines.token_row.take(at), minlength=lines.n_rows)
    known = (lines.language < len(vocabulary().languages) - 1).take(lines.owner)
    # Two capitals at the start of a word: "NATO", "READ".
    at = np.flatnonzero(lines.tokens.kinds == Kind.UPPER)
    at = at[lines.byte_kinds.take(lines.tokens.starts.take(at) + 1) == Kind.UPPER]
    capitals = np.bincount(lines.token_row.take(at), minlength=lines.n_rows)
    share, capital_share, capitals_share = _ratios([function, upper, capitals], n_words)
    return {
        "function_share": np.where(known, share, np.float32(_NEUTRAL_FUNCTION_SHARE)),
        "no_function": (function == 0) & known,
        "capital_share": capital_share,
        "all_capitalised": (upper == n_words) & (n_words > 0),
        "capitals_share": capitals_share,
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


def _marks(by_kind: Ints, n_marks: Ints, n_words: Ints, n_tokens: Ints) -> dict[str, Values]:
    """Punctuation and symbols, counted by kind of token."""
    counts = by_kind[Kind.DIGIT], n_marks, by_kind[Kind.OTHER]
    digits, marks, symbols = _ratios(counts, n_tokens)
    return {
        "digit_share": digits,
        "mark_share": marks,
        "symbol_share": symbols,
        "bar": by_kind[Kind.BAR] > 0,
        "at_sign": by_kind[Kind.AT] > 0,
        "copyright": by_kind[Kind.COPYRIGHT] > 0,
        "question_short": (by_kind[Kind.QUESTION] > 0) & (n_words < _SHORT_WORDS),
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
    closed = np.flatnonzero(_CLOSER.take(ends_with))
    start, end = first.take(closed), last.take(closed)
    for _ in range(3):
        end -= _CLOSER.take(kinds.take(end)) & (end > start)
    last[closed] = end
    sentence = occupied & is_end.take(last)
    return {
        "log_sentences": log_count(sentences),
        "endless": log_count(np.maximum(n_words - _ENDLESS_WORDS * (sentences + 1), 0)),
        "ends_ellipsis": ends_with == Kind.ELLIPSIS,
        "ends_bracket": ends_with == Kind.CLOSE,
        "ends_word": _WORD_END[ends_with],
        "ends_digit": ends_with == Kind.DIGIT,
        "ends_colon": ends_with == Kind.COLON,
        "ends_sentence": sentence,
        "sentence_long": sentence & (n_words >= 8),
        "open_long": ~sentence & (n_words >= 15),
        "open_middle": ~sentence & (n_words >= 6) & (n_words < 15),
        "title_case": ~sentence & is_title & (n_words >= 4),
        "starts_lower": starts_with == Kind.LOWER,
        "starts_quote": (starts_with == Kind.QUOTE) | (starts_with == Kind.APOSTROPHE),
        "starts_mark": (starts_with > Kind.APOSTROPHE) & (starts_with != Kind.OPEN),
    }


class Cues(NamedTuple):
    """Every cue word and cue pair of a batch: arrays (n_cues,)."""

    group: Ints  # number among GROUPS
    row: Ints
    place: Ints  # tokens before it in its line
    left: Ints  # tokens from it to the end of its line, itself included
    is_pair: Flags


def find_cues(lines: Lines) -> Cues:
    """Find all cues of a batch; a pair stands where its first token does."""
    bits = vocabulary().word_groups.take(lines.cue)
    is_cue = np.flatnonzero(bits > 0)
    group, member = _members(bits[is_cue])
    words = lines.known[is_cue].take(member)
    at, pair = vocabulary().pairs.find(lines.pairs)
    of_pairs, member = _members(vocabulary().pair_groups[pair])
    token = np.concatenate((words, at[member]))
    row = lines.token_row.take(token)
    place = token - lines.first_token.take(row)
    is_pair = np.arange(len(token)) >= len(words)
    return Cues(
        np.concatenate((group, of_pairs)), row, place, lines.n_tokens.take(row) - place, is_pair
    )


def _members(bits: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """Numbers of the groups to which entries belong, and of those entries, by group."""
    # One dimension: numpy finds what is set in more of them five times slower.
    group, member = np.divmod(np.flatnonzero((bits & _GROUP_BITS) > 0), max(len(bits), 1))
    return group, member


def _cues(lines: Lines, n_words: Ints, cues: Cues) -> dict[str, Values]:
    """How many cues of each group there are in how many words; dates and calls to action."""
    worth = np.where(cues.is_pair, _PAIR_CUES, 1)
    place = cues.group * lines.n_rows + cues.row
    counts = np.bincount(place, worth, len(GROUPS) * lines.n_rows).take(place)
    rates = np.zeros((len(GROUPS), lines.n_rows), np.float32)
    # As many cues in fewer words say more. Few lines have any.
    n_words_there = np.maximum(n_words.take(cues.row), _MOST_CUES)
    rates[cues.group, cues.row] = np.minimum(counts, _MOST_CUES) / n_words_there
    clock = _clocks(lines)
    return {
        **{_name(group): rates[number] for number, group in enumerate(GROUPS)},
        "clock": clock,
        "date_short": ((rates[GROUPS.index("date")] > 0) | clock) & (n_words < 12),
    }


def _labels(lines: Lines, cues: Cues) -> dict[str, Values]:
    """Find what stands at the start and at the end of lines: cues, labels, brackets."""
    label = label_lengths(lines)
    starts, ends = np.zeros((2, len(GROUPS), lines.n_rows), bool)
    first, last = cues.place < _START_TOKENS, cues.left <= _END_TOKENS
    starts[cues.group[first], cues.row[first]] = True
    ends[cues.group[last], cues.row[last]] = True
    in_label = _MAKES_LABELS.take(cues.group)
    in_label &= cues.place < label.take(cues.row)
    has_cue = np.zeros(lines.n_rows, bool)
    has_cue[cues.row[in_label]] = True
    has_label = label > 0
    kinds = lines.tokens.kinds
    final = lines.first_token + np.maximum(lines.n_tokens, 1) - 1
    brackets = (kinds.take(lines.first_token) == Kind.OPEN) & (kinds.take(final) == Kind.CLOSE)
    return {
        **{f"{_name(group)}_start": starts[GROUPS.index(group)] for group in _STARTING},
        "label": has_label,
        "label_cue": has_cue,
        "label_words": has_label * log_count(np.maximum(lines.n_tokens - label, 0)),
        "in_brackets": brackets & (lines.n_tokens > 0),
        "credit_end": ends[GROUPS.index("credit")],
        "caption_end": ends[GROUPS.index("caption")],
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
