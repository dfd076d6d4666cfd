"""Which variables look as if a secret stood in them, and which parts of a text do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SURELY = re.compile(r"pass(?:word|wd|phrase|code)|(?:^|_)(?:pass|pwd)(?:_|$)|secret", re.IGNORECASE)
_OPENS_NOTHING = (
    "primary",
    "foreign",
    "surrogate",
    "unique",
    "natural",
    "business",
    "sort",
    "dist",
    "partition",
    "cluster",
    "merge",
    "join",
    "order",
)
_TEXTS = re.compile(
    f"token|credential|bearer|authorization|{''.join(f'(?<!{word}_)' for word in _OPENS_NOTHING)}(?:(?<![a-z])|(?<=api)|(?<=access)|(?<=private)|(?<=auth))keys?$",
    re.IGNORECASE,
)
"""A number under such a name counts something, and a key of a table is none that opens."""
HIDDEN = "****"
_URL = re.compile(r"://\S*")
_ONLY_NAME = re.compile(r"\b(?:ssh|sftp)://[^\s:/@]+@[^\s@]*$", re.IGNORECASE)
"""An address that names the user of a key, which lies elsewhere."""
_VALUE = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\{[^}]{0,1000}\})?\S*"""
_GIVEN = re.compile(
    r"(?P<name>(?:pass(?:word|wd|phrase|code)|\bpass(?!=\d+ WARN=)|pwd|secret|token|credential|(?:api|access|private|account)_?-?key)[\w-]{0,30}"
    r"""\\?["']?\s*(?:=|:(?=\s*\\?["']))\s*"""
    r"|\bauthorization\b[\"']?\s*[:=]\s*[\"']?\w+\s+|\bbearer\s+)" + _VALUE,
    re.IGNORECASE,
)
"""What is given under a name that tells of a secret, as connection strings, options and headers have it; a value may be quoted, and hold spaces then. dbt's
`PASS=12 WARN=0` is a tally."""


def without_credentials(text: str) -> str:
    """The text with `****` in place of what stands between `://` and the last `@` before a space, of values given to names such as `password=`, and of what follows
    `Bearer`. It rather hides too much."""
    return _GIVEN.sub(rf"\g<name>{HIDDEN}", _URL.sub(_without_login, text))


def _without_login(url: re.Match[str]) -> str:
    _, at, host = url[0].rpartition("@")  # in one pass: a search for the last @ would look at every rest of the text
    return f"://{HIDDEN}@{host}" if at else url[0]


def _holds_credentials(value: str) -> bool:
    login = any("@" in word.partition("://")[2] for word in value.split())
    return bool(_GIVEN.search(value) or (login and not _ONLY_NAME.search(value)))


def secret_variables(variables: Mapping[str, Any], below: str = "") -> Iterator[tuple[str, str]]:
    """The variables that look like secrets, each by its way (`warehouse.api_token`) with its value as text: by their names, or since a URL or a connection string
    holds a login. What stands below such a name is meant too."""
    for name, value in variables.items():
        yield from _secrets(f"{below}{name}", _CAMEL.sub("_", str(name)), value)


def _secrets(way: str, name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            own = _CAMEL.sub("_", str(key))
            yield from _secrets(f"{way}.{key}", f"{name}_{own}" if _SURELY.search(name) or _TEXTS.search(name) else own, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets(way, name, inner)
    elif value is None or isinstance(value, bool) or value == "":
        return
    elif _SURELY.search(name) or (isinstance(value, str) and (_TEXTS.search(name) or _holds_credentials(value))):
        yield way, str(value)
