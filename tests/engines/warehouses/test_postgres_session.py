"""Nothing that a statement does to its PostgreSQL session reaches the next one."""

from __future__ import annotations

PINNED = "SELECT current_setting('search_path') AS a, current_setting('TimeZone') AS b, current_setting('transaction_read_only') AS c"


def test_what_is_pinned(postgres, ask):
    assert [c[0] for c in ask(postgres, PINNED).data] == ["pg_catalog, pg_temp", "UTC", "on"]


def test_settings_and_locks_are_gone(postgres, ask):
    before = ask(postgres, "SELECT pg_backend_pid() AS p").data
    ask(
        postgres,
        "SELECT set_config('search_path', 'public', false) AS a, set_config('app.secret', 'x', false) AS b, pg_advisory_lock(42)::text AS c",
    )
    assert ask(postgres, "SELECT pg_backend_pid() AS p").data == before
    assert [c[0] for c in ask(postgres, PINNED).data] == ["pg_catalog, pg_temp", "UTC", "on"]
    assert ask(postgres, "SELECT coalesce(current_setting('app.secret', true), '') AS s").data == (("",),)
    assert ask(postgres, "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()").data == ((0,),)
