"""Count the documents of a run by confidence and language, and their lines by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cleaner.cleaning import Cleaned

_BANDS = 20  # from 0 to 1; confidence is at least .5


@dataclass(slots=True)
class Statistics:
    r"""Counts that add up over documents.

    Attributes
    ----------
    kept_for, dropped_for
        Lines by the group of features that spoke most for the decision, if that was asked for.
    confidence
        Documents by confidence, in bands named by where they begin.
    languages
        Documents by language.

    Examples
    --------
    >>> from cleaner.cleaning import Cleaned
    >>> statistics = Statistics()
    >>> statistics.add_document(Cleaned(b"It rained.\n", 1, 0, 0.97, "en"))
    >>> statistics.confidence, statistics.languages
    (Counter({'0.95': 1}), Counter({'en': 1}))
    """

    kept_for: Counter[str] = field(default_factory=Counter)
    dropped_for: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add_document(self, cleaned: Cleaned) -> None:
        """Count a document."""
        band = min(int(cleaned.confidence * _BANDS), _BANDS - 1)
        self.confidence[f"{band / _BANDS:.2f}"] += 1
        self.languages[cleaned.language or "unknown"] += 1
        if cleaned.kept_for or cleaned.dropped_for:
            self.kept_for.update(cleaned.kept_for or {})
            self.dropped_for.update(cleaned.dropped_for or {})

    def add(self, other: Statistics) -> None:
        """Add other counts."""
        self.kept_for.update(other.kept_for)
        self.dropped_for.update(other.dropped_for)
        self.confidence.update(other.confidence)
        self.languages.update(other.languages)

    def to_json(self) -> dict[str, dict[str, int]]:
        """Give plain values: confidence in order, the others the commonest first."""
        return {
            "lines_kept_by_reason": _by_number(self.kept_for),
            "lines_dropped_by_reason": _by_number(self.dropped_for),
            "documents_by_confidence": dict(sorted(self.confidence.items())),
            "documents_by_language": _by_number(self.languages),
        }


def _by_number(counts: Counter[str]) -> dict[str, int]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {name: number for name, number in ranked if number}
