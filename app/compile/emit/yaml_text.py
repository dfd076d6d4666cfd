"""Plain data → YAML, the same bytes every time: block style, keys in the order given, empty values left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Data: TypeAlias = "str | int | float | bool | Sequence[Data] | Mapping[str, Data] | None"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./() -]*[A-Za-z0-9_)]|[A-Za-z]")
_SCALARS = (str, int, float, bool, type(None))
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "~"}
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def dump(value: Data, header: str = "", *, whole: bool = False) -> str:
    """YAML text that ends in a newline; `header` lines come first, as comments. Reading it gives `value` back, without what was empty; `whole`
    keeps that too."""
    comments = "".join(f"# {line}\n" for line in header.splitlines())
    return comments + "\n".join(_lines(value, 0, whole)) + "\n"


def _lines(value: Data, indent: int, whole: bool) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, Mapping):
        kept = [(key, item) for key, item in value.items() if whole or not _empty(item)]
        if not kept:
            yield pad + "{}"
        for key, item in kept:
            yield from _entry(f"{pad}{_scalar(key)}:", item, indent, whole)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            yield pad + "[]"
        for item in value:
            if isinstance(item, _SCALARS):
                yield from _entry(f"{pad}-", item, indent, whole)
            else:
                first, *rest = _lines(item, indent + 2, whole)
                yield f"{pad}- {first[indent + 2 :]}"
                yield from rest
    else:
        yield pad + _scalar(value)


def _entry(head: str, item: Data, indent: int, whole: bool) -> Iterator[str]:
    if isinstance(item, str) and _is_block(item):
        yield f"{head} |-"
        yield from (" " * (indent + 2) + line if line else "" for line in item.split("\n"))
    elif isinstance(item, _SCALARS):
        yield f"{head} {_scalar(item)}"
    elif isinstance(item, Mapping) and not item:
        yield f"{head} {{}}"
    elif isinstance(item, Sequence) and all(
        isinstance(part, str) and _PLAIN.fullmatch(part) and part.lower() not in _WORDS for part in item
    ):
        yield f"{head} [{', '.join(str(part) for part in item)}]"
    else:
        yield head
        yield from _lines(item, indent + 2, whole)


def _scalar(value: str | int | float | bool | None) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and "  " not in value:
        return value
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _is_block(text: str) -> bool:
    """Whether a literal block holds the text exactly: several lines, none of which begins or ends in white space."""
    lines = text.split("\n")
    if len(lines) < 2 or _UNSAFE.search(text) or lines[0].startswith(" "):
        return False
    return bool(lines[0] and lines[-1]) and all(line == line.rstrip() for line in lines)


def _empty(item: Data) -> bool:
    return item is None or item is False or (isinstance(item, str | Sequence | Mapping) and len(item) == 0)
