"""dbt's groups."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.manifest import GroupNode
from app.compile.meta import merged_meta, meta_text
from app.model.ontology import Group


def build_groups(nodes: Iterable[GroupNode]) -> tuple[Group, ...]:
    """All groups, sorted by name."""
    built = (
        Group(
            name=node.name,
            owner=node.owner.text,
            email=node.owner.first_email,
            description=node.description or "",
            meta=meta_text(merged_meta("manifest.json", *([node.config.meta] if node.config else []))),
        )
        for node in nodes
    )
    return tuple(sorted(built, key=lambda group: (group.name, group.canonical())))
