"""One statement with the data that may follow it, as it came over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.lexer import Token, tokens

_HEAD_BYTES = 1 << 18  # where an INSERT's head must end; what follows may be binary
_DATA_BEGINS = re.compile(rb"[ \t]*(?:\r?\n|;)?")
_READS = frozenset({"select", "with", "show", "describe", "desc", "exists", "explain", "from", "("})
_NOT_DATA = frozenset({"select", "with", "values", "infile", "watch"})


@dataclass(frozen=True, slots=True)
class Statement:
    """`sql` for the engine; for an INSERT with data also `data`, in `data_format`; `output_format` is the one that the text itself names, or ""."""

    sql: str
    words: tuple[Token, ...]
    data: bytes | None = None
    data_format: str = ""
    output_format: str = ""

    @property
    def verb(self) -> str:
        """The first word, in lower case."""
        return self.words[0].folded if self.words else ""

    @property
    def reads(self) -> bool:
        """Whether it only reads, by its first word."""
        return self.verb in _READS


def parse(query: str, body: bytes) -> Statement:
    """The statement in the URL's `query` followed by the request's body. Raises Failure 62 for none or several, and for files of the server."""
    if query:
        head = query.encode() + b"\n"
        insert = _insert(head, complete=True)
        if insert and body:
            return insert(head, body)
        raw = head + body if body else query.encode()
    else:
        raw = body
    if insert := _insert(raw[:_HEAD_BYTES], complete=len(raw) <= _HEAD_BYTES):
        return insert(raw, b"")
    try:
        sql = raw.decode()
    except UnicodeDecodeError:
        raise Failure(62, "Syntax error: the query is not UTF-8") from None
    return _single(sql)


@dataclass(frozen=True, slots=True)
class _Insert:
    """An INSERT whose data follows: where the text before FORMAT ends, the format, and where the data begin, in bytes."""

    words: tuple[Token, ...]
    text_end: int
    data_format: str
    data_begin: int

    def __call__(self, raw: bytes, more: bytes) -> Statement:
        data = raw[self.data_begin :] + more
        return Statement(raw[: self.text_end].decode(), self.words, data, self.data_format)


def _insert(raw: bytes, *, complete: bool) -> _Insert | None:
    text = raw.decode("utf-8", "surrogateescape")
    seen: list[Token] = []
    depth = 0
    for token in tokens(text):
        seen.append(token)
        if seen[0].folded != "insert" or (depth == 0 and token.kind == "word" and token.folded in _NOT_DATA):
            return None
        depth += (token.text == "(") - (token.text == ")") if token.kind == "symbol" else 0
        if depth == 0 and len(seen) > 2 and seen[-2].kind == "word" and seen[-2].folded == "format" and token.kind == "word":
            place = len(text[: token.end].encode("utf-8", "surrogateescape"))
            gap = _DATA_BEGINS.match(raw, place)
            begin = gap.end() if gap else place
            return _Insert(tuple(seen), len(text[: seen[-2].start].encode("utf-8", "surrogateescape")), token.text, begin)
    if not complete:
        raise Failure(298, f"Query is too large: an INSERT's head must end within {_HEAD_BYTES} bytes")
    return None


def _single(sql: str) -> Statement:
    words = tuple(tokens(sql))
    ends = [index for index, token in enumerate(words) if token.kind == "symbol" and token.text == ";"]
    if ends and any(token.text != ";" for token in words[ends[0] :]):
        raise Failure(62, "Syntax error (Multi-statements are not allowed)")
    words = words[: ends[0]] if ends else words
    if not words:
        raise Failure(62, "Syntax error: Empty query")
    for one, two in pairwise(words):
        if one.folded in ("into", "from") and two.kind == "word" and two.folded in ("outfile", "infile"):
            raise Failure(62, f"Syntax error: {two.text.upper()} is for command-line clients")
    return Statement(sql[: words[-1].end], words, output_format=_output_format(words))


def _output_format(words: tuple[Token, ...]) -> str:
    """The format of a trailing FORMAT clause, with SETTINGS before or behind it."""
    depth = 0
    for index in range(len(words) - 1, 0, -1):
        token = words[index]
        depth += (token.text == ")") - (token.text == "(") if token.kind == "symbol" else 0
        if depth or token.kind != "word":
            continue
        before = words[index - 1]
        if before.kind == "word" and before.folded == "format" and token.folded != "settings":
            return token.text
        if token.folded in ("from", "where", "select"):
            break
    return ""
