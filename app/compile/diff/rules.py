"""What a change of each field of each noun is: the one table. A field that is not in it is an error of ours, which a test finds before a user does.

The class of a field is a `Kind`, a function of the old and the new record, or a mark for what is compared elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, TypeAlias

import msgspec

from app.compile.diff.judges import (
    accessible,
    by_key,
    grain,
    hidden,
    kind_of_dimension,
    levels,
    materialization,
    named,
    native_type,
    on_failure,
    order_of_rows,
    primary,
    type_alone,
    unordered,
)
from app.compile.diff.report import Kind
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Export, Exposure, Group, Hierarchy, Layer, Ontology, SavedQuery, Segment, TimeSpine
from app.model.physical import ColumnReference, Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, Policy, RowPolicy, SizePolicy
from app.model.semantics import Dimension, Entity, Measure, NonAdditive, SemanticModel


class Mark(Enum):
    """Fields that the table itself does not class.

    KEY is the name by which two records are known to be the same thing. PART holds records that are compared one by one. INNER is a record compared
    by the table too. EXPR is an expression, compared in its normal form. CODE is possibly meaning, unless the models' code says otherwise. REF names a
    measure or metric, whose own renaming changes nothing. SECURITY is compared by what people may see. BESIDE stands beside the meaning: times,
    statistics and places of a run, and what is read from the models' SQL, which is compared itself.
    """

    KEY = auto()
    PART = auto()
    INNER = auto()
    EXPR = auto()
    CODE = auto()
    REF = auto()
    SECURITY = auto()
    BESIDE = auto()


Judge: TypeAlias = Callable[[Any, Any, str], Kind | None]
"""The class of a change of the named field between two records; None where another field tells of it."""
Rule: TypeAlias = Kind | Mark | Judge
Rules: TypeAlias = Mapping[type[msgspec.Struct], Mapping[str, Rule]]

_BOUND = Policy.__struct_fields__
_PEOPLE: Mapping[str, Rule] = dict.fromkeys(("description", "label", "meta"), Kind.COSMETIC)
_OF_FILES: Mapping[str, Rule] = dict.fromkeys(("file", "group", "owner", "tags"), Kind.COSMETIC)
_MEANING, _COSMETIC, _BREAKING = Kind.MEANING, Kind.COSMETIC, Kind.BREAKING

RULES: Rules = {
    Layer: {
        "ontology": Mark.PART,
        "placements": Mark.PART,
        **dict.fromkeys(("locations", "problems", "lineage", "left_out"), Mark.BESIDE),
    },
    Ontology: {
        "project": _COSMETIC,
        "adapter": _MEANING,
        "default_access": Mark.SECURITY,
        "on_failure": on_failure,
        **dict.fromkeys(
            ("models", "semantic_models", "metrics", "saved_queries", "time_spines", "exposures", "groups", "segments", "hierarchies"),
            Mark.PART,
        ),
    },
    Model: {
        **_PEOPLE,
        **_OF_FILES,
        "name": Mark.KEY,
        "unique_id": _COSMETIC,
        "resource_type": _COSMETIC,
        "package": _COSMETIC,
        "alias": _BREAKING,
        "columns": Mark.PART,
        "primary_key": unordered(_MEANING),
        "access": accessible,
        "materialized": materialization,
        "contract_enforced": _MEANING,
        "depends_on": Mark.CODE,
        "row_policies": Mark.SECURITY,
        "column_policies": Mark.SECURITY,
        "size_policies": Mark.SECURITY,
        "limit_policies": Mark.SECURITY,
        "synonyms": named(),
        "deprecated": _COSMETIC,
        "on_failure": on_failure,
    },
    ModelColumn: {
        **_PEOPLE,
        "name": Mark.KEY,
        "type": type_alone,
        "native_type": native_type,
        "tags": _COSMETIC,
        "pii": Mark.SECURITY,
        "declassified": _COSMETIC,  # what it does is a change of `pii`
        "synonyms": named(),
        "not_null": _MEANING,
        "unique": _MEANING,
        "accepted_values": unordered(_MEANING),
        "references": _MEANING,
        "grain": _COSMETIC,  # what stands on it, a time spine or a dimension, has a grain of its own
    },
    ColumnReference: {"model": _MEANING, "column": _MEANING, "certain": _MEANING},
    SemanticModel: {
        **_PEOPLE,
        "file": _COSMETIC,
        "group": _COSMETIC,
        "name": Mark.KEY,
        "model": _MEANING,
        "entities": Mark.PART,
        "dimensions": Mark.PART,
        "measures": Mark.PART,
        "primary_entity": primary,
        "agg_time_dimension": Mark.REF,
        "derived": _COSMETIC,
        "default_paths": by_key(_MEANING),
    },
    Entity: {**_PEOPLE, "name": Mark.KEY, "type": _MEANING, "expr": Mark.EXPR, "role": _COSMETIC},
    Dimension: {
        **_PEOPLE,
        "name": Mark.KEY,
        "type": kind_of_dimension,
        "expr": Mark.EXPR,
        "grain": grain,
        "is_partition": _MEANING,
        "validity": _MEANING,
        "synonyms": named(),
        "pii": _MEANING,
        "values": unordered(_MEANING),
        "unit": _MEANING,
        "format": _COSMETIC,
    },
    Measure: {
        **_PEOPLE,
        "name": Mark.KEY,
        "agg": _MEANING,
        "expr": Mark.EXPR,
        "agg_time_dimension": Mark.REF,
        "percentile": _MEANING,
        "discrete": _MEANING,
        "approximate": _MEANING,
        "non_additive": Mark.INNER,
    },
    NonAdditive: {"dimension": Mark.REF, "choice": _MEANING, "groups": unordered(_MEANING)},
    Metric: {
        **_PEOPLE,
        **_OF_FILES,
        "name": Mark.KEY,
        "params": Mark.INNER,
        "filter": Mark.EXPR,
        "grain": _MEANING,
        "unit": _MEANING,
        "format": _COSMETIC,
        "synonyms": named(),
        "hidden": hidden,
        "derived": _COSMETIC,
    },
    Simple: {"input": Mark.INNER},
    Ratio: {"numerator": Mark.INNER, "denominator": Mark.INNER},
    Derived: {"expr": Mark.EXPR, "inputs": Mark.PART},
    Cumulative: {"input": Mark.INNER, "window": _MEANING, "grain_to_date": _MEANING, "period_agg": _MEANING},
    Conversion: {
        "base": Mark.INNER,
        "conversion": Mark.INNER,
        "entity": _MEANING,
        "calculation": _MEANING,
        "window": _MEANING,
        "constant_properties": unordered(_MEANING),
    },
    MeasureInput: {
        "semantic_model": Mark.REF,
        "measure": Mark.REF,
        "filter": Mark.EXPR,
        "fill_nulls_with": _MEANING,
        "join_to_timespine": _MEANING,
    },
    MetricInput: {
        "metric": Mark.REF,
        "alias": _COSMETIC,
        "filter": Mark.EXPR,
        "offset_window": _MEANING,
        "offset_to_grain": _MEANING,
    },
    Window: {"count": _MEANING, "grain": _MEANING},
    SavedQuery: {
        **_PEOPLE,
        "name": Mark.KEY,
        "metrics": named(),
        "group_by": named(added=_MEANING),
        "where": Mark.EXPR,
        "order_by": order_of_rows,
        "limit": _MEANING,
        "file": _COSMETIC,
        "group": _COSMETIC,
        "tags": _COSMETIC,
        "exports": Mark.PART,
        "cached": _COSMETIC,
    },
    Export: {"name": Mark.KEY, "kind": _COSMETIC, "schema": _BREAKING, "alias": _BREAKING},
    TimeSpine: {"model": Mark.KEY, "column": _MEANING, "grain": grain, "custom": by_key(_MEANING)},
    Segment: {
        "name": Mark.KEY,
        "semantic_model": Mark.KEY,
        "where": Mark.EXPR,
        **dict.fromkeys(("label", "description", "file"), _COSMETIC),
    },
    Hierarchy: {
        "name": Mark.KEY,
        "semantic_model": Mark.KEY,
        "levels": levels,
        **dict.fromkeys(("label", "description", "file"), _COSMETIC),
    },
    Exposure: {
        **_PEOPLE,
        **dict.fromkeys(("type", "owner", "url", "depends_on", "file", "maturity", "tags"), _COSMETIC),
        "name": Mark.KEY,
    },
    Group: {**dict.fromkeys(("owner", "email", "description", "meta"), _COSMETIC), "name": Mark.KEY},
    Placement: {
        "engine": Mark.KEY,
        "relations": Mark.PART,
        "column_types": Mark.PART,
        "statistics": Mark.BESIDE,
    },
    Relation: {"schema": _COSMETIC, "name": _COSMETIC, "database": _COSMETIC},
    RowPolicy: dict.fromkeys((*_BOUND, "name", "model", "predicate", "permissive"), Mark.SECURITY),
    ColumnPolicy: dict.fromkeys((*_BOUND, "name", "model", "column", "mask"), Mark.SECURITY),
    SizePolicy: dict.fromkeys((*_BOUND, "name", "model", "column", "size"), Mark.SECURITY),
    LimitPolicy: dict.fromkeys((*_BOUND, "name", "model", "rows", "seconds", "scanned_rows"), Mark.SECURITY),
    Mask: dict.fromkeys(("kind", "replacement", "prefix", "suffix", "pattern", "width", "unit", "classes", "short"), Mark.SECURITY),
}
