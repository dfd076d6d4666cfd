"""Runs of dbt: what is refused before, one at a time, cancelled, and what they must not say."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from app.adapters.dbt.commands import DbtCommands
from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.runner import DbtCall
from app.adapters.dbt.warm import WarmDbt
from app.errors import UserError
from app.model.jobs import JobState
from app.model.principal import Role
from app.ports import Cancel, DbtTarget
from app.service import dbt_job, jobs
from app.service.audit import Caller
from app.service.auth import principal_of
from app.service.dbt_commands import DbtRequest
from app.service.dbt_job import request_dbt
from app.service.dbt_runs import request_run, run_dbt
from app.service.users import NewUser, create_user, operator
from app.wiring.worker import HANDLERS, TASK_SECONDS
from tests.engines.quality.conftest import SLOW, Sick, eventually, sleeping


def refused(sick: Sick, request: DbtRequest) -> UserError:
    with pytest.raises(UserError) as raised:
        run_dbt(sick.demo.deps, sick.demo.caller(), request)
    return raised.value


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (DbtRequest("compile"), "DM8062", "there is no command `compile`"),
        (DbtRequest("run", select=("--vars={}",)), "DM8062", "`--vars=…` is an option".replace("…", "{}")),
        (DbtRequest("run", select=("fct_orders --profiles-dir /elsewhere",)), "DM8062", "`--profiles-dir` is an option"),
        (DbtRequest("run", exclude=("-x",)), "DM8062", "`-x` is an option"),
        (DbtRequest("run", target="--full-refresh"), "DM8062", "`--full-refresh` is an option"),
        (DbtRequest("run", selector="-s"), "DM8062", "`-s` is an option"),
        (DbtRequest("test", full_refresh=True), "DM8062", "takes no `full_refresh`"),
        (DbtRequest("freshness", fail_fast=True), "DM8062", "takes no `fail_fast`"),
        (DbtRequest("run", select=("a",), selector="b"), "DM8062", "a selector stands alone"),
        (DbtRequest("run", variables={"a b": 1}), "DM8062", "`a b` is no name"),
        (DbtRequest("run", target="nowhere"), "DM1020", "no output `nowhere`"),
    ],
)
def test_a_request_that_means_nothing_reaches_no_dbt(sick: Sick, request_: DbtRequest, code: str, words: str) -> None:
    error = refused(sick, request_)
    assert error.problem.code == code
    assert words in error.problem.message


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (DbtRequest("run", select=("fct_order",)), "DM8063", "did you mean `fct_orders`"),
        (DbtRequest("run", select=("source:shop",)), "DM8063", "finds nothing that `dbt run` works on"),
        (DbtRequest("freshness", select=("fct_orders",)), "DM8063", "finds nothing that `dbt source freshness` works on"),
        (DbtRequest("run", select=("fct_orders",), exclude=("fct_orders",)), "DM8063", "finds nothing"),
        (DbtRequest("run", select=("no_such_method:x",)), "DM2620", "no method `no_such_method`"),
        (DbtRequest("run", selector="nightly"), "DM2622", "no selector `nightly`"),
    ],
)
def test_a_selection_that_finds_nothing_is_a_problem(sick: Sick, request_: DbtRequest, code: str, words: str) -> None:
    error = refused(sick, request_)
    assert error.problem.code == code
    assert words in str(error)


def test_tests_of_what_is_selected_come_along(sick: Sick) -> None:
    assert sick.dbt("test", "not_null_fct_orders_order_id").counts == {"pass": 1}
    assert sick.dbt("test", "source:shop.orders").counts["pass"] > 1
    part = sick.dbt("test", "not_null_fct_orders_order_id", "no_such_model")
    assert (part.status, [problem.code for problem in part.problems]) == ("succeeded", ["DM2624"])


def test_only_admins_run_dbt(sick: Sick) -> None:
    for role in (Role.VIEWER, Role.ANALYST):
        with pytest.raises(UserError) as raised:
            request_run(sick.demo.caller(role), DbtRequest("run"))
        assert raised.value.problem.code == "DM7011"
    assert request_run(sick.demo.caller(), DbtRequest("run", select=("a b", "c"))).select == ("a", "b", "c")


def test_a_run_is_audited_from_its_beginning_to_its_end(sick: Sick, trail) -> None:
    caller = Caller(sick.demo.caller().principal, "test", "cor_run")
    run_dbt(sick.demo.deps, caller, DbtRequest("test", "postgres", ("not_null_fct_orders_order_id",)))
    events = trail("cor_run")
    assert [(event["event_type"], event["status"]) for event in events] == [("dbt.run", "begin"), ("dbt.run", "succeeded")]
    assert events[0]["details"]["selection"] == "--select not_null_fct_orders_order_id"


@pytest.fixture
def slow(sick: Sick) -> Path:
    """A model that takes a minute."""
    path = sick.demo.settings.dbt_project_path / "models" / "slow.sql"
    path.write_text(SLOW, encoding="utf-8")
    yield path
    path.unlink()


def test_a_second_run_on_the_target_is_told_who_runs_and_a_cancelled_one_stops_in_the_warehouse(sick: Sick, slow: Path) -> None:
    cancel, running, ended = Cancel(), threading.Event(), []

    def first() -> None:
        try:
            run_dbt(
                sick.demo.deps,
                sick.demo.caller(),
                DbtRequest("run", "postgres", ("slow",)),
                lambda line: running.set() if "START" in line else None,
                cancel=cancel,
            )
        except UserError as error:
            ended.append(error.problem.code)

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert running.wait(60)
        assert eventually(lambda: sleeping(sick) == 1)
        error = refused(sick, DbtRequest("test", "postgres"))
        assert error.problem.code == "DM8061"
        assert "dbt runs on the target `postgres` already: `dbt run` of admin@example.com, since 20" in error.problem.message
        waiting, told = Cancel(), []

        def tell(line: str) -> None:
            told.append(line)
            waiting.cancel()

        with pytest.raises(UserError) as raised:
            run_dbt(sick.demo.deps, sick.demo.caller(), DbtRequest("test", "postgres"), tell, cancel=waiting, wait=True)
        assert (raised.value.problem.code, len(told)) == ("DM8066", 1)
        assert told[0].endswith("; waiting for it")
    finally:
        cancel.cancel()
        thread.join(30)
    assert ended == ["DM8066"]
    assert sleeping(sick) == 0, "dbt took its statement back"
    assert sick.demo.deps.dbt_runs.page(sick.demo.deps.project_id, "", 1)[0].status == "cancelled"
    assert sick.dbt("test", "not_null_fct_orders_order_id").status == "succeeded", "the target is free, and dbt starts again"


def test_a_job_whose_run_takes_too_long_is_stopped_and_not_tried_again(sick: Sick, slow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deps = sick.demo.deps
    admin, _ = create_user(deps.people, operator(deps.project_id), NewUser("nightly@example.com", Role.ADMIN, project_id=deps.project_id))
    caller = Caller(principal_of(admin), "test")
    job = request_dbt(deps, caller, DbtRequest("run", "postgres", ("slow",)))
    monkeypatch.setattr(dbt_job, "RUN_SECONDS", 20.0)
    jobs.run(deps, job.id, HANDLERS)
    found = jobs.find(deps, job.id)
    assert (found.state, found.attempts, jobs.problems_of(found)[0].code) == (JobState.REFUSED, 1, "DM8067")
    assert sleeping(sick) == 0, "dbt took its statement back"
    assert deps.dbt_runs.page(deps.project_id, "", 1)[0].status == "cancelled"


def test_a_worker_lives_longer_than_the_run_that_it_stops() -> None:
    assert dbt_job.RUN_SECONDS + 600 < TASK_SECONDS


def test_a_target_that_no_engine_answers_from_is_not_recorded(sick: Sick) -> None:
    project = sick.demo.settings.dbt_project_path
    profiles = project / "profiles.yml"
    before = profiles.read_text(encoding="utf-8")
    output = before[before.index("    postgres:\n") : before.index("    clickhouse:\n")]
    try:
        profiles.write_text(before + output.replace("    postgres:\n", "    trial:\n"), encoding="utf-8")
        with sick.wrong("postgres", "marts.fct_orders", "sales_channel", "fax", "order_id"):
            report = sick.dbt("test", "fct_orders", target="trial")
        assert (report.status, report.recorded, report.engine) == ("failed", False, "postgres")
        assert (project / "target" / "trial" / "run_results.json").is_file()
        assert sick.ask("orders", source="postgres").problems == ()
    finally:
        profiles.write_text(before, encoding="utf-8")


def test_a_run_with_variables_leaves_what_is_served_as_it_is(sick: Sick) -> None:
    target = sick.demo.settings.dbt_project_path / "target"
    before = [(target / "postgres" / name).read_bytes() for name in ("manifest.json", "run_results.json")]
    with sick.wrong("postgres", "marts.fct_orders", "sales_channel", "fax", "order_id"):
        request = DbtRequest("test", "postgres", ("fct_orders",), variables={"run_date": "2026-01-01"})
        report = run_dbt(sick.demo.deps, sick.demo.caller(), request)
        assert (report.status, report.recorded) == ("failed", False)
        assert sick.ask("orders", source="postgres").problems == ()
    assert [(target / "postgres" / name).read_bytes() for name in ("manifest.json", "run_results.json")] == before
    assert (target / "apart" / "postgres" / "run_results.json").is_file()


def test_a_secret_among_the_variables_is_kept_nowhere(sick: Sick) -> None:
    before = jobs.list_jobs(sick.demo.deps)
    for variables in ({"api_token": "hunter2"}, {"source": {"db_password": "hunter2"}}):
        with pytest.raises(UserError) as raised:
            request_dbt(sick.demo.deps, sick.demo.caller(), DbtRequest("run", variables=variables))
        assert raised.value.problem.code == "DM8064"
        assert "hunter2" not in str(raised.value)
    assert jobs.list_jobs(sick.demo.deps) == before


def test_a_run_waits_for_a_sync_that_parses(sick: Sick) -> None:
    deps, told, parsing, go = sick.demo.deps, [], threading.Event(), threading.Event()

    def parse() -> None:
        with deps.locks.hold("dbt", deps.project_id, "postgres") as ours:
            assert ours
            parsing.set()
            go.wait(30)

    def tell(line: str) -> None:
        told.append(line)
        go.set()

    thread = threading.Thread(target=parse)
    thread.start()
    assert parsing.wait(30)
    report = run_dbt(deps, sick.demo.caller(), DbtRequest("test", "postgres", ("not_null_fct_orders_order_id",)), tell)
    thread.join()
    assert report.status == "succeeded"
    assert told[0] == "a sync parses the project on the target `postgres`; waiting for it"


def test_a_target_takes_no_artifacts_of_the_served_one_by_its_name(sick: Sick) -> None:
    """The output that has an engine's name need not be the one that the engine answers from."""
    warm = WarmDbt()
    folder = sick.demo.settings.dbt_project_path
    of = DbtFolder(folder, {"postgres": None})
    commands = DbtCommands(folder, folder, of, {"postgres": "trial"}, warm, environment={}, secrets=(), variables={})
    shutil.rmtree(folder / "target" / "apart", ignore_errors=True)
    served, other = DbtTarget("trial", "postgres", served=True), DbtTarget("postgres", "postgres", served=False)
    assert commands.artifacts(served).manifest
    with pytest.raises(UserError) as raised:
        commands.artifacts(other)
    assert raised.value.problem.code == "DM2001"


PASSWORD = "p@ss/word-of-the-profile"
PROFILES = f"""\
tiny:
  target: postgres
  outputs:
    postgres:
      type: postgres
      host: 127.0.0.1
      port: 1
      user: me
      password: "{PASSWORD}"
      dbname: db
      schema: public
"""
TALKATIVE = """
{{ log('env ' ~ env_var('SOME_API_TOKEN'), info=true) }}
{{ log('profile ' ~ target.get('password', ''), info=true) }}
{{ log('quoted postgresql://me:p%40ss%2Fword-of-the-profile@h/db', info=true) }}
{{ log('setting the-password-of-the-store', info=true) }}
select 1 as id
"""


def test_no_credential_is_ever_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_TOKEN", "token-of-the-environment")
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: tiny\nversion: '1.0'\nprofile: tiny\n")
    (tmp_path / "profiles.yml").write_text(PROFILES)
    (tmp_path / "models" / "one.sql").write_text(TALKATIVE)
    warm = WarmDbt()
    commands = DbtCommands(
        tmp_path,
        tmp_path,
        DbtFolder(tmp_path, {"postgres": None}),
        {"postgres": ""},
        warm,
        environment={},
        secrets=("the-password-of-the-store",),
        variables={},
    )
    lines: list[str] = []
    try:
        outcome = commands.run(commands.target(""), ("build",), {}, lines.append, Cancel())
    finally:
        warm.close()
    said = "\n".join(lines)
    assert (outcome.success, outcome.broken) == (False, True), said
    assert "env ****" in said
    assert "setting ****" in said
    assert "Connection refused" in said or "connection" in said.lower()
    for secret in (PASSWORD, "p%40ss%2Fword-of-the-profile", "token-of-the-environment", "the-password-of-the-store"):
        assert secret not in said


def test_a_fork_starts_its_own_dbt(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Celery's workers are forked: the child neither uses nor keeps alive the dbt of its parent."""
    monkeypatch.setenv("TINY_PASSWORD", "secret-of-the-test")
    given = {"project_dir": tiny, "profiles_dir": tiny, "target": "postgres"}
    warm = WarmDbt()
    assert warm.run(DbtCall(["parse"], target_path=tmp_path / "a", **given)).success
    first = warm._process
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if warm._process is None and warm.run(DbtCall(["parse"], target_path=tmp_path / "b", **given)).success else 2
            warm.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (tmp_path / "b" / "manifest.json").is_file()
    again = warm.run(DbtCall(["parse"], target_path=tmp_path / "c", **given))
    assert again.success
    assert warm._process is first, "it is still warm"
    first._child.kill()
    first._child.wait()
    assert warm.run(DbtCall(["parse"], target_path=tmp_path / "d", **given)).success, "and starts again where it died"
    warm.close()


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    project = tmp_path / "tiny"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: tiny\nversion: '1.0'\nprofile: tiny\n")
    (project / "profiles.yml").write_text(PROFILES)
    (project / "models" / "one.sql").write_text("select 1 as id")
    return project
