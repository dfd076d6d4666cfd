"""Random SQL over the corpus' tables, as Hypothesis draws it: joins, subqueries, windows, aggregates, set operations, and expressions that may raise."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[str]], str]

TABLES = {
    "users": {"id": "n", "full_name": "t", "email": "t", "ssn": "t", "phone": "t", "region": "t", "plan": "t"},
    "orders": {"id": "n", "user_id": "n", "region": "t", "status": "t", "amount": "n", "discount": "n", "note": "t"},
    "employees": {"id": "n", "name": "t", "department": "t", "region": "t", "manager_id": "n"},
    "regions": {"code": "t", "name": "t", "currency": "t"},
    "products": {"id": "n", "name": "t", "category": "t", "price": "n"},
    "events": {"id": "n", "user_id": "n", "kind": "t"},
}
_TEXTS = ("'EU'", "'US'", "'paid'", "'901-77-0001'", "'USROW 3'", "'user1@example.com'", "'%user%'", "'free'")
_LENGTHS = ("7", "8", "13", "14", "20")
"""Of texts that differ between the twins: what is divided by their difference raises on one of them, where it sees hidden rows."""
_NUMBERS = ("0", "1", "3", "30", "778000", "100.5")


class Query:
    """One statement being drawn for an engine."""

    def __init__(self, draw: Draw, engine: str) -> None:
        self._draw = draw
        self._postgres = engine == "postgres"
        self._aliases = 0

    def statement(self) -> str:
        """A whole statement; ordered by all that it shows where it is ordered."""
        width = int(self._one("1", "2", "3"))
        body = self.select(width, 2, ())
        if self._one("no", "no", "no", "yes") == "yes":
            body = f"SELECT * FROM ({body} {self._one('UNION ALL', 'INTERSECT', 'EXCEPT')} {self.select(width, 1, ())}) AS z"
        if self._one("no", "yes") == "yes":
            body += f" ORDER BY {', '.join(str(n + 1) for n in range(width))}"
        return body

    def select(self, width: int, depth: int, outer: tuple[tuple[str, str], ...]) -> str:
        """A SELECT of `width` texts."""
        sources, scope = self._sources(depth)
        inner = scope + (outer if self._postgres else ())
        grouped = self._one("no", "no", "yes") == "yes"
        where = f" WHERE {self._condition(inner, depth)}" if self._one("yes", "yes", "no") == "yes" else ""
        if grouped:
            key = self._column(scope, "t")
            items = [f"{self._text(key)} AS c0", *(f"{self._text(self._aggregate(inner, depth))} AS c{n}" for n in range(1, width))]
            having = f" HAVING {self._aggregate(inner, depth)} > {self._one(*_NUMBERS)}" if self._one("no", "yes") == "yes" else ""
            return f"SELECT {', '.join(items)} FROM {sources}{where} GROUP BY {key}{having}"
        items = [f"{self._text(self._any(inner, depth))} AS c{n}" for n in range(width)]
        distinct = self._one("", "", "DISTINCT ")
        return f"SELECT {distinct}{', '.join(items)} FROM {sources}{where}"

    def _sources(self, depth: int) -> tuple[str, tuple[tuple[str, str], ...]]:
        first, alias = self._table(depth)
        scope = ((alias, first[1]),)
        text = f"{first[0]} AS {alias}"
        for _ in range(int(self._one("0", "0", "1"))):
            other, name = self._table(depth)
            scope += ((name, other[1]),)
            left, right = self._column(scope[:1], "n"), self._column(scope[-1:], "n")
            text += f" {self._one('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN')} {other[0]} AS {name} ON {left} = {right}"
        return text, scope

    def _table(self, depth: int) -> tuple[tuple[str, str], str]:
        self._aliases += 1
        table = self._one(*(name for name in TABLES if name != "regions"))
        text = table if not depth or self._one("t", "t", "s") == "t" else f"(SELECT * FROM {table} WHERE {self._filter(table)})"
        return (text if table != "employees" else f"(SELECT {', '.join(TABLES[table])} FROM employees)", table), f"x{self._aliases}"

    def _filter(self, table: str) -> str:
        column = self._one(*TABLES[table])
        values = _NUMBERS if TABLES[table][column] == "n" else _TEXTS
        return f"{column} {self._one('=', '<>', '<', '>=')} {self._one(*values)}"

    def _column(self, scope: tuple[tuple[str, str], ...], kind: str) -> str:
        return self._one(*(f"{alias}.{column}" for alias, table in scope for column, of in TABLES[table].items() if of == kind))

    def _any(self, scope: tuple[tuple[str, str], ...], depth: int) -> str:
        return self._number(scope, depth) if self._one("n", "t") == "n" else self._words(scope, depth)

    def _number(self, scope: tuple[tuple[str, str], ...], depth: int) -> str:
        column = self._column(scope, "n")
        choices = [
            column,
            self._one(*_NUMBERS),
            f"({column} + {self._column(scope, 'n')})",
            f"1 / ({column} - {self._one(*_NUMBERS)})",
            f"length({self._column(scope, 't')})",
            f"{'1 /' if self._postgres else 'intDiv(1,'} (length({self._column(scope, 't')}) - {self._one(*_LENGTHS)}){'' if self._postgres else ')'}",
            f"CAST({self._column(scope, 't')} AS {'int' if self._postgres else 'Int32'})",
            f"CASE WHEN {self._comparison(scope)} THEN {column} ELSE 0 END",
            f"sum({column}) OVER (PARTITION BY {self._column(scope, 't')})",
            f"count(*) OVER (PARTITION BY {self._column(scope, 't')})",
        ]
        if not self._postgres:
            choices += [f"intDiv(1, {column} - 3)", f"cityHash64({self._column(scope, 't')})"]
        if depth:
            choices.append(
                f"(SELECT count(*) FROM {self._one('orders', 'users', 'employees')} WHERE {self._one('1 = 1', 'id > 5', 'region = ' + _TEXTS[1])})"
            )
        return self._one(*choices)

    def _words(self, scope: tuple[tuple[str, str], ...], depth: int) -> str:
        column = self._column(scope, "t")
        choices = [
            column,
            self._one(*_TEXTS),
            f"lower({column})",
            f"concat({column}, {self._column(scope, 't')})",
            f"max({column}) OVER ()",
        ]
        choices += [
            f"CASE WHEN {self._comparison(scope)} THEN {column} ELSE 'x' END",
            f"substring({column}, 1, 3)",
            f"nullif({column}, {self._one(*_TEXTS)})",
        ]
        return self._one(*choices)

    def _aggregate(self, scope: tuple[tuple[str, str], ...], depth: int) -> str:
        number, text = self._column(scope, "n"), self._column(scope, "t")
        return self._one(
            "count(*)", f"sum({number})", f"max({number})", f"count(DISTINCT {text})", f"min(length({text}))", f"avg({number})"
        )

    def _comparison(self, scope: tuple[tuple[str, str], ...]) -> str:
        if self._one("n", "t") == "n":
            return f"{self._column(scope, 'n')} {self._one('=', '<', '>=', '<>')} {self._one(*_NUMBERS)}"
        return f"{self._column(scope, 't')} {self._one('=', '<', 'LIKE', '<>')} {self._one(*_TEXTS)}"

    def _condition(self, scope: tuple[tuple[str, str], ...], depth: int) -> str:
        choices = [self._comparison(scope), f"{self._column(scope, 't')} IS NOT NULL", f"1 / ({self._column(scope, 'n')} - 3) IS NOT NULL"]
        if depth:
            table = self._one("orders", "users", "employees")
            choices += [
                f"{self._column(scope, 'n')} IN (SELECT id FROM {table} WHERE {self._one('id > 3', 'region = ' + _TEXTS[0], '1 / (id - 3) > 0')})",
                f"{self._column(scope, 'n')} NOT IN (SELECT id FROM {table})",
                f"NOT ({self._condition(scope, depth - 1)})",
                f"({self._condition(scope, depth - 1)} {self._one('AND', 'OR')} {self._comparison(scope)})",
            ]
            if self._postgres:
                choices.append(
                    f"EXISTS (SELECT 1 FROM {table} AS e WHERE e.id = {self._column(scope, 'n')} AND {self._one('true', '1 / (e.id - 3) > 0')})"
                )
        return self._one(*choices)

    def _text(self, expression: str) -> str:
        return f"CAST({expression} AS text)" if self._postgres else f"toString({expression})"

    def _one(self, *choices: str) -> str:
        return self._draw(st.sampled_from(choices))


def queries(engine: str) -> st.SearchStrategy[str]:
    """Statements for an engine."""

    @st.composite
    def made(draw: Draw) -> str:
        return Query(draw, engine).statement()

    return made()
