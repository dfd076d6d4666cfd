"""YAML and JSON of others as plain values that know their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.compile.yaml_load import NotYaml, compose_yaml
from app.errors import Problem, UserError, Where

MOST_NODES = 500_000
"""Values of one file: more are refused, since nobody wrote that by hand."""
MOST_REPEATED = 20_000
"""Values that aliases may repeat: few bytes of YAML can stand for very many."""
DEEPEST = 60


@dataclass(slots=True)
class Tree:
    """A value at a place: a mapping's entries by key, a sequence's members, or a scalar. `reference` marks a name that JavaScript wrote without quotes."""

    where: Where
    value: Any = None
    entries: dict[str, Tree] = field(default_factory=dict)
    members: list[Tree] = field(default_factory=list)
    kind: str = "scalar"
    reference: bool = False

    def get(self, *keys: str) -> Tree | None:
        """What lies at the keys, one below the other; None where nothing does or it is null."""
        found: Tree | None = self
        for key in keys:
            found = found.entries.get(key) if found is not None else None
        return None if found is None or (found.kind == "scalar" and found.value is None) else found

    def text(self, *keys: str) -> str:
        """The text of a scalar, numbers and booleans as YAML writes them; "" where there is none."""
        found = self.get(*keys)
        if found is None or found.kind != "scalar":
            return ""
        return str(found.value).lower() if isinstance(found.value, bool) else str(found.value)

    def truth(self, *keys: str) -> bool | None:
        """The boolean that is written, or None."""
        found = self.get(*keys)
        return found.value if found is not None and isinstance(found.value, bool) else None

    def items(self, *keys: str) -> list[Tree]:
        """The members of a sequence, none where there is none."""
        found = self.get(*keys)
        return [] if found is None else found.members

    def place(self, *keys: str) -> Where:
        """The place of what lies at the keys, or of the deepest part of the way that is there."""
        found = self
        for key in keys:
            found = found.entries.get(key) or found
        return found.where

    def plain(self) -> Any:
        """The value without places."""
        if self.kind == "mapping":
            return {key: entry.plain() for key, entry in self.entries.items()}
        return [member.plain() for member in self.members] if self.kind == "sequence" else self.value


def read_documents(text: str, file: str) -> list[Tree]:
    """The documents of a YAML or JSON text. Raises UserError DM2651 with the place where it is none, or too large."""
    try:
        nodes = compose_yaml(text)
    except NotYaml as error:
        raise unreadable(f"it is not YAML: {error.reason}", Where(file, error.line, error.column)) from None
    reading = _Reading(file)
    return [reading.tree(node, DEEPEST) for node in nodes if node is not None]


def unreadable(why: str, where: Where, hint: str = "") -> UserError:
    """The file as a whole can't be read."""
    return UserError(Problem("DM2651", f"the file can't be read: {why}", where=where, hint=hint))


class _Reading:
    """Makes trees of one file's nodes, and counts them."""

    def __init__(self, file: str) -> None:
        self.file, self.nodes, self.repeated = file, 0, 0
        self.seen: set[int] = set()

    def tree(self, node: Node, depth: int, *, repeats: bool = False) -> Tree:
        """The tree of a node. Raises UserError DM2651 for too many or too deep ones, and for a key that is there twice."""
        where = Where(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
        repeats = repeats or id(node) in self.seen
        self.seen.add(id(node))
        self.nodes, self.repeated = self.nodes + 1, self.repeated + repeats
        if self.nodes > MOST_NODES or self.repeated > MOST_REPEATED or depth == 0:
            raise unreadable("it holds too many values, or nests them too deep", where)
        if isinstance(node, MappingNode):
            made = Tree(where, kind="mapping")
            for key, value in node.value:
                name = str(key.value) if isinstance(key, ScalarNode) else ""
                if not isinstance(key, ScalarNode) or name in made.entries:
                    spot = Where(self.file, key.start_mark.line + 1, key.start_mark.column + 1)
                    raise unreadable(f"the key `{name}` is there twice" if name else "a key is no text", spot)
                made.entries[name] = self.tree(value, depth - 1, repeats=repeats)
            return made
        if isinstance(node, SequenceNode):
            return Tree(where, members=[self.tree(value, depth - 1, repeats=repeats) for value in node.value], kind="sequence")
        return Tree(where, _scalar(node))


def _scalar(node: Node) -> Any:
    """A scalar by its resolved tag; dates and times stay texts."""
    text, tag = str(node.value), str(node.tag).rpartition(":")[2]
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    try:
        if tag == "int":
            return int(text.replace("_", ""), 0)
        if tag == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return text


def unread(tree: Tree, known: frozenset[str]) -> Iterator[tuple[str, Tree]]:
    """The entries of a mapping that nobody reads, by key: what an importer must report."""
    for key, entry in tree.entries.items():
        if key not in known and entry.plain() not in (None, [], {}, ""):
            yield key, entry
