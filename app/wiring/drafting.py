"""Settings → what a language model may do."""

from __future__ import annotations

from app.service.deps import DraftingOptions
from app.settings import Settings


def drafting_of(settings: Settings) -> DraftingOptions:
    """As the settings have it."""
    return DraftingOptions(
        settings.llm_sure,
        settings.llm_may_answer,
        frozenset(settings.llm_roles),
        settings.llm_layer_bytes,
        frozenset(settings.llm_sql_roles),
    )
