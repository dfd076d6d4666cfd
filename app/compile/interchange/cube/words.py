"""What cubes say of their members for people."""

from __future__ import annotations

from app.compile.interchange.datasets import Words
from app.compile.interchange.extension import KEY
from app.compile.interchange.tree import Tree

_OURS = ("synonyms", "unit", "format")


def member_words(tree: Tree) -> Words:
    """Title, description and `meta`; of that, `synonyms`, `unit` and `format` are read as our own words, the rest is carried."""
    meta = tree.get("meta")
    held = dict(meta.plain()) if meta is not None and meta.kind == "mapping" else {}
    synonyms = held.get("synonyms")
    words = tuple(str(word) for word in synonyms) if isinstance(synonyms, list) else ()
    unit, form = (held.get(key) if isinstance(held.get(key), str) else "" for key in ("unit", "format"))
    carried = {key: value for key, value in held.items() if key != KEY and key not in _OURS}
    written = tree.get("format")
    carried |= {"cube_format": written.plain()} if written is not None else {}
    return Words(tree.text("title"), tree.text("description"), words, unit or "", form or "", carried)
