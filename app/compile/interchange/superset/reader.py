"""Superset's datasets (6.x): as its export has them, a YAML each with the databases beside, and as `GET /api/v1/dataset/<id>` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.compile.interchange.datasets import Dataset, Words
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.metrics import Source
from app.compile.interchange.superset.expressions import Expressions
from app.compile.interchange.superset.words import DIALECTS, number_format, unit_of
from app.compile.interchange.templated import JINJA
from app.compile.interchange.tree import Tree, read_documents, unread, unreadable
from app.errors import Where

_DATASET = frozenset(
    {
        *(
            "table_name",
            "schema",
            "catalog",
            "sql",
            "description",
            "main_dttm_col",
            "columns",
            "metrics",
            "database",
            "database_uuid",
            "extra",
        ),
        *("name", "verbose_name"),
    }
)
_SERVERS = frozenset(
    {
        *(
            "id",
            "uuid",
            "version",
            "owners",
            "created_by",
            "changed_by",
            "created_on",
            "changed_on",
            "created_on_humanized",
            "changed_on_humanized",
        ),
        *(
            "url",
            "uid",
            "datasource_type",
            "datasource_name",
            "kind",
            "default_endpoint",
            "params",
            "filter_select_enabled",
            "normalize_columns",
        ),
        *("always_filter_main_dttm", "is_managed_externally", "is_sqllab_view", "column_formats", "granularity_sqla", "time_grain_sqla"),
        *(
            "order_by_choices",
            "select_star",
            "rendered_sql",
            "verbose_map",
            "currency_formats",
            "folders",
            "changed_by_name",
            "datasource_key",
        ),
        *("edit_url", "explore_url", "database_name", "editors", "viewers", "perm", "schema_perm", "health_check_message", "extra_json"),
    }
)
"""What a dataset says of the server that it came from: it has no meaning in a dbt project."""
_WHY = {
    "fetch_values_predicate": "values are suggested as policies allow",
    "template_params": "they fill in Jinja, which is not evaluated",
    "offset": "times are taken as the warehouse has them",
    "cache_timeout": "what is cached, and how long, is not the layer's",
}
_COLUMN = frozenset(
    {
        *(
            "column_name",
            "expression",
            "verbose_name",
            "description",
            "type",
            "type_generic",
            "is_dttm",
            "groupby",
            "filterable",
            "is_active",
            "extra",
        ),
        *("python_date_format", "advanced_data_type", "id", "uuid", "created_on", "changed_on", "datetime_format"),
    }
)
_METRIC = frozenset(
    {
        *("metric_name", "expression", "metric_type", "verbose_name", "description", "d3format", "currency", "warning_text", "extra"),
        *("id", "uuid", "created_on", "changed_on", "warning_markdown", "is_certified", "certified_by", "certification_details"),
    }
)


def read_superset(drafting: Drafting, files: Sequence[tuple[str, str]]) -> None:
    """Draft what the files define. Raises UserError DM2651 where none of them holds a dataset."""
    trees = [(name, tree) for name, text in files for tree in read_documents(text, name)]
    databases = {tree.text("uuid"): tree for _, tree in trees if tree.text("sqlalchemy_uri")}
    found: list[Tree] = []
    for name, tree in trees:
        held = _datasets(tree)
        if not held and tree.text("uuid") not in databases and tree.text("type") != "SqlaTable" and not tree.text("timestamp"):
            kind = "a chart or dashboard" if tree.text("viz_type") or tree.text("dashboard_title") else "no dataset"
            drafting.findings.lost(f"`{name}`", f"it is {kind}", "what it defines, such as metrics of a chart's own", tree.where)
        found += held
    if not found:
        raise unreadable(
            "none of the files holds a dataset of Superset", trees[0][1].where if trees else Where(files[0][0] if files else "")
        )
    for tree in found:
        _Reader(drafting, tree, _dialect(tree, databases) or drafting.dialect).read()


def _datasets(tree: Tree) -> list[Tree]:
    """The datasets of a document: itself, the one or several of an answer, or those of an older export."""
    if tree.text("table_name"):
        return [tree]
    result = tree.get("result")
    if result is not None:
        return [part for part in (result.members if result.kind == "sequence" else [result]) if part.text("table_name")]
    return [table for database in tree.items("databases") for table in database.items("tables")]


def _dialect(tree: Tree, databases: Mapping[str, Tree]) -> str:
    """The SQL of the dataset's database; "" where it is not told."""
    database = databases.get(tree.text("database_uuid"))
    named = database.text("sqlalchemy_uri") if database else tree.text("database", "backend")
    return DIALECTS.get(named.partition(":")[0].partition("+")[0].lower(), "")


class _Reader:
    """One dataset."""

    def __init__(self, drafting: Drafting, tree: Tree, dialect: str) -> None:
        self.drafting, self.tree, self.dialect = drafting, tree, dialect
        self.name = tree.text("table_name")
        self.expressions = Expressions(drafting, dialect, self.name)

    def read(self) -> None:
        """Draft it."""
        findings, subject = self.drafting.findings, f"dataset `{self.name}`"
        for key, entry in unread(self.tree, _DATASET | _SERVERS):
            if not (key == "offset" and entry.value == 0):
                findings.lost(subject, _WHY.get(key, f"`{key}` is not part of the format as it is known here"), f"`{key}`", entry.where)
        query = self.tree.text("sql")
        if JINJA.search(query):
            findings.lost(
                subject,
                "its query holds Jinja, which only Superset can fill in",
                "what the Jinja says",
                self.tree.place("sql"),
                code="DM2660",
            )
        table = ".".join(part for part in (self.tree.text("schema"), self.name) if part)
        words = Words(self.tree.text("verbose_name"), self.tree.text("description"), meta=_extra(self.tree))
        dataset = self.drafting.datasets.add(self.name, subject, self.tree.where, words, table="" if query else table, query=query)
        for column in self.tree.items("columns"):
            expr = self.expressions.column(column)
            if expr is not None:
                dataset.fields[column.text("column_name")] = expr
        self._dimensions(dataset)
        for metric in self.tree.items("metrics"):
            self._metric(dataset, metric)

    def _dimensions(self, dataset: Dataset) -> None:
        findings, main = self.drafting.findings, self.tree.text("main_dttm_col")
        unused: list[str] = []
        for column in sorted(self.tree.items("columns"), key=lambda c: c.text("column_name") != main):
            name = column.text("column_name")
            subject = f"column `{self.name}.{name}`"
            for key, entry in unread(column, _COLUMN):
                findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
            if name not in dataset.fields:
                continue
            time = bool(column.truth("is_dttm"))
            written = column.text("python_date_format") or column.text("datetime_format")
            if column.truth("is_active") is False or (
                column.truth("groupby") is False and column.truth("filterable") is False and not time
            ):
                unused.append(name)
                continue
            if time and written:
                findings.changed(
                    subject, f"its times are written as `{written}`", "it is no time dimension here", column.where, code="DM2656"
                )
                time = False
            words = Words(column.text("verbose_name"), column.text("description"), meta=_extra(column))
            self.drafting.datasets.dimension(dataset, name, dataset.fields[name], words, column.where, time=time)
        if unused:
            findings.assumed(
                dataset.subject,
                f"columns that nobody groups or filters by serve metrics alone: {', '.join(unused)}",
                self.tree.place("columns"),
            )

    def _metric(self, dataset: Dataset, tree: Tree) -> None:
        name = tree.text("metric_name")
        subject = f"metric `{self.name}.{name}`"
        for key, entry in unread(tree, _METRIC):
            self.drafting.findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
        found = self.expressions.metric(tree, dataset, {other.text("metric_name") for other in self.tree.items("metrics")})
        if found is None:
            return
        unit, form = unit_of(tree), number_format(tree.text("d3format"))
        shown = {key: tree.text(key) for key in ("d3format", "warning_text") if tree.text(key) and not (key == "d3format" and form)}
        meta = _extra(tree) | ({"superset": shown} if shown else {})
        words = Words(tree.text("verbose_name"), tree.text("description"), (), unit, form, meta)
        self.drafting.metrics.add(Source(name, subject, tree.where, dataset, found, words, dialect=self.dialect))


def _extra(tree: Tree) -> dict[str, Any]:
    """`extra` (certification, warnings), which is carried in `meta`."""
    extra = tree.get("extra")
    held = extra.plain() if extra is not None else None
    return {"superset_extra": held} if held not in (None, "", "{}", {}) else {}
