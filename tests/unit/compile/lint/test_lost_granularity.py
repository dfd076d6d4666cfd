"""`dimension: time`, of which dbt drops the granularity: found, and written out. Without any granularity it is another rule's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find, Mend

RULE = "lost-granularity"
YAML = """models:
  - name: orders
    semantic_model: true
    columns:
      - name: ordered_at
        granularity: hour
        dimension: time   # short
      - name: id
        entity: primary
"""


@pytest.fixture
def timed(project: Any) -> Any:
    node = project.model("orders")
    node["columns"]["ordered_at"]["granularity"] = "hour"
    project.semantic_model(dimensions=[{"name": "ordered_at", "type": "time"}], measures=[], original_file_path="models/orders.yml")
    project.files["models/orders.yml"] = YAML
    return project


def test_it_is_found(timed: Any, find: Find) -> None:
    (problem,) = find(timed, RULE)
    assert (problem.code, str(problem.where), problem.fix) == ("DM2320", "models/orders.yml:7:20", "{type: time}")


def test_the_fix_writes_it_out(timed: Any, mend: Mend) -> None:
    assert mend(timed, RULE) == YAML.replace("dimension: time ", "dimension: {type: time} ")


@pytest.mark.parametrize("long", ["{type: time}", "{name: ordered_at, type: time}", "\n          type: time"])
def test_the_long_form_is_fine(timed: Any, find: Find, long: str) -> None:
    timed.files["models/orders.yml"] = YAML.replace("dimension: time ", f"dimension: {long} ")
    assert find(timed, RULE) == []


def test_a_granularity_in_the_manifest_is_fine(timed: Any, find: Find) -> None:
    timed.manifest["semantic_models"]["semantic_model.shop.orders"]["dimensions"][0]["type_params"] = {"time_granularity": "day"}
    assert find(timed, RULE) == []
    assert find(timed, "time-without-grain") == []


def test_without_any_granularity_it_is_taken_by_day(timed: Any, find: Find) -> None:
    del timed.manifest["nodes"]["model.shop.orders"]["columns"]["ordered_at"]["granularity"]
    assert find(timed, RULE) == []
    assert [(p.code, p.message.split("`")[1]) for p in find(timed, "time-without-grain")] == [("DM2304", "ordered_at")]
