"""What tests and foreign keys say of columns: unique, not null, accepted values, references, and the primary key that follows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.compile.dbt.decode import loose
from app.compile.dbt.manifest import Manifest, Node
from app.compile.naming import Named
from app.compile.proofs import holds_constraints, proves
from app.compile.report import Report
from app.model.physical import ColumnReference

_REF = re.compile(r"""(ref|source)\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"]\s*)?""")
_PACKAGED = {(None, n) for n in ("unique", "not_null", "accepted_values", "relationships")} | {
    ("dbt_utils", "unique_combination_of_columns")
}
_KEYS = ("unique", "not_null", "unique_combination_of_columns")


@dataclass(slots=True)
class Guarantees:
    """Of one node: column names in lower case, as tests may spell them otherwise than YAML does."""

    unique: set[str] = field(default_factory=set)
    not_null: set[str] = field(default_factory=set)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    references: dict[str, ColumnReference] = field(default_factory=dict)
    keys: set[tuple[str, ...]] = field(default_factory=set)
    """Combinations of columns that a test says are unique together."""


def read_guarantees(
    manifest: Manifest, named: Mapping[str, Named], report: Report, adapters: Collection[str], doubted: Collection[str]
) -> dict[str, Guarantees]:
    """What dbt's four generic tests and dbt_utils' `unique_combination_of_columns` guarantee, by unique id.

    A test with `where` holds for a part of the rows only and guarantees nothing; nor does a disabled one. One that can pass with failing rows does
    not keep a second row of a key out, so it makes no key; the values and references that it names are still those that are meant. A reference
    is certain by a test that is proof and not among those `doubted`, or by a foreign key that the databases of all `adapters` hold.
    """
    found: dict[str, Guarantees] = defaultdict(Guarantees)
    for node in sorted((n for n in manifest.nodes.values() if n.test_metadata), key=lambda n: n.unique_id):
        test = node.test_metadata
        if test is None or ((test.namespace, test.name)) not in _PACKAGED or node.config.where or node.config.enabled is False:
            continue
        target = tested_node(node, named)
        if target is None or (test.name in _KEYS and not proves(node)):
            continue
        kwargs = loose(test.kwargs, "manifest.json")
        if isinstance(kwargs, dict):
            _apply(found[target], test.name, node, kwargs, named, certain=proves(node) and node.unique_id not in doubted)
    _add_foreign_keys(found, named, report, adapters)
    return found


def _add_foreign_keys(found: dict[str, Guarantees], named: Mapping[str, Named], report: Report, adapters: Collection[str]) -> None:
    """Foreign keys that contracts state (dbt ≥ 1.9); a `relationships` test, which looks at the rows, comes first. One of several columns is
    not held, which is noted (DM2205)."""
    at = {item.node.relation_name: unique_id for unique_id, item in named.items() if item.node.relation_name}
    for unique_id, item in named.items():
        node = item.node
        if not isinstance(node, Node):
            continue
        on_columns = [(c, [column.name]) for column in node.columns.values() for c in column.constraints or ()]
        for constraint, names in [*((c, c.columns or []) for c in node.constraints or ()), *on_columns]:
            if constraint.type != "foreign_key" or not constraint.to:
                continue
            if len(names) != 1 or len(constraint.to_columns or ()) != 1:
                message = f"the foreign key of `{item.name}` to `{constraint.to}` is of several columns, which the layer does not keep"
                report.note(
                    "DM2205", message, item.place.at("constraints"), "joins follow entities: give them one with an `expr` of the columns"
                )
                continue
            target = at.get(constraint.to) or _referenced(constraint.to, node, named)
            other = (constraint.to_columns or [""])[0]
            if target:
                held = ColumnReference(named[target].name, other.strip('"`'), holds_constraints(node, adapters))
                _refer(found[unique_id], _column(names[0]), held)


def tested_node(node: Node, named: Mapping[str, Named]) -> str | None:
    """The unique id of the node that a generic test stands on, or None where that cannot be told."""
    if node.attached_node:
        return node.attached_node if node.attached_node in named else None
    candidates = [n for n in node.depends_on.nodes if n in named]
    if len(candidates) == 1:
        return candidates[0]
    owner = (node.file_key_name or "").partition(".")[2]
    return next((n for n in candidates if named[n].node.name == owner), None)


def _apply(facts: Guarantees, name: str, node: Node, kwargs: dict[str, Any], named: Mapping[str, Named], *, certain: bool) -> None:
    column = _column(node.column_name or kwargs.get("column_name"))
    arguments = {**kwargs, **nested} if isinstance(nested := kwargs.get("arguments"), dict) else kwargs
    if name == "unique_combination_of_columns":
        columns = arguments.get("combination_of_columns")
        if isinstance(columns, list) and columns and all(_column(c) for c in columns):
            facts.keys.add(tuple(_column(c) for c in columns))
    elif not column:
        return
    elif name == "unique":
        facts.unique.add(column)
    elif name == "not_null":
        facts.not_null.add(column)
    elif name == "accepted_values":
        values = arguments.get("values")
        if isinstance(values, list):
            facts.values[column] = tuple(sorted({_spell(v) for v in values if v is not None and not isinstance(v, (dict, list))}))
    else:
        target = _referenced(str(arguments.get("to", "")), node, named)
        other = arguments.get("field")
        if target and isinstance(other, str):
            _refer(facts, column, ColumnReference(named[target].name, other.strip('"`'), certain))


def _refer(facts: Guarantees, column: str, found: ColumnReference) -> None:
    """Note a reference: of several from one column the first, made certain by any that says the same and is."""
    held = facts.references.get(column)
    if held is None or (found.certain and (held.model, held.column.lower()) == (found.model, found.column.lower())):
        facts.references[column] = found


def _column(name: object) -> str:
    """The column that a test names, in lower case; "" for an expression."""
    text = name.strip().strip('"`') if isinstance(name, str) else ""
    return text.lower() if text.replace("_", "").replace("$", "").isalnum() else ""


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _referenced(to: str, node: Node, named: Mapping[str, Named]) -> str | None:
    """The unique id behind `ref('x')`, `ref('package', 'x')` or `source('a', 'b')`, among what the test depends on."""
    match = _REF.search(to)
    if match is None:
        return None
    parts = [part for part in match.groups()[1:] if part]
    for unique_id in sorted(n for n in node.depends_on.nodes if n in named):
        other = named[unique_id].node
        if match[1] == "source":
            if parts == [getattr(other, "source_name", ""), other.name]:
                return unique_id
        elif isinstance(other, Node) and other.name == parts[-1] and (len(parts) == 1 or other.package_name == parts[0]):
            return unique_id
    return None
