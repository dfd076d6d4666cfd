"""Validity windows (SCD type 2) that are not whole: rows could not be told apart by time, and joins would count some twice."""

from __future__ import annotations

from app.compile.dbt.semantic import DimensionNode, SemanticModelNode
from app.compile.report import Place, Report
from app.model.semantics import EntityType


def check_validity(node: SemanticModelNode, file: str, report: Report) -> bool:
    """Whether the semantic model has either no validity window and no natural entity, or one start, one end and a natural entity (DM2312)."""
    starts = [d for d in node.dimensions or () if _params(d)[0]]
    ends = [d for d in node.dimensions or () if _params(d)[1]]
    natural = [e for e in node.entities or () if e.type == EntityType.NATURAL]
    if not starts and not ends and not natural:
        return True
    if not starts and not ends:
        place = Place(f"entity.{node.name}.{natural[0].name}", file, "type")
        why = f"its natural entity `{natural[0].name}` has several rows for one value, and no validity window says which one holds"
    else:
        first = (starts or ends)[0]
        place = Place(f"dimension.{node.name}.{first.name}", file, "type_params/validity_params")
        if len(starts) == 1 and len(ends) == 1 and starts[0] is not ends[0]:
            if natural:
                return True
            why = "it has a validity window and no natural entity, so nothing says whose rows are valid then"
        elif len(starts) > 1 or len(ends) > 1:
            why = f"it has {len(starts)} starts and {len(ends)} ends of a validity window"
        elif starts and ends:
            why = f"`{first.name}` is both start and end of its validity window"
        else:
            why = f"`{first.name}` is the {'start' if starts else 'end'} of a validity window that has no {'end' if starts else 'start'}"
    report.error(
        "DM2312",
        f"semantic model `{node.name}` is left out: {why}",
        place,
        "one time dimension with `is_start`, another with `is_end`, and a natural entity belong together",
    )
    return False


def _params(node: DimensionNode) -> tuple[bool, bool]:
    """Whether the dimension is the start and the end of the window."""
    params = node.type_params.validity_params if node.type_params else None
    return (params.is_start, params.is_end) if params else (False, False)
