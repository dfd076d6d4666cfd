"""The operational mode and score that follow from what answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from app.errors import Problem, UserError
from app.model.ontology import Layer, Ontology
from app.ports import Health
from app.service.deps import Calendar
from app.service.health import health, ready
from app.service.serving import Serving

UP, DOWN = Health(up=True, ms=1.23456), Health(up=False, detail="it does not answer")


@dataclass(frozen=True)
class Part:
    """Something that can be asked."""

    says: Health

    def health(self) -> Health:
        return self.says


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
    }
    assert report.sources["postgres"].ms == 1.235
    assert ready(parts()) == (True, "")


@pytest.mark.parametrize(
    ("changes", "mode", "score"),
    [
        ({"bus": Part(DOWN)}, "FULL_OPERATIONAL", 0.667),
        ({"engines": {"postgres": Part(UP), "clickhouse": Part(DOWN)}}, "FULL_OPERATIONAL", 0.833),
        ({"engines": {"postgres": Part(DOWN)}}, "FULL_OPERATIONAL", 0.667),
        ({"layers": Part(DOWN)}, "CONFIGURATION", 0.667),
        ({"serving": Serving(nothing, poll_seconds=0)}, "CONFIGURATION", 0.667),
        ({"llm_provider": "openai"}, "LIMITED_AI", 0.75),
        ({"llm_provider": "openai", "layers": Part(DOWN)}, "CONFIGURATION", 0.5),
    ],
)
def test_what_is_away_shows_in_mode_and_score(changes: dict[str, object], mode: str, score: float) -> None:
    report = health(parts(**changes))
    assert (report.operational_mode, report.health_score) == (mode, score)


def test_a_source_that_is_down_is_named() -> None:
    report = health(parts(engines={"postgres": Part(UP), "clickhouse": Part(DOWN)}))
    assert report.components["database"].status == "degraded"
    assert "clickhouse" in report.components["database"].detail
    assert report.sources["clickhouse"].detail == "it does not answer"


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
        ({"layers": Part(DOWN)}, "the store"),
        ({"serving": Serving(nothing, poll_seconds=0)}, "no layer is published"),
        ({"engines": {"postgres": Part(DOWN)}}, "no warehouse engine"),
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
