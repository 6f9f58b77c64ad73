"""Exchange labelled documents with annotation tools: the door to `cleaner.label.exchange`."""

from cleaner.label.exchange import export_documents, import_exchanged, read_exchanged

__all__ = ["export_documents", "import_exchanged", "read_exchanged"]
