"""ClickHouse's SQL as words: enough to tell statements apart, to find where the data of an INSERT begins, and to see what a reader names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# As ClickHouse's own lexer has it: `//`, `#!` and `# ` begin comments too, curly quotes are quotes, `$tag$ … $tag$` is a string.
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<comment>(?:--|//|\#!|\#[ ])[^\n]*)
    | (?P<string>'(?:[^'\\]|\\.|'')*+' | ‘[^’]*’ | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<name>"(?:[^"\\]|\\.|"")*+" | `(?:[^`\\]|\\.|``)*+` | “[^”]*”)
    | (?P<word>[A-Za-z0-9_]+)
    | (?P<block>/\*)
    | (?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is word, name (a quoted identifier), string, comment or symbol; `text` is as written; `start` and `end` are its place."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def folded(self) -> str:
        """A word, or what a quoted identifier quotes, in lower case; else the text."""
        return (self.text[1:-1] if self.kind == "name" else self.text).lower()


def tokens(sql: str, *, comments: bool = False) -> Iterator[Token]:
    """The tokens of `sql`, lazily, so that the data behind an INSERT is never read; a quote that does not close is a symbol."""
    position = 0
    while found := _TOKEN.match(sql, position):
        kind, end = str(found.lastgroup), found.end()
        if kind == "block":
            kind, end = "comment", _block_end(sql, end)
        elif kind == "tag":
            kind = "string"
        if kind != "space" and (comments or kind != "comment"):
            yield Token(kind, sql[position:end], position, end)
        position = end


def _block_end(sql: str, position: int) -> int:
    """Where a block comment ends: they nest."""
    depth = 1
    while depth and (edge := _BLOCK_EDGE.search(sql, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return len(sql) if depth else position
