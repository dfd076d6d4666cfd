"""The metadata with every table of the store, wherever it is written."""

from __future__ import annotations

import app.adapters.store.conversation_tables
import app.adapters.store.feedback_tables
import app.adapters.store.usage_tables  # noqa: F401 - they add their tables
from app.adapters.store.tables import metadata

__all__ = ["metadata"]
