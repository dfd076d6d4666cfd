"""Which settings a ClickHouse account lets us send: learnt once a connection by trying, since a profile may forbid any of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.adapters.engines import problems
from app.model.sql import Limits

Probe = Callable[[Mapping[str, str]], bool]
"""Whether a trivial query passes with these settings."""

_MEANING = {
    # Without it, outer joins fill what has no match with zeros and empty strings.
    "join_use_nulls": "1",
    # Each of these, changed by a profile, silently drops rows or changes what an aggregate means.
    **{
        f"{what}_overflow_mode": "throw"
        for what in ("read", "read_leaf", "timeout", "timeout_leaf", "group_by", "sort", "set", "join", "distinct", "transfer")
    },
    "limit": "0",
    "offset": "0",
    "extremes": "0",
    "transform_null_in": "0",
    "aggregate_functions_null_for_empty": "0",
    "prefer_column_name_to_alias": "0",
    "least_greatest_legacy_null_behavior": "0",
    # A reading that a join ends early leaves its marks in this cache as free of matches: later filters of the same text, anybody's, then find
    # nothing (seen on 26.9). It is also shared between users, so that the time of a query would tell of another's.
    "use_query_condition_cache": "0",
}
OLDEST = (24, 12)
"""The first release whose `greatest` and `least` pass over NULL: before, numbers would be wrong, and nothing can be set against it."""
_CUT = {"max_result_rows": "1", "max_result_bytes": "0", "result_overflow_mode": "break"}
_WISHES = (
    {"session_timezone": "UTC"},
    {"cancel_http_readonly_queries_on_client_close": "1"},
    {"max_execution_time": "30"},
    {"max_memory_usage": "1000000000"},
    {"max_rows_to_read": "1000000000"},
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What goes with every query: `always`, and of the limits those that may be set. `readonly` is the account's own value of that setting."""

    always: Mapping[str, str]
    may: frozenset[str] = field(default_factory=frozenset)
    readonly: str = "1"

    def settings(self, limits: Limits) -> dict[str, str]:
        """The settings of one query. `result_overflow_mode` break returns whole blocks: the caller cuts."""
        settings = dict(self.always)
        if "max_result_rows" in self.may:
            settings |= {**_CUT, "max_result_rows": str(limits.rows + 1)}
        if "max_execution_time" in self.may:
            settings["max_execution_time"] = f"{limits.seconds:g}"
        if "max_memory_usage" in self.may and limits.memory_bytes:
            settings["max_memory_usage"] = str(limits.memory_bytes)
        if "max_rows_to_read" in self.may and limits.scanned_rows:
            settings["max_rows_to_read"] = str(limits.scanned_rows)
        return settings


def check_version(engine: str, version: str) -> None:
    """Whether the server is new enough, by its own account (`24.12.1.1614`). Raises InternalError DM5007."""
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if found < OLDEST:
        least = ".".join(map(str, OLDEST))
        what = f"it is ClickHouse {version or 'of an unknown version'}, and numbers would be wrong before {least}"
        raise problems.unsuitable(engine, what, f"Use ClickHouse {least} or later.")


def learn(engine: str, current: Mapping[str, str], probe: Probe) -> Profile:
    """Try what we want to send. `current` holds the account's settings, as far as it may see them.

    Raises InternalError DM5007 where a setting that changes numbers is wrong and cannot be set.
    """
    always = {name: value for name, value in _MEANING.items() if name == "join_use_nulls" or current.get(name, value) != value}
    if current.get("join_use_nulls") == "1" and not probe({"join_use_nulls": "1"}):
        del always["join_use_nulls"]
    for name, value in always.items():
        if not probe({name: value}):
            raise problems.unsuitable(engine, f"its profile neither has nor allows {name} = {value}, without which numbers would be wrong")
    may: set[str] = set()
    if current.get("readonly", "1") == "0" and probe({**always, "readonly": "1"}):
        always["readonly"] = "1"
    for wish in (*_WISHES, _CUT):
        if probe({**always, **wish}):
            may |= wish.keys()
    if "max_result_rows" not in may and current.get("result_overflow_mode", "throw") != "throw":
        raise problems.unsuitable(engine, "its profile cuts results silently (result_overflow_mode) and does not let us say where")
    for wish in _WISHES[:2]:
        always |= {name: value for name, value in wish.items() if name in may}
    return Profile(always, frozenset(may), current.get("readonly", "1"))
