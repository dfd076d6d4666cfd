"""Where things stand in a YAML text: a tree of mappings and sequences with line and column, values left out but for `name`."""

from __future__ import annotations

from dataclasses import dataclass, field

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.compile.yaml_load import NotYaml, compose_yaml

DEPTH = 40
"""Deeper than this nothing of dbt's lies."""


@dataclass(slots=True)
class YamlNode:
    """A value at a 1-based place; a mapping's entries are by key, a sequence's by position. `text` is a scalar's text, where it is on one line."""

    line: int
    column: int
    text: str = ""
    entries: dict[str | int, YamlNode] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The value of the entry `name`, "" where there is none."""
        entry = self.entries.get("name")
        return entry.text if entry else ""

    def items(self, key: str) -> list[YamlNode]:
        """The members of the sequence at `key`."""
        entry = self.entries.get(key)
        return [node for position, node in entry.entries.items() if isinstance(position, int)] if entry else []

    def step(self, key: str) -> YamlNode | None:
        """The entry of that key, position or `name`."""
        found = self.entries.get(key)
        if found is None and key.isdigit():
            found = self.entries.get(int(key))
        if found is None:
            found = next((node for position, node in self.entries.items() if isinstance(position, int) and node.name == key), None)
        return found


def compose(text: str) -> YamlNode | None:
    """The tree by ruamel.yaml's composer: exact, flow style and aliases included, but about 0.25 MB/s. None where the text is not YAML."""
    try:
        documents = compose_yaml(text)
    except NotYaml:
        return None
    return _convert(documents[0], DEPTH) if len(documents) == 1 else None


def _convert(node: Node | None, depth: int) -> YamlNode | None:
    if node is None or depth == 0:
        return None
    made = YamlNode(node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, ScalarNode):
        made.text = str(node.value)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            child = _convert(value, depth - 1)
            if child is not None and isinstance(key, ScalarNode):
                made.entries[str(key.value)] = child
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            child = _convert(value, depth - 1)
            if child is not None:
                made.entries[position] = child
    return made
