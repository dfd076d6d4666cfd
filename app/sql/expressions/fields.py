"""What stands between the braces of a dbt filter, and group-by items: `Dimension('customer__country')`, `metric_time__month`.

dbt renders such strings with Jinja; here they are read by a closed grammar, so nothing in a filter can run. The grammar (dbt's filter
objects, dbt_semantic_interfaces' call parameter sets):

    item   = call { "." method }
    call   = ("Dimension" | "TimeDimension" | "Entity" | "Metric") "(" [ argument { "," argument } ] ")"
    method = "grain" "(" string ")" | "date_part" "(" string ")" | "descending" "(" bool ")"
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection

from app.errors import did_you_mean
from app.model.expr import Field
from app.model.query import GroupBy, OrderBy
from app.model.types import DatePart, Grain
from app.sql.expressions.problems import refuse

_SIGNATURES: dict[str, tuple[str, ...]] = {
    "Dimension": ("name", "entity_path"),
    "TimeDimension": ("time_dimension_name", "time_granularity_name", "entity_path", "descending", "date_part_name"),
    "Entity": ("entity_name", "entity_path"),
    "Metric": ("metric_name", "group_by"),
}
_ALIASES = {"date_part": "date_part_name", "grain": "time_granularity_name", "time_granularity": "time_granularity_name"}
_KINDS = {"Dimension": "dimension", "TimeDimension": "time_dimension", "Entity": "entity", "Metric": "metric"}
_STANDARD = {grain.value for grain in Grain}
_EXTRACT = "extract_"
_Bad = Callable[..., Exception]
_WORDED = re.compile(r"(?<!\s)\s++(asc|desc|ascending|descending)(?:\s++nulls\s++(?:first|last))?\Z", re.IGNORECASE)
"""How an order item ends as SQL has it."""


def parse_item(text: str, *, whole: str = "", offset: int = 0) -> Field:
    """Read one call such as `TimeDimension('metric_time', 'month')`; `whole` and `offset` (where `text` begins in it) place it for Problems. Raises UserError DM3110."""
    return _item(text, whole, offset)[0]


def _item(text: str, whole: str = "", offset: int = 0) -> tuple[Field, bool]:
    """One call, and whether it says that it descends."""
    code = text.strip()
    start = offset + len(text) - len(text.lstrip())

    def bad(why: str, hint: str = "", node: ast.AST | None = None) -> Exception:
        at = start + _offset(code, node) if node is not None else start
        return refuse("DM3110", why, text=whole or text, offset=at, hint=hint or "write `Dimension('entity__name')`")

    unknown = f"`{_short(text)}` is not a dimension, time dimension, entity or metric"
    try:
        node: ast.expr = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise bad(unknown) from None
    methods: list[tuple[str, ast.Call, ast.Attribute]] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        methods.append((node.func.attr, node, node.func))
        node = node.func.value
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SIGNATURES):
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        raise bad(unknown, did_you_mean(called, _SIGNATURES))
    maker = node.func.id
    given = _arguments(node, _SIGNATURES[maker], bad)
    for method, call, attribute in reversed(methods):
        if method not in ("grain", "date_part", "descending") or len(call.args) != 1 or call.keywords:
            raise bad(f"`.{method}` is not known here", "only `.grain('month')` and `.date_part('year')` are", attribute)
        given[{"grain": "time_granularity_name", "date_part": "date_part_name"}.get(method, method)] = _constant(call.args[0], bad)
    name = given.get(_SIGNATURES[maker][0])
    if not isinstance(name, str) or not name:
        raise bad(f"`{maker}` needs a name")
    link = given.get("entity_path")
    if maker == "Dimension" and isinstance(link, str) and link.lower() in _STANDARD:
        hint = f"write `TimeDimension('{name}', '{link}')`"
        raise bad(
            f"`{link}` is a grain, and a `Dimension` takes the entities on the way there", hint, node.args[1] if node.args[1:] else None
        )
    path, group_by = _names(link, bad), _names(given.get("group_by"), bad)
    grain, part = given.get("time_granularity_name") or "", given.get("date_part_name") or ""
    if not isinstance(grain, str) or not isinstance(part, str):
        raise bad("a grain or date part is given as a text")
    if part and part.lower() not in {p.value for p in DatePart}:
        wrong = next((n for n in ast.walk(ast.parse(code, mode="eval")) if isinstance(n, ast.Constant) and n.value == part), None)
        raise bad(f"there is no date part `{part}`", "one of " + ", ".join(p.value for p in DatePart), wrong)
    if not grain and not part and maker != "Metric":
        name, grain, part = split_name(name)
    field = Field(name.lower(), _KINDS[maker], path, grain.lower(), DatePart(part.lower()) if part else None, group_by)
    return field, given.get("descending") is True


def _offset(code: str, node: ast.AST) -> int:
    """Where a node begins in the code, in characters (Python counts bytes); of an attribute, its name."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    if isinstance(node, ast.Attribute):
        line, column = node.end_lineno or line, (node.end_col_offset or 0) - len(node.attr.encode())
    lines = code.split("\n")
    return sum(len(text) + 1 for text in lines[: line - 1]) + len(lines[line - 1].encode()[:column].decode(errors="ignore"))


def split_name(name: str, custom_grains: Collection[str] = ()) -> tuple[str, str, str]:
    """`metric_time__month` → (`metric_time`, `month`, ``); `x__d__extract_dow` → (`x__d`, ``, `dow`); others come back whole."""
    stem, _, last = name.rpartition("__")
    if stem and (last in _STANDARD or last in custom_grains):
        return stem, last, ""
    if stem and last.startswith(_EXTRACT) and last[len(_EXTRACT) :] in {p.value for p in DatePart}:
        return stem, "", last[len(_EXTRACT) :]
    return name, "", ""


def says_grain(name: str, custom_grains: Collection[str] = ()) -> bool:
    """Whether a name is read as a grain or date part where it stands after another one: `month`, `extract_dow`, a custom grain."""
    return split_name(f"x__{name}", custom_grains)[0] == "x"


def parse_group_by(text: str, custom_grains: Collection[str] = ()) -> GroupBy:
    """A group-by item as a person or dbt writes it: `metric_time__month`, `customer__country` or `TimeDimension('metric_time', 'month')`.

    Raises UserError DM3110.
    """
    text = text.strip()
    if "(" in text:
        field = parse_item(text)
        if field.kind == "metric":
            raise refuse("DM3110", f"`{_short(text)}` is a metric: a query can't be grouped by it", text=text)
        return _group_by(field, custom_grains)
    if not all(part.replace("_", "a").isalnum() for part in text.split("__") if part) or not text:
        raise refuse("DM3110", f"`{_short(text)}` is not a group-by item", text=text or " ", hint="such as `customer__country`")
    name, grain, part = split_name(text.lower(), custom_grains)
    return GroupBy(name, grain, DatePart(part) if part else None)


def parse_order(text: str, custom_grains: Collection[str] = ()) -> OrderBy:
    """An order item: `-revenue`, `metric_time__month`, `Metric('revenue').descending(True)`. Raises UserError DM3110."""
    text = text.strip()
    written = text.removeprefix("-").strip()
    worded = _WORDED.search(text)
    if worded is not None and not text.startswith("-"):
        item = f"{'-' if worded[1].lower().startswith('desc') else ''}{text[: worded.start()]}"
        raise refuse("DM3110", f"`{_short(text)}` is not an order item", text=text, offset=worded.start(1), hint=f"write `{item}`")
    if "(" not in written:
        return OrderBy(written.lower(), written != text)
    field, descending = _item(written)
    name = field.name if field.kind == "metric" else _group_by(field, custom_grains).column
    return OrderBy(name, descending or written != text)


def _group_by(field: Field, custom_grains: Collection[str]) -> GroupBy:
    """The group-by item that a call stands for."""
    name, grain, _ = split_name(field.name, custom_grains) if not field.grain else (field.name, field.grain, "")
    return GroupBy(name, grain, field.date_part, field.path)


def _arguments(call: ast.Call, signature: tuple[str, ...], bad: _Bad) -> dict[str, object]:
    """The constants given to a call, by parameter name."""
    if len(call.args) > len(signature):
        raise bad(f"too many arguments: {len(call.args)}, at most {len(signature)}", "", call.args[len(signature)])
    given = {signature[i]: _constant(arg, bad) for i, arg in enumerate(call.args)}
    for keyword in call.keywords:
        name = _ALIASES.get(keyword.arg or "", keyword.arg or "")
        if name not in signature and name != "date_part_name":
            raise bad(f"`{keyword.arg}` is not an argument here", "one of " + ", ".join(signature), keyword)
        if name in given:
            raise bad(f"`{keyword.arg}` is given twice", "", keyword)
        given[name] = _constant(keyword.value, bad)
    return given


def _constant(node: ast.expr, bad: _Bad) -> object:
    """A text, boolean, None, or list or tuple of texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | None):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_constant(item, bad) for item in node.elts]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SIGNATURES:
        inner = _arguments(node, _SIGNATURES[node.func.id], bad)
        return inner.get(_SIGNATURES[node.func.id][0])
    raise bad("only texts and lists of texts may stand there", "", node)


def _names(value: object, bad: _Bad) -> tuple[str, ...]:
    """A list of texts, from a list, one text or None."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value.lower(),)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(str(item).lower() for item in value)
    raise bad("a list of names is wanted")


def _short(text: str) -> str:
    """The text in one line of at most 60 characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "…"
