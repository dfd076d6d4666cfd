"""OSI (Ossie) documents: core specification 0.1.1, and what 0.2.0.dev0 adds to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.compile.interchange.datasets import Dataset, Words
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.extension import VENDOR, opened
from app.compile.interchange.metrics import Source
from app.compile.interchange.osi.expressions import Expressions
from app.compile.interchange.tree import Tree, unread, unreadable
from app.model.expr import Column, Expr
from app.sql.expressions.walk import key_parts

_VERSIONS = ("0.1", "0.2")
_TEMPORAL = ("Date", "Time", "DateTime", "DateTimeTz")
_GRAINS = {"DateTime": "", "DateTimeTz": "", "Date": "day"}
_ROOT = frozenset({"version", "semantic_model", "dialects", "vendors"})
_MODEL = frozenset({"name", "description", "ai_context", "datasets", "relationships", "metrics", "custom_extensions"})
_DATASET = frozenset({"name", "source", "primary_key", "unique_keys", "description", "ai_context", "fields", "custom_extensions"})
_FIELD = frozenset({"name", "expression", "dimension", "label", "description", "datatype", "ai_context", "custom_extensions"})
_RELATIONSHIP = frozenset({"name", "from", "to", "from_columns", "to_columns", "ai_context", "custom_extensions"})
_METRIC = frozenset({"name", "expression", "description", "datatype", "ai_context", "custom_extensions"})


def read_osi(drafting: Drafting, documents: list[Tree]) -> None:
    """Draft what the documents of one file define. Raises UserError DM2651 where they are none of OSI."""
    for document in documents:
        if document.get("semantic_model") is None:
            raise unreadable("it has no `semantic_model`, so it is no OSI document", document.where)
        if not document.text("version").startswith(_VERSIONS):
            drafting.findings.assumed("the document", f"its version `{document.text('version')}` is read as 0.2", document.where)
        _report(drafting, document, _ROOT, "the document")
        models = document.get("semantic_model")
        for model in models.members if models and models.kind == "sequence" else [models] if models else []:
            _Model(drafting, model).read()


def _report(drafting: Drafting, tree: Tree, known: frozenset[str], subject: str) -> None:
    """Report keys that are not read, and extensions of others."""
    for key, entry in unread(tree, known):
        drafting.findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
    for extension in tree.items("custom_extensions"):
        vendor = extension.text("vendor_name")
        if vendor != VENDOR:
            drafting.findings.lost(subject, f"only {vendor} reads its extension", f"the extension of {vendor}", extension.where)


class _Model:
    """One semantic model of a document, which is a whole layer in dbt's terms."""

    def __init__(self, drafting: Drafting, tree: Tree) -> None:
        self.drafting, self.tree = drafting, tree
        self.datasets: dict[str, Dataset] = {}
        self.expressions = Expressions(drafting, self.datasets)

    def read(self) -> None:
        """Draft everything."""
        trees = self.tree.items("datasets")
        _report(self.drafting, self.tree, _MODEL, f"semantic model `{self.tree.text('name')}`")
        exact = [_definition(tree) for tree in trees]
        trusted = bool(exact) and all(definition is not None for definition in exact)
        if not trusted and any(_has_extension(tree) for tree in trees):
            self.drafting.findings.changed(
                f"semantic model `{self.tree.text('name')}`",
                "datasets were changed since the file was written",
                "what only the extension says is not read",
                self.tree.where,
                code="DM2663",
            )
        with self.drafting.findings.unsaid(trusted):
            for tree in trees:
                self._dataset(tree)
            for tree in trees:
                self._keys(tree)
            for tree in self.tree.items("relationships"):
                self._relationship(tree)
            for tree in trees:
                self._dimensions(tree)
        for tree, definition in zip(trees, exact, strict=True):
            if trusted and definition is not None:
                self.drafting.restore(self.datasets[tree.text("name")], definition)
        for tree in self.tree.items("metrics"):
            definition = _definition(tree) if trusted else None
            if definition is not None:
                self.drafting.restore_metric(definition, None, tree.where)
            else:
                self._metric(tree)
        self._rest(trusted)

    def _dataset(self, tree: Tree) -> None:
        name, subject = tree.text("name"), f"dataset `{tree.text('name')}`"
        _report(self.drafting, tree, _DATASET, subject)
        words = _words(tree)
        source = tree.text("source") or tree.text("source", "object") or _first_expression(tree.get("source", "object"))
        query = source if len(source.split()) > 1 else ""
        dataset = self.drafting.datasets.add(name, subject, tree.where, words, table="" if query else source, query=query)
        self.datasets[name] = dataset
        for field in tree.items("fields"):
            expr = self.expressions.field(dataset, field)
            if expr is not None:
                dataset.fields[field.text("name")] = expr
        self.expressions.inline(dataset)

    def _keys(self, tree: Tree) -> None:
        dataset = self.datasets[tree.text("name")]
        keys = [(tree.items("primary_key"), tree.place("primary_key"))]
        keys += [(key.members, key.where) for key in tree.items("unique_keys")]
        for members, where in keys:
            parts = [self._column(dataset, str(member.value)) for member in members]
            if parts and all(set(parts) != set(key_parts(known)) for known in dataset.keys.values()):
                self.drafting.datasets.key(dataset, parts, f"key of {dataset.subject}", where)

    def _relationship(self, tree: Tree) -> None:
        subject, findings = f"relationship `{tree.text('name')}`", self.drafting.findings
        _report(self.drafting, tree, _RELATIONSHIP, subject)
        start, end = self.datasets.get(tree.text("from")), self.datasets.get(tree.text("to"))
        ours = [str(member.value) for member in tree.items("from_columns")]
        theirs = [str(member.value) for member in tree.items("to_columns")]
        if start is None or end is None:
            findings.lost(subject, "it names a dataset that the document does not have", "the join", tree.where, code="DM2659")
        elif not ours or len(ours) != len(theirs):
            findings.lost(subject, "it does not have as many columns on one side as on the other", "the join", tree.where)
        else:
            pairs = [(self._column(start, a), self._column(end, b)) for a, b in zip(ours, theirs, strict=True)]
            self.drafting.datasets.relation(start, end, pairs, subject, tree.where)

    def _dimensions(self, tree: Tree) -> None:
        dataset, facts = self.datasets[tree.text("name")], list[str]()
        for field in tree.items("fields"):
            name = field.text("name")
            subject = f"field `{dataset.name}.{name}`"
            _report(self.drafting, field, _FIELD, subject)
            datatype, time = field.text("datatype"), field.truth("dimension", "is_time")
            if field.get("dimension") is None:
                facts.append(name)
            elif name in dataset.fields:
                temporal = time if time is not None else datatype in _TEMPORAL
                words = _words(field)
                grain = _GRAINS.get(datatype, "") if temporal else ""
                self.drafting.datasets.dimension(dataset, name, dataset.fields[name], words, field.where, time=temporal, grain=grain)

        if facts:
            reason = f"fields that are no dimensions serve keys and metrics alone: {', '.join(facts)}"
            self.drafting.findings.assumed(dataset.subject, reason, tree.place("fields"))

    def _metric(self, tree: Tree) -> None:
        name = tree.text("name")
        _report(self.drafting, tree, _METRIC, f"metric `{name}`")
        home = next(iter(self.datasets.values())) if len(self.datasets) == 1 else None
        metrics = {other.text("name") for other in self.tree.items("metrics")}
        found = self.expressions.metric(tree, metrics)
        if found is not None:
            self.drafting.metrics.add(Source(name, f"metric `{name}`", tree.where, home, found, _words(tree)))

    def _rest(self, trusted: bool) -> None:
        """What only our extension of the whole says: metrics without a plain form, and saved queries."""
        held = _definition(self.tree, of="layer")
        for definition in (held or {}).get("metrics", ()):
            if trusted:
                self.drafting.restore_metric(definition, None, self.tree.where)
            else:
                self.drafting.findings.lost(
                    f"metric `{definition.get('name')}`", "only the extension holds it", "the metric", self.tree.where, code="DM2663"
                )
        self.drafting.saved_queries += (held or {}).get("saved_queries", ()) if trusted else ()

    def _column(self, dataset: Dataset, name: str) -> Expr:
        """A column of a key: a field of that name, or the table's own column."""
        return dataset.fields.get(name, Column(name))


def _has_extension(tree: Tree) -> bool:
    return any(extension.text("vendor_name") == VENDOR for extension in tree.items("custom_extensions"))


def _definition(tree: Tree, of: str = "") -> Any | None:
    """The exact definition that our extension holds, where it stands for the plain part as it is (or for `of`)."""
    plain = tree.plain()
    others = [e for e in plain.get("custom_extensions") or () if not (isinstance(e, dict) and e.get("vendor_name") == VENDOR)]
    plain = {key: value for key, value in plain.items() if key != "custom_extensions"} | ({"custom_extensions": others} if others else {})
    for extension in tree.items("custom_extensions"):
        if extension.text("vendor_name") == VENDOR:
            try:
                return opened(json.loads(extension.text("data")), of or plain)
            except json.JSONDecodeError:
                return None
    return None


def _first_expression(tree: Tree | None) -> str:
    dialects = tree.items("dialects") if tree else []
    return dialects[0].text("expression") if dialects else ""


def _words(tree: Tree) -> Words:
    """Description, synonyms, and in `meta` what else is meant for people or models."""
    context = tree.get("ai_context")
    meta: dict[str, Any] = {}
    synonyms: tuple[str, ...] = ()
    if context is not None and context.kind == "mapping":
        synonyms = tuple(str(member.value) for member in context.items("synonyms"))
        rest: Mapping[str, Any] = {key: value for key, value in context.plain().items() if key != "synonyms"}
        meta |= {"ai_context": rest} if rest else {}
    elif context is not None:
        meta["ai_context"] = context.plain()
    meta |= {"osi_label": tree.text("label")} if tree.text("label") else {}
    return Words("", tree.text("description"), synonyms, meta=meta)
