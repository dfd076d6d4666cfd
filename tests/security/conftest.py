"""The warehouse under attack on real engines: twin A, then twin B, which differs only in what the analyst may not see."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack, start
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.errors import DataMindError
from app.govern.access import Access, access
from app.govern.check import SqlScope, check_sql
from app.govern.govern import govern
from app.model.ontology import Layer
from app.model.principal import Principal
from app.model.sql import GovernedSql, Limits, Sql
from app.model.types import Dialect
from app.ports import Cancel, Engine
from app.sql.parse import parse_statement
from tests.conformance.conftest import conformance, conformance_folder  # noqa: F401 (fixtures)
from tests.gateway.conftest import Gateway, serving
from tests.security.corpus import ANALYST, attack_layer
from tests.security.live import Twins
from tests.security.live import twins as live_twins
from tests.support.demo import running

LIMITS = Limits(rows=10_000, seconds=3.0)


@dataclass(frozen=True)
class Door:
    """The SQL door of one engine as the analyst: check, govern, execute."""

    layer: Layer
    engine: str
    rights: Access
    server: Engine | None = None

    def govern(self, text: str, written: bool = True) -> GovernedSql:
        dialect = Dialect(self.engine)
        sql = Sql(dialect, parse_statement(text, dialect), text, written)
        if written:
            sql = check_sql(sql, SqlScope(self.layer, self.engine, self.rights))
        return govern(sql, self.layer, self.engine, self.rights, LIMITS, mask_key="key")

    def outcome(self, text: str) -> tuple[str, str]:
        """("blocked", code), ("failed", code) where the engine refused, or ("answer", rows): all that a caller can see."""
        try:
            governed = self.govern(text)
        except DataMindError as error:
            return "blocked", f"{error.problem.code} {error.problem.message} {error.problem.hint}"
        assert self.server is not None
        try:
            result = self.server.execute(governed, Cancel())
        except DataMindError as error:
            return "failed", re.sub(r"incident \w+", "", f"{error.problem.code} {error.problem.message}")
        return "answer", repr([*result.rows()])


def door(attacks: Path, engine: str, who: Principal = ANALYST, server: Engine | None = None) -> Door:
    layer = attack_layer(attacks, engine)
    return Door(layer, engine, access(who, layer.ontology), server)


@pytest.fixture(scope="session")
def attacks(shared: Path) -> Path:
    return shared / "attacks"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with start([Part.POSTGRES, Part.CLICKHOUSE], tmp_path_factory.mktemp("attacked")) as running:
        yield running


def statements(text: str) -> list[str]:
    text = re.sub(r"^--.*$", "", text, flags=re.M)
    return [
        part
        for part in re.split(r";[^\S\n]*(?:--[^\n]*)?(?:\n|$|(?=\s*(?:CREATE EXTENSION|CLUSTER|VACUUM|ANALYZE)))", text)
        if part.strip()
    ]


@pytest.fixture(scope="session")
def twins(stack: Stack, attacks: Path) -> dict[str, Callable[[str], None]]:
    """Per engine, a function that makes the database twin `a` or `b`."""

    def postgres(twin: str) -> None:
        with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS hr CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            for name in ("schema.sql", *(["variant_b.sql"] if twin == "b" else [])):
                for statement in statements((attacks / name).read_text()):
                    with suppress(psycopg.Error):  # extensions and large objects that this server does not have
                        connection.execute(statement.encode())
            assert connection.execute("SELECT count(*) FROM users").fetchone() == (60,)

    def clickhouse(twin: str) -> None:
        client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
        client.command("DROP DATABASE IF EXISTS app SYNC")
        for statement in statements((attacks / "schema_clickhouse.sql").read_text()):
            with suppress(clickhouse_connect.driver.exceptions.DatabaseError):
                client.command(statement)
        if twin == "b":
            for statement in CLICKHOUSE_B:
                client.command(statement + " SETTINGS mutations_sync = 2")
        assert client.command("SELECT count() FROM app.users") == 60
        client.close()

    return {"postgres": postgres, "clickhouse": clickhouse}


CLICKHOUSE_B = (
    "ALTER TABLE app.users UPDATE ssn = concat(toString(500+id),'-77-',leftPad(toString(9000-id),4,'0')), "
    "email = concat('uzz',toString(100-id),'@pii-canary.example'), phone = concat('+4930777',leftPad(toString(9000-id),4,'0')) WHERE 1",
    "ALTER TABLE app.users UPDATE full_name = concat('USROW other ',toString(id)), plan = 'free', is_active = 1 - is_active WHERE region = 'US'",
    "ALTER TABLE app.employees UPDATE salary = 777900 - ((salary-777000)*7919)%97 WHERE 1",
    "ALTER TABLE app.employees UPDATE name = concat('USROW other ',toString(id)) WHERE region = 'US'",
    "ALTER TABLE app.orders DELETE WHERE region = 'US' AND id % 4 = 0",
    "ALTER TABLE app.orders UPDATE note = 'USROW changed', amount = amount + 1000 WHERE region = 'US'",
    "ALTER TABLE app.secrets UPDATE api_key = concat('sk-canary-other',toString(id)), owner = concat('other',toString(id)) WHERE 1",
)


@pytest.fixture(scope="session")
def live(attacks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Two gateways over the mounted corpus."""
    with live_twins(attacks, tmp_path_factory.mktemp("live"), CLICKHOUSE_B) as running:
        yield running


@pytest.fixture(scope="session")
def fuzzed(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway over a demo of its own, which may be left in any state; who signs in stays so for a day."""
    with ExitStack() as stack:
        demo = stack.enter_context(running(demo_folder, tmp_path_factory.mktemp("fuzzed")))
        auth = replace(demo.deps.auth, access_life=dt.timedelta(days=1))
        yield stack.enter_context(serving(replace(demo.deps, auth=auth)))


@pytest.fixture(scope="session")
def servers(stack: Stack) -> Iterator[dict[str, Engine]]:
    """Both engines as the owner of the data: governance alone must hold, without the database's own rights."""
    engines: dict[str, Engine] = {
        "postgres": PostgresEngine(stack.owner_urls[Part.POSTGRES]),
        "clickhouse": ClickHouseEngine(stack.owner_urls[Part.CLICKHOUSE]),
    }
    yield engines
    for engine in engines.values():
        engine.close()
