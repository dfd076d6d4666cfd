"""Where each server is: one named by URL, the others embedded; a directory that is taken is attached to, or says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import redis

from app.adapters.embedded.stack import Part, Stack, start
from app.adapters.store.migrate import migrate
from app.errors import UserError
from app.settings import Settings, load_settings
from app.wiring.checks import reachable
from app.wiring.deps import opened
from app.wiring.servers import servers
from app.wiring.worker import queue_url, task_deps

OURS = ("DATAMIND_", "DB_", "REDIS_URL", "LLM_PROVIDER", "DBT_PROJECT_PATH", "DBT_PROFILES_DIR", "ENCRYPTION_KEY")
QUIET = {"progress": lambda _line: None}


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that somebody else runs."""
    with start(tuple(Part), tmp_path_factory.mktemp("elsewhere")) as stack:
        yield stack


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was set up before, so that a start takes less."""
    folder = tmp_path_factory.mktemp("template")
    with start(tuple(Part), folder):
        pass
    return folder


@pytest.mark.parametrize("part", list(Part))
def test_one_part_named_by_url_leaves_the_others_embedded(
    part: Part, elsewhere: Stack, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    monkeypatch.setenv(f"DATAMIND_{part.name}_URL", elsewhere.urls[part])
    with servers(load_settings(data_dir="data"), tuple(Part), **QUIET) as found:
        urls = {Part.STORE: found.store, Part.REDIS: found.redis, **{Part(name): url for name, url in found.engines.items()}}
        assert set(urls) == set(Part)
        assert {other for other in Part if urls[other] == elsewhere.urls[other]} == {part}
        assert set(found.owners) == {"postgres", "clickhouse"} - {part.value}
        assert found.memory_mb() > 0
        with psycopg.connect(found.store) as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(found.redis) as queue:
            assert queue.ping()
        with opened(load_settings(data_dir="data"), found) as deps:
            assert all(engine.health().up for engine in deps.engines.values())
            assert deps.layers.health().up
            assert deps.bus.health().up
    assert {"postgres", "clickhouse"} - {part.value} == {
        name.split("_")[2].lower() for name in found.dbt_environment() if name.endswith("_HOST")
    }
    assert found.environment()[f"DATAMIND_{part.name}_URL"] == elsewhere.urls[part]


def named(stack: Stack, **more: object) -> Settings:
    """Settings in which every server is named by URL."""
    urls = {f"{part.name.lower()}_url": url for part, url in stack.urls.items()}
    return load_settings(data_dir="data", **(urls | more))


def test_with_every_part_named_nothing_starts(elsewhere: Stack) -> None:
    settings = named(elsewhere)
    with servers(settings, tuple(Part), **QUIET) as found:
        assert (found.store, found.redis) == (elsewhere.urls[Part.STORE], elsewhere.urls[Part.REDIS])
        assert found.owners == {}
        assert found.memory_mb() == 0
    assert not Path("data").exists()
    checks = reachable(settings).servers
    assert all(ask is not None and ask().up for ask in checks.values())
    assert queue_url(settings) == elsewhere.urls[Part.REDIS]
    migrate(found.store)
    with task_deps(settings) as deps:
        assert deps.layers.health().up


def test_a_second_process_attaches(template: Path, tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    settings = load_settings(data_dir="data")
    with servers(settings, tuple(Part), **QUIET) as first:
        with servers(settings, (Part.STORE, Part.POSTGRES), **QUIET) as second:
            assert second.store == first.store
            assert second.engines["postgres"] == first.engines["postgres"]
            assert second.owners == first.owners
        with psycopg.connect(first.store) as connection:  # leaving the second stopped nothing
            connection.execute("SELECT 1")
        assert queue_url(settings) == first.redis


def test_a_stack_that_lacks_a_part_says_so(template: Path, tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    settings = load_settings(data_dir="data")
    with servers(settings, (Part.REDIS,), **QUIET), pytest.raises(UserError) as raised, servers(settings, tuple(Part), **QUIET):
        pass
    assert raised.value.problem.code == "DM1010"
    assert str(os.getpid()) in raised.value.problem.hint


def test_a_directory_that_is_locked_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with start((Part.REDIS,), tmp_path / "data") as stack, pytest.raises(UserError) as raised:
        start((Part.REDIS,), tmp_path / "data")
    assert raised.value.problem.code == "DM1102"
    assert stack.pids


def test_an_engine_left_out_is_neither_started_nor_asked(template: Path, tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    with servers(load_settings(data_dir="data", engines=("postgres",)), tuple(Part), **QUIET) as found:
        assert set(found.engines) == set(found.owners) == {"postgres"}


def test_a_profile_says_where_an_engine_is(elsewhere: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    url = urlsplit(elsewhere.owner_urls[Part.POSTGRES])
    (project / "profiles.yml").write_text(
        f"shop: {{target: dev, outputs: {{dev: {{type: postgres, host: {url.hostname}, port: {url.port}, user: {url.username}, "
        f"password: \"{{{{ env_var('WAREHOUSE_PASSWORD') }}}}\", dbname: {url.path[1:]}, schema: public}}}}}}\n"
    )
    monkeypatch.setenv("WAREHOUSE_PASSWORD", url.password or "")
    settings = named(elsewhere, postgres_url="profile:dev", dbt_project_path=project)
    with servers(settings, tuple(Part), **QUIET) as found:
        assert "profile:" not in found.engines["postgres"]
        with psycopg.connect(found.engines["postgres"]) as connection:
            connection.execute("SELECT 1")
    assert reachable(settings).servers["engine postgres"]().up
    with pytest.raises(UserError) as raised, servers(named(elsewhere, postgres_url="profile:prod", dbt_project_path=project), (), **QUIET):
        pass
    assert raised.value.problem.code == "DM1020"


def test_the_store_named_in_parts(elsewhere: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(elsewhere.urls[Part.STORE])
    for name, value in (
        ("HOST", url.hostname),
        ("PORT", url.port),
        ("NAME", url.path[1:]),
        ("USER", url.username),
        ("PASSWORD", url.password),
    ):
        monkeypatch.setenv(f"DB_{name}", unquote(str(value)))
    monkeypatch.setenv("REDIS_URL", elsewhere.urls[Part.REDIS])
    with servers(load_settings(data_dir="data"), (Part.STORE, Part.REDIS), **QUIET) as found, psycopg.connect(found.store) as connection:
        connection.execute("SELECT 1")
        assert found.redis == elsewhere.urls[Part.REDIS]
    assert not Path("data").exists()


def test_a_worker_starts_no_server() -> None:
    for use in (queue_url, lambda settings: task_deps(settings).__enter__()):
        with pytest.raises(UserError) as raised:
            use(load_settings(data_dir="data"))
        assert raised.value.problem.code == "DM1011"
    assert not Path("data").exists()


def test_deps_of_a_url_that_is_none_leave_nothing_open(elsewhere: Stack) -> None:
    settings = named(elsewhere, clickhouse_url="garbage")
    with pytest.raises(UserError) as raised, servers(settings, tuple(Part), **QUIET) as found, opened(settings, found):
        pass
    assert raised.value.problem.code == "DM5010"
