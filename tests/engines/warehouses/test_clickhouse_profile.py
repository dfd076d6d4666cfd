"""An account whose profile would make numbers wrong is refused; whatever it allows is used."""

from __future__ import annotations

import pytest

from app.adapters.engines.clickhouse_profile import check_version, learn
from app.errors import InternalError
from app.model.sql import Limits

DEFAULTS = {"join_use_nulls": "0", "readonly": "0", "timeout_overflow_mode": "throw", "result_overflow_mode": "throw"}


def account(*forbidden):
    return lambda settings: not set(settings) & set(forbidden)


def test_an_account_that_allows_everything():
    profile = learn("clickhouse", DEFAULTS, account())
    settings = profile.settings(Limits(rows=10, seconds=2.5, memory_bytes=1000))
    assert settings["join_use_nulls"] == "1"
    assert settings["readonly"] == "1"
    assert (settings["max_result_rows"], settings["result_overflow_mode"], settings["max_result_bytes"]) == ("11", "break", "0")
    assert (settings["max_execution_time"], settings["max_memory_usage"], settings["session_timezone"]) == ("2.5", "1000", "UTC")


def test_an_account_that_refuses_join_use_nulls_is_refused():
    with pytest.raises(InternalError) as raised:
        learn("clickhouse", DEFAULTS, account("join_use_nulls"))
    assert raised.value.problem.code == "DM5007"
    assert "join_use_nulls" in raised.value.problem.message


def test_a_read_only_account_whose_profile_has_it_already():
    profile = learn("clickhouse", {**DEFAULTS, "join_use_nulls": "1", "readonly": "1"}, lambda settings: False)
    assert profile.settings(Limits()) == {}


def test_the_query_condition_cache_is_off_where_the_server_has_one():
    current = {**DEFAULTS, "use_query_condition_cache": "1"}
    assert learn("clickhouse", current, account()).always["use_query_condition_cache"] == "0"
    assert "use_query_condition_cache" not in learn("clickhouse", DEFAULTS, account()).always
    with pytest.raises(InternalError):
        learn("clickhouse", current, account("use_query_condition_cache"))


@pytest.mark.parametrize("name", ["timeout_overflow_mode", "read_overflow_mode", "group_by_overflow_mode"])
def test_a_profile_that_drops_rows_silently(name):
    current = {**DEFAULTS, name: "break"}
    assert learn("clickhouse", current, account()).always[name] == "throw"
    with pytest.raises(InternalError):
        learn("clickhouse", current, account(name))


def test_a_profile_that_cuts_results_where_we_cannot_see():
    with pytest.raises(InternalError):
        learn("clickhouse", {**DEFAULTS, "result_overflow_mode": "break"}, account("max_result_rows"))
    assert "max_result_rows" not in learn("clickhouse", DEFAULTS, account("max_result_rows")).settings(Limits())


@pytest.mark.parametrize("version", ["24.12.1.1614", "25.1", "26.9.1.1-lts", "100.1"])
def test_a_server_that_is_new_enough(version):
    check_version("clickhouse", version)


@pytest.mark.parametrize("version", ["24.11.5.49", "24.8.1", "23.12", "9.99", "24", ""])
def test_a_server_whose_numbers_would_be_wrong(version):
    with pytest.raises(InternalError) as raised:
        check_version("clickhouse", version)
    assert raised.value.problem.code == "DM5007"
    assert "24.12" in raised.value.problem.message


def test_greatest_passes_over_null_whatever_the_profile_says():
    current = {**DEFAULTS, "least_greatest_legacy_null_behavior": "1"}
    assert learn("clickhouse", current, account()).always["least_greatest_legacy_null_behavior"] == "0"
    with pytest.raises(InternalError):
        learn("clickhouse", current, account("least_greatest_legacy_null_behavior"))
