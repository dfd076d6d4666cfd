"""SQL on its way to an engine: `Sql` while it is made and checked, `GovernedSql` once policy is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NewType, TypeVar

from sqlglot import exp

from app.model.base import Node
from app.model.types import DataType, Dialect

N = TypeVar("N", int, float)

Seal = NewType("Seal", object)
"""Proof that `govern/` made a GovernedSql. Only `govern/seal.py` holds one; a test and a lint rule say so."""


class BoundValue(Node, frozen=True):
    """A value that travels beside the SQL under `name`: user attributes, mask keys. Never written into the text or shown."""

    name: str
    value: str | int | bool | None
    type: DataType


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement in the dialect of one engine. `tree` is shared: copy before changing. `written` marks text that a person or a model wrote."""

    dialect: Dialect
    tree: exp.Expression = field(compare=False, repr=False)
    text: str
    written: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one execution: rows returned, seconds, bytes of memory (0: the engine's default), and rows read from storage (0: any number)."""

    rows: int = 10_000
    seconds: float = 30.0
    memory_bytes: int = 0
    scanned_rows: int = 0

    def within(self, other: Limits) -> Limits:
        """Of each bound the smaller one; what `other` does not bound (0) stays."""
        return Limits(
            _smaller(self.rows, other.rows),
            _smaller(self.seconds, other.seconds),
            _smaller(self.memory_bytes, other.memory_bytes),
            _smaller(self.scanned_rows, other.scanned_rows),
        )


def _smaller(one: N, other: N) -> N:
    return min(one, other) if one and other else one or other


@dataclass(frozen=True, slots=True)
class GovernedSql:
    """What an engine executes, and nothing else: rendered from the checked tree, parsed and checked once more.

    `parameters` are bound by the engine; `policies` names the policies that shaped it; `fingerprint` is a hash of those policies and of the
    attribute values that they read (it belongs in every cache key); `models` are the models read.
    """

    dialect: Dialect
    text: str
    parameters: tuple[BoundValue, ...]
    limits: Limits
    models: tuple[str, ...]
    policies: tuple[str, ...]
    fingerprint: str
    seal: Seal = field(repr=False, compare=False)
