"""Say which lines of a judged document are worth a person's look: unsure ones and odd ones."""

from __future__ import annotations

from collections.abc import Sequence

# Lines on each side that a line is compared with.
_REACH = 2
# From this surprise upwards a line looks wrong: it is confident, and so are its neighbours, of the
# other label. At the border of the body, where half the neighbours differ, surprise is .5.
LOOKS_WRONG = 0.75


def uncertainty(body_probability: float) -> float:
    """Say how unsure a probability is: 1 for an even chance, 0 for certainty.

    Examples
    --------
    >>> uncertainty(0.5), uncertainty(0.9375), uncertainty(0.0)
    (1.0, 0.125, 0.0)
    """
    return 1 - abs(2 * body_probability - 1)


def surprises(body_probabilities: Sequence[float]) -> list[float]:
    """Say how much each line's decision goes against its neighbourhood.

    Parameters
    ----------
    body_probabilities
        From 0 to 1, of all lines that are not blank, in order.

    Returns
    -------
    list of float
        From 0 to 1: the mean probability, over the two lines on each side, that the neighbour has
        the other label, times the certainty of the line itself. 0 at the ends of a document,
        where a line has fewer than two neighbours on a side.

    Examples
    --------
    >>> surprises([1.0, 1.0, 0.0, 1.0, 1.0])
    [0.0, 0.0, 1.0, 0.0, 0.0]
    """
    found = []
    for place, probability in enumerate(body_probabilities):
        before = body_probabilities[max(place - _REACH, 0) : place]
        after = body_probabilities[place + 1 : place + 1 + _REACH]
        if len(before) < _REACH or len(after) < _REACH:
            found.append(0.0)
            continue
        share = (sum(before) + sum(after)) / (2 * _REACH)
        other = 1 - share if probability >= 0.5 else share
        found.append(other * (1 - uncertainty(probability)))
    return found


def attention(body_probabilities: Sequence[float]) -> list[float]:
    """Say how much each line is worth a look: its uncertainty, or its surprise if it looks wrong.

    Parameters
    ----------
    body_probabilities
        From 0 to 1, of all lines that are not blank, in order.

    Returns
    -------
    list of float
        From 0 to 1, for each line.

    Examples
    --------
    >>> attention([1.0, 1.0, 0.0, 1.0, 0.5])
    [0.0, 0.0, 0.875, 0.0, 1.0]
    """
    return [
        max(uncertainty(probability), surprise if surprise >= LOOKS_WRONG else 0.0)
        for probability, surprise in zip(
            body_probabilities, surprises(body_probabilities), strict=True
        )
    ]
