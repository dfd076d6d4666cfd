"""A small layer on both engines, and short ways through governance."""

from __future__ import annotations

from app.govern.access import access
from app.govern.check import SqlScope, check_sql
from app.govern.govern import govern
from app.model.expr import Attribute, Binary, Column, Expr, Literal
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.sql import GovernedSql, Limits, Sql
from app.model.types import DataType, Dialect
from app.sql.parse import parse_statement

ANALYST = Principal("usr_1", "a@example.org", Role.ANALYST, "prj_1", attributes=(("region", "EU"),))
ADMIN = Principal("usr_2", "b@example.org", Role.ADMIN, "prj_1")


def equals(column: str, value: str) -> Expr:
    return Binary("=", Column(column), Literal(value, DataType.TEXT))


def own_region() -> Expr:
    return Binary("=", Column("region"), Attribute("region"))


def model(name: str, *columns: str, **changes: object) -> Model:
    kinds = {"id": DataType.INTEGER, "born": DataType.DATE}
    made = tuple(ModelColumn(column, kinds.get(column, DataType.TEXT)) for column in columns)
    return Model(name, f"model.w.{name}", alias=name, columns=made, **changes)


ORDERS = model(
    "orders",
    *("id", "user_id", "region", "note", "amount"),
    row_policies=(RowPolicy("own_region", "orders", own_region(), exempt_roles=("admin",)),),
    column_policies=(
        ColumnPolicy("no_mail", "orders", "note", Mask(MaskKind.REDACT, "***", pattern="[^ ]+@[^ ]+"), exempt_roles=("admin",)),
    ),
)
STAFF = model("staff", "id", "name", "salary", column_policies=(ColumnPolicy("pay", "staff", "salary", None, exempt_roles=("admin",)),))
SHOPS = model("shops", "id", "name", "Region", "tags")
HIDDEN = model("vault", "id", "secret", row_policies=(RowPolicy("none", "vault", equals("id", "0"), roles=("admin",)),))

ONTOLOGY = Ontology("w", models=(ORDERS, SHOPS, STAFF, HIDDEN))


def layer(ontology: Ontology = ONTOLOGY) -> Layer:
    def placed(engine: str, schema: str) -> Placement:
        return Placement(engine, tuple((one.name, Relation(schema, one.alias or one.name)) for one in ontology.models))

    return Layer(ontology, (placed("postgres", "public"), placed("clickhouse", "app")))


LAYER = layer()
LIMITS = Limits()


def checked(text: str, engine: str = "postgres", who: Principal = ANALYST, of: Layer = LAYER) -> Sql:
    dialect = Dialect(engine)
    sql = Sql(dialect, parse_statement(text, dialect), text, written=True)
    return check_sql(sql, SqlScope(of, engine, access(who, of.ontology)))


def governed(
    text: str,
    engine: str = "postgres",
    who: Principal = ANALYST,
    of: Layer = LAYER,
    limits: Limits = LIMITS,
    key: str = "",
    written: bool = True,
) -> GovernedSql:
    dialect = Dialect(engine)
    sql = checked(text, engine, who, of) if written else Sql(dialect, parse_statement(text, dialect), text)
    return govern(sql, of, engine, access(who, of.ontology), limits, key)
