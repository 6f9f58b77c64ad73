"""Show judged lines and the reasons for the judgement: on a terminal for people, or as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from cleaner.progress import printable

if TYPE_CHECKING:
    from cleaner.cleaning import Line
    from cleaner.reasons import Reason

_BAR_CELLS = 8
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_PLAIN = ".:="  # empty, half and full, where the terminal cannot show blocks
_REASONS = 3  # shown for each line
_LEAST_SHOWN = 0.05  # of log-odds; less rounds to nothing
# Where every line starts from; it says nothing about the line.
_START = "an average line"
_COLOURS = {"body": "green", "clutter": "red"}


def probability_bar(probability: float, *, blocks: bool = True) -> str:
    """Draw a probability, from 0 to 1, as a bar of eight cells.

    Examples
    --------
    >>> probability_bar(0.55), probability_bar(0.55, blocks=False)
    ('████▍   ', '====:...')
    """
    if not blocks:
        halves = round(probability * 2 * _BAR_CELLS)
        full, half = divmod(halves, 2)
        return (_PLAIN[2] * full + _PLAIN[1] * half).ljust(_BAR_CELLS, _PLAIN[0])
    full, rest = divmod(round(probability * 8 * _BAR_CELLS), 8)
    return ("█" * full + _EIGHTHS[rest] * (rest > 0)).ljust(_BAR_CELLS)


def can_show_blocks(encoding: str) -> bool:
    """Tell if output in an encoding can hold block characters.

    Examples
    --------
    >>> can_show_blocks("utf-8"), can_show_blocks("ascii")
    (True, False)
    """
    try:
        _EIGHTHS.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def strongest_reasons(reasons: Sequence[Reason]) -> list[Reason]:
    """Give the reasons that weigh most, largest first, without what holds for every line.

    Examples
    --------
    >>> from cleaner.reasons import Reason
    >>> reasons = Reason("photo credit", 3.0, -2.1), Reason("an average line", 1.0, -1.0)
    >>> [reason.feature for reason in strongest_reasons(reasons)]
    ['photo credit']
    """
    own = (reason for reason in reasons if reason.feature != _START)
    ranked = sorted(own, key=lambda reason: -abs(reason.contribution))
    return [reason for reason in ranked[:_REASONS] if abs(reason.contribution) >= _LEAST_SHOWN]


def show_lines(lines: Sequence[Line], width: int, *, blocks: bool = True) -> Iterator[str]:
    """Lay out explained lines for a terminal, with styles that `click.echo` strips where needed.

    Parameters
    ----------
    width
        Columns of the terminal.
    blocks
        Whether it can show block characters.

    Examples
    --------
    >>> from cleaner.cleaning import Line
    >>> from cleaner.reasons import Reason
    >>> line = Line(7, "By Ann", 0.03, "clutter", (Reason("starts like a byline", 5.0, -1.24),))
    >>> for row in show_lines([line], 60):
    ...     print(click.unstyle(row))
        7 ▎         0.03  clutter  By Ann
                                   starts like a byline -1.2
    """
    for line in lines:
        bar = probability_bar(line.body_probability, blocks=blocks)
        colour = _COLOURS[line.label]
        head = f"{line.number:5} {click.style(bar, fg=colour)} {line.body_probability:5.2f}  "
        head += click.style(f"{line.label:9}", fg=colour, bold=line.label == "body")
        indent = " " * len(click.unstyle(head))
        room = max(width - len(indent), 20)
        text = textwrap.shorten(printable(line.text), room, placeholder=" …")
        yield head + click.style(text, dim=line.label == "clutter")
        reasons = ", ".join(map(_say_reason, strongest_reasons(line.reasons)))
        for row in textwrap.wrap(reasons, room):
            yield indent + click.style(row, dim=True)


def _say_reason(reason: Reason) -> str:
    return f"{reason.feature} {reason.contribution:+.1f}"


def lines_to_json(lines: Sequence[Line], threshold: float) -> dict[str, Any]:
    """Plain values for programs: every line with all its reasons, which sum to its log-odds.

    Examples
    --------
    >>> from cleaner.cleaning import Line
    >>> lines_to_json([Line(7, "By Ann", 0.03, "clutter")], 0.5)["lines"][0]["label"]
    'clutter'
    """
    return {
        "threshold": threshold,
        "lines": [
            {
                "number": line.number,
                "label": line.label,
                "body_probability": line.body_probability,
                "text": line.text,
                "reasons": [
                    {
                        "feature": reason.feature,
                        "value": reason.value,
                        "contribution": reason.contribution,
                    }
                    for reason in line.reasons
                ],
            }
            for line in lines
        ],
    }
