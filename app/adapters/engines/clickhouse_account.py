"""What a ClickHouse account may do, by what `SHOW GRANTS` says of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from app.adapters.own_schemas import CLICKHOUSE_VIEWS
from app.ports import Excess

_LINE = re.compile(r"(?P<verb>GRANT|REVOKE) (?P<what>.+) ON (?P<place>\S+) (?:TO|FROM) (?P<who>\S+)(?: WITH (?:GRANT|REPLACE) OPTION)?")
_DATABASE = re.compile(r"(?:`([^`]*)`|([^.`]*))(\*?)(?:\..+)?")
_PRIVILEGE = re.compile(r"[^,(]+(?:\([^)]*\))?")
_HARMLESS = re.compile(r"USAGE|CHECK|SHOW(?: DATABASES| TABLES| COLUMNS| DICTIONARIES)?")


def excesses(lines: Iterable[str], databases: Collection[str], *, readonly: str) -> tuple[Excess, ...]:
    """What the account may do: `lines` are those of `SHOW GRANTS`, `databases` those that hold a table, `readonly` the value of the setting before we send one.

    A line of a form that is not known counts as more than a reader needs.
    """
    read: dict[str, str] = {}
    closed: set[str] = set()
    found = []
    for line in lines:
        parts = _LINE.fullmatch(line)
        if parts is None:
            found.append(Excess("has a right that is told as a role or in a form that is not known here"))
            continue
        privileges, place, who = [one.strip() for one in _PRIVILEGE.findall(parts["what"])], parts["place"], parts["who"]
        reads = [one for one in privileges if one.partition("(")[0] == "SELECT"]
        if parts["verb"] == "REVOKE":
            closed |= {_database(place)} if reads and place.endswith(".*") else set()
            continue
        if reads:
            read |= dict.fromkeys(_named(_database(place), databases), who)
        more = [one for one in privileges if one not in reads and not _HARMLESS.fullmatch(one)]
        if more:
            shown = ", ".join(more[:4]) + (", …" if len(more) > 4 else "")
            found.append(Excess(f"has {shown} on {place}", f"REVOKE {', '.join(more)} ON {place} FROM {who};"))
    if readonly == "0":
        who = next((f" {parts['who']}" for line in lines if (parts := _LINE.fullmatch(line))), "")
        found.insert(0, Excess("may choose `readonly` itself", f"ALTER USER{who} SETTINGS readonly = 2;"))
    schemas = sorted(read.keys() - closed - CLICKHOUSE_VIEWS)
    return (*found, *(Excess(f"reads the database {name}", f"REVOKE SELECT ON `{name}`.* FROM {read[name]};", name) for name in schemas))


def _database(place: str) -> str:
    """The database of a grant's place, which may end in `*`."""
    parts = _DATABASE.fullmatch(place)
    return "".join(part or "" for part in parts.groups()) if parts is not None else "*"  # what can't be read may be any


def _named(name: str, databases: Collection[str]) -> Iterator[str]:
    """The databases that a grant's place names: `*`, or a name's beginning with `*`."""
    return (one for one in databases if one == name or (name.endswith("*") and one.startswith(name[:-1])))
