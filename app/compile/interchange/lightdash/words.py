"""What Lightdash says of its members for people."""

from __future__ import annotations

from app.compile.interchange.datasets import Words
from app.compile.interchange.tree import Tree

_SYNONYMS = "Synonyms: "
_CARRIED = (
    "round",
    "compact",
    "separator",
    "groups",
    "tags",
    "urls",
    "colors",
    "show_underlying_values",
    "spotlight",
    "time_intervals",
    "group_label",
)
"""How things are shown, which is carried in `meta` for Lightdash."""


def words_of(tree: Tree | None, description: str = "") -> Words:
    """Label, description, format, and the hint to models."""
    if tree is None:
        return Words("", description)
    hint = tree.get("ai_hint")
    hints = [] if hint is None else [str(member.value) for member in hint.members] if hint.kind == "sequence" else [str(hint.value)]
    synonyms = [word.strip() for text in hints if text.startswith(_SYNONYMS) for word in text.removeprefix(_SYNONYMS).split(",")]
    others = [text for text in hints if not text.startswith(_SYNONYMS)]
    shown = {key: entry.plain() for key, entry in tree.entries.items() if key in _CARRIED}
    meta = ({"lightdash": shown} if shown else {}) | ({"ai_context": others} if others else {})
    return Words(tree.text("label"), tree.text("description") or description, tuple(synonyms), "", tree.text("format"), meta)
