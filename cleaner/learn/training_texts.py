"""Tell whether a document was among those that a model was trained on, by digests of texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from cleaner.labelled import LabelledDocument
from cleaner.model import Model
from cleaner.text import encode_text

_DIGEST_BYTES = 8
# Digests of more documents would make a model file too large (17 bytes each); it then has none.
_MOST_DOCUMENTS = 2000


def digest_text(document: LabelledDocument) -> str:
    """Digest the lines of a document that are not blank; its labels do not matter.

    Examples
    --------
    >>> page = LabelledDocument("a", ("It rained.", ""), ("body", None), "x.org")
    >>> other = LabelledDocument("b", ("It rained.",), (None,), "y.org")
    >>> digest_text(page) == digest_text(other)
    True
    """
    text = "\n".join(line for line in document.lines if line.strip())
    return hashlib.blake2b(encode_text(text), digest_size=_DIGEST_BYTES).hexdigest()


def digest_texts(documents: Sequence[LabelledDocument]) -> list[str]:
    """Digest each document, sorted; none at all if there are too many for a model file."""
    if len(documents) > _MOST_DOCUMENTS:
        return []
    return sorted({digest_text(document) for document in documents})


def digests_of(model: Model) -> frozenset[str]:
    """Gather the digests of what a model, and the models it started from, was trained on.

    Returns
    -------
    frozenset of str
        Empty if the model file does not tell, as that of the shipped model.
    """
    found: set[str] = set()
    facts: Any = model.provenance
    while isinstance(facts, dict):
        digests = facts.get("text_digests")
        if isinstance(digests, list):
            found.update(one for one in digests if isinstance(one, str))
        facts = facts.get("started_from")
    return frozenset(found)


def describe_seen(seen: Iterable[bool], model: str) -> str:
    """Warn of documents that a model was trained on; "" if there are none.

    Examples
    --------
    >>> describe_seen([True, False], "mine.npz")
    '1 of 2 documents were in the training data of mine.npz: new pages may score lower.'
    """
    marks = list(seen)
    if not any(marks):
        return ""
    return (
        f"{sum(marks):,} of {len(marks):,} documents were in the training data of {model}: "
        "new pages may score lower."
    )
