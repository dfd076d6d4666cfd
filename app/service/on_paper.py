"""The pipeline walked without an engine: for asking what governance says of a query, where nothing is to run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import InternalError, Problem
from app.model.ids import new_id
from app.model.moment import Moment
from app.model.principal import Principal
from app.model.query import SemanticQuery
from app.model.result import Result
from app.model.sql import GovernedSql
from app.model.types import Dialect
from app.pipeline.run import run
from app.pipeline.turn import ServedLayer, StageDeps, Turn
from app.ports import Cancel, Capabilities, Excess, Health

_MOMENT = Moment(dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.date(2000, 1, 1))
"""Only questions in words depend on when they are asked, and none comes here."""


@dataclass(frozen=True, slots=True)
class PaperEngine:
    """An engine that speaks its dialect and executes nothing."""

    dialect: Dialect

    @property
    def name(self) -> str:
        """As placements mean it."""
        return self.dialect.value

    @property
    def capabilities(self) -> Capabilities:
        """None: no plan is put on it."""
        return Capabilities(exact_percentile=False, approximate_percentile=False, columnar=False, cancels_running=False)

    def execute(self, _governed: GovernedSql, _cancel: Cancel) -> Result:
        """Raises InternalError DM9001: who walks on paper does not get here."""
        raise InternalError(Problem("DM9001", f"the engine {self.name} is there on paper only"))

    def health(self) -> Health:
        """It answers nothing."""
        return Health(up=False, detail="on paper only")

    def account(self) -> Sequence[Excess]:
        """Nobody's."""
        return ()

    def close(self) -> None:
        """Nothing is held."""


_DEPS = StageDeps(
    {dialect.value: PaperEngine(dialect) for dialect in Dialect}, lambda: [dialect.value for dialect in Dialect], mask_key="0" * 64
)
"""Masks are written into a text with this key, and never executed."""


def try_query(served: ServedLayer, principal: Principal, query: SemanticQuery, *, until: str = "validate") -> None:
    """Walk a metric query as far as it is checked, or to where it could be sent (`sanitize`). Raises what refuses it."""
    run(Turn(new_id("qry"), principal, _MOMENT, served, query=query), _DEPS, until=until)


def try_sql(served: ServedLayer, principal: Principal, sql: str, source: str) -> Turn:
    """Written SQL where it could be sent to the engine `source`. Raises what refuses it."""
    return run(Turn(new_id("qry"), principal, _MOMENT, served, written_sql=sql, source=source), _DEPS, until="sanitize")
