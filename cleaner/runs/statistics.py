"""Count the documents of a run by confidence and language, and their lines by reason."""

from __future__ import annotations

from collections import Counter

from cleaner.cleaning import Cleaned

_BANDS = 20  # of confidence, from 0 to 1, named by where they begin; it is at least .5
_KEPT, _DROPPED = "lines_kept_by_reason", "lines_dropped_by_reason"
_CONFIDENCE, _LANGUAGE = "documents_by_confidence", "documents_by_language"

# By the name of a table and of its row.
Statistics = Counter[tuple[str, str]]


def count_document(cleaned: Cleaned) -> Statistics:
    r"""Count one document, and its lines by reason if they know it.

    Examples
    --------
    >>> count_document(Cleaned(b"It rained.\n", 1, 0, 0.97, "en"))
    Counter({('documents_by_confidence', '0.95'): 1, ('documents_by_language', 'en'): 1})
    """
    band = min(int(cleaned.confidence * _BANDS), _BANDS - 1)
    counts = Counter(
        {(_CONFIDENCE, f"{band / _BANDS:.2f}"): 1, (_LANGUAGE, cleaned.language or "unknown"): 1}
    )
    for table, lines in ((_KEPT, cleaned.kept_for), (_DROPPED, cleaned.dropped_for)):
        counts.update({(table, reason): number for reason, number in (lines or {}).items()})
    return counts


def statistics_to_json(counts: Statistics) -> dict[str, dict[str, int]]:
    """Give plain tables: confidence in order, the others the commonest first."""
    tables: dict[str, dict[str, int]] = {
        name: {} for name in (_KEPT, _DROPPED, _CONFIDENCE, _LANGUAGE)
    }
    for (table, row), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if number:
            tables[table][row] = number
    return tables | {_CONFIDENCE: dict(sorted(tables[_CONFIDENCE].items()))}
