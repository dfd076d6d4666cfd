"""What a selection finds is what real dbt lists for it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.compile.selection.definitions import read_selectors
from app.compile.selection.evaluate import evaluate
from app.compile.selection.nodes import Nodes, read_nodes
from app.compile.selection.parse import parse
from app.errors import UserError
from tests.engines.dbt.selecting import MORE, asked, made, write

SELECTIONS = (
    "",
    "--select fct_orders",
    "--select revenue",
    "--select metric:revenue",
    "--select metric:kettle_and_crane.rev*",
    "--select metric:*",
    "--select +metric:revenue",
    "--select +metric:refund_rate+",
    "--select 1+metric:refund_rate",
    "--select 2+metric:refund_rate+1",
    "--select metric:revenue+2",
    "--select 0+fct_orders",
    "--select @stg_products",
    "--select @semantic_model:order_lines",
    "--select @tag:nightly",
    "--select +exposure:*",
    "--select exposure:weekly_trading_report+",
    "--select semantic_model:orders+",
    "--select saved_query:*",
    "--select +saved_query:monthly_trading_by_country",
    "--select tagged_query",
    "--select source:shop",
    "--select source:shop.orders+1",
    "--select source:tools.shop.*",
    "--select source:*.customers",
    "--select tag:nightly",
    "--select tag:*ight*",
    "--select tag:nightly,tag:finance",
    "--select tag:nightly tag:finance",
    "--select tag:nightly tag:finance --exclude exposure:* +daily_orders",
    "--select path:models/marts",
    "--select models/marts/core",
    "--select models/marts/*/fct_*.sql",
    "--select models/**/deep",
    "--select models/**",
    "--select models/extra/extra.yml",
    "--select path:models/extra/",
    "--select path:models/only_here",
    "--select path:models",
    "--select path:seeds/countries.csv",
    "--select path:models/**/*.yml",
    "--select **/fct_orders.sql",
    "--select file:fct_orders.sql",
    "--select fct_orders.sql",
    "--select file:fct_*",
    "--select package:tools",
    "--select package:this --exclude resource_type:model",
    "--select package:*",
    "--select resource_type:semantic_model",
    "--select resource_type:seed resource_type:exposure",
    "--select config.materialized:view",
    "--select config.meta.owner:ana",
    "--select config.meta.size:3",
    "--select config.contract.enforced:true",
    "--select config.contract.enforced:False,path:models/extra",
    "--select config.grants.select:ops",
    "--select config.schema:marts,path:models/marts/core",
    "--select config.severity:warn+",
    "--select +config.severity:warn",
    "--select config.group:sales",
    "--select config.nothing.here:1",
    "--select group:sales",
    "--select group:*",
    "--select access:protected",
    "--select access:public",
    "--select fqn:kettle_and_crane.marts.*",
    "--select marts.sales",
    "--select marts",
    "--select kettle_and_crane",
    "--select kettle_and_crane.marts.sales.fct_orders",
    "--select *.fct_orders",
    "--select fct_*",
    "--select stg_?rders",
    "--select [sf]*_orders",
    "--select tools",
    "--select tool_days+",
    "--select prices",
    "--select prices.v2",
    "--select prices_v1",
    "--select extra.prices",
    "--select pri*",
    "--select version:latest",
    "--select version:old version:prerelease",
    "--select version:none,path:models/extra",
    "--select test_type:generic",
    "--select +test_name:relationships",
    "--select 1+test_type:singular",
    "--select +fct_orders,+fct_order_lines",
    "--select +fct_orders,+fct_order_lines --exclude source:*",
    "--exclude resource_type:test resource_type:model",
    "--exclude metric:*",
    "--select nothing_of_that_name",
    "--selector short",
    "--selector nightly",
    "--selector both",
    "--selector built_on",
    "--selector left_out",
    "--selector switched",
)
EMPTY = {
    "--select path:models/only_here",
    "--select config.meta.size:3",
    "--select config.nothing.here:1",
    "--select access:public",
    "--select config.severity:warn+",
    "--select test_type:generic",
    "--select nothing_of_that_name",
}
"""A number in YAML is no text, and what stands on a test is nothing that a layer knows."""

REFUSED = (
    "--select colour:red",
    "--select @fct_orders+",
    "--select resource_type:sqlmodel",
    "--select source:a.b.c.d",
    "--select metric:a.b.c",
    "--select version:newest",
    "--select state:modified",
    "--select test_type:slow",
    "--selector none_of_that_name",
)
LATER = {
    "models/extra/daily_orders.sql": MORE["models/extra/daily_orders.sql"].replace("view", "table"),
    "models/extra/prices_v1.sql": "select 1 + 0 as price",
    "models/extra/new_one.sql": "select 1 as one",
    "models/extra/extra.yml": MORE["models/extra/extra.yml"]
    .replace("data_type: integer}", "data_type: integer}, {name: currency, data_type: text}")
    .replace("ana@", "bea@"),
    "macros/typed_more.sql": "{% macro hours_between(a, b) %} ({{ a }} - {{ b }}) {% endmacro %}",
}
STATES = (
    "--select state:new",
    "--select state:old --exclude resource_type:model",
    "--select state:modified",
    "--select state:modified+",
    "--select state:unmodified,path:models/extra",
    "--select state:modified.body",
    "--select state:modified.configs",
    "--select state:modified.relation",
    "--select state:modified.contract",
    "--select state:modified.persisted_descriptions",
    "--select state:modified.macros",
)


@dataclass(frozen=True)
class Oracle:
    """The project, its manifest and dbt's answers."""

    project: Path
    nodes: Nodes
    answers: dict[str, list[str] | None]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    project = made(tmp_path_factory.mktemp("selection"))
    questions = [*SELECTIONS, *REFUSED]
    answers = asked(project, [shlex.split(question) for question in questions])
    return Oracle(project, read_nodes((project / "target" / "manifest.json").read_bytes()), dict(zip(questions, answers, strict=True)))


def found(question: str, nodes: Nodes, before: Nodes | None = None) -> set[str]:
    """What we answer to the arguments of `dbt ls`."""
    given: dict[str, list[str]] = {"--select": [], "--exclude": [], "--selector": []}
    option = ""
    for word in shlex.split(question):
        if word.startswith("--"):
            option = word
        else:
            given[option].append(word)
    selectors = read_selectors(MORE["selectors.yml"])
    if given["--selector"]:
        selection = selectors.named(given["--selector"][0])
    elif not given["--select"] and not given["--exclude"]:
        selection = selectors.named(selectors.default)
    else:
        selection = parse(given["--select"], given["--exclude"])
    return set(evaluate(selection, nodes, before).ids)


@pytest.mark.parametrize("question", SELECTIONS)
def test_a_selection_finds_what_dbt_lists(question: str, oracle: Oracle) -> None:
    listed = oracle.answers[question]
    assert listed is not None, "dbt refuses it"
    assert found(question, oracle.nodes) == oracle.nodes.known(listed)


def test_the_selections_find_something(oracle: Oracle) -> None:
    """Else all of them would agree on nothing."""
    empty = {question for question in SELECTIONS if not oracle.nodes.known(oracle.answers[question] or ())}
    assert empty == EMPTY


@pytest.mark.parametrize("question", REFUSED)
def test_what_dbt_refuses_is_refused(question: str, oracle: Oracle) -> None:
    assert oracle.answers[question] is None
    with pytest.raises(UserError) as raised:
        found(question, oracle.nodes)
    assert raised.value.problem.code in ("DM2620", "DM2622", "DM2623")


@pytest.fixture(scope="module")
def later(oracle: Oracle, tmp_path_factory: pytest.TempPathFactory) -> tuple[Oracle, Nodes]:
    """The project after some changes, dbt's answers on them, and the manifest of before."""
    folder = tmp_path_factory.mktemp("state")
    (folder / "manifest.json").write_bytes((oracle.project / "target" / "manifest.json").read_bytes())
    project = made(tmp_path_factory.mktemp("later"))
    write(project, LATER)
    (project / "macros" / "hours_between.sql").unlink()
    answers = asked(project, [shlex.split(question) for question in STATES], state=folder)
    after = Oracle(project, read_nodes((project / "target" / "manifest.json").read_bytes()), dict(zip(STATES, answers, strict=True)))
    return after, read_nodes((folder / "manifest.json").read_bytes())


@pytest.mark.parametrize("question", STATES)
def test_a_state_is_compared_as_dbt_compares(question: str, later: tuple[Oracle, Nodes]) -> None:
    after, before = later
    listed = after.answers[question]
    assert listed is not None, "dbt refuses it"
    assert found(question, after.nodes, before) == after.nodes.known(listed)
