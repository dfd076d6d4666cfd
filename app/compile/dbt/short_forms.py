"""The short forms that MetricFlow's own parser takes in a semantic manifest, written out: `measure: revenue`, `window: 7 days`, a filter as a text.

dbt never writes them, so they are looked for only where a manifest does not have dbt's shape.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from app.compile.dbt.decode import decode
from app.compile.dbt.parts import SECTIONS, Fault, without_faults
from app.compile.dbt.semantic import SemanticManifest
from app.errors import UserError

_WINDOW = re.compile(r"^\s*(\d+)\s+(\S+)\s*$")
_WITH_SHORT_FORMS = ("metrics", "saved_queries")
_WINDOWS = ("window", "offset_window")
_FILTERS = ("filter", "where")
_INPUTS = (
    "measure",
    "numerator",
    "denominator",
    "metric",
    "base_measure",
    "conversion_measure",
    "base_metric",
    "conversion_metric",
    "cumulative_type_params",
    "conversion_type_params",
    "type_params",
    "query_params",
)


def read_semantic_manifest(data: bytes, artifact: str = "semantic_manifest.json") -> tuple[SemanticManifest, tuple[Fault, ...]]:
    """A semantic manifest, short forms or not, less single parts that have no known shape; and these. Raises UserError as `decode` does."""
    try:
        return decode(data, SemanticManifest, artifact), ()
    except UserError as error:
        where = error.problem.where
        if error.problem.code != "DM2005" or where is None or not where.path.startswith(tuple(f"$.{name}" for name in SECTIONS)):
            raise
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        for section in _WITH_SHORT_FORMS:
            if isinstance(document.get(section), list):
                document[section] = [written_out(node) for node in document[section]]
        found = without_faults(msgspec.json.encode(document), SemanticManifest)
        if found is None:
            raise
        return found


def written_out(node: Any) -> Any:
    """A metric, a saved query, or a part of one, in its long form."""
    if not isinstance(node, dict):
        return node
    return {key: _value(key, value, node) for key, value in node.items()}


def _value(key: str, value: Any, owner: dict[str, Any]) -> Any:
    if key in _WINDOWS and isinstance(value, str) and (found := _WINDOW.match(value)):
        return {"count": int(found[1]), "granularity": found[2].lower()}
    if key in _FILTERS and isinstance(value, (str, list)):
        texts = value if isinstance(value, list) else [value]
        return {"where_filters": [{"where_sql_template": text} if isinstance(text, str) else text for text in texts]}
    if key == "metrics" and "group_by" not in owner and isinstance(value, list):
        return [_input(entry) for entry in value]
    return _input(value) if key in _INPUTS else value


def _input(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else written_out(value)
