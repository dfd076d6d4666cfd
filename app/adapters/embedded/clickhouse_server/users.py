"""Who may ask, and with which settings: an owner with all of them, and a reader who can neither write nor reach outside, whatever they send."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded.clickhouse_server.failure import Failure

Settings = tuple[tuple[str, str], ...]

# parameters of the HTTP interface itself, which are no settings of the engine
TRANSPORT = frozenset(
    [
        "query",
        "database",
        "user",
        "password",
        "session_id",
        "session_timeout",
        "session_check",
        "query_id",
        "quota_key",
        "default_format",
        "compress",
        "decompress",
        "enable_http_compression",
        "http_zlib_compression_level",
        "wait_end_of_query",
        "buffer_size",
        "client_protocol_version",
        "role",
        "stacktrace",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "add_http_cors_header",
        "cancel_http_readonly_queries_on_client_close",
        "http_write_exception_in_output_format",
        "log_comment",
    ]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What every query has unless it says otherwise. The query condition cache takes granules that a join did not read on to for granules without a
# match, and every later filter of the same text, dbt's too, then misses rows.
DEFAULTS: Mapping[str, str] = {"use_query_condition_cache": "0"}

# A reader's limits: what they send may only be lower, and 0 (no limit, to ClickHouse) means the cap.
READER_CAPS: Mapping[str, int] = {
    "max_execution_time": 60,
    "max_result_rows": 1_000_000,
    "max_result_bytes": 512 << 20,
    "max_memory_usage": 2 << 30,
}
# What a reader may choose: how a result is written and bounded, nothing that touches a file, a network or another's data.
READER_CHOICES = frozenset(
    [
        "join_use_nulls",
        "max_rows_to_read",
        "max_bytes_to_read",
        "read_overflow_mode",
        "result_overflow_mode",
        "max_threads",
        "max_block_size",
        "extremes",
        "session_timezone",
        "date_time_input_format",
        "date_time_output_format",
        "output_format_json_quote_64bit_integers",
        "output_format_json_quote_decimals",
        "output_format_json_quote_denormals",
        "output_format_native_use_flattened_dynamic_and_json_serialization",
        "output_format_native_encode_types_in_binary_format",
        "output_format_binary_write_json_as_string",
        "enable_extended_results_for_datetime_functions",
        "use_uncompressed_cache",
        "use_query_condition_cache",
        "max_rows_to_group_by",
        "group_by_overflow_mode",
        "allow_experimental_json_type",
        "allow_experimental_object_type",
        "allow_experimental_variant_type",
        "allow_experimental_dynamic_type",
    ]
)


@dataclass(frozen=True, slots=True)
class User:
    """An account; `reader` tells whether it is bound to reading."""

    name: str
    password: str
    reader: bool

    def settings(self, sent: Sequence[tuple[str, str]]) -> Settings:
        """The settings for one query, in the order to apply them, `readonly` always last. Raises Failure 115 or, for a reader, 164."""
        chosen = {name: value for name, value in sent if name not in TRANSPORT and not name.startswith("param_")}
        for name in chosen:
            if not _NAME.fullmatch(name):
                raise Failure(115, f"Unknown setting '{name[:64]}'")
        chosen = {**DEFAULTS, **chosen}
        readonly = chosen.pop("readonly", "0")
        if not self.reader:
            return (*chosen.items(), ("readonly", readonly)) if readonly != "0" else tuple(chosen.items())
        for name, value in chosen.items():
            if name in READER_CAPS:
                chosen[name] = _lower(name, value)
            elif name not in READER_CHOICES:
                raise Failure(164, f"Cannot modify '{name}' setting in readonly mode")
        return (*{**{name: str(cap) for name, cap in READER_CAPS.items()}, **chosen}.items(), ("readonly", "1"))


def _lower(name: str, value: str) -> str:
    cap = READER_CAPS[name]
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,9})?", value):
        raise Failure(36, f"Bad value of setting '{name}'")
    number = float(value)
    return value if 0 < number <= cap else str(cap)


@dataclass(frozen=True, slots=True)
class Users:
    """All accounts by name."""

    by_name: Mapping[str, User]

    @classmethod
    def load(cls, path: Path) -> Users:
        """From JSON: name → {password, role: owner or reader}."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls({name: User(name, entry["password"], entry["role"] != "owner") for name, entry in found.items()})

    def authenticate(self, name: str, password: str) -> User:
        """The account. Raises Failure 516, in the same time and words for an unknown name and a wrong password."""
        user = self.by_name.get(name)
        known = user.password if user else ""
        if not hmac.compare_digest(known.encode(), password.encode("utf-8", "surrogateescape")) or user is None or not known:
            raise Failure(516, f"{name[:64]}: Authentication failed: password is incorrect, or there is no user with such name")
        return user
