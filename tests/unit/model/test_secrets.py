"""Which variables look like secrets, and what is hidden in texts."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.model.secrets import secret_variables, without_credentials
from tests.support.pace import paces


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"db_password": "x"}, ["db_password"]),
        ({"PASSWORD": 123456}, ["PASSWORD"]),
        ({"DBT_ENV_SECRET_X": "x"}, ["DBT_ENV_SECRET_X"]),
        ({"clientSecret": "x", "apiKey": "x", "apikey": "x"}, ["clientSecret", "apiKey", "apikey"]),
        ({"key": "x", "slack_token": "x", "pwd": "x"}, ["key", "slack_token", "pwd"]),
        ({"warehouse": {"api_token": "x", "host": "h"}}, ["warehouse.api_token"]),
        ({"credentials": {"user": "u", "hash": "h"}}, ["credentials.user", "credentials.hash"]),
        ({"passwords": ["a", "b"]}, ["passwords", "passwords"]),
        ({"source": "postgresql://me:pw@host/db"}, ["source"]),
        ({"git": "https://ghp_abc@github.com/x"}, ["git"]),
        ({"a": "https://user:p@ss/word@host", "b": "postgres://u:pa/ss@h/db"}, ["a", "b"]),
        ({"dsn": "host=h password=abcd", "odbc": "Server=h;PWD={a b}", "header": "Bearer abcd"}, ["dsn", "odbc", "header"]),
        ({"bearer": "abcd", "http": {"Authorization": "Basic abcd"}}, ["bearer", "http.Authorization"]),
        ({"deploy": "ssh://git@github.com/x/y.git", "docs": "https://host/db?x=1", "mail": "ana@example.com"}, []),
        ({"max_tokens": 100, "has_password": True, "token": None, "password": ""}, []),
        ({"primary_key": "order_id", "surrogate_key_treat_nulls_as_empty_strings": True, "partition_keys": ["a"]}, []),
        ({"run_date": "2026-01-01", "passenger": "x", "compass": "n", "monkey": "m", "url": "https://host/db"}, []),
    ],
)
def test_what_looks_like_a_secret(variables: dict[str, Any], found: list[str]) -> None:
    assert [way for way, _ in secret_variables(variables)] == found


def quoted(secret: str) -> str:
    return secret.replace("\\", "\\\\").replace("'", "\\'")


FORMS: dict[str, Callable[[str], str]] = {
    "token of a URL": lambda s: f"fatal: could not read https://{s}@github.com/x/y.git (exit 128)",
    "password of a URL": lambda s: f"connecting to postgres://u:{s}@h:5432/db?connect_timeout=3 failed",
    "URL in JSON": lambda s: json.dumps({"url": f"https://u:{s}@h/x", "next": 1}),
    "DSN": lambda s: f"host=h password={s} dbname=d",
    "quoted DSN": lambda s: f"host=h password = '{quoted(s)}' dbname=d",
    "ODBC": lambda s: f"Server=h;Pwd={s};Database=d",
    "JSON": lambda s: json.dumps({"user": "u", "client_secret": s}, ensure_ascii=False),
    "Python": lambda s: f"connect(password={s!r}, api_key={s!r})",
    "query": lambda s: f"GET /x?access_token={s}",
    "bearer": lambda s: f"Authorization: Bearer {s}",
    "basic": lambda s: f"authorization: Basic {s}",
    "lower": lambda s: f"sent bearer {s} to h",
}
PLAIN = string.ascii_letters + string.digits + string.punctuation + "éß密"
SPACED = {"quoted DSN", "JSON", "Python"}
"""Forms in which a secret may hold spaces."""


@pytest.mark.parametrize("form", FORMS)
@given(st.data())
def test_no_secret_survives(form: str, data: st.DataObject) -> None:
    secret = data.draw(
        st.text(PLAIN + (" " if form in SPACED else ""), min_size=4, max_size=20).map(str.strip).filter(lambda s: len(s) >= 4)
    )
    assume(secret not in FORMS[form]("****"))
    hidden = without_credentials(FORMS[form](secret))
    for spelling in {secret, quoted(secret), json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}:
        assert spelling not in hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("https://user:p@ss/word@host/x", "https://****@host/x"),
        ("see https://docs.getdbt.com/docs and ana@example.com", "see https://docs.getdbt.com/docs and ana@example.com"),
        ('password authentication failed for user "ana"', 'password authentication failed for user "ana"'),
        ("1 of 12 START sql table model marts.tokens", "1 of 12 START sql table model marts.tokens"),
        ("host=h password=abcd dbname=d", "host=h password=**** dbname=d"),
        ("Authorization: Bearer abcd", "Authorization: Bearer ****"),
    ],
)
def test_what_is_hidden_of_a_text(text: str, hidden: str) -> None:
    assert without_credentials(text) == hidden


@pytest.mark.parametrize("part", ["://a", "password='", "token", "bearer ", "a@", "{password="])
def test_a_long_line_is_read_in_one_go(part: str) -> None:
    line = part * 20_000
    assert without_credentials(f"{line} password=abcd").endswith("****")


def test_the_tally_of_dbt_is_no_secret() -> None:
    tally = "Done. PASS=12 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=12"
    assert without_credentials(tally) == tally
    assert "12" not in without_credentials("host=h pass=12 dbname=d")


@pytest.mark.parametrize("text", ["://" * 50_000, "pass={" * 25_000, "a@" * 75_000], ids=["addresses", "brackets", "names"])
def test_a_long_text_is_looked_through_at_once(text: str) -> None:
    assert paces(lambda: (list(secret_variables({"a": text})), without_credentials(text)), 100) <= 100
