"""`datamind policy …` on the demo business."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo


@pytest.fixture(autouse=True)
def _none_left(cli: Cli) -> Iterator[None]:
    yield
    for one in cli("policy", "list", "--json").json:
        cli("policy", "remove", one["policy"]["name"])


def test_written_shown_changed_and_removed(cli: Cli) -> None:
    made = cli("policy", "add", "cities", "--column", "dim_customers.city", "--mask", "hash", "--exempt-role", "admin", "--json")
    assert (made.code, made.json[0]["effect"], made.json[0]["policy"]["mask"]["kind"]) == (0, "mask", "hash")
    listed = cli("policy", "list")
    assert "cities" in listed.out
    assert "everybody but admin" in listed.out
    shown = cli("policy", "show", "cities", "--history")
    assert "exempt_roles:\n- admin" in shown.out
    assert "create by operator" in shown.out or "create by cli" in shown.out
    edited = cli("policy", "edit", "cities", "--set", "mask={kind: fixed, replacement: x}", "--set", "groups=[temps]", "--json")
    assert (edited.json[0]["revision"], edited.json[0]["policy"]["groups"], edited.json[0]["policy"]["mask"]["replacement"]) == (
        2,
        ["temps"],
        "x",
    )
    assert cli("policy", "edit", "cities", "--disable", "--json").json[0]["policy"]["enabled"] is False
    assert cli("policy", "remove", "cities").code == 0
    assert cli("policy", "show", "cities", "--json").problem["code"] == "DM7040"


def test_of_a_file(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "policies.yml"
    file.write_text(
        "policies:\n- {name: a, deny: true, pii: [email], exempt_roles: [admin]}\n- {name: b, rows: region = user.region, models: [fct_orders]}\n"
    )
    added = cli("policy", "add", "--file", str(file), "--json")
    assert [one["policy"]["name"] for one in added.json] == ["a", "b"]
    assert "DM7047" in added.err
    file.write_text("{name: a, deny: true, pii: [phone]}")
    assert cli("policy", "edit", "a", "--file", str(file), "--json").json[0]["policy"]["pii"] == ["phone"]
    file.write_text("{name: c, denny: true}")
    assert cli("policy", "add", "--file", str(file), "--json").problem["code"] == "DM7043"
    assert cli("policy", "add", "d", "--deny", "--file", str(file)).code == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("x", "--rows", "regio = 'x'", "--model", "fct_orders"), "DM7043"),
        (("x", "--deny", "--model", "fct_order"), "DM7043"),
        (("x",), "DM7043"),
        (("x", "--mask", "hush", "--column", "email"), "DM7043"),
    ],
)
def test_what_is_refused(cli: Cli, options: tuple[str, ...], code: str) -> None:
    ended = cli("policy", "add", *options, "--json")
    assert (ended.code, ended.problem["code"]) == (1, code)


def test_what_is_seen_and_by_which_policy(cli: Cli) -> None:
    cli("policy", "add", "cities", "--column", "dim_customers.city", "--min-group-size", "5", "--group", "temps")
    cli("policy", "add", "few", "--model", "dim_customers", "--max-rows", "7", "--group", "temps")
    ended = cli("policy", "check", "dim_customers", "--as", "analyst", "--attr", "region=DACH", "--group", "temps")
    assert ended.code == 0, ended.err
    assert "rows      region = 'DACH'" in ended.out
    assert "limits    7 rows" in ended.out
    lines = {line.split()[1]: line for line in ended.out.splitlines() if line.strip().startswith("column")}
    assert "aggregated over at least 5  by store.cities (store)" in lines["city"]
    assert "masked by partial  by dim_customers.email (dbt)" in lines["email"]
    assert "denied" in lines["national_id"]
    other = cli("policy", "check", "dim_customers", "--as", "admin", "--json").json[0]
    assert (other["rows"], other["limits"]["rows"]) == ("all", None)
    served = cli("policy", "check", "dim_customers", "--served", "--json").json[0]
    assert served["rows"] == "none"
    assert cli("policy", "check", "dim_customer", "--json").problem["code"] == "DM7048"


@pytest.mark.parametrize(
    ("column", "mask", "expected", "shown"),
    [
        ("dim_customers.signed_up_at", "{kind: truncate, unit: year}", {"kind": "truncate", "unit": "year"}, "truncate"),
        ("fct_orders.order_amount", "{kind: bucket, width: 0.5}", {"kind": "bucket", "width": 0.5}, "bucket"),
        ("dim_customers.city", "{kind: redact, classes: [phone, email]}", {"kind": "redact", "classes": ["email", "phone"]}, "redact"),
    ],
)
def test_ranges_periods_and_classes_at_every_door(
    cli: Cli, tmp_path: Path, column: str, mask: str, expected: dict[str, object], shown: str
) -> None:
    """Added by option, shown as YAML that can be added again, seen in `policy check`, and expected in `policy test`."""
    model, _, name = column.partition(".")
    added = cli("policy", "add", "one", "--column", column, "--mask", mask, "--role", "admin", "--json")
    assert added.code == 0, added.out
    assert expected.items() <= added.json[0]["policy"]["mask"].items()
    told = cli("policy", "show", "one").out
    cli("policy", "remove", "one")
    (tmp_path / "one.yml").write_text(told)
    again = cli("policy", "add", "--file", str(tmp_path / "one.yml"), "--json")
    assert again.json[0]["policy"] == added.json[0]["policy"]
    checked = cli("policy", "check", model, "--as", "admin", "--json").json[0]
    assert expected.items() <= next(one for one in checked["columns"] if one["name"] == name)["mask"].items()
    case = f"policy_tests: [{{as: {{role: admin}}, model: {model}, expect: {{columns: {{{name}: {{mask: {shown}}}}}}}}}]"
    (tmp_path / "t.yml").write_text(case)
    assert cli("policy", "test", str(tmp_path / "t.yml"), "--served").code == 0
    (tmp_path / "t.yml").write_text(case.replace(f"mask: {shown}", "mask: hash"))
    assert cli("policy", "test", str(tmp_path / "t.yml"), "--served").code == 1


TESTS = """
policy_tests:
  - name: analysts of DACH
    as: {role: analyst, attributes: {region: DACH}}
    model: dim_customers
    expect:
      rows: region = 'DACH'
      columns: {email: {mask: partial}, national_id: denied, city: clear}
    metrics: {revenue: visible}
    queries:
      - {query: {metrics: [revenue], group_by: [customer__country]}, allowed: true}
      - {sql: select national_id from dim_customers, refused: true}
"""


def test_expectations(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text(TESTS)
    good = cli("policy", "test", str(tmp_path))
    assert (good.code, good.out.splitlines()[-1]) == (0, "Done. PASS=1 FAIL=0 TOTAL=1"), good.out
    cli("policy", "add", "cities", "--column", "dim_customers.city", "--deny", "--role", "analyst")
    assert cli("policy", "test", str(tmp_path)).code == 0
    bad = cli("policy", "test", str(tmp_path), "--served", "--junit", str(tmp_path / "out.xml"))
    assert bad.code == 1
    assert "1 of 1 FAIL analysts of DACH\n  `city` is denied, not clear" in bad.out
    suite = ET.parse(tmp_path / "out.xml").getroot()
    assert (suite.get("failures"), suite.find("testcase/failure").get("message")) == ("1", "`city` is denied, not clear")
    assert cli("policy", "test", str(tmp_path / "none.yml"), "--json").problem["code"] == "DM7050"


def test_who_gains_by_the_project(cli: Cli) -> None:
    """The project is what was published: nobody sees anything else, with the store's policies on both sides."""
    cli("policy", "add", "cities", "--column", "dim_customers.city", "--deny", "--role", "analyst")
    ended = cli("policy", "diff", "--fail-on-gain")
    assert (ended.code, ended.out) == (0, "everybody sees what they saw\n")
    assert cli("policy", "diff", "--json").json == []
    assert cli("policy", "diff", "--format", "markdown").out == "Everybody sees what they saw.\n"


ENGINES = ("postgres", "clickhouse")
ARTIFACTS = ("manifest.json", "semantic_manifest.json", "catalog.json")


@pytest.fixture
def project(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the project with what dbt wrote of it, to be changed."""
    folder = tmp_path / "project"
    shutil.copytree(demo.settings.dbt_project_path, folder, ignore=shutil.ignore_patterns("target", "logs"))
    for engine in ENGINES:
        _copied(demo, engine, folder / "target" / engine)
    return folder


@pytest.fixture
def state(demo: Demo, tmp_path: Path) -> Path:
    """What dbt wrote of an earlier state, to be changed."""
    for engine in ENGINES:
        _copied(demo, engine, tmp_path / "state" / engine)
    return tmp_path / "state"


def _copied(demo: Demo, engine: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ARTIFACTS:
        found = demo.settings.dbt_project_path / "target" / engine / name
        if found.exists():
            shutil.copy(found, folder / name)


def say(folder: Path, column: str, meta: dict[str, object]) -> None:
    """Let the column of dim_customers have that in `meta.datamind`, on both engines."""
    for engine in ENGINES:
        file = folder / engine / "manifest.json"
        manifest = json.loads(file.read_text())
        node = next(node for node in manifest["nodes"].values() if node["name"] == "dim_customers")
        held = node["columns"][column]
        held["meta"] = {"datamind": meta}
        held.setdefault("config", {})["meta"] = {"datamind": meta}
        file.write_text(json.dumps(manifest))


def test_what_the_project_takes_and_gives(cli: Cli, project: Path) -> None:
    """Against the published layer."""
    say(project / "target", "city", {"deny": True, "exempt_roles": ["admin"]})
    taken = cli("policy", "diff", "--project-dir", str(project), "--fail-on-gain")
    assert (taken.code, taken.out) == (0, "viewers, analysts: less column `city` of `dim_customers`: clear -> denied\n"), taken.err
    say(project / "target", "national_id", {})
    given = ("policy", "diff", "--project-dir", str(project))
    assert cli(*given).code == 0
    failed = cli(*given, "--fail-on-gain")
    assert failed.code == 1
    assert "viewers, analysts: more column `national_id` of `dim_customers`: denied -> masked by fixed\n" in failed.out
    directions = {(one["name"], one["direction"]) for one in cli(*given, "--json").json}
    assert directions == {("city", "tightened"), ("national_id", "loosened")}


def test_what_was_seen_in_an_earlier_state(cli: Cli, state: Path) -> None:
    """By the project's own policies: the store's are of now, and count on neither side."""
    cli("policy", "add", "cities", "--column", "dim_customers.city", "--deny", "--role", "analyst")
    same = cli("policy", "diff", "--state", str(state), "--fail-on-gain")
    assert (same.code, same.out) == (0, "everybody sees what they saw\n"), same.err
    say(state, "city", {"mask": {"kind": "hash"}, "groups": ["temps"]})
    asked = ("policy", "diff", "--state", str(state))
    people = "viewers of temps, analysts of temps, admins of temps"
    assert cli(*asked, "--fail-on-gain").code == 1
    assert cli(*asked).out == f"{people}: more column `city` of `dim_customers`: masked by hash -> clear\n"
    assert cli(*asked, "--format", "markdown").out.splitlines() == [
        "| who | sees | of | before | after |",
        "| --- | --- | --- | --- | --- |",
        f"| {people} | more | column `city` of `dim_customers` | `masked by hash` | `clear` |",
    ]
    (one,) = cli(*asked, "--format", "json").json
    assert one == {
        "people": people.split(", "), "model": "dim_customers", "what": "column", "name": "city", "before": "masked by hash", "after": "clear",
        "direction": "loosened",
    }  # fmt: skip
    assert cli("policy", "diff", "--state", str(state / "none"), "--json").code == 1
    assert cli("policy", "diff", "--format", "html").code == 2


def test_groups_that_can_not_all_be_looked_at_are_told(cli: Cli, state: Path) -> None:
    """With `--fail-on-gain` that fails: nobody knows who gains."""
    rules = [{"name": f"g{n:02}", "columns": ["city"], "deny": True, "groups": [f"g{n:02}"]} for n in range(12)]
    for engine in ENGINES:
        file = state / engine / "manifest.json"
        manifest = json.loads(file.read_text())
        node = next(node for node in manifest["nodes"].values() if node["name"] == "dim_customers")
        for meta in (node["meta"], node["config"]["meta"]):
            meta.setdefault("datamind", {})["column_rules"] = rules
        file.write_text(json.dumps(manifest))
    told = cli("policy", "diff", "--state", str(state))
    assert (told.code, "DM7053" in told.err, "12 groups and users" in told.err) == (0, True, True)
    assert cli("policy", "diff", "--state", str(state), "--fail-on-gain").code == 1
