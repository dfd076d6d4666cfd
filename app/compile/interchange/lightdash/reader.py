"""Lightdash's `meta` in dbt YAML: dimensions and metrics of columns and models, and joins."""

from __future__ import annotations

from typing import Any

from app.compile.interchange.datasets import Dataset, Words
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.extension import KEY, opened
from app.compile.interchange.joins import read_join
from app.compile.interchange.lightdash.metrics import read_metric, template
from app.compile.interchange.lightdash.words import words_of
from app.compile.interchange.lightdash.writer import plain_part
from app.compile.interchange.tree import Tree, read_documents, unread, unreadable
from app.errors import UserError, Where
from app.model.expr import Column
from app.model.types import DataType

_META = frozenset(
    {
        *(
            "label",
            "primary_key",
            "default_time_dimension",
            "joins",
            "metrics",
            "ai_hint",
            "group_label",
            "order_fields_by",
            "group_details",
        ),
        *("default_show_underlying_values", "spotlight", KEY, "datamind"),
    }
)
_WHY = {
    "sql_filter": "a filter of rows is written as a policy of the dbt model (docs/policies.md)",
    "sql_where": "a filter of rows is written as a policy of the dbt model (docs/policies.md)",
    "required_attributes": "rules of access are written as policies of dbt models (docs/policies.md)",
    "any_attributes": "rules of access are written as policies of dbt models (docs/policies.md)",
    "required_filters": "queries are not bound to filters here",
    "default_filters": "queries are not bound to filters here",
    "parameters": "parameters have no place in dbt's semantic models",
    "explores": "every join that entities allow can be asked for",
    "sets": "every join that entities allow can be asked for",
}
_JOIN = frozenset({"join", "sql_on", "type", "alias", "label", "relationship"})
_COLUMN = frozenset({"dimension", "additional_dimensions", "metrics", "datamind"})
_DIMENSION = frozenset(
    {
        "type",
        "label",
        "sql",
        "name",
        "description",
        "hidden",
        "format",
        "ai_hint",
        "groups",
        "round",
        "compact",
        "separator",
        "time_intervals",
    }
    | {"tags", "urls", "group_label", "colors", "case_sensitive"}
)
_TIMES = ("date", "timestamp")


def read_lightdash(drafting: Drafting, files: list[tuple[str, str]]) -> None:
    """Draft what the files define. Raises UserError DM2651 for a file without models."""
    models: dict[str, Tree] = {}
    for name, text in files:
        documents = read_documents(text, name)
        if not any(document.get("models") for document in documents):
            raise unreadable("it has no `models`", documents[0].where if documents else Where(name))
        for document in documents:
            for model in document.items("models"):
                if model.text("name") in models:
                    raise unreadable(f"the model `{model.text('name')}` is there twice", model.where)
                models[model.text("name")] = model
    _Models(drafting, models).read()


def meta_of(tree: Tree) -> Tree:
    """`config.meta`, or `meta` as dbt before 1.10 has it."""
    return tree.get("config", "meta") or tree.get("meta") or Tree(tree.where, kind="mapping")


class _Models:
    """All models of one import."""

    def __init__(self, drafting: Drafting, models: dict[str, Tree]) -> None:
        self.drafting, self.models = drafting, models
        self.datasets: dict[str, Dataset] = {}

    def read(self) -> None:
        """Draft everything."""
        held = {
            name: tree
            for name, tree in self.models.items()
            if meta_of(tree).entries or any(meta_of(c).entries for c in tree.items("columns"))
        }
        exact = {name: _definition(tree) for name, tree in held.items()}
        findings = self.drafting.findings
        trusted = bool(exact) and all(definition is not None for definition in exact.values())
        if not trusted and any(meta_of(tree).get(KEY) for tree in held.values()):
            findings.changed(
                "the models",
                "they were changed since the file was written",
                "what only the extension says is not read",
                None,
                code="DM2663",
            )
        if trusted:
            self._restore(exact)
            return
        for name, tree in held.items():
            self._model(name, tree)
        for name, tree in held.items():
            self._key(name, tree)
        for name, tree in held.items():
            for join in meta_of(tree).items("joins"):
                self._join(name, join)
        for name, tree in held.items():
            self._dimensions(name, tree)
        for name, tree in held.items():
            self._metrics(name, tree)
            self._rest(name, meta_of(tree))

    def _restore(self, exact: dict[str, Any]) -> None:
        for name, definition in exact.items():
            tree = self.models[name]
            for model in definition["semantic_models"]:
                with self.drafting.findings.unsaid():
                    dataset = self.drafting.datasets.add(
                        model["name"], f"semantic model `{model['name']}`", tree.where, Words(), table=name
                    )
                self.drafting.restore(dataset, model)
            for metric in definition["metrics"]:
                self.drafting.restore_metric(metric, None, tree.where)
            self.drafting.saved_queries += definition.get("saved_queries", ())

    def _model(self, name: str, tree: Tree) -> None:
        meta = meta_of(tree)
        carried = {key: entry.plain() for key, entry in unread(meta, _META) if key not in _WHY}
        words = Words(meta.text("label"), tree.text("description"), meta=carried)
        dataset = self.drafting.datasets.add(name, f"model `{name}`", tree.where, words, table=name)
        self.datasets[name] = dataset
        for column in tree.items("columns"):
            self._fields(dataset, column)
        for known in dataset.model.columns if dataset.model else ():
            dataset.fields.setdefault(known.name, Column(known.name))

    def _fields(self, dataset: Dataset, column: Tree) -> None:
        """The row-level members of a column: the column itself, or what its `sql` makes of it, and additional dimensions."""
        meta, name = meta_of(column), column.text("name")
        written = {name: meta.get("dimension"), **dict(_named(meta.get("additional_dimensions")))}
        for key, tree in written.items():
            sql = tree.text("sql") if tree else ""
            try:
                dataset.fields[key] = template(dataset.name).expression(sql, self.drafting.dialect) if sql else Column(name)
            except UserError as error:
                where = tree.place("sql") if tree else column.where
                self.drafting.findings.refused(error, f"dimension `{dataset.name}.{key}`", "the dimension", where)

    def _key(self, name: str, tree: Tree) -> None:
        key, dataset = meta_of(tree).get("primary_key"), self.datasets[name]
        if key is not None:
            names = [str(member.value) for member in key.members] if key.kind == "sequence" else [str(key.value)]
            parts = [dataset.fields.get(part, Column(part)) for part in names]
            self.drafting.datasets.key(dataset, parts, f"key of model `{name}`", key.where)

    def _join(self, name: str, join: Tree) -> None:
        """A join, in the shape of a cube's."""
        findings, subject = self.drafting.findings, f"join of `{name}` to `{join.text('join')}`"
        for key, entry in unread(join, _JOIN):
            findings.lost(subject, "a join brings all that the other model has", f"`{key}`", entry.where)
        if join.text("type") not in ("", "left"):
            findings.changed(subject, "joins keep every row", f"that a {join.text('type')} join leaves rows out", join.place("type"))
        entries = dict(join.entries)
        entries["name"] = Tree(join.where, join.text("join"))
        entries["sql"] = join.get("sql_on") or Tree(join.where, "")
        entries["relationship"] = Tree(join.place("relationship"), (join.text("relationship") or "many-to-one").replace("-", "_"))
        if not join.text("relationship"):
            findings.assumed(subject, "it is taken to be many-to-one", join.where)
        made = Tree(join.where, kind="mapping", entries=entries)
        aliases = {join.text("alias"): join.text("join")} if join.text("alias") else {}
        read_join(self.drafting, self.datasets, name, made, template(name, aliases))

    def _dimensions(self, name: str, tree: Tree) -> None:
        dataset, wanted = self.datasets[name], meta_of(tree).text("default_time_dimension", "field")
        found = [(column.text("name"), meta_of(column).get("dimension"), column) for column in tree.items("columns")]
        found += [(key, d, column) for column in tree.items("columns") for key, d in _named(meta_of(column).get("additional_dimensions"))]
        for key, dimension, column in sorted(found, key=lambda item: item[0] != wanted):
            self._dimension(dataset, key, dimension, column)

    def _dimension(self, dataset: Dataset, name: str, tree: Tree | None, column: Tree) -> None:
        findings, subject = self.drafting.findings, f"dimension `{dataset.name}.{name}`"
        for key, entry in unread(tree, _DIMENSION) if tree else ():
            findings.lost(subject, _WHY.get(key, f"`{key}` has no place in dbt's semantic models"), f"`{key}`", entry.where)
        for key, entry in unread(meta_of(column), _COLUMN) if tree is meta_of(column).get("dimension") else ():
            findings.lost(
                f"column `{dataset.name}.{column.text('name')}`",
                f"`{key}` is not part of the format as it is known here",
                f"`{key}`",
                entry.where,
            )
        expr = dataset.fields.get(name)
        if expr is None or (tree and tree.truth("hidden")):
            return
        known = self.drafting.catalog.type_of(dataset.model, expr.name) if isinstance(expr, Column) else None
        kind = (tree.text("type") if tree else "") or column.text("data_type").lower()
        time = kind in _TIMES or (not kind and known in (DataType.DATE, DataType.TIMESTAMP))
        where = tree.where if tree else column.where
        self.drafting.datasets.dimension(
            dataset, name, expr, words_of(tree, column.text("description")), where, time=time, grain="day" if kind == "date" else ""
        )

    def _metrics(self, name: str, tree: Tree) -> None:
        dataset = self.datasets[name]
        for column in tree.items("columns"):
            for key, metric in _named(meta_of(column).get("metrics")):
                read_metric(self.drafting, dataset, key, metric, column.text("name"))
        for key, metric in _named(meta_of(tree).get("metrics")):
            read_metric(self.drafting, dataset, key, metric, "")

    def _rest(self, name: str, meta: Tree) -> None:
        for key, entry in unread(meta, _META):
            if key in _WHY:
                self.drafting.findings.lost(f"model `{name}`", _WHY[key], f"`{key}`", entry.where)


def _named(tree: Tree | None) -> list[tuple[str, Tree]]:
    return list(tree.entries.items()) if tree else []


def _definition(tree: Tree) -> Any | None:
    extension = meta_of(tree).get(KEY)
    return opened(extension.plain(), plain_part(tree.plain())) if extension is not None else None
