"""One more synonym or segment in a project's YAML, written as what stands beside it, and no other meaning changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.compile.yaml_load import NotYaml, compose_yaml, load_yaml

_WAY = ("config", "meta", "datamind")
_BEFORE_CONFIG = ("name", "label", "description", "model")
"""The keys that a reader expects above the configuration of an item."""
_STEP = 2
_OTHERWISE = 2
"""What counts for any difference but one entry more."""
_WORD = re.compile(r"[^\W\d_]")
_NOT_TEXT = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
"""Words that one of YAML's versions takes for something else than a text."""

Entry = str | Mapping[str, str | Sequence[str]]
"""What is put into a list: a text, or a mapping of texts and lists of them."""


def with_synonym(text: str, line: int, synonym: str) -> str | None:
    """The text with a synonym more for the item that begins on that (1-based) line; None where there is none, or it has the synonym."""
    item = _item_at(text, line)
    if item is None or any(isinstance(one, ScalarNode) and one.value == synonym for one in _listed(item, "synonyms")):
        return None
    return _with_entry(text, item, "synonyms", synonym)


def with_segment(text: str, line: int, name: str, label: str, where: Sequence[str]) -> str | None:
    """The text with a segment more, of conditions that all hold, for the semantic model that begins on that (1-based) line.

    None where none begins there that could hold it (where a model stands for its semantic model, `config` is the model's), or where it has one of that name.
    """
    item = _item_at(text, line)
    if item is None or _below(item, "model") is None or any(_is_called(one, name) for one in _listed(item, "segments")):
        return None
    return _with_entry(text, item, "segments", {"name": name, "label": label, "where": where[0] if len(where) == 1 else where})


def _item_at(text: str, line: int) -> MappingNode | None:
    try:
        return next((node for root in compose_yaml(text) if root is not None for node in _mappings(root) if _begins(node) == line), None)
    except NotYaml:
        return None


def _with_entry(text: str, item: MappingNode, key: str, entry: Entry) -> str | None:
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
    return changed if changed is not None and _has_only_gained(text, changed, _way_to(text, item), entry) else None


def _way_to(text: str, item: Node) -> tuple[str | int, ...] | None:
    """The keys and places that lead from the root of a text's only document to the node that begins where the item does; None where none do."""

    def below(node: Node) -> tuple[str | int, ...] | None:
        if isinstance(node, MappingNode) and node.start_mark.index == item.start_mark.index:
            return ()
        held: Iterator[tuple[str | int, Node]] = iter(())
        if isinstance(node, MappingNode):
            held = ((str(name.value), value) for name, value in node.value)
        elif isinstance(node, SequenceNode):
            held = ((at, value) for at, value in enumerate(node.value))
        found = ((step, below(value)) for step, value in held if value.start_mark.index > node.start_mark.index)
        return next(((step, *rest) for step, rest in found if rest is not None), None)

    roots = compose_yaml(text)
    return below(roots[0]) if len(roots) == 1 and roots[0] is not None else None


def _has_only_gained(text: str, changed: str, way: tuple[str | int, ...] | None, entry: Entry) -> bool:
    """Whether the changed text means what it did, but for the entry at the end of one list of the item to which the way leads.

    What is written beside comments and anchors can land in another item, or in none: only what the file is read as tells.
    """
    if way is None:
        return False
    try:
        before, after = load_yaml(text), load_yaml(changed)
    except NotYaml:
        return False
    for step in way:
        if _gains(
            {key: value for key, value in _parts(before) if key != step}, {key: value for key, value in _parts(after) if key != step}, entry
        ):
            return False
        before, after = (next((value for key, value in _parts(one) if key == step), None) for one in (before, after))
    return _gains(before, after, entry) == 1


def _parts(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), part) for key, part in value.items())
    elif isinstance(value, list):
        yield from enumerate(value)


def _gains(before: object, after: object, entry: Entry) -> int:
    """How many lists have the entry more at their end; two or more where anything else differs."""
    if before == after:
        return 0
    if isinstance(before, Mapping) and isinstance(after, Mapping) and list(before) == [key for key in after if key in before]:
        return sum(_gains(before.get(key), part, entry) for key, part in after.items())
    if before is None and isinstance(after, Mapping):
        return _gains({}, after, entry)
    if isinstance(after, list) and (before is None or isinstance(before, list)):
        held = before or []
        if len(after) == len(held):
            return sum(_gains(one, other, entry) for one, other in zip(held, after, strict=True))
        return 1 if after[:-1] == held and after[-1] == _as_read(entry) else _OTHERWISE
    return _OTHERWISE


def _as_read(entry: Entry) -> object:
    """The entry as YAML gives it back."""
    if isinstance(entry, str):
        return entry
    return {key: value if isinstance(value, str) else list(value) for key, value in entry.items()}


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


def _with_keys(text: str, node: MappingNode, keys: tuple[str, ...], entry: Entry) -> str | None:
    """The keys that lack, behind what is there; where the mapping is the item itself, behind the keys that say what it is."""
    if node.flow_style:
        return _unfolded(text, node, keys, entry) or _in_braces(text, node, f"{keys[0]}: {_in_flow(keys[1:], entry)}")
    if not node.value:
        return None
    column = int(node.value[0][0].start_mark.column)
    last = node.value[-1][1]
    if keys[0] == _WAY[0]:
        named = [value for name, value in node.value if isinstance(name, ScalarNode) and name.value in _BEFORE_CONFIG]
        last = named[-1] if named else node.value[0][1]
    return _behind(text, last, _block(keys, entry, column))


def _with_item(text: str, node: SequenceNode, entry: Entry) -> str:
    """The entry behind the others of the list, written as they are."""
    if node.flow_style or not node.value:
        return _in_braces(text, node, _flow(entry, _quotes(node.value)))
    first = node.value[0]
    start = text.rfind("\n", 0, int(first.start_mark.index)) + 1
    dash = text[start : int(first.start_mark.index)]
    in_braces = isinstance(first, MappingNode) and first.flow_style
    lines = [_flow(entry, _quotes(node.value))] if isinstance(entry, str) or in_braces else _lines(entry)
    written = "".join(f"{dash if at == 0 else ' ' * len(dash)}{line}\n" for at, line in enumerate(lines))
    return _behind(text, node.value[-1], written)


def _behind(text: str, node: Node, lines: str) -> str:
    """The lines behind the one on which the node ends."""
    while isinstance(node, MappingNode | SequenceNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    ends = len(text[: int(node.end_mark.index)].rstrip())
    at = text.find("\n", ends)
    return f"{text[: at + 1]}{lines}{text[at + 1 :]}" if at >= 0 else f"{text}\n{lines}"


def _in_braces(text: str, node: MappingNode | SequenceNode, written: str) -> str:
    """What is written behind the others between braces or brackets."""
    closing = int(node.end_mark.index) - 1
    at = len(text[:closing].rstrip()) if node.value else closing
    return f"{text[:at]}{', ' if node.value else ''}{written}{text[at:]}"


def _unfolded(text: str, node: MappingNode, keys: tuple[str, ...], entry: Entry) -> str:
    """A mapping between braces that has a line to itself, a key a line, with the new ones; "" for any other: nobody reads five braces in a row."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    before, behind = text[text.rfind("\n", 0, start) + 1 : start], text[end : (text + "\n").index("\n", end)]
    key = before.strip()
    if behind.strip() or not key.endswith(":") or not key[:-1].isidentifier() or "\n" in text[start:end]:
        return ""
    column = len(before) - len(before.lstrip()) + _STEP
    held = [text[int(name.start_mark.index) : int(value.end_mark.index)] for name, value in node.value]
    lines = "".join(f"\n{' ' * column}{one}" for one in held)
    return f"{text[:start].rstrip()}{lines}\n{_block(keys, entry, column)}{text[end + len(behind) + 1 :]}"


def _block(keys: tuple[str, ...], entry: Entry, column: int) -> str:
    """The keys, each below the one before, and a list of the entry."""
    lines = [f"{' ' * (column + _STEP * at)}{key}:" for at, key in enumerate(keys)]
    if isinstance(entry, str):
        lines[-1] += f" [{_flow(entry)}]"
    else:
        inner = " " * (column + _STEP * len(keys))
        lines += [f"{inner}{'- ' if at == 0 else '  '}{line}" for at, line in enumerate(_lines(entry))]
    return "".join(f"{line}\n" for line in lines)


def _lines(entry: Mapping[str, str | Sequence[str]]) -> list[str]:
    """A mapping, a key a line, and what is a list below its key."""
    found: list[str] = []
    for key, value in entry.items():
        below = () if isinstance(value, str) else value
        found += [f"{key}: {_scalar(value)}" if isinstance(value, str) else f"{key}:", *(f"{' ' * _STEP}- {_scalar(one)}" for one in below)]
    return found


def _in_flow(keys: tuple[str, ...], entry: Entry) -> str:
    nested = f"[{_flow(entry)}]"
    for key in reversed(keys):
        nested = f"{{{key}: {nested}}}"
    return nested


def _flow(entry: Entry, quotes: str = "") -> str:
    if isinstance(entry, str):
        return _scalar(entry, quotes, flow=True)
    held = (f"{key}: {_scalar(value, flow=True) if isinstance(value, str) else _listed_flow(value)}" for key, value in entry.items())
    return f"{{{', '.join(held)}}}"


def _listed_flow(texts: Sequence[str]) -> str:
    bare = [_scalar(one, flow=True) for one in texts]
    quotes = '"' if any(one.startswith('"') for one in bare) else ""
    return f"[{', '.join(_scalar(one, quotes, flow=True) for one in texts)}]"


def _quotes(others: Sequence[Node]) -> str:
    """The quotes in which the others stand, "" where they have none."""
    return next((one.style for one in others if isinstance(one, ScalarNode) and one.style in ("'", '"')), "")


def _scalar(text: str, quotes: str = "", *, flow: bool = False) -> str:
    """A text as people write it: without quotes where it is read as itself without them, in whatever version of YAML."""
    colons = ":" in text if flow else text.endswith(":")  # versions of YAML differ in what these say
    if (
        not quotes
        and not colons
        and _WORD.match(text)
        and text.casefold() not in _NOT_TEXT
        and _reads(f"[{text}]" if flow else f"x: {text}", text)
    ):
        return text
    if quotes == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)


def _reads(written: str, text: str) -> bool:
    try:
        return bool(load_yaml(written) in ([text], {"x": text}))
    except NotYaml:
        return False
