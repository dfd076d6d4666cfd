"""Where a setting comes from, which names it has, and what is said of a wrong one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from app.errors import UserError
from app.settings import SETTINGS_FILE, Settings, load_settings
from app.wiring.clock import SystemClock
from app.wiring.models import model_of

OURS = ("DATAMIND_", "DB_", "REDIS_URL", "LLM_", "DBT_PROJECT_PATH", "DBT_PROFILES_DIR", "ENCRYPTION_KEY")


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)


def wrong(**given: object) -> list[str]:
    with pytest.raises(UserError) as raised:
        load_settings(**given)
    assert {problem.code for problem in raised.value.problems} == {"DM1001"}
    return [problem.message for problem in raised.value.problems]


def test_the_defaults_are_the_embedded_stack() -> None:
    found = load_settings()
    assert (found.store_url, found.postgres_url, found.clickhouse_url, found.redis_url) == (None, None, None, None)
    assert found.engines == ("postgres", "clickhouse")
    assert (found.max_rows, found.max_seconds, found.host, found.port) == (10_000, 30.0, "127.0.0.1", 8000)
    assert found.cors_origins == ()


def test_arguments_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(SETTINGS_FILE).write_text('max_rows = 1\nmax_seconds = 2\nfiscal_start = 6\ntoday = 2026-07-01\nengines = ["clickhouse"]\n')
    monkeypatch.setenv("DATAMIND_MAX_ROWS", "11")
    monkeypatch.setenv("DATAMIND_MAX_SECONDS", "12")
    found = load_settings(max_rows=21)
    assert (found.max_rows, found.max_seconds, found.fiscal_start) == (21, 12.0, 6)
    assert found.today == dt.date(2026, 7, 1)
    assert found.engines == ("clickhouse",)


@pytest.mark.parametrize(
    ("variable", "field", "value"),
    [
        ("REDIS_URL", "redis_url", "redis://r:6379/0"),
        ("ENCRYPTION_KEY", "secret_key", "k" * 32),
        ("LLM_PROVIDER", "llm_provider", "openai"),
        ("LLM_MODEL", "llm_model", "m"),
        ("LLM_URL", "llm_url", "http://llm:8000/v1"),
        ("LLM_API_KEY", "llm_key", "sk-1"),
        ("DBT_PROJECT_PATH", "dbt_project_path", "elsewhere"),
        ("DBT_PROFILES_DIR", "dbt_profiles_dir", "profiles"),
    ],
)
def test_older_names_are_accepted_and_ours_win(monkeypatch: pytest.MonkeyPatch, variable: str, field: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

    def read() -> str:
        got = getattr(load_settings(), field)
        return got.get_secret_value() if hasattr(got, "get_secret_value") else str(got)

    assert read() == value
    monkeypatch.setenv(f"DATAMIND_{field.upper()}", value + "x" * 32)
    assert read() == value + "x" * 32


@pytest.mark.parametrize(("written", "name"), [("None", "none"), (" none ", "none"), ("OpenAI", "openai"), ("  ", "none")])
def test_a_provider_is_named_in_any_letters(monkeypatch: pytest.MonkeyPatch, written: str, name: str) -> None:
    monkeypatch.setenv("DATAMIND_LLM_PROVIDER", written)
    found = load_settings(llm_fallbacks=[{"provider": written}])
    assert (found.llm_provider, found.llm_fallbacks[0].provider) == (name, name)
    assert (model_of(found, None, SystemClock()) is None) is (name == "none")


def test_the_store_may_be_named_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOST", "db.example"), ("NAME", "data mind"), ("USER", "me@work"), ("PASSWORD", "p:/@ß"), ("PORT", "6543")):
        monkeypatch.setenv(f"DB_{name}", value)
    assert load_settings().store_url.get_secret_value() == "postgresql://me%40work:p%3A%2F%40%C3%9F@db.example:6543/data%20mind"
    monkeypatch.setenv("DATAMIND_STORE_URL", "postgresql://other/x")
    assert load_settings().store_url.get_secret_value() == "postgresql://other/x"


def test_a_host_alone_is_enough_and_parts_without_a_host_name_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "secret")
    assert load_settings().store_url is None
    monkeypatch.setenv("DB_HOST", "db")
    monkeypatch.delenv("DB_PASSWORD")
    assert load_settings().store_url.get_secret_value() == "postgresql://datamind@db:5432/datamind"


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in ("STORE_URL", "REDIS_URL", "ENGINES", "MAX_ROWS", "CORS_ORIGINS", "SECRET_KEY", "TODAY"):
        monkeypatch.setenv(f"DATAMIND_{field}", "")
    assert load_settings() == Settings()
    assert load_settings().store_url is None


def test_lists_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_ENGINES", '["clickhouse", "postgres", "clickhouse"]')
    assert load_settings().engines == ("clickhouse", "postgres")
    monkeypatch.setenv("DATAMIND_ENGINES", "clickhouse")
    (message,) = wrong()
    assert "`engines`" in message
    assert "JSON" in message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATAMIND_MAX_ROWS", "many"),
        ("DATAMIND_MAX_ROWS", "0"),
        ("DATAMIND_MAX_SECONDS", "-1"),
        ("DATAMIND_PORT", "70000"),
        ("DATAMIND_TODAY", "tomorrow"),
        ("DATAMIND_TIMEZONE", "Mars/Olympus"),
        ("DATAMIND_TIMEZONE", "../../etc/passwd"),
        ("DATAMIND_ENGINES", '["mysql"]'),
        ("DATAMIND_ENGINES", "[]"),
        ("DATAMIND_SECRET_KEY", "too-short-a-secret"),
        ("DATAMIND_PROJECT_ID", "../x"),
        ("DATAMIND_LOG_FORMAT", "xml"),
        ("DB_PORT", "x"),
    ],
)
def test_a_wrong_value_is_named_and_never_repeated(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    for message in wrong():
        assert variable.removeprefix("DATAMIND_").lower() in message.lower()
        assert len(value) < 4 or value not in message


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_MAX_ROWS", "many")
    monkeypatch.setenv("DATAMIND_PORT", "none")
    assert len(wrong(fiscal_start=19)) == 3


@pytest.mark.parametrize("content", [b"max_rows = ", b"\xff\xfe\x00", b"[a\n"])
def test_a_file_that_is_no_toml_is_named(content: bytes) -> None:
    Path(SETTINGS_FILE).write_bytes(content)
    with pytest.raises(UserError) as raised:
        load_settings()
    assert raised.value.problem.code == "DM1002"
    assert raised.value.problem.where.file == SETTINGS_FILE


def test_secrets_are_not_shown() -> None:
    found = load_settings(secret_key="k" * 40, store_url="postgresql://me:hunter2@db/x")
    assert "k" * 40 not in repr(found)
    assert "hunter2" not in repr(found)


def test_a_name_in_the_file_that_is_no_setting_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(SETTINGS_FILE).write_text("max_row = 3\nthreds = 2\n")
    with pytest.raises(UserError) as caught:
        load_settings()
    assert [problem.code for problem in caught.value.problems] == ["DM1001", "DM1001"]
    assert "`max_rows`" in caught.value.problems[0].hint
    assert "`threads`" in caught.value.problems[1].hint
