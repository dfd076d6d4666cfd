"""dbt's saved queries, their items as written."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.compile.dbt.semantic import ExportNode, SavedQueryNode
from app.compile.meta import merged_meta, meta_text, tags_of
from app.compile.naming import project_file
from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.ontology import Export, SavedQuery


def build_saved_queries(
    nodes: Iterable[SavedQueryNode], metrics: Collection[str], declared: Collection[str], report: Report, root: str
) -> tuple[SavedQuery, ...]:
    """All saved queries, sorted by name. One that asks for a metric that there is not is left out (DM2601), as is one whose metric is `declared`
    and was left out itself (DM2407), and the second of a name (DM2602)."""
    built: dict[str, SavedQuery] = {}
    for node in sorted(nodes, key=lambda n: (n.package_name != root, n.name, n.unique_id)):
        file = project_file(node.original_file_path, node.package_name, root)
        if not file and node.metadata:
            file = node.metadata.repo_file_path or node.metadata.file or ""
        place, params = Place(f"saved_query.{node.name}", file), node.query_params
        missing = next((name for name in params.metrics if name not in metrics), None)
        if missing in declared:
            report.note(
                "DM2407",
                f"saved query `{node.name}` is left out, since its metric `{missing}` is",
                place.at("query_params/metrics"),
                f"mend `{missing}`",
            )
        elif missing is not None:
            hint = did_you_mean(missing, metrics) or "is the metric disabled?"
            report.error(
                "DM2601",
                f"saved query `{node.name}` asks for the metric `{missing}`, which is not in the layer; it is left out",
                place.at("query_params/metrics"),
                hint,
            )
        elif node.name in built:
            report.error("DM2602", f"two saved queries are called `{node.name}`; the second is left out", place, "rename one")
        else:
            built[node.name] = SavedQuery(
                name=node.name,
                metrics=tuple(params.metrics),
                group_by=tuple(params.group_by),
                where=tuple(item.where_sql_template for item in (params.where.where_filters if params.where else ())),
                order_by=tuple(params.order_by or ()),
                limit=params.limit,
                description=node.description or "",
                label=node.label or "",
                file=file,
                group=node.group or (node.config.group if node.config else None) or "",
                tags=tags_of(node.tags),
                meta=meta_text(merged_meta("manifest.json", node.config.meta)) if node.config else "{}",
                exports=tuple(sorted((_export(item) for item in node.exports or ()), key=lambda export: export.name)),
                cached=bool(node.config and node.config.cache and node.config.cache.enabled),
            )
    return tuple(built[name] for name in sorted(built))


def _export(node: ExportNode) -> Export:
    config = node.config
    return Export(node.name, config.export_as or "", config.schema_name or "", config.alias or "")
