"""Other ways to write a statement: what is refused of the one must be refused of the others, and what is answered must tell no more."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from zlib import crc32

from app.sql.allowlist.words import words

Mutate = Callable[[str, random.Random], str]

_PIECES = re.compile(
    r"""(?P<text>[eEnN]?'(?:[^'\\]|\\.|'')*'|[uU]&'[^']*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<name>"[^"]*"|`[^`]*`)|(?P<note>--[^\n]*|/\*.*?\*/|\#[^\n]*)"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<space>\s+)|(?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)
KEYWORDS = words(
    """
    select from where group by order having limit offset union all join left right inner outer on using as and or not in is null case when then else end
    with distinct values exists between like lateral cross full natural over partition asc desc
    """
)
_HOMOGLYPHS = str.maketrans("aceopxyi", "асеорхуі")
_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_SPACES = ("\u00a0", "\u2003", "\u3000", "\u200b", "\ufeff", "\u2028", "\u0085", "\u180e")


def pieces(sql: str) -> list[tuple[str, str]]:
    """(kind, text) of each piece; joined they are the text."""
    return [(found.lastgroup if found.lastgroup != "tag" else "text", found[0]) for found in _PIECES.finditer(sql)]  # type: ignore[misc]


def _each(change: Callable[[str, str, random.Random], str]) -> Mutate:
    return lambda sql, dice: "".join(change(kind, text, dice) for kind, text in pieces(sql))


def _words(change: Callable[[str, random.Random], str], *, keywords: bool | None = None) -> Mutate:
    def of(kind: str, text: str, dice: random.Random) -> str:
        wanted = kind == "word" and (keywords is None or (text.lower() in KEYWORDS) is keywords)
        return change(text, dice) if wanted else text

    return _each(of)


def _spaces(*choices: str) -> Mutate:
    return _each(lambda kind, text, dice: dice.choice(choices) if kind == "space" and "\n" not in text else text)


def _comments(*choices: str) -> Mutate:
    """Comments at spaces, but not within what is one keyword to a parser (ORDER BY)."""

    def mutate(sql: str, dice: random.Random) -> str:
        found = pieces(sql)
        return "".join(
            f" {dice.choice(choices)} " if kind == "space" and _last_word(found[:n]) not in _PAIRED else text
            for n, (kind, text) in enumerate(found)
        )

    return mutate


def _last_word(found: list[tuple[str, str]]) -> str:
    return next((text.lower() for kind, text in reversed(found) if kind in ("word", "sign")), "")


_PAIRED = words(
    "order group partition grouping is not union left right full inner cross natural within distinct respect ignore primary limit at array"
)


def _between(*choices: str) -> Mutate:
    """Something before every sign and word but the first."""

    def mutate(sql: str, dice: random.Random) -> str:
        found = pieces(sql)
        return "".join(text if kind in ("space", "sign") or not n else dice.choice(choices) + text for n, (kind, text) in enumerate(found))

    return mutate


def _around(template: str) -> Mutate:
    return lambda sql, dice: template.replace("{}", _bare(sql))


def _bare(sql: str) -> str:
    """Without what ends it: a comment or `;` would swallow what is written behind."""
    return re.sub(r"(?:\s|;|--[^\n\r]*$|/\*[^*]*\*/$)+\Z", "", sql) + "\n"


def _some(text: str, dice: random.Random) -> str:
    return "".join(dice.choice((c.upper(), c.lower())) for c in text)


def _called(change: Callable[[str], str]) -> Mutate:
    """The names of functions, which stand before a bracket."""
    return lambda sql, dice: re.sub(r"\b([A-Za-z_]\w*)(?=\s*\()", lambda m: m[0] if m[0].lower() in KEYWORDS else change(m[0]), sql)


def _tables(change: Callable[[str], str]) -> Mutate:
    return lambda sql, dice: re.sub(r"(?i)\b(from|join)(\s+)([a-z_]\w*)(?![\w(.])", lambda m: m[1] + m[2] + change(m[3]), sql)


def _texts(change: Callable[[str], str]) -> Mutate:
    return _each(lambda kind, text, dice: change(text[1:-1]) if kind == "text" and text.startswith("'") else text)


def _escaped(word: str) -> str:
    return 'U&"' + "".join(f"\\{ord(c):04X}" for c in word) + '"'


HARMLESS: Mapping[str, Mutate] = {
    "upper keywords": _words(lambda w, dice: w.upper(), keywords=True),
    "mixed keywords": _words(_some, keywords=True),
    "comments for spaces": _comments("/**/", "/* x */", "\n-- ' x\n"),
    "nested-looking comments": _comments("/* ; DROP TABLE users */", "-- /*\n"),
    "tabs and newlines": _spaces("\t", "\n", "\r\n", " \t \n"),
    "comment behind": lambda sql, dice: _bare(sql) + "-- end; of 'it",
    "comment before": lambda sql, dice: "/* SELECT ssn */ -- x\n" + sql,
    "semicolon behind": lambda sql, dice: _bare(sql) + ";",
}
"""What changes nothing of a statement."""

_EITHER: Mapping[str, Mutate] = {
    **HARMLESS,
    "upper": _words(lambda w, dice: w.upper()),
    "lower": _words(lambda w, dice: w.lower()),
    "mixed": _words(_some),
    "comments between": _between("/**/", "/*! */"),
    "versioned comment": lambda sql, dice: "/*!50000 " + _bare(sql) + " */",
    "nested comments": _spaces(" /* a /* b */ c */ "),
    "other spaces": _spaces(*_SPACES),
    "quoted names": _words(lambda w, dice: f'"{w}"', keywords=False),
    "homoglyphs": _words(lambda w, dice: w.translate(_HOMOGLYPHS) if dice.random() < 0.5 else w, keywords=False),
    "wide letters": _words(lambda w, dice: w.translate(_WIDE) if dice.random() < 0.5 else w, keywords=False),
    "zero width": _words(lambda w, dice: w[:1] + "\u200d" + w[1:] if dice.random() < 0.5 else w, keywords=False),
    "quoted functions": _called(lambda w: f'"{w}"'),
    "subquery": _around("SELECT * FROM ({}) AS q"),
    "deep subquery": _around("SELECT * FROM (SELECT * FROM (SELECT q.* FROM ({}) AS q) AS r) AS s"),
    "cte": _around("WITH q AS ({}) SELECT * FROM q"),
    "two ctes": _around("WITH q AS ({}), users AS (SELECT * FROM q) SELECT * FROM users"),
    "counted": _around("SELECT count(*) FROM ({}) AS q"),
    "scalar": _around("SELECT (SELECT count(*) FROM ({}) AS q) AS n"),
    "exists": _around("SELECT 1 AS one WHERE EXISTS ({})"),
    "case exists": _around("SELECT CASE WHEN EXISTS ({}) THEN 1 ELSE 0 END AS x"),
    "union": _around("({}) UNION ALL ({})"),
    "intersect": _around("({}) INTERSECT ({})"),
    "brackets": _around("(({}))"),
    "ordered by": _around(
        "SELECT id FROM regions_x ORDER BY (SELECT count(*) FROM ({}) AS q)".replace("id FROM regions_x", "code FROM regions")
    ),
    "joined to values": _around("SELECT q.* FROM ({}) AS q CROSS JOIN (SELECT 1 AS one) AS v"),
    "in": _around("SELECT code FROM regions WHERE 1 IN (SELECT 1 FROM ({}) AS q)"),
    "multi behind": lambda sql, dice: _bare(sql) + "; SELECT 1",
    "multi before": lambda sql, dice: "SELECT 1; " + sql,
    "explained": lambda sql, dice: "EXPLAIN " + sql,
    "doubled texts": _texts(lambda t: f"concat('{t[: len(t) // 2]}', '{t[len(t) // 2 :]}')"),
}
_POSTGRES: Mapping[str, Mutate] = {
    "unicode names": _words(lambda w, dice: _escaped(w), keywords=False),
    "schema": _tables(lambda t: f"public.{t}"),
    "quoted schema": _tables(lambda t: f'"public"."{t}"'),
    "catalog functions": _called(lambda w: f"pg_catalog.{w}"),
    "unicode functions": _called(_escaped),
    "dollar texts": _texts(lambda t: f"$x${t}$x$" if "''" not in t else f"'{t}'"),
    "unicode texts": _texts(lambda t: "U&'" + "".join(f"\\{ord(c):04X}" if c.isalnum() and ord(c) < 0xFFFF else c for c in t) + "'"),
    "escape texts": _texts(lambda t: "E'" + "".join(f"\\x{ord(c):02x}" if c.isascii() and c.isalnum() else c for c in t) + "'"),
    "lateral": _around("SELECT q.* FROM (VALUES (1)) AS v(x) CROSS JOIN LATERAL ({}) AS q"),
    "rows as text": _around("SELECT q::text FROM ({}) AS q"),
    "rows as json": _around("SELECT json_agg(q) FROM ({}) AS q"),
    "materialized": _around("WITH q AS MATERIALIZED ({}) SELECT * FROM q"),
    "recursive": _around("WITH RECURSIVE q AS ({}) SELECT * FROM q"),
    "only": _tables(lambda t: f"ONLY {t}"),
    "starred": _tables(lambda t: f"{t} *"),
    "array": _around("SELECT ARRAY(SELECT q::text FROM ({}) AS q)"),
    "returning": lambda sql, dice: f"WITH d AS (DELETE FROM orders RETURNING *) {sql}",
}
_CLICKHOUSE: Mapping[str, Mutate] = {
    "backticks": _words(lambda w, dice: f"`{w}`", keywords=False),
    "database": _tables(lambda t: f"app.{t}"),
    "quoted database": _tables(lambda t: f'"app".`{t}`'),
    "final": _tables(lambda t: f"{t} FINAL"),
    "sampled": _tables(lambda t: f"{t} SAMPLE 1"),
    "settings": lambda sql, dice: _bare(sql) + " SETTINGS readonly = 0",
    "format": lambda sql, dice: _bare(sql) + " FORMAT TSV",
    "outfile": lambda sql, dice: _bare(sql) + " INTO OUTFILE '/tmp/x'",
    "from first": lambda sql, dice: re.sub(r"(?is)^\s*(select\s+.*?)\s+(from\s+\w+)\s*$", r"\2 \1", _bare(sql)),
    "view": _around("SELECT * FROM view({})"),
    "tuples": _around("SELECT tuple(*) FROM ({}) AS q"),
    "grouped": _around("SELECT groupArray(tuple(*)) FROM ({}) AS q"),
    "json rows": _around("SELECT toJSONString(tuple(*)) FROM ({}) AS q"),
    "scalar with": _around("WITH (SELECT count() FROM ({}) AS q) AS n SELECT n"),
    "hash comments": _spaces(" # x\n"),
    "escaped texts": _texts(lambda t: "'" + "".join(f"\\x{ord(c):02X}" if c.isascii() and c.isalnum() else c for c in t) + "'"),
}
MUTATORS: Mapping[str, Mapping[str, Mutate]] = {"postgres": {**_EITHER, **_POSTGRES}, "clickhouse": {**_EITHER, **_CLICKHOUSE}}


def mutants(sql: str, key: str, mutators: Mapping[str, Mutate], most: int = 0) -> Iterator[tuple[str, str]]:
    """(name, text) of mutants, each other than the statement: all, or `most` of them, which the key chooses, the same each time."""
    dice = random.Random(crc32(key.encode()))
    names = list(mutators)
    dice.shuffle(names)
    made = {sql}
    left = most or len(names)
    for name in names:
        mutant = mutators[name](sql, dice)
        if mutant not in made and left:
            made.add(mutant)
            left -= 1
            yield name, mutant
