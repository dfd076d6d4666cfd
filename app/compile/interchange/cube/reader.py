"""Cube's data models, as its reference of version 1.x has them: cubes with dimensions, measures, joins and segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from app.compile.interchange.cube.dimensions import read_dimension
from app.compile.interchange.cube.javascript import normalised, read_javascript
from app.compile.interchange.cube.measures import read_measure
from app.compile.interchange.cube.segments import read_hierarchy, read_segment
from app.compile.interchange.datasets import Dataset, Words
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.extension import KEY, opened
from app.compile.interchange.joins import read_join
from app.compile.interchange.templated import Template
from app.compile.interchange.tree import Tree, read_documents, unread, unreadable
from app.errors import UserError
from app.model.expr import Column, Expr, Field
from app.sql.expressions.walk import replace_leaves

_CUBE = frozenset(
    {
        *("name", "sql", "sql_table", "sql_alias", "title", "description", "public", "shown", "extends", "joins", "dimensions", "measures"),
        *("segments", "hierarchies", "meta"),
    }
)
_WHY = {
    "pre_aggregations": "DataMind answers from the warehouse, without rollups of its own",
    "access_policy": "rules of access are written as policies of dbt models (docs/policies.md)",
    "refresh_key": "dbt refreshes its models itself",
    "data_source": "a dbt project has one adapter for each target",
    "rewrite_queries": "the queries of others are not known here",
    "context_members": "it belongs to Cube's server",
    "calendar": "a calendar is a time spine in dbt, with a model of its own",
}


def read_cube(drafting: Drafting, files: list[tuple[str, str]]) -> None:
    """Draft what the files define, YAML and JavaScript. Raises UserError DM2651 for a file that is none of Cube's, DM2660 for JavaScript with code."""
    cubes: dict[str, Tree] = {}
    for name, text in files:
        for kind, tree in _trees(name, text):
            if kind == "view":
                drafting.findings.lost(
                    f"view `{tree.text('name')}`", "a view chooses members of cubes, which a query does here", "the view", tree.where
                )
            elif tree.text("name") in cubes:
                raise unreadable(f"the cube `{tree.text('name')}` is there twice", tree.where)
            else:
                cubes[tree.text("name")] = tree
    _Model(drafting, {name: _with_base(drafting, tree, cubes, ()) for name, tree in cubes.items()}).read()


def _trees(name: str, text: str) -> list[tuple[str, Tree]]:
    """The cubes and views of a file."""
    if name.endswith((".js", ".mjs", ".ts")):
        return [(kind, normalised(tree)) for kind, tree in read_javascript(text, name)]
    found: list[tuple[str, Tree]] = []
    for document in read_documents(text, name):
        if document.get("cubes") is None and document.get("views") is None:
            raise unreadable("it has neither `cubes` nor `views`", document.where)
        found += [("cube", tree) for tree in document.items("cubes")] + [("view", tree) for tree in document.items("views")]
    return found


def _with_base(drafting: Drafting, tree: Tree, cubes: Mapping[str, Tree], within: tuple[str, ...]) -> Tree:
    """A cube with what it has of the cube that it extends: members of its own come in place of those of the same name."""
    base_name = tree.text("extends").strip("{}$ ")
    if not base_name:
        return tree
    base = cubes.get(base_name)
    if base is None or base_name in within:
        drafting.findings.lost(
            f"cube `{tree.text('name')}`",
            f"it extends `{base_name}`, which is not there",
            "what it would have of it",
            tree.place("extends"),
        )
        return tree
    base = _with_base(drafting, base, cubes, (*within, base_name))
    made = Tree(tree.where, kind="mapping", entries=dict(base.entries) | dict(tree.entries))
    for section in ("dimensions", "measures", "joins", "segments", "hierarchies"):
        own = {member.text("name"): member for member in tree.items(section)}
        members = {member.text("name"): member for member in base.items(section)} | own
        if members:
            made.entries[section] = Tree(tree.place(section), members=list(members.values()), kind="sequence")
    return made


class _Model:
    """All cubes of one import."""

    def __init__(self, drafting: Drafting, cubes: Mapping[str, Tree]) -> None:
        self.drafting, self.cubes = drafting, cubes
        self.datasets: dict[str, Dataset] = {}

    def read(self) -> None:
        """Draft everything."""
        exact = {name: _definition(tree, _plain(tree)) for name, tree in self.cubes.items()}
        trusted = bool(exact) and all(definition is not None for definition in exact.values())
        findings = self.drafting.findings
        if not trusted and any(tree.get("meta", KEY) is not None for tree in self.cubes.values()):
            why = "cubes were changed since the file was written"
            findings.changed("the cubes", why, "what only the extension says is not read", None, code="DM2663")
        with findings.unsaid(trusted):
            self._read_cubes()
        for name, definition in exact.items():
            if trusted and definition is not None:
                self.drafting.restore(self.datasets[name], definition["semantic_model"])
                self.drafting.saved_queries += definition.get("saved_queries", ())
                for metric in definition.get("metrics", ()):
                    self.drafting.restore_metric(metric, self.datasets[name], self.cubes[name].where)
        helpers = {name for definition in exact.values() if definition for name in definition.get("helpers", ())} if trusted else set()
        for name, tree in self.cubes.items():
            for measure in tree.items("measures"):
                plain = {key: value for key, value in measure.plain().items() if key != "meta"}
                definition = _definition(measure, _without_key(measure, plain)) if trusted else None
                if definition is not None:
                    self.drafting.restore_metric(definition, self.datasets[name], measure.where)
                elif f"{name}.{measure.text('name')}" not in helpers:
                    read_measure(self.drafting, self.datasets[name], measure, template(name))

    def _read_cubes(self) -> None:
        for name, tree in self.cubes.items():
            self._cube(name, tree)
        for name in self.cubes:
            self._inline(self.datasets[name])
        for name, tree in self.cubes.items():
            dataset = self.datasets[name]
            keys = [d.text("name") for d in tree.items("dimensions") if d.truth("primary_key") or d.truth("primaryKey")]
            parts = [dataset.fields[key] for key in keys if key in dataset.fields]
            if parts and len(parts) == len(keys):
                self.drafting.datasets.key(dataset, parts, f"key of cube `{name}`", tree.place("dimensions"))
        for name, tree in self.cubes.items():
            for join in tree.items("joins"):
                read_join(self.drafting, self.datasets, name, join, template(name))
        for name, tree in self.cubes.items():
            for dimension in tree.items("dimensions"):
                read_dimension(self.drafting, self.datasets[name], dimension)
            self._rest(name, tree)

    def _cube(self, name: str, tree: Tree) -> None:
        subject = f"cube `{name}`"
        table, query = tree.text("sql_table"), tree.text("sql")
        if query and not table:
            table = _table_of(query)
        words = Words(tree.text("title"), tree.text("description"), meta=_carried(tree))
        dataset = self.drafting.datasets.add(name, subject, tree.where, words, table=table, query="" if table else query)
        self.datasets[name] = dataset
        for dimension in tree.items("dimensions"):
            expr = self._field(dataset, dimension)
            if expr is not None:
                dataset.fields[dimension.text("name")] = expr

    def _field(self, dataset: Dataset, tree: Tree) -> Expr | None:
        from app.compile.interchange.cube.dimensions import dimension_expression

        try:
            return dimension_expression(tree, template(dataset.name), self.drafting.dialect)
        except UserError as error:
            self.drafting.findings.refused(error, f"dimension `{dataset.name}.{tree.text('name')}`", "the dimension", tree.place("sql"))
            return None

    def _inline(self, dataset: Dataset) -> None:
        """Write out dimensions that other dimensions name; those of other cubes have no place in a semantic model of this one."""
        raw = dict(dataset.fields)

        def resolved(name: str, within: tuple[str, ...]) -> Expr | None:
            left = False

            def named(leaf: Expr) -> Expr:
                nonlocal left
                if isinstance(leaf, Column):
                    left = left or leaf.table not in ("", dataset.name)
                    return Column(leaf.name)
                if isinstance(leaf, Field):
                    own = not leaf.path or leaf.path == (dataset.name,)
                    inner = resolved(leaf.name, (*within, name)) if own and leaf.name in raw and leaf.name not in (*within, name) else None
                    left = left or inner is None
                    return inner or leaf
                return leaf

            found = replace_leaves(raw[name], named)
            return None if left else found

        for name in raw:
            found = resolved(name, ())
            if found is None:
                del dataset.fields[name]
                where = next((d.where for d in self.cubes[dataset.name].items("dimensions") if d.text("name") == name), dataset.where)
                reason = "it reads another cube, or a member that is not there"
                self.drafting.findings.lost(f"dimension `{dataset.name}.{name}`", reason, "the dimension", where, code="DM2659")
            else:
                dataset.fields[name] = found

    def _rest(self, name: str, tree: Tree) -> None:
        """Report what a semantic model has no place for."""
        findings = self.drafting.findings
        for segment in tree.items("segments"):
            read_segment(self.drafting, self.datasets[name], segment, template(name))
        for hierarchy in tree.items("hierarchies"):
            read_hierarchy(self.drafting, self.datasets[name], hierarchy)
        for key, entry in unread(tree, _CUBE):
            reason = _WHY.get(key, f"`{key}` is not part of the format as it is known here")
            for member in entry.members if entry.kind == "sequence" and entry.members else [entry]:
                said = f"{key} `{member.text('name')}`" if member.text("name") else f"`{key}`"
                findings.lost(f"{said} of cube `{name}`", reason, said, member.where)
        if tree.truth("public") is False or tree.truth("shown") is False:
            findings.assumed(f"cube `{name}`", "it is not public there; whoever may read the model sees it here", tree.where)


def template(cube: str) -> Template:
    """The braces of a cube: `CUBE` and its own name are the cube itself."""
    return Template(frozenset({"CUBE", "TABLE", cube}), {cube: ""})


def _table_of(query: str) -> str:
    """The table of a query that takes all of it and no more; "" for any other."""
    try:
        tree = sqlglot.parse_one(query.strip().rstrip(";"), read="postgres")
    except SqlglotError:
        return ""
    tables = [tree.args["from_"].this] if isinstance(tree, exp.Select) and tree.args.get("from_") else []
    held = {key for key, value in tree.args.items() if value} if tables else set()
    star = (
        tables and len(tree.expressions) == 1 and isinstance(tree.expressions[0], exp.Star) and not tree.expressions[0].args.get("except_")
    )
    plain = star and held <= {"expressions", "from_"} and isinstance(tables[0], exp.Table)
    return ".".join(part.name for part in tables[0].parts) if plain else ""


def _carried(tree: Tree) -> dict[str, Any]:
    """`meta` of a cube, without what is ours."""
    meta = tree.get("meta")
    return {key: value for key, value in meta.plain().items() if key != KEY} if meta and meta.kind == "mapping" else {}


def _plain(tree: Tree) -> Any:
    """The plain part of a cube: all but its measures and our extension."""
    return _without_key(tree, {key: value for key, value in tree.plain().items() if key not in ("measures", "meta")})


def _without_key(tree: Tree, plain: dict[str, Any]) -> dict[str, Any]:
    meta = _carried(tree)
    return plain | ({"meta": meta} if meta else {})


def _definition(tree: Tree, plain: Any) -> Any | None:
    """The exact definition that our extension holds for a plain part as it is."""
    extension = tree.get("meta", KEY)
    return opened(extension.plain(), plain) if extension is not None else None
