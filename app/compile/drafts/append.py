"""Puts metrics at the end of a file's `metrics:`, and changes nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.compile.emit.yaml_text import dump
from app.compile.yaml_load import NotYaml, load_yaml
from app.compile.yaml_scan import scan
from app.errors import Problem, UserError, Where


def metrics_text(definitions: Sequence[dict[str, Any]], indent: int = 2) -> str:
    """The definitions as items of a list at an indentation, an empty line between them."""
    pad = " " * indent
    blocks = ["\n".join(pad + line if line else "" for line in dump([one]).splitlines()) for one in definitions]
    return "\n\n".join(blocks) + "\n"


def appended(text: str, definitions: Sequence[dict[str, Any]], file: str) -> tuple[str, int]:
    """The text with the metrics in it, and the line of the first. Raises UserError DM2363 where it has a metric of one of the names, DM2365 where
    `metrics:` is no list of lines of its own."""
    before = _read(text, file)
    _check_new(definitions, before, text, file)
    lines = text.splitlines()
    if "metrics" not in before:
        head = [*lines, *([""] if lines else []), "metrics:"]
        made, at = "\n".join(head) + "\n" + metrics_text(definitions), len(head) + 1
    else:
        found = scan(text).entries.get("metrics")
        if before["metrics"] and found is not None and found.entries:
            last = max(_end(lines, found.line, found.column), found.line)
            indent = found.column - 1
        elif found is not None and before["metrics"] is None:
            last, indent = found.line, 2
        else:
            raise _no_place(file, "its `metrics:` is not a list with a line for each metric")
        gap = [""] if last < len(lines) + 1 and before["metrics"] else []
        added = metrics_text(definitions, indent).splitlines()
        made = "\n".join([*lines[:last], *gap, *added, *lines[last:]]) + "\n"
        at = last + len(gap) + 1
    after = _read(made, file)
    new = _read(dump({"metrics": list(definitions)}), file)["metrics"]
    if {**after, "metrics": None} != {**before, "metrics": None} or after["metrics"] != [*(before.get("metrics") or ()), *new]:
        raise _no_place(file, "it is written in a way that can't be added to by lines")
    return made, at


def _check_new(definitions: Sequence[dict[str, Any]], before: dict[str, Any], text: str, file: str) -> None:
    """Refuse names that the file has already: dbt may not have parsed it since. Those inside `models:`, as dbt 1.12 has them, count."""
    wanted = {one["name"] for one in definitions}
    for way, one in _metrics_in(before):
        if one.get("name") in wanted:
            item = scan(text)
            for key in way:  # as far as the lines tell
                item = item.entries.get(key, item)
            where = Where(file, item.line, item.column)
            hint = "change the one that is there, or name the new one otherwise; `dbt parse` lets the project know what a file has"
            raise UserError(Problem("DM2363", f"there is a metric `{one['name']}` in {file} already", where=where, hint=hint))


def _metrics_in(document: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Each metric of a file, and the way to it."""
    for at, one in enumerate(_items(document, "metrics")):
        yield ("metrics", at), one
    for number, model in enumerate(_items(document, "models")):
        for at, one in enumerate(_items(model, "metrics")):
            yield ("models", number, "metrics", at), one


def _items(held: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = held.get(key)
    return [one if isinstance(one, dict) else {} for one in items] if isinstance(items, list) else []


def _end(lines: Sequence[str], first: int, column: int) -> int:
    """The last line of the list whose first item is on line `first` at `column`, less what is empty or a comment after it."""
    last = first
    for number in range(first, len(lines)):
        line = lines[number]
        body = line.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        indent = len(line) - len(body)
        if indent < column - 1 or (indent == column - 1 and not body.startswith("-")):
            break
        last = number + 1
    return last


def _read(text: str, file: str) -> dict[str, Any]:
    try:
        found = load_yaml(text)
    except NotYaml as error:
        raise _no_place(file, f"it is no YAML that can be read: {error.reason}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _no_place(file, "it is no mapping")
    return found


def _no_place(file: str, why: str) -> UserError:
    hint = "name another file with --file, or leave it out and put the text where it belongs"
    return UserError(Problem("DM2365", f"the metric can't be put into {file}: {why}", where=Where(file), hint=hint))
