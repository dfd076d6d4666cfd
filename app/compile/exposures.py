"""dbt's exposures."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.manifest import ExposureNode
from app.model.ontology import Exposure


def build_exposures(nodes: Iterable[ExposureNode]) -> tuple[Exposure, ...]:
    """All exposures, sorted by name."""
    built = (
        Exposure(
            name=node.name,
            type=node.type or "",
            owner=node.owner.text,
            url=node.url or "",
            description=node.description or "",
            depends_on=tuple(sorted(set(node.depends_on.nodes))),
            file=node.original_file_path.replace("\\", "/"),
        )
        for node in nodes
    )
    return tuple(sorted(built, key=lambda e: (e.name, e.file, e.canonical())))
