"""A person's labels: choose documents, fill in guesses, review them, exchange them."""

from cleaner.label.exchange import export_documents, import_exchanged
from cleaner.label.prefill import Labelling, PrefillSettings, label_files
from cleaner.label.review.server import prepare_server, run_review

__all__ = [
    "Labelling",
    "PrefillSettings",
    "export_documents",
    "import_exchanged",
    "label_files",
    "prepare_server",
    "run_review",
]
