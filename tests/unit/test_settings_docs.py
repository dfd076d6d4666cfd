"""docs/settings.md names every setting and every name under which one is accepted, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import AliasChoices

from app.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def accepted() -> set[str]:
    """The environment variables that the settings read."""
    names: set[str] = set()
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        names |= {str(choice) for choice in field.validation_alias.choices if str(choice).isupper()}
    return names


def test_every_variable_is_documented() -> None:
    assert sorted(name for name in accepted() if f"`{name}`" not in PAGE) == []


def test_no_other_variable_is_documented() -> None:
    named = set(re.findall(r"`((?:DATAMIND|DB|DBT|REDIS|LLM|ENCRYPTION)_[A-Z_]+)`", PAGE))
    assert sorted(named - accepted() - {"DATAMIND_DEBUG"}) == []
