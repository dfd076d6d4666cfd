"""The connection: URLs, time-outs, and a store that goes away, told without a driver's words."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from app.adapters.store import database as module
from app.adapters.store.database import Database, advisory_lock, store_url
from app.errors import InternalError, UserError


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:hidden@h/d", "postgresql://u:hidden@h:port/d", "http://hidden"])
def test_urls_that_are_no_store(url: str) -> None:
    with pytest.raises(UserError) as caught:
        store_url(url)
    assert caught.value.problem.code == "DM8018"
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_uses_one_driver(scheme: str) -> None:
    assert store_url(f"{scheme}://u:p@h:5432/d").drivername == "postgresql+psycopg"


def test_options_of_the_url_are_kept_beside_ours(store_url: str) -> None:
    database = Database(f"{store_url}?options=-c%20search_path%3Dauth")
    with database.transaction() as connection:
        assert connection.execute(sa.text("SHOW search_path")).scalar() == "auth"
        assert connection.execute(sa.text("SHOW TimeZone")).scalar() == "UTC"
    database.close()


def test_a_statement_that_takes_too_long(store_url: str) -> None:
    database = Database(store_url, session="-c statement_timeout=50ms")
    with pytest.raises(InternalError) as caught, database.transaction() as connection:
        connection.execute(sa.text("SELECT pg_sleep(5)"))
    database.close()
    assert caught.value.problem.code == "DM8012"


def test_a_lock_that_is_not_given(store_url: str, database: Database) -> None:
    impatient = Database(store_url, session="-c lock_timeout=50ms")
    with database.transaction() as holder:
        advisory_lock(holder, "a", "b")
        with pytest.raises(InternalError) as caught, impatient.transaction() as connection:
            advisory_lock(connection, "a", "b")
    impatient.close()
    assert caught.value.problem.code == "DM8012"


def test_a_statement_that_is_wrong_says_nothing_of_itself(database: Database) -> None:
    with pytest.raises(InternalError) as caught, database.transaction() as connection:
        connection.execute(sa.text("SELECT 'secret value' FROM no_such_table"))
    assert caught.value.problem.code == "DM8013"
    assert "secret" not in str(caught.value)


def test_a_pool_that_is_empty(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POOL_SECONDS", 0.1)
    small = Database(store_url, pool_size=1)
    with small.transaction(), small.transaction(), pytest.raises(InternalError) as caught, small.transaction():
        pass
    small.close()
    assert caught.value.problem.code == "DM8011"


def test_a_connection_that_was_cut_is_replaced(store_url: str, database: Database) -> None:
    victim = Database(store_url, pool_size=1)
    with victim.transaction() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
    with database.transaction() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert victim.health().up
    with victim.transaction() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar() != pid
    victim.close()


def test_a_connection_that_is_cut_in_a_transaction_is_down(store_url: str, database: Database) -> None:
    victim = Database(store_url, pool_size=1)

    def cut_in_the_middle() -> None:
        with victim.transaction() as connection:
            pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
            with database.transaction() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            connection.execute(sa.text("SELECT 1"))

    with pytest.raises(InternalError) as caught:
        cut_in_the_middle()
    victim.close()
    assert caught.value.problem.code == "DM8011"


def test_health_of_a_store_that_is_down() -> None:
    health = Database("postgresql://u:p@127.0.0.1:1/d").health()
    assert not health.up
    assert "does not answer" in health.detail


def test_many_threads_share_the_pool(database: Database) -> None:
    answers: list[int] = []

    def ask() -> None:
        with database.transaction() as connection:
            answers.append(connection.execute(sa.text("SELECT 1 FROM pg_sleep(0.01)")).scalar_one())

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 40
