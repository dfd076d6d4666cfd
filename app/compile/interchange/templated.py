"""SQL in which braces name members: `{CUBE}.status`, `${orders.count}`, `${TABLE}.amount`. Nothing in the braces is ever run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Problem, UserError, Where
from app.model.expr import Column, Expr, Field
from app.sql.expressions.aggregates import Aggregate, Calculation, parse_calculation
from app.sql.expressions.parse import parse_expression
from app.sql.expressions.walk import replace_leaves, walk

_BRACES = re.compile(r"\$?\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDER = re.compile(r"brace\d+_")
_VARIABLES = frozenset(
    {"SECURITY_CONTEXT", "USER_CONTEXT", "FILTER_PARAMS", "FILTER_GROUP", "SQL_UTILS", "COMPILE_CONTEXT", "lightdash", "ld"}
)
"""What servers fill in."""
JINJA = re.compile(r"\{\{|\{%|\{#")


@dataclass(frozen=True, slots=True)
class Template:
    """A dialect of braces: the words that stand for the dataset itself, and what else a name may be an alias of (joined tables)."""

    own: frozenset[str]
    aliases: Mapping[str, str]

    def expression(self, text: str, dialect: str) -> Expr:
        """A row-level expression. Raises UserError: DM2660 for what the braces may not hold, and as `parse_expression`."""
        plain, known = self._without_braces(text)
        return self._named(parse_expression(plain, dialect), known)

    def calculation(self, text: str, dialect: str) -> Calculation:
        """A calculation over aggregations. Raises as `expression`, and as `parse_calculation`."""
        plain, known = self._without_braces(text)
        read = parse_calculation(plain, dialect)
        self._all_there([read.expr, *(aggregate.expr for aggregate in read.aggregates)], known)
        aggregates = tuple(_with(aggregate, self._named(aggregate.expr, known, whole=False)) for aggregate in read.aggregates)
        return Calculation(self._named(read.expr, known, whole=False), aggregates)

    def _without_braces(self, text: str) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The text with an identifier for each pair of braces, and the names in each."""
        known: dict[str, tuple[str, ...]] = {}
        if JINJA.search(text):
            raise template_code("it holds Jinja, which only a server can fill in")
        if _PLACEHOLDER.search(text):
            raise template_code("a name in it begins with `brace`")

        def replaced(found: re.Match[str]) -> str:
            parts = tuple(part.strip() for part in found[1].split("."))
            if not all(_NAME.fullmatch(part) for part in parts) or len(parts) > 2 or parts[0] in _VARIABLES:
                raise template_code(f"`{found[0]}` is code or a variable of the server")
            name = next((name for name, held in known.items() if held == parts), f"brace{len(known)}_")
            known[name] = parts
            return name

        plain = _BRACES.sub(replaced, text)
        if "{" in plain or "}" in plain or "\\{" in text:
            raise template_code("its braces are not closed, or nested")
        return plain, known

    def _named(self, expr: Expr, known: Mapping[str, tuple[str, ...]], *, whole: bool = True) -> Expr:
        """The expression with members and columns in place of the identifiers."""
        if whole:
            self._all_there([expr], known)

        def named(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column):
                return leaf
            if leaf.table in known:
                return Column(leaf.name, self._dataset(known[leaf.table]))
            if leaf.name in known and not leaf.table:
                return self._member(known[leaf.name])
            return Column(leaf.name, self.aliases.get(leaf.table, leaf.table))

        return replace_leaves(expr, named)

    def _dataset(self, parts: tuple[str, ...]) -> str:
        """The dataset before a point, "" for the own one."""
        if len(parts) != 1:
            raise template_code(f"`{'.'.join(parts)}` stands before a point")
        return "" if parts[0] in self.own else self.aliases.get(parts[0], parts[0])

    def _member(self, parts: tuple[str, ...]) -> Expr:
        """The member that a pair of braces names alone."""
        if len(parts) == 1:
            if parts[0] in self.own:
                raise template_code(f"`{parts[0]}` stands alone")
            return Field(parts[0], "member")
        dataset = self._dataset(parts[:1])
        return Field(parts[1], "member", (dataset,) if dataset else ())

    def _all_there(self, exprs: list[Expr], known: Mapping[str, tuple[str, ...]]) -> None:
        """Raises UserError where a pair of braces stood in a text or another place in which it is no name."""
        found = {name for expr in exprs for leaf in walk(expr) if isinstance(leaf, Column) for name in (leaf.name, leaf.table)}
        missing = next((parts for name, parts in known.items() if name not in found), None)
        if missing is not None:
            raise template_code(f"`{{{'.'.join(missing)}}}` stands where no column can")


def template_code(why: str) -> UserError:
    """Code of a template that is not evaluated."""
    return UserError(Problem("DM2660", why, where=Where(line=1)))


def _with(aggregate: Aggregate, expr: Expr) -> Aggregate:
    return Aggregate(aggregate.agg, expr, aggregate.percentile, aggregate.discrete, aggregate.approximate, aggregate.rows)
