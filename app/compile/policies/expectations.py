"""The shape of policy tests: who looks, what they see of a model, which metrics they know, and what is refused to them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from app.compile.policies.schema import NonEmpty
from app.model.principal import Principal, Role

VARIABLE = "datamind_policy_tests"
"""The variable of dbt_project.yml that says where a project's policy tests are."""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who looks."""

    role: Role = Role.ANALYST
    groups: tuple[NonEmpty, ...] = ()
    attributes: dict[str, str] = {}
    user: str = ""

    def principal(self) -> Principal:
        """Somebody who is such a person."""
        return Principal(self.user, self.user, self.role, "", tuple(sorted(self.groups)), tuple(sorted(self.attributes.items())))


class ColumnExpected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mask of that kind, or values that are seen aggregated over so many rows."""

    mask: str = ""
    min_group_size: int | None = None


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is seen of the model. `rows` is `all`, `none` or a condition, compared by what it means."""

    readable: bool | None = None
    rows: str = ""
    columns: dict[str, Literal["clear", "masked", "denied"] | ColumnExpected] = {}


class QueryText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric query."""

    metrics: tuple[NonEmpty, ...]
    group_by: tuple[NonEmpty, ...] = ()
    where: tuple[NonEmpty, ...] = ()


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric query or written SQL, and whether it is allowed: `refused` is the code of the refusal, or true for any."""

    query: QueryText | None = None
    sql: str = ""
    source: Literal["postgres", "clickhouse"] = "postgres"
    allowed: bool = False
    refused: str | bool = False


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"who": "as"}):
    """One test."""

    who: Person
    name: str = ""
    model: str = ""
    expect: Expected | None = None
    metrics: dict[str, Literal["visible", "hidden"]] = {}
    queries: tuple[Attempt, ...] = ()


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of tests."""

    policy_tests: Annotated[tuple[Case, ...], msgspec.Meta(min_length=1)]
