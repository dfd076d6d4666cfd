"""selectors.yml: selections with names, in dbt's short and full forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.compile.selection.criteria import ALL, Criterion, Difference, Intersection, Selection, Union, check_method, checked, criterion
from app.compile.selection.problems import bad_selectors, unknown_selector
from app.compile.yaml_load import NotYaml, load_yaml

_OPERATORS = ("union", "intersection")
_AROUND = {"childrens_parents", "parents", "parents_depth", "children", "children_depth", "indirect_selection"}


@dataclass(frozen=True, slots=True)
class Selectors:
    """The selectors of a project by name; `default` is the name of the one that stands where nothing is selected, "" for none."""

    by_name: Mapping[str, Selection]
    default: str = ""

    def named(self, name: str) -> Selection:
        """That selector. Raises UserError DM2622 where there is none."""
        if name not in self.by_name:
            raise unknown_selector(name, self.by_name)
        return self.by_name[name]


def read_selectors(text: str) -> Selectors:
    """The selectors of a file; none where it is empty. Raises UserError DM2620 for a criterion and DM2621 for a file that dbt would not take."""
    if not text.strip():
        return Selectors({})
    try:
        document = load_yaml(text)
    except NotYaml as error:
        raise bad_selectors(f"it is no YAML: {error.reason}") from error
    listed = document.get("selectors") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise bad_selectors("it has no list `selectors`")
    found: dict[str, Selection] = {}
    default = ""
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or "definition" not in entry:
            raise bad_selectors("each selector has a `name` and a `definition`")
        if entry.get("default") is True:
            if default:
                raise bad_selectors(f"both `{default}` and `{entry['name']}` are the default")
            default = entry["name"]
        found[entry["name"]] = _root(entry["definition"], entry["name"], found)
    return Selectors(found, default)


def _root(definition: Any, name: str, known: Mapping[str, Selection]) -> Selection:
    if isinstance(definition, dict) and len(definition) > 1 and any(operator in definition for operator in _OPERATORS):
        raise bad_selectors(f"the definition of `{name}` has more than its one {' or '.join(_OPERATORS)}")
    return _selection(definition, name, known)


def _selection(definition: Any, name: str, known: Mapping[str, Selection]) -> Selection:
    """A definition: a text in the short form, a mapping `{method: value}`, one in full, a union or an intersection."""
    if isinstance(definition, str):
        _no_jinja(definition, name)
        return criterion(definition)
    if not isinstance(definition, dict):
        raise bad_selectors(f"`{name}` holds something that is neither a text nor a mapping")
    for operator in _OPERATORS:
        if operator in definition:
            return _combined(operator, definition[operator], name, known)
    if definition.get("method") == "selector":
        value = str(definition.get("value"))
        if value not in known:
            raise bad_selectors(f"`{name}` stands on the selector `{value}`, which is not defined before it")
        return known[value]
    kept = _criterion({key: value for key, value in definition.items() if key != "exclude"}, name)
    left_out = _left_out(definition, name, known) if "exclude" in definition else None
    return kept if left_out is None else Difference(kept, left_out)


def _combined(operator: str, parts: Any, name: str, known: Mapping[str, Selection]) -> Selection:
    """A union or an intersection; one part of it may be `exclude`, what is left out of it."""
    if not isinstance(parts, list):
        raise bad_selectors(f"`{operator}` in `{name}` is no list")
    excluding = [part for part in parts if isinstance(part, dict) and "exclude" in part and "method" not in part]
    if len(excluding) > 1:
        raise bad_selectors(f"`{operator}` in `{name}` has more than one `exclude`")
    kept = tuple(_selection(part, name, known) for part in parts if part not in excluding)
    combined = Union(kept) if operator == "union" else Intersection(kept)
    left_out = _left_out(excluding[0], name, known) if excluding else None
    return combined if left_out is None else Difference(combined, left_out)


def _left_out(definition: Mapping[str, Any], name: str, known: Mapping[str, Selection]) -> Selection | None:
    parts = definition["exclude"]
    if not isinstance(parts, list):
        raise bad_selectors(f"`exclude` in `{name}` is no list")
    return Union(tuple(_selection(part, name, known) for part in parts)) if parts else None


def _criterion(definition: Mapping[str, Any], name: str) -> Criterion:
    """`{tag: nightly}`, or `{method: tag, value: nightly, children: true, …}`."""
    if len(definition) == 1:
        ((method, value),) = definition.items()
        definition = {"method": method, "value": value}
    if "method" not in definition or "value" not in definition:
        raise bad_selectors(f"a criterion of `{name}` has no `method` and `value`: {', '.join(map(str, definition))}")
    strange = set(definition) - _AROUND - {"method", "value"}
    if strange:
        raise bad_selectors(f"a criterion of `{name}` has `{sorted(map(str, strange))[0]}`, which means nothing there")
    method, *arguments = str(definition["method"]).split(".")
    value = definition["value"]
    raw = f"{definition['method']}:{value}"
    _no_jinja(raw, name)
    check_method(method, raw)
    return checked(
        Criterion(
            method,
            value,
            tuple(arguments),
            parents=_depth(definition, "parents"),
            children=_depth(definition, "children"),
            around=bool(definition.get("childrens_parents")),
            raw=raw,
        )
    )


def _depth(definition: Mapping[str, Any], side: str) -> int | None:
    if not definition.get(side):
        return None
    depth = definition.get(f"{side}_depth")
    return int(depth) if depth else ALL


def _no_jinja(text: str, name: str) -> None:
    if "{{" in text or "{%" in text:
        raise bad_selectors(f"`{name}` holds Jinja, which is not rendered here", "write the value out")
