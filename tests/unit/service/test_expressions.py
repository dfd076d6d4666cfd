"""What engines would be sent of a project's expressions is held against their allow-lists before a layer is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import Problem, Severity
from app.model.expr import Binary, Call, Case, Cast, Column, Expr, Extract, In, Like, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Dialect, Grain
from app.service.compile import Compiled, compile_source
from app.service.expressions import expression_guard, refused
from app.sql.expressions.functions import CATALOGUE

VERSION = "https://schemas.getdbt.com/dbt/manifest/v12.json"
A, B = Column("a"), Column("b")
YAML = """\
semantic_models:
  - name: orders
    model: ref('orders')
    measures:
      - name: good
        agg: sum
        expr: amount
      - name: bad
        agg: sum
        expr: {expr}
metrics:
  - name: revenue
    type: simple
    type_params: {{measure: good}}
  - name: stolen
    type: simple
    type_params: {{measure: bad}}
  - name: share
    type: ratio
    type_params: {{numerator: stolen, denominator: revenue}}
"""


class Project:
    """One semantic model with a good and a bad measure, as a source of two targets."""

    def __init__(self, expr: str) -> None:
        metric: dict[str, Any] = {"type": "simple", "package_name": "shop", "original_file_path": "m.yml"}
        measures = [{"name": "good", "agg": "sum", "expr": "amount"}, {"name": "bad", "agg": "sum", "expr": expr}]
        self.manifest = {
            "metadata": {"dbt_schema_version": VERSION, "project_name": "shop", "adapter_type": "postgres"},
            "nodes": {"model.shop.orders": {"unique_id": "model.shop.orders", "name": "orders", "resource_type": "model", "schema": "marts"}},
            "semantic_models": {
                "s": {
                    "name": "orders",
                    "package_name": "shop",
                    "original_file_path": "m.yml",
                    "depends_on": {"nodes": ["model.shop.orders"]},
                    "measures": measures,
                }
            },
            "metrics": {
                "a": {**metric, "name": "revenue", "type_params": {"measure": {"name": "good"}}},
                "b": {**metric, "name": "stolen", "type_params": {"measure": {"name": "bad"}}},
                "c": {**metric, "name": "share", "type": "ratio", "type_params": {"numerator": {"name": "stolen"}, "denominator": {"name": "revenue"}}},
            },
        }  # fmt: skip
        self.text = YAML.format(expr=json.dumps(expr))

    def read(self) -> tuple[list[TargetArtifacts], ProjectSources]:
        data = json.dumps(self.manifest).encode()
        return [TargetArtifacts("postgres", data), TargetArtifacts("clickhouse", data)], ProjectSources({"m.yml": self.text})

    def fingerprint(self) -> str:
        return ""

    def git_commit(self) -> str:
        return ""


def check_left_out(compiled: Compiled, prefix: str) -> Problem:
    """`bad` is refused at its line, what stands on it is left out with a note, the rest is there."""
    ontology = compiled.layer.ontology
    assert [m.name for m in ontology.metrics] == ["revenue"]
    assert [m.name for m in ontology.semantic_models[0].measures] == ["good"]
    (error,) = [p for p in compiled.problems if p.severity is Severity.ERROR]
    assert error.code.startswith(prefix)
    assert "measure `bad`" in error.message
    assert error.where is not None
    assert (error.where.file, error.where.line) == ("m.yml", 10)
    notes = [(p.code, p.message.split("`")[1]) for p in compiled.problems if p.severity is Severity.NOTE]
    assert sorted(notes) == [("DM2407", "share"), ("DM2407", "stolen")]
    return error


HOSTILE = """
(select password from users limit 1)
amount + (select 1)
exists (select 1 from secrets)
amount); drop table orders; --
1; drop table orders
amount -- comment
pg_read_file('/etc/passwd')
pg_sleep(10)
dblink('host=x', 'select 1')
set_config('role', 'admin', false)
file('/etc/passwd')
url('http://x', 'CSV')
dictGet('secrets', 'value', 1)
sleep(3)
getSetting('x')
current_user
now()
random()
sum(amount) over ()
{{ env_var('PASSWORD') }}
{% raw %}x{% endraw %}
cast(amount as regclass)
amount::regproc
""".strip().splitlines()


@pytest.mark.parametrize("expr", HOSTILE)
def test_hostile_sql_in_a_measure(expr: str) -> None:
    error = check_left_out(compile_source(Project(expr)), "DM31")
    assert error.where is not None
    assert error.where.column >= 15


def test_a_manifest_with_sql_in_a_metric_expression(shared: Path) -> None:
    """The fault of that name: the metric is rejected, others load."""
    faults = {
        fault["id"]: fault for fault in map(json.loads, (shared / "faults" / "faults.jsonl").read_text(encoding="utf-8").splitlines())
    }
    fault = faults["ft-33"]
    assert "metric rejected, others load" in fault["expect"]
    for expr in ("(select max(password) from secrets)", "1); drop table orders; --"):
        check_left_out(compile_source(Project(expr)), "DM31")


@pytest.mark.parametrize("expr", ['"a\\b" + 1', f'"{"x" * 64}"', "concat(status, '\ue000')", '"a\nb"'])
def test_what_no_engine_may_be_sent(expr: str) -> None:
    check_left_out(compile_source(Project(expr)), "DM2313")


def every() -> list[Expr]:
    """Each function of the catalogue with each count of arguments, and each other node, over columns and constants."""
    texts = Literal("x", DataType.TEXT)
    made: list[Expr] = []
    for function in CATALOGUE.values():
        for count in range(function.least, (function.most or function.least + 1) + 1):
            args: tuple[Expr, ...] = (
                (Literal("day", DataType.TEXT), A, B) if function.name == "date_diff" else (A, Literal(2, DataType.INTEGER), B)[:count]
            )
            made.append(Call(function.name, args))
    made += [Cast(A, kind) for kind in DataType if kind not in (DataType.OTHER, DataType.ARRAY, DataType.JSON, DataType.TIME)]
    made += [Truncate(A, grain) for grain in Grain if grain.order >= Grain.SECOND.order]
    made += [Shift(A, -2, grain) for grain in Grain if grain.order >= Grain.SECOND.order]
    made += [Extract(A, part) for part in DatePart]
    made += [Binary(op, A, B) for op in ("+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">=")]
    return [*made, In(A, (texts,), True), Like(A, texts, True, True), Case(((Binary("=", A, texts), B),), None)]


@pytest.mark.parametrize("dialect", Dialect)
def test_everything_that_the_grammar_knows_is_allowed(dialect: Dialect) -> None:
    for expr in every():
        assert refused(expr, dialect) is None, expr


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("kind", DataType)
def test_no_type_leads_to_a_spelling_that_is_not_allowed(kind: DataType, dialect: Dialect) -> None:
    """Types choose how a node is spelled; all that they do besides is rule a node out."""
    for other in DataType:
        kinds = {"a": kind, "b": other}
        for expr in every():
            problem = refused(expr, dialect, lambda column, kinds=kinds: kinds.get(column.name, DataType.OTHER))
            assert problem is None or problem.code.startswith("DM31"), (expr, other, problem)


def test_a_guard_remembers_kinds_and_not_names() -> None:
    guard = expression_guard(Dialect)
    assert guard(Binary("+", A, B)) is None
    assert guard(Binary("+", A, Column("a\\b"))) is not None
    assert guard(Binary("+", A, Literal("\ue000", DataType.TEXT))) is not None
    assert guard(Binary("+", A, B)) is None
