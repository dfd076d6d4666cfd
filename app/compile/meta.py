"""`meta` and `config.meta`: one mapping, where `config` wins."""

from __future__ import annotations

import difflib
import re
from typing import Any

from msgspec import Raw

from app.compile.dbt.decode import canonical, loose

_NOTHING = (b"", b"{}", b"null")
_NOT_A_LETTER = re.compile(r"[^a-z]")
KEY = "datamind"


def merged_meta(artifact: str, *raws: Raw) -> dict[str, Any]:
    """The union of the mappings by key, later ones winning; what is not a mapping counts as empty. Raises UserError where one is not JSON."""
    merged: dict[str, Any] = {}
    before = b""
    for raw in raws:
        text = bytes(raw)
        if text in _NOTHING or text == before:  # dbt writes `meta` and `config.meta` alike
            continue
        before = text
        value = loose(raw, artifact)
        if isinstance(value, dict):
            merged.update(value)
    return merged


def meta_text(meta: dict[str, Any]) -> str:
    """Canonical JSON of a `meta`, without `datamind`: that is compiled into policies and fields, and a policy's text stays out of what people list."""
    return canonical({key: value for key, value in meta.items() if key != KEY}) if meta else "{}"


def misspelt(meta: dict[str, Any]) -> str:
    """A key of `meta` that looks like a slip for `datamind` (`Datamind`, `data_mind`, `datamnid`), or ""."""
    for key in meta:
        plain = _NOT_A_LETTER.sub("", key.lower())
        if key == KEY or abs(len(plain) - len(KEY)) > 2:
            continue
        if plain == KEY or difflib.SequenceMatcher(None, plain, KEY).ratio() >= 0.87:
            return key
    return ""


def tags_of(*written: list[str] | str | None) -> tuple[str, ...]:
    """The tags of a node and of its `config`, sorted, each once; YAML may give one as a text."""
    found: set[str] = set()
    for tags in written:
        found.update([tags] if isinstance(tags, str) else tags or ())
    return tuple(sorted(found))


def text_of(meta: dict[str, Any], key: str) -> str:
    """The text at `key`, or "" where there is none."""
    value = meta.get(key)
    return value if isinstance(value, str) else ""
