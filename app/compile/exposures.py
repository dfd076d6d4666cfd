"""dbt's exposures."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.manifest import ExposureNode
from app.compile.meta import merged_meta, meta_text
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
            label=node.label or "",
            maturity=node.maturity or "",
            tags=tuple(sorted(set(node.tags))),
            meta=meta_text(merged_meta("manifest.json", node.meta, *([node.config.meta] if node.config else []))),
        )
        for node in nodes
    )
    return tuple(sorted(built, key=lambda e: (e.name, e.file, e.canonical())))
