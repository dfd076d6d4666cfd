"""Dimensions and entities of a semantic model."""

from __future__ import annotations

from app.compile.dbt.semantic import DimensionNode, EntityNode, MetaConfig, SemanticModelNode
from app.compile.expressions import Expressions
from app.compile.meta import KEY, merged_meta, meta_text
from app.compile.policies.schema import FieldMeta, Malformed, read_meta, word_slips
from app.compile.report import Place
from app.errors import both, did_you_mean
from app.model.expr import Column, Expr
from app.model.physical import Model
from app.model.semantics import Dimension, DimensionType, Entity, EntityType
from app.model.types import Grain

_DIMENSIONTYPES = frozenset(DimensionType)
_ENTITYTYPES = frozenset(EntityType)
_GRAINS = frozenset(Grain)

_WORDS_GO = "write synonyms, unit and format on metrics and dimensions"


def build_entity(node: EntityNode, owner: SemanticModelNode, file: str, parse: Expressions) -> Entity | None:
    """An entity; None where its type (DM2303), `expr` or `meta.datamind` (DM2521) is refused."""
    place = Place(f"entity.{owner.name}.{node.name}", file)
    if node.type not in _ENTITYTYPES:
        parse.report.error(
            "DM2303", f"entity `{node.name}` has the unknown type `{node.type}`", place.at("type"), "one of " + ", ".join(EntityType)
        )
        return None
    expr = _expr(node.expr, node.name, place, f"entity `{node.name}`", parse)
    if expr is None:
        return None
    meta = element_meta(node.config, f"entity `{node.name}`", place, parse)
    if meta is None:
        return None
    return Entity(node.name, EntityType(node.type), expr, node.role or "", node.description or "", node.label or "", meta)


def build_dimension(node: DimensionNode, owner: SemanticModelNode, file: str, model: Model | None, parse: Expressions) -> Dimension | None:
    """A dimension; None where its type, grain (DM2303), `expr` or `meta.datamind` (DM2521) is refused.

    Over a bare column it inherits the column's PII class, and its accepted values unless the column is protected.
    """
    place, report = Place(f"dimension.{owner.name}.{node.name}", file), parse.report
    if node.type not in _DIMENSIONTYPES:
        report.error(
            "DM2303", f"dimension `{node.name}` has the unknown type `{node.type}`", place.at("type"), "one of " + ", ".join(DimensionType)
        )
        return None
    grain = _grain(node, place, parse)
    expr = _expr(node.expr, node.name, place, f"dimension `{node.name}`", parse)
    meta = merged_meta("manifest.json", node.config.meta) if node.config else {}
    words = field_meta(meta, f"dimension `{node.name}`", place, parse)
    if expr is None or words is None or (node.type == DimensionType.TIME and grain is None):
        return None
    column = model.column(expr.name) if model and isinstance(expr, Column) else None
    guarded = bool(model and column and column.name in model.guarded_columns)
    validity = node.type_params.validity_params if node.type_params else None
    return Dimension(
        name=node.name,
        type=DimensionType(node.type),
        expr=expr,
        grain=grain,
        is_partition=bool(node.is_partition),
        validity="" if validity is None else "start" if validity.is_start else "end" if validity.is_end else "",
        description=node.description or "",
        label=node.label or "",
        synonyms=tuple(words.synonyms),
        pii=column.pii if column else "",
        values=column.accepted_values if column and not guarded else (),
        meta=meta_text(meta),
        unit=words.unit,
        format=words.format,
    )


def field_meta(meta: dict[str, object], subject: str, place: Place, parse: Expressions) -> FieldMeta | None:
    """`meta.datamind` of a dimension or metric; None where it is malformed (DM2521): a key there may have been meant to protect. A slip for a word for
    people is not read, and nothing else is lost by it (DM2523)."""
    if KEY not in meta:
        return FieldMeta()
    held, at = meta[KEY], f"config/meta/{KEY}"
    slips = word_slips(held)
    try:
        words = read_meta({key: value for key, value in held.items() if key not in slips} if isinstance(held, dict) else held, FieldMeta)
    except Malformed as error:
        hint = both(*(f"`{key}`: {did_you_mean(key, [word])}" for key, word in slips.items()), "policies belong to models and columns")
        parse.report.error("DM2521", f"{subject} is left out: {error}", place.at(at), hint)
        return None
    for key, word in slips.items():
        said = f"`meta.{KEY}` of {subject} has the unknown key `{key}`, which is not read"
        parse.report.warning("DM2523", said, place.at(f"{at}/{key}"), did_you_mean(key, [word]))
    return words


def element_meta(config: MetaConfig | None, subject: str, place: Place, parse: Expressions, *, used: bool = False) -> str | None:
    """The `meta` of an entity or a measure, as canonical JSON; None where its `meta.datamind` is malformed (DM2521). Its words are not `used`
    (DM2522) but for the metric that a measure makes."""
    meta = merged_meta("manifest.json", config.meta) if config else {}
    words = field_meta(meta, subject, place, parse)
    if words is None:
        return None
    if KEY in meta and not used and words != FieldMeta(lint_ignore=words.lint_ignore):
        parse.report.note("DM2522", f"`meta.datamind` of {subject} says nothing here", place.at("config/meta/datamind"), _WORDS_GO)
    return meta_text(meta)


def _expr(written: object, name: str, place: Place, subject: str, parse: Expressions) -> Expr | None:
    return Column(name) if written is None else parse.expression(written, place.at("expr"), subject)


def _grain(node: DimensionNode, place: Place, parse: Expressions) -> Grain | None:
    if node.type != DimensionType.TIME:
        return None
    written = (node.type_params.time_granularity if node.type_params else None) or ""
    if written.lower() in _GRAINS:
        return Grain(written.lower())
    if not written:
        return Grain.DAY  # lint/time_without_grain says so
    parse.report.error(
        "DM2303",
        f"time dimension `{node.name}` has the unknown granularity `{written}`",
        place.at("type_params/time_granularity"),
        "one of " + ", ".join(Grain),
    )
    return None
