"""What a language model is told to write SQL from: training items of the caller's own view, written without any value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from app.compile.emit.guarded import hidden_columns
from app.compile.emit.training import item_as_seen
from app.errors import UserError
from app.govern.access import ModelAccess
from app.language.drafting.sql_form import holds_values, stray
from app.language.drafting.sql_prompt import SqlExample, SqlMaterial, SqlTable, nearest_tables, sql_table
from app.language.drafting.vocabulary import mentions, told_text
from app.model.physical import Model, ModelColumn
from app.model.records import TrainingItem, TrainingKind
from app.pipeline.tellable import hidden_from, tellable
from app.pipeline.turn import ServedLayer
from app.service.compile import DIALECTS
from app.service.deps import Deps
from app.service.training import Retrieved, documented, retrieve
from app.sql.parse import parse_statement

MOST_RECALLED = 10
MOST_EXAMPLES = 3


def sql_material(deps: Deps, served: ServedLayer, question: str, engine: str) -> SqlMaterial:
    """What may help to answer a question by SQL on an engine; no tables where the caller sees none there.

    Which items help is what retrieval says; a table is then told by the item that the view writes of it, without values and without the columns of which this
    person sees no values. Where there is no index, the words of the question choose.
    """
    tables = served.remembered(("sql tables", engine), lambda: tables_of(served, engine))
    found = Retrieved() if deps.retriever.absent else retrieve(deps, served, question, MOST_RECALLED)
    nearest = nearest_tables(tuple(tables.values()), question, [item.subject for item in found.ddl], deps.drafting.most_bytes)
    terms = tuple(name for item in found.documentation if (name := documented(item, served.visible)))
    guarded = served.remembered(("guarded names",), lambda: guarded_names(served)) - {name for table in nearest for name in table.names}
    told = SqlMaterial(nearest, terms, guarded=guarded)
    first = served.layer.placements[0].engine if served.layer.placements else ""
    examples = _examples(found.question_sql, told, served, engine) if engine == first else ()
    return SqlMaterial(told.tables, told.terms, tuple(examples), told.guarded)


def tables_of(served: ServedLayer, engine: str) -> Mapping[str, SqlTable]:
    """The tables on an engine that the caller's SQL could read, by model."""
    placement = served.layer.placement(engine)
    if placement is None:
        return {}
    seen = tellable(served)
    hidden = hidden_from(served)
    bare = replace(seen, models=tuple(model for one in seen.models if (model := _without_values(one, served, hidden)) is not None))
    layer = replace(served.layer, placements=(placement,))
    found = {}
    for model in bare.models:
        relation = placement.relation(model.name)
        item = item_as_seen(TrainingKind.DDL, model.name, layer, bare) if relation is not None else None
        if relation is not None and item is not None and not mentions(item.content, hidden):
            written = {column.name for column in model.columns} - hidden_columns(served.layer.ontology.model(model.name) or model)
            found[model.name] = sql_table(model.name, item.content, (relation.schema, relation.name, *written))
    return found


def guarded_names(served: ServedLayer) -> frozenset[str]:
    """The names, in lower case, of the visible columns that hold personal data or are masked for the caller."""
    rights = served.access.of_sql()
    return frozenset(
        column.name.lower() for model in served.visible.models for column in model.columns if _is_guarded(column, rights.of(model.name))
    )


def _is_guarded(column: ModelColumn, rights: ModelAccess) -> bool:
    return bool(column.pii) or column.name in rights.masks


def _without_values(model: Model, served: ServedLayer, hidden: frozenset[str]) -> Model | None:
    """The model as a prompt may tell it: no accepted values, no column with personal data or a mask, no word that mentions what is hidden, and types by their families:
    spellings are one engine's."""
    rights = served.access.of_sql().of(model.name)
    if not rights.queryable:
        return None
    columns = tuple(
        replace(column, accepted_values=(), native_type="", description=told_text(column.description, hidden))
        for column in model.columns
        if column.name in rights.columns and not _is_guarded(column, rights)
    )
    told = {column.name for column in columns}
    key = model.primary_key if told.issuperset(model.primary_key) else ()
    return replace(model, columns=columns, primary_key=key, description=told_text(model.description, hidden)) if columns else None


def _examples(items: tuple[TrainingItem, ...], told: SqlMaterial, served: ServedLayer, engine: str) -> Iterator[SqlExample]:
    """Those that hold no value and name nothing but what is told."""
    hidden = hidden_from(served)
    fitting = (item for item in items if _fits(item, told, engine) and not mentions(item.question, hidden))
    for _, item in zip(range(MOST_EXAMPLES), fitting, strict=False):
        yield SqlExample(item.question, item.content)


def _fits(item: TrainingItem, told: SqlMaterial, engine: str) -> bool:
    try:
        tree = parse_statement(item.content, DIALECTS[engine])
    except UserError:
        return False
    return not holds_values(tree) and not stray(tree, told.names)
