"""One more synonym or segment in a project's YAML, and nothing else changed: the text that stands there is kept as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.compile.yaml_load import NotYaml, compose_yaml, is_yaml

_WAY = ("config", "meta", "datamind")


def with_synonym(text: str, line: int, synonym: str) -> str | None:
    """The text with a synonym more for the item that begins on that (1-based) line; None where there is none, or it has the synonym."""
    item = _item_at(text, line)
    if item is None or any(isinstance(one, ScalarNode) and one.value == synonym for one in _listed(item, "synonyms")):
        return None
    return _with_entry(text, item, "synonyms", _quoted(synonym))


def with_segment(text: str, line: int, name: str, label: str, where: Sequence[str]) -> str | None:
    """The text with a segment more, of conditions that all hold, for the semantic model that begins on that (1-based) line.

    None where none begins there that could hold it (where a model stands for its semantic model, `config` is the model's), or where it has one of that name.
    """
    item = _item_at(text, line)
    if item is None or _below(item, "model") is None or any(_is_called(one, name) for one in _listed(item, "segments")):
        return None
    conditions = _quoted(where[0]) if len(where) == 1 else f"[{', '.join(map(_quoted, where))}]"
    return _with_entry(text, item, "segments", f"{{name: {name}, label: {_quoted(label)}, where: {conditions}}}")


def _item_at(text: str, line: int) -> MappingNode | None:
    try:
        return next((node for root in compose_yaml(text) if root is not None for node in _mappings(root) if _begins(node) == line), None)
    except NotYaml:
        return None


def _with_entry(text: str, item: MappingNode, key: str, entry: str) -> str | None:
    """The text with an entry more in the item's list of that key; None where that is not the item's own text, or would be no YAML any more."""
    node: Node = item
    way = (*_WAY, key)
    changed = None
    for at, step in enumerate(way):
        if (
            not isinstance(node, MappingNode) or node.start_mark.index < item.start_mark.index
        ):  # an alias: written elsewhere, for others too
            return None
        below = _below(node, step)
        if below is None:
            changed = _with_keys(text, node, way[at:], entry)
            break
        node = below
    else:
        own = isinstance(node, SequenceNode) and node.start_mark.index > item.start_mark.index
        changed = _with_item(text, node, entry) if isinstance(node, SequenceNode) and own else None
    return changed if changed is not None and is_yaml(changed) else None


def _below(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key), None)


def _listed(item: MappingNode, key: str) -> Sequence[Node]:
    """What the item's list of that key holds."""
    node: Node | None = item
    for step in (*_WAY, key):
        node = _below(node, step)
    return node.value if isinstance(node, SequenceNode) else ()


def _is_called(node: Node, name: str) -> bool:
    called = _below(node, "name")
    return isinstance(called, ScalarNode) and called.value == name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _mappings(node: Node) -> Iterator[MappingNode]:
    if isinstance(node, MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    if isinstance(node, SequenceNode):
        for value in node.value:
            yield from _mappings(value)


def _begins(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _with_keys(text: str, node: MappingNode, keys: tuple[str, ...], entry: str) -> str | None:
    """The keys that lack, before the first that is there; behind the name where the mapping is the item itself."""
    nested = f"[{entry}]"
    for key in reversed(keys[1:]):
        nested = f"{{{key}: {nested}}}"
    if node.flow_style:
        at = int(node.start_mark.index) + 1
        return f"{text[:at]}{keys[0]}: {nested}{', ' if node.value else ''}{text[at:]}"
    if not node.value:
        return None
    column = int(node.value[0][0].start_mark.column)
    at = int(node.value[1][0].start_mark.index) if len(node.value) > 1 else -1
    added = f"{keys[0]}: {nested}\n{' ' * column}"
    return (
        f"{text[:at]}{added}{text[at:]}" if at >= 0 else f"{text[: (first := int(node.value[0][0].start_mark.index))]}{added}{text[first:]}"
    )


def _with_item(text: str, node: SequenceNode, entry: str) -> str:
    if node.flow_style or not node.value:
        at = int(node.end_mark.index) - 1
        return f"{text[:at]}{', ' if node.value else ''}{entry}{text[at:]}"
    first = node.value[0].start_mark
    start = text.rfind("\n", 0, int(first.index)) + 1
    return f"{text[:start]}{text[start : int(first.index)]}{entry}\n{text[start:]}"
