"""Tables of one or two engines and a policy file → a Layer: the models that the policy names, what each role sees of them, and what is derived from keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from app.compile.derive.build import Surroundings, derive
from app.compile.mount.policy_file import PolicyFile
from app.compile.mount.tables import Table, TableColumn
from app.compile.policies.schema import Malformed, check_mask
from app.errors import Problem, Severity, UserError, Where, did_you_mean
from app.model.expr import FALSE, Expr
from app.model.ontology import Layer, Ontology
from app.model.physical import ColumnReference, Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, LimitPolicy, RowPolicy
from app.model.principal import Role
from app.model.types import DataType, Dialect
from app.sql.expressions.predicate import parse_predicate
from app.sql.expressions.walk import columns as columns_of
from app.sql.native_types import data_type

PROJECT = "mounted"
_EXEMPT = (Role.ADMIN.value,)


@dataclass(frozen=True, slots=True)
class EngineTables:
    """The tables of one engine by (schema, name); `default_schema` is where a name without a schema is."""

    engine: str
    dialect: Dialect
    default_schema: str
    tables: Mapping[tuple[str, str], Table]


def mounted_layer(engines: Sequence[EngineTables], policy: PolicyFile, file: str) -> Layer:
    """The layer. The first engine's types are the models' types; a column of either engine is a column of the model, and a key counts where every engine that
    has the table holds it. A modelled table that no schema has is a warning among the layer's problems: nobody reads it, and its rules protect nothing that is
    served; one policy may be for more tables than these schemas make.

    Raises UserError DM1403 for each rule over what is not there, and for a modelled table that may be a slip for one that is there and not modelled; DM1402 for
    a filter that can't be read.
    """
    wrong = _Wrong(file)
    found = {name: _tables_of(name, engines, policy, wrong) for name in policy.modelled_tables}
    wrong.check_tables(policy)
    models = tuple(_model(name, found[name], found, policy, wrong) for name in sorted(found) if found[name])
    wrong.raise_any()
    scope = tuple(replace(model, columns=_common(model, found[model.name])) for model in models)
    derived = derive(scope, Surroundings((), (), {model.name: model for model in scope}))
    ontology = Ontology(
        PROJECT,
        engines[0].dialect.value,
        models=models,
        semantic_models=derived.semantic_models,
        metrics=derived.metrics,
        default_access="deny",
    )
    placements = sorted((_placement(engine, found) for engine in engines), key=lambda placement: placement.engine)
    return Layer(ontology, tuple(placements), problems=wrong.warnings)


Found = Mapping[str, Sequence[tuple[EngineTables, Table]]]
"""A model's name → its table on each engine that has it."""


def _tables_of(name: str, engines: Sequence[EngineTables], policy: PolicyFile, wrong: _Wrong) -> Sequence[tuple[EngineTables, Table]]:
    found = []
    for engine in engines:
        schema, dot, bare = name.rpartition(".")
        keys = [(schema, bare)] if dot else [(engine.default_schema, bare), *sorted(key for key in engine.tables if key[1] == bare)]
        tables = list(dict.fromkeys(key for key in keys if key in engine.tables))
        if len(tables) > 1 and tables[0][0] != engine.default_schema:
            wrong.add(f"`{name}` is in several schemas of {engine.engine}", "write `schema.table`")
        if tables:
            found.append((engine, engine.tables[tables[0]]))
    if not found:
        modelled = {table.rpartition(".")[2] for table in policy.modelled_tables}
        meant = did_you_mean(name, {key[1] for engine in engines for key in engine.tables} - modelled)
        (wrong.add if meant else wrong.warn)(f"no schema has the table `{name}`", meant)
    return found


def _model(name: str, found: Sequence[tuple[EngineTables, Table]], all_found: Found, policy: PolicyFile, wrong: _Wrong) -> Model:
    columns: dict[str, ModelColumn] = {}
    for engine, table in found:
        for column in table.columns:
            if column.name not in columns:
                columns[column.name] = _column(column, engine, found, all_found)
    primary = found[0][1].primary_key if len({table.primary_key for _, table in found}) == 1 else ()
    rows = _rows(name, found, policy, wrong)
    masks = policy.masked_columns.get(name, {})
    denied = policy.denied_columns.get(name, ())
    for column_name in (*masks, *denied):
        if column_name not in columns:
            wrong.add(f"`{name}` has no column `{column_name}`", did_you_mean(column_name, columns))
    for column_name, mask in masks.items():
        try:
            check_mask(mask.said(), columns[column_name].type if column_name in columns else DataType.OTHER)
        except Malformed as error:
            wrong.add(f"the mask of `{name}.{column_name}`: {error}", "docs/policies.md tells what masks need")
    of_columns = [
        ColumnPolicy(f"{name}.{c}", name, c, mask.said().mask(), exempt_roles=_EXEMPT) for c, mask in masks.items() if c not in denied
    ]
    of_columns += [ColumnPolicy(f"{name}.{c}", name, c, exempt_roles=_EXEMPT) for c in dict.fromkeys(denied)]
    limits = policy.limits
    seconds = (limits.statement_timeout_ms or 0) / 1000
    bounds = LimitPolicy(f"{name}.limits", name, limits.max_rows or 0, seconds, roles=(policy.role.value,))
    return Model(
        name,
        f"{PROJECT}.{name}",
        alias=found[0][1].name,
        columns=tuple(columns.values()),
        primary_key=primary,
        materialized="table",
        row_policies=rows,
        column_policies=tuple(sorted(of_columns, key=lambda one: one.name)),
        limit_policies=(bounds,) if bounds.rows or bounds.seconds else (),
    )


def _rows(name: str, found: Sequence[tuple[EngineTables, Table]], policy: PolicyFile, wrong: _Wrong) -> tuple[RowPolicy, ...]:
    """Who is neither of the role nor an admin sees no row; the role sees those of its filter."""
    role = policy.role.value
    others = RowPolicy(f"{name}.others", name, FALSE, permissive=False, exempt_roles=tuple(sorted((*_EXEMPT, role))))
    if name not in policy.row_filters:
        ruled = name in policy.masked_columns or name in policy.denied_columns
        closed = () if ruled or policy.opens_by_default else (RowPolicy(f"{name}.default", name, FALSE, exempt_roles=_EXEMPT),)
        return (*closed, others)
    predicate = _predicate(name, policy.row_filters[name], wrong)
    missing = [c.name for c in columns_of(predicate) if any(table.column(c.name) is None for _, table in found)] if predicate else []
    for column in dict.fromkeys(missing):
        wrong.add(f"the row filter of `{name}` reads `{column}`, which the table does not have on every engine", "")
    return (RowPolicy(f"{name}.filter", name, predicate or FALSE, roles=(role,), exempt_roles=_EXEMPT), others)


def _predicate(name: str, text: str, wrong: _Wrong) -> Expr | None:
    try:
        return parse_predicate(text)
    except UserError as error:
        wrong.add(f"the row filter of `{name}` can't be read: {error.problem.message}", error.problem.hint, code="DM1402")
        return None


def _column(column: TableColumn, engine: EngineTables, found: Sequence[tuple[EngineTables, Table]], all_found: Found) -> ModelColumn:
    facts = [held for _, table in found if (held := table.column(column.name)) is not None]
    everywhere = len(facts) == len(found)
    references = {_reference(one.key, where, all_found) for one, (where, _) in zip(facts, found, strict=False)} if everywhere else {None}
    return ModelColumn(
        column.name,
        data_type(column.native, engine.dialect),
        column.native,
        not_null=everywhere and all(one.not_null for one in facts),
        unique=everywhere and all(one.unique for one in facts),
        references=next(iter(references)) if len(references) == 1 else None,
    )


def _reference(key: tuple[str, str, str] | None, engine: EngineTables, all_found: Found) -> ColumnReference | None:
    """What a foreign key of that engine names, as a model; None where that is none of the layer's."""
    for name, found in all_found.items() if key is not None else ():
        for where, table in found:
            if key is not None and where is engine and (table.schema, table.name) == key[:2]:
                column = key[2] or (table.primary_key[0] if len(table.primary_key) == 1 else "")
                return ColumnReference(name, column) if column else None
    return None


def _common(model: Model, found: Sequence[tuple[EngineTables, Table]]) -> tuple[ModelColumn, ...]:
    """The columns that the table has on every engine: what is asked in words must be answered by either."""
    return tuple(column for column in model.columns if all(table.column(column.name) is not None for _, table in found))


def _placement(engine: EngineTables, found: Found) -> Placement:
    tables = {name: table for name, places in found.items() for where, table in places if where is engine}
    types = sorted((name, column.name, column.native) for name, table in tables.items() for column in table.columns)
    return Placement(
        engine.engine, tuple((name, Relation(tables[name].schema, tables[name].name)) for name in sorted(tables)), tuple(types)
    )


class _Wrong:
    """What is wrong, told all at once."""

    def __init__(self, file: str) -> None:
        self._where = Where(file)
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is worth saying, and stops nothing."""
        return tuple(self._warnings)

    def warn(self, message: str, hint: str) -> None:
        """Note what stops nothing."""
        self._warnings.append(Problem("DM1403", message, Severity.WARNING, self._where, hint))

    def add(self, message: str, hint: str, *, code: str = "DM1403") -> None:
        """Note a fault."""
        self._problems.append(Problem(code, message, where=self._where, hint=hint))

    def check_tables(self, policy: PolicyFile) -> None:
        """A rule for a table that is not modelled would protect nothing."""
        for key in ("row_filters", "masked_columns", "denied_columns"):
            for table in getattr(policy, key):
                if table not in policy.modelled_tables:
                    self.add(f"`{key}` names `{table}`, which is not in `modelled_tables`", did_you_mean(table, policy.modelled_tables))

    def raise_any(self) -> None:
        """Raises UserError with all of it."""
        if self._problems:
            raise UserError(*self._problems)
