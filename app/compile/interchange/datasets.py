"""Datasets of others as drafts of dbt semantic models: dimensions, keys and the joins between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.compile.derive.words import in_words, singular
from app.compile.interchange.catalog import Catalog
from app.compile.interchange.definitions import Definition
from app.compile.interchange.findings import Findings
from app.compile.interchange.naming import Names, dbt_name
from app.compile.interchange.sql_text import Unspeakable, expression_sql
from app.errors import Where
from app.model.expr import Call, Column, Expr
from app.model.physical import Model
from app.model.types import DataType
from app.sql.expressions.walk import columns, key_parts


@dataclass(slots=True)
class Words:
    """What a format says of a thing for people."""

    label: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    unit: str = ""
    format: str = ""
    meta: Definition = field(default_factory=dict)

    def config(self) -> Definition:
        """dbt's `config` of it: our own words under `meta.datamind`, those of others beside."""
        ours = {"synonyms": list(self.synonyms), "unit": self.unit, "format": self.format}
        held = {key: value for key, value in ours.items() if value}
        meta = {key: value for key, value in self.meta.items() if key != "datamind"} | ({"datamind": held} if held else {})
        return {"meta": meta} if meta else {}


@dataclass(slots=True)
class Dataset:
    """One table of a source. `fields` are its row-level members over the columns of its own; `dimensions` the names that dbt calls them by; `keys` the
    entities by which its rows are unique; `links` lead by an entity's name to another dataset."""

    name: str
    subject: str
    where: Where
    definition: Definition
    model: Model | None = None
    fields: dict[str, Expr] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)
    keys: dict[str, Expr] = field(default_factory=dict)
    foreign: dict[str, Expr] = field(default_factory=dict)
    links: list[tuple[str, Dataset]] = field(default_factory=list)
    exact: Definition | None = None
    """The definition that takes the place of what is drafted."""
    elements: Names = field(default_factory=Names)

    @property
    def semantic_name(self) -> str:
        """The semantic model's name."""
        return str(self.definition["name"])

    @property
    def primary(self) -> str:
        """The entity that prefixes its dimensions."""
        entities = self.definition.get("entities", ())
        return next((e["name"] for e in entities if e["type"] == "primary"), str(self.definition.get("primary_entity", "")))


@dataclass(slots=True)
class Datasets:
    """Drafts the semantic models of one import."""

    catalog: Catalog
    findings: Findings
    dialect: str
    found: dict[str, Dataset] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def add(self, name: str, subject: str, where: Where, words: Words, *, table: str = "", query: str = "") -> Dataset:
        """A dataset over a table, or a query, which must be a dbt model first."""
        wanted = dbt_name(name)
        given = self.names.give(wanted)
        self._renamed(subject, name, given, where)
        model, stem = self._model(name, subject, where, table, query)
        if words.synonyms or words.unit or words.format:
            hint = "write them as `meta.datamind.synonyms` of the dbt model"
            self.findings.lost(subject, "a semantic model has no synonyms of its own", ", ".join(words.synonyms), where, hint=hint)
        definition: Definition = {
            "name": given,
            "label": words.label or in_words(given),
            "description": words.description,
            "model": f"ref('{stem}')" if "." not in stem else "source('{}', '{}')".format(*stem.split(".", 1)),
            "config": replace(words, synonyms=(), unit="", format="").config(),
            "defaults": {},
            "primary_entity": "",
            "entities": [],
            "dimensions": [],
            "measures": [],
        }
        made = Dataset(name, subject, where, definition, model)
        self.found[name] = made
        return made

    def _model(self, name: str, subject: str, where: Where, table: str, query: str) -> tuple[Model | None, str]:
        """The dbt model below a dataset, and its name."""
        catalog = self.catalog
        if query:
            model, _ = catalog.model_of(dbt_name(name))
            if model is None:
                self.findings.lost(
                    subject,
                    "it is a query, and a semantic model stands on a dbt model",
                    "the query",
                    where,
                    code="DM2655",
                    hint=f"write the query as a dbt model `{dbt_name(name)}`",
                )
            else:
                self.findings.assumed(subject, f"its query is taken to be the dbt model `{model.name}`", where)
            return model, model.name if model else dbt_name(name)
        model, exact = catalog.model_of(table or name)
        if model is None:
            stem = (table or name).split(".")[-1].strip('"`[] ')
            if catalog.models:
                self.findings.assumed(
                    subject, f"no dbt model lies at `{table or name}`", where, code="DM2658", hint=f"dbt must know a model `{stem}`"
                )
            return None, stem
        if not exact:
            self.findings.assumed(subject, f"`{table}` is taken to be the dbt model `{model.name}`", where, code="DM2658")
        return model, model.name

    def dimension(
        self, dataset: Dataset, name: str, expr: Expr, words: Words, where: Where, *, time: bool = False, grain: str = ""
    ) -> None:
        """A dimension over the dataset's own columns. One whose expression has no text is reported."""
        subject = f"dimension `{dataset.name}.{name}`"
        dataset.fields[name] = expr
        given = dataset.elements.give(dbt_name(name), f"{dataset.semantic_name}_{dbt_name(name)}")
        self._renamed(subject, name, given, where)
        try:
            text = "" if expr == Column(given) else expression_sql(expr, self.dialect)
        except Unspeakable as error:
            self.findings.lost(subject, str(error), "the dimension", where, code="DM2654")
            return
        self._known_columns(dataset, expr, subject, where)
        made: Definition = {"name": given, "label": words.label or in_words(given), "description": words.description}
        made |= {"type": "time" if time else "categorical", "expr": text}
        if time:
            made["type_params"] = {"time_granularity": grain or "day"}
            dataset.times.append(given)
            if not grain and not self._is_date(dataset, expr):
                self.findings.assumed(subject, "it is taken by day", where, hint="name a finer `time_granularity` where times matter")
        made["config"] = words.config()
        dataset.definition["dimensions"].append(made)
        dataset.dimensions[name] = given

    def key(self, dataset: Dataset, parts: Sequence[Expr], subject: str, where: Where, *, name: str = "") -> str:
        """The entity by which the dataset's rows are unique: the first is primary, others are unique. Gives its name."""
        expr = parts[0] if len(parts) == 1 else Call("tuple", tuple(parts))
        known = next((entity for entity, held in dataset.keys.items() if held == expr and (not name or entity == name)), "")
        if known:
            return known
        given = dataset.elements.give(name or entity_name(dataset.semantic_name, parts), f"{dataset.semantic_name}_key")
        primary = not any(entity["type"] == "primary" for entity in dataset.definition["entities"])
        self._entity(dataset, given, "primary" if primary else "unique", expr, subject, where)
        dataset.keys[given] = expr
        return given

    def relation(self, start: Dataset, end: Dataset, pairs: Sequence[tuple[Expr, Expr]], subject: str, where: Where) -> None:
        """A join of many rows of `start` to one of `end` by columns that are equal. Two joins between the same datasets are two entities of `end`."""
        pairs = _in_order_of_a_key(pairs, end)
        ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        expr = ours[0] if len(ours) == 1 else Call("tuple", tuple(ours))
        entity = self.key(end, theirs, subject, where)
        held = (start.foreign | start.keys).get(entity)
        if start is end or (held is not None and held != expr) or (held is None and entity in start.elements.taken):
            role = _role_name(ours)
            unfit = role in end.elements.taken and end.keys.get(role) != end.keys[entity]
            if start is end or not role or role in start.elements.taken or unfit:
                self.findings.lost(subject, f"another entity of `{start.name}` is called `{entity}`", "the join", where)
                return
            entity = self.key(end, theirs, subject, where, name=role)
            held = None
        if held is None:
            start.elements.taken.add(entity)
            start.foreign[entity] = expr
            self._entity(start, entity, "foreign", expr, subject, where)
        start.links.append((entity, end))

    def finish(self) -> None:
        """Settle what datasets need and did not say: a primary entity, and a default time dimension. Where all of them are known exactly, they are
        taken as they are."""
        twice = [f"`{d.semantic_name}`" for d in self.found.values() if d.semantic_name in self.catalog.semantic_models]
        if twice:
            reason = "the project has semantic models of the same names already, and dbt refuses two"
            self.findings.assumed(f"semantic models {', '.join(twice)}", reason, code="DM2665", hint="keep one of them")
        exact = [dataset for dataset in self.found.values() if dataset.exact is not None]
        for dataset in exact:
            self._restore(dataset, dataset.exact or {})
        for dataset in exact:
            dataset.links = [
                (entity["name"], other)
                for entity in dataset.definition.get("entities", ())
                for other in exact
                if other is not dataset and entity["name"] in other.keys
            ]
        for dataset in self.found.values():
            if dataset.exact is not None:
                continue
            definition = dataset.definition
            if not dataset.primary:
                primary = tuple(dataset.model.primary_key) if dataset.model else ()
                if primary:
                    self.key(dataset, [Column(name) for name in primary], f"key of {dataset.subject}", dataset.where)
                else:
                    definition["primary_entity"] = dataset.elements.give(singular(dataset.semantic_name), f"{dataset.semantic_name}_row")
                    self.findings.assumed(dataset.subject, "it names no primary key; no dataset can be joined to it", dataset.where)
            if dataset.times and not definition["defaults"]:
                definition["defaults"] = {"agg_time_dimension": dataset.times[0]}
                if len(dataset.times) > 1:
                    self.findings.assumed(
                        dataset.subject,
                        f"its metrics are taken by `{dataset.times[0]}`, the first of its time dimensions",
                        dataset.where,
                        hint="set `defaults.agg_time_dimension`",
                    )

    def path(self, start: Dataset, end: Dataset) -> tuple[str, ...]:
        """The entities that lead from one dataset to another by the fewest joins, () where nothing or several ways do."""
        ways: list[tuple[tuple[str, ...], Dataset]] = [((), start)]
        seen = {start.name}
        while ways:
            onward = [((*path, entity), other) for path, here in ways for entity, other in here.links if other.name not in seen]
            found = [path for path, other in onward if other is end]
            if found:
                return found[0] if len(found) == 1 else ()
            seen |= {other.name for _, other in onward}
            ways = onward
        return ()

    def _restore(self, dataset: Dataset, definition: Definition) -> None:
        """Put an exact definition in place of the draft."""
        dataset.definition = definition
        definition.setdefault("measures", [])
        parts = [*definition.get("entities", ()), *definition.get("dimensions", ()), *definition["measures"]]
        dataset.elements = Names({part["name"] for part in parts})
        dataset.times = [d["name"] for d in definition.get("dimensions", ()) if d["type"] == "time"]
        dataset.keys = {e["name"]: Column(e["name"]) for e in definition.get("entities", ()) if e["type"] in ("primary", "unique")}
        dataset.dimensions = {d["name"]: d["name"] for d in definition.get("dimensions", ())}

    def find_time(self, dataset: Dataset) -> None:
        """The first date or timestamp column of the model, for a dataset that names no time dimension and has metrics, which need one."""
        for column in dataset.model.columns if dataset.model and not dataset.times else ():
            if column.type.is_temporal:
                name = dataset.elements.give(dbt_name(column.name), f"{dataset.semantic_name}_{dbt_name(column.name)}")
                made: Definition = {"name": name, "label": in_words(name), "type": "time"}
                made |= {"expr": "" if name == column.name else expression_sql(Column(column.name), self.dialect)}
                dataset.definition["dimensions"].append(made | {"type_params": {"time_granularity": "day"}})
                dataset.times.append(name)
                dataset.definition["defaults"] = {"agg_time_dimension": name}
                self.findings.assumed(dataset.subject, f"it names no time dimension: `{column.name}` is taken", dataset.where)
                return

    def _entity(self, dataset: Dataset, name: str, kind: str, expr: Expr, subject: str, where: Where) -> None:
        try:
            text = "" if expr == Column(name) else expression_sql(expr, self.dialect)
        except Unspeakable as error:
            self.findings.lost(subject, str(error), "the entity", where, code="DM2654")
            return
        self._known_columns(dataset, expr, subject, where)
        dataset.definition["entities"].append({"name": name, "type": kind, "expr": text})

    def _known_columns(self, dataset: Dataset, expr: Expr, subject: str, where: Where) -> None:
        """Report columns that the dbt model is not known to have."""
        known = {column.name.lower() for column in dataset.model.columns} if dataset.model else set()
        for column in columns(expr):
            if known and column.name.lower() not in known:
                model = dataset.model.name if dataset.model else ""
                self.findings.assumed(
                    subject, f"the dbt model `{model}` is not known to have a column `{column.name}`", where, code="DM2658"
                )

    def _is_date(self, dataset: Dataset, expr: Expr) -> bool:
        return isinstance(expr, Column) and self.catalog.type_of(dataset.model, expr.name) is DataType.DATE

    def _renamed(self, subject: str, written: str, given: str, where: Where) -> None:
        if given != written:
            self.findings.changed(
                subject,
                "dbt takes lower case, digits and single underscores, and each name once",
                f"it is called `{given}`",
                where,
                code="DM2652",
            )


def entity_name(dataset: str, parts: Iterable[Expr]) -> str:
    """What rows are called by their key: `order` for `order_id`, else the dataset's name for one of them."""
    return _role_name(list(parts)) or singular(dataset)


def _role_name(parts: Sequence[Expr]) -> str:
    """`billing_address` for `billing_address_id`; "" where the key is no single column of such a name."""
    expr = parts[0] if len(parts) == 1 else None
    if not isinstance(expr, Column):
        return ""
    name = dbt_name(expr.name)
    return name.removesuffix("_id").removesuffix("_key") if name.endswith(("_id", "_key")) and len(name) > 5 else ""


def _in_order_of_a_key(pairs: Sequence[tuple[Expr, Expr]], end: Dataset) -> Sequence[tuple[Expr, Expr]]:
    """The pairs in the order in which a key of `end` has its parts, where it has just these."""
    by_part = {theirs: (ours, theirs) for ours, theirs in pairs}
    for key in end.keys.values():
        if set(key_parts(key)) == set(by_part):
            return [by_part[part] for part in key_parts(key)]
    return pairs
