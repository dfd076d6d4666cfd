"""Bytes of a dbt artifact → a typed record, or a UserError that says which artifact is wrong, where and how."""

from __future__ import annotations

import re
from typing import Any, NoReturn, Protocol, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from app.errors import Problem, UserError, Where
from app.model.invalid import said_and_path, under

MAX_BYTES = 400 * 1024 * 1024
"""The largest artifact that is read: about five times the largest manifest seen in the field."""

T = TypeVar("T")

_BOM = b"\xef\xbb\xbf"
_SCHEMA_VERSION = re.compile(r"/([a-z-]+)/v(\d+)(?:\.json)?$")


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """The `metadata` object that opens every dbt artifact."""

    dbt_schema_version: str = ""
    dbt_version: str | None = None
    generated_at: str | None = None
    project_name: str | None = None
    adapter_type: str | None = None


class Versioned(Protocol):
    """An artifact that says of which schema version it is."""

    @property
    def metadata(self) -> Metadata:
        """The artifact's own account of itself."""


V = TypeVar("V", bound=Versioned)


class Header(msgspec.Struct, frozen=True, gc=False):
    """An artifact of which only the metadata is read."""

    metadata: Metadata


def fail(code: str, artifact: str, message: str, hint: str, path: str = "") -> NoReturn:
    """Refuse an artifact as a whole. Raises UserError."""
    raise UserError(Problem(code, message, where=Where(file=artifact, path=path), hint=hint))


def decode(data: bytes, kind: type[T], artifact: str) -> T:
    """Read `data` as `kind`.

    Raises UserError: DM2001 empty, DM2002 not JSON or cut off, DM2004 larger than `MAX_BYTES`, DM2005 a value of the wrong type (with its
    JSON path), DM2006 nested too deeply.
    """
    if not data or data.isspace():
        fail("DM2001", artifact, f"{artifact} is missing or empty", "run `dbt parse` or `dbt build` first")
    if len(data) > MAX_BYTES:
        size = len(data) // (1024 * 1024)
        fail(
            "DM2004",
            artifact,
            f"{artifact} has {size} MB; at most {MAX_BYTES // (1024 * 1024)} MB are read",
            "split the project, or disable packages it does not need",
        )
    try:
        return msgspec.json.decode(data.removeprefix(_BOM), type=kind)
    except msgspec.ValidationError as error:
        message, path = _pinpoint(data, kind, error)
        fail(
            "DM2005",
            artifact,
            f"{artifact} does not have the shape that dbt gives it: {message}",
            "run `dbt parse` again with dbt 1.6 or later",
            path,
        )
    except RecursionError:
        fail("DM2006", artifact, f"{artifact} is nested too deeply to be a dbt artifact", "run `dbt parse` again")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        at = "" if "byte" in str(error) else f" (byte {len(data)})"
        fail("DM2002", artifact, f"{artifact} is not complete JSON: {error}{at}", "a dbt run may have been cut off; run it again")


def _pinpoint(data: bytes, kind: Any, error: msgspec.ValidationError) -> tuple[str, str]:
    """What is wrong and its path; msgspec writes `[...]` for a mapping's key, which is looked up here."""
    message, path = said_and_path(error)
    whole = under("$", path) if path else ""
    section, many, _ = path.partition("[...]")
    shape = get_type_hints(kind).get(section) if many and isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None
    if get_origin(shape) is not dict:
        return message, whole
    try:
        entries = msgspec.json.decode(data.removeprefix(_BOM), type=dict[str, msgspec.Raw])[section]
        for key, entry in msgspec.json.decode(entries, type=dict[str, msgspec.Raw]).items():
            try:
                msgspec.json.decode(entry, type=get_args(shape)[1])
            except msgspec.ValidationError as inner:
                message, rest = said_and_path(inner)
                return message, under(f"$.{section}[{key!r}]", rest)
    except (msgspec.DecodeError, RecursionError):
        pass  # the rest of the file is broken too: the first error stands
    return message, whole


def decode_versioned(data: bytes, kind: type[V], artifact: str, name: str, versions: range) -> V:
    """`decode`, and refuse what does not say that it is dbt's `name` in one of `versions`. Raises UserError, DM2003 besides those of `decode`."""
    try:
        record = decode(data, kind, artifact)
    except UserError as error:
        if error.problem.code == "DM2005":  # another version explains another shape better than a path does
            check_version(decode(data, Header, artifact).metadata, artifact, name, versions)
        raise
    check_version(record.metadata, artifact, name, versions)
    return record


def check_version(metadata: Metadata, artifact: str, name: str, versions: range) -> None:
    """Refuse an artifact of another kind or an unknown schema version. Raises UserError DM2003."""
    found = _SCHEMA_VERSION.search(metadata.dbt_schema_version)
    if found and found[1] == name and int(found[2]) in versions:
        return
    known = f"{name} v{versions.start} to v{versions.stop - 1}"
    says = metadata.dbt_schema_version or "nothing"
    fail(
        "DM2003",
        artifact,
        f"{artifact} says `{says}` of its schema; known are {known}",
        "use dbt 1.6 to 1.12",
        "$.metadata.dbt_schema_version",
    )


def loose(raw: msgspec.Raw, artifact: str) -> Any:
    """The plain value of a part that was kept unread. Raises UserError as `decode` does."""
    return decode(bytes(raw), object, artifact)


def canonical(value: Any) -> str:
    """Canonical JSON of a plain value: sorted keys, no white space."""
    return msgspec.json.encode(value, order="sorted").decode()
