"""`meta.datamind` on a semantic model: no policy is read there, so the model below is denied rather than left open where one may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from app.compile.dbt.semantic import SemanticModelNode
from app.compile.meta import KEY, merged_meta, misspelt
from app.compile.naming import project_file
from app.compile.policies.rows import denied
from app.compile.report import Place, Report
from app.compile.semantic_meta import says_names_alone
from app.model.physical import Model


def misplaced_key(node: SemanticModelNode) -> str:
    """The key of a semantic model's `meta` that is, or looks like, `datamind`; "" where there is none, and where it says names for queries alone."""
    meta = merged_meta("manifest.json", node.config.meta) if node.config else {}
    if KEY in meta:
        return "" if says_names_alone(node) else KEY
    return misspelt(meta)


def deny_misplaced(models: Sequence[Model], nodes: Iterable[SemanticModelNode], root: str, report: Report) -> tuple[Model, ...]:
    """The models, those denied whose semantic model carries `meta.datamind` (DM2508)."""
    wrong: set[str] = set()
    for node in nodes:
        found = misplaced_key(node)
        if found:
            place = Place(f"semantic_model.{node.name}", project_file(node.original_file_path, node.package_name, root))
            report.error(
                "DM2508",
                f"`meta.{found}` of the semantic model `{node.name}` is not read, so nobody sees its model",
                place.at("config/meta"),
                "write policies on the model and its columns; a semantic model has `segments`, `hierarchies` and `default_paths` alone",
            )
            wrong.update(node.depends_on.nodes)
    return tuple(
        replace(m, row_policies=(*m.row_policies, denied(m.name))) if m.unique_id in wrong and denied(m.name) not in m.row_policies else m
        for m in models
    )
