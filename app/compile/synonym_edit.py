"""One more synonym in a project's YAML, and nothing else changed: the text that stands there is kept as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.compile.yaml_load import NotYaml, compose_yaml

_WAY = ("config", "meta", "datamind", "synonyms")


def with_synonym(text: str, line: int, synonym: str) -> str | None:
    """The text with a synonym more for the item that begins on that (1-based) line; None where there is none, or it has the synonym."""
    try:
        item = next((node for root in compose_yaml(text) if root is not None for node in _mappings(root) if _begins(node) == line), None)
    except NotYaml:
        return None
    if item is None:
        return None
    word = json.dumps(synonym, ensure_ascii=False)
    node: Node = item
    for at, key in enumerate(_WAY):
        if not isinstance(node, MappingNode):
            return None
        below = next((value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key), None)
        if below is None:
            return _with_keys(text, node, _WAY[at:], word)
        node = below
    return _with_item(text, node, synonym, word) if isinstance(node, SequenceNode) else None


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


def _with_keys(text: str, node: MappingNode, keys: tuple[str, ...], word: str) -> str | None:
    """The keys that lack, before the first that is there; behind the name where the mapping is the item itself."""
    nested = f"[{word}]"
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


def _with_item(text: str, node: SequenceNode, synonym: str, word: str) -> str | None:
    if any(isinstance(one, ScalarNode) and one.value == synonym for one in node.value):
        return None
    if node.flow_style or not node.value:
        at = int(node.end_mark.index) - 1
        return f"{text[:at]}{', ' if node.value else ''}{word}{text[at:]}"
    first = node.value[0].start_mark
    start = text.rfind("\n", 0, int(first.index)) + 1
    return f"{text[:start]}{text[start : int(first.index)]}{word}\n{text[start:]}"
