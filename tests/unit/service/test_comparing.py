"""One number of a closed period is beside that of the period before, whatever way its query came, and where the two are alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from app.errors import Problem, UserError
from app.model.answer import Outcome
from app.model.conversations import Conversation, ConversationTurn, SharedAnswer
from app.model.expr import Binary, Field, Literal
from app.model.ids import new_id
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery, TimeRange
from app.model.result import Result, ResultColumn
from app.model.types import DataType, DatePart, Dialect
from app.pipeline.turn import StageDeps
from app.service.ask import ask
from app.service.audit import Caller
from app.service.conversations import choose, put
from app.service.on_paper import PaperEngine
from app.service.query import query
from app.service.serving import serving_of
from app.service.sharing import open_shared
from tests.unit.language.layers import shop

WHO = Caller(Principal("usr_1", "", Role.ADMIN, "default"), "test")
NOW = dt.datetime(2026, 7, 15, 9, tzinfo=dt.UTC)
COLUMNS = (ModelColumn("net_amount", DataType.DECIMAL), ModelColumn("ordered_at", DataType.DATE), ModelColumn("status", DataType.TEXT))
MODELS = (Model("fct_orders", "model.shop.fct_orders", columns=COLUMNS),)
LAYER = Layer(
    msgspec.structs.replace(shop(), models=MODELS), (Placement("postgres", (("fct_orders", Relation("main", "fct_orders", "dw")),)),)
)
JUNE = SemanticQuery(("revenue",), time=TimeRange(dt.date(2026, 6, 1), dt.date(2026, 6, 30)))


class Numbers(PaperEngine):
    """An engine whose every answer is one number, one more each time."""

    asked = 0

    def execute(self, _governed: object, _cancel: object) -> Result:
        Numbers.asked += 1
        return Result((ResultColumn("revenue", DataType.DECIMAL),), ((Decimal(Numbers.asked),),))


class Kept:
    """A store in which everything is kept, and one turn, one conversation and one link lie."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_more: 1

    def get(self, key: str, *_who: str) -> Any:
        if key.startswith("shr_"):
            return SharedAnswer(key, "default", "usr_1", "qry_1", "revenue", JUNE.canonical().decode(), "1", NOW, NOW + dt.timedelta(1))
        return Conversation(key, "default", "usr_1", "test", "revenue", NOW, NOW, 1)

    def turn(self, key: str, query_id: str, *_who: str) -> ConversationTurn:
        choices = f"[{JUNE.canonical().decode()}]"
        return ConversationTurn(key, 1, "default", "usr_1", query_id, "revenue", "", "clarify", "", choices, NOW)


@pytest.fixture
def deps() -> Any:
    store: Any = Kept()
    return SimpleNamespace(
        calendar=SimpleNamespace(moment=lambda _clock: Moment(NOW, NOW.date())), clock=SimpleNamespace(now=lambda: NOW),
        serving=serving_of(LAYER), stage=StageDeps({"postgres": Numbers(Dialect.POSTGRES)}, lambda: {"postgres"}),
        audit=store, queries=store, talk=SimpleNamespace(conversations=store, choices=store, shared=store, most=9), compares=True, model=None,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["query", "put", "choose", "open_shared"])
def test_a_number_is_compared_whatever_way_it_was_asked_for(deps: Any, way: str) -> None:
    turn = {
        "query": lambda: query(deps, WHO, JUNE),
        "put": lambda: put(deps, WHO, JUNE).turn,
        "choose": lambda: choose(deps, WHO, new_id("cnv"), new_id("qry"), 0).turn,
        "open_shared": lambda: open_shared(deps, WHO, "shr_1")[1],
    }[way]()
    assert turn.answer is not None
    assert turn.answer.comparison is not None
    assert turn.answer.comparison.previous == turn.answer.comparison.current + 1, "it was asked next"
    assert turn.answer.comparison.period == TimeRange(dt.date(2026, 5, 1), dt.date(2026, 5, 31))


@pytest.mark.parametrize(
    ("condition", "is_compared"),
    [
        (Binary(">=", Field("metric_time"), Literal("2026-06-15", DataType.DATE)), False),
        (Binary(">=", Field("order__ordered_at"), Literal("2026-06-15", DataType.DATE)), False),
        (Binary(">", Field("metric_time", date_part=DatePart.DOW), Literal(5, DataType.INTEGER)), True),
        (Binary("=", Field("order__status"), Literal("completed", DataType.TEXT)), True),
    ],
)
def test_under_a_condition_on_a_time_nothing_is_compared(deps: Any, condition: Binary, is_compared: bool) -> None:
    """There is next to nothing of the period before, though it was a period as any."""
    answer = query(deps, WHO, msgspec.structs.replace(JUNE, where=condition)).answer
    assert answer is not None
    assert (answer.comparison is not None) is is_compared


class Failing(Numbers):
    """One that answers once, and then is too slow."""

    def execute(self, governed: object, cancel: object) -> Result:
        result = super().execute(governed, cancel)
        if Numbers.asked > 1:
            raise UserError(Problem("DM5002", "the query took too long"))
        return result


def test_what_could_not_be_read_is_not_told_to_be_nothing(deps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Numbers, "asked", 0)
    deps.stage = StageDeps({"postgres": Failing(Dialect.POSTGRES)}, lambda: {"postgres"})
    answer = ask(deps, WHO, "why?", previous=JUNE, anew=True).answer
    assert answer is not None
    assert (answer.outcome, answer.problems[-1].code) == (Outcome.REFUSE, "DM6032")
    assert "could not be read" in answer.text
    monkeypatch.setattr(Numbers, "asked", 0)
    alone = query(deps, WHO, JUNE).answer
    assert alone is not None
    assert (alone.outcome, alone.comparison) == (Outcome.ANSWER, None)
