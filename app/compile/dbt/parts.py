"""Artifacts of which single parts have a shape that dbt does not give them: these parts are left out, and the rest is read.

Only parts that hold no policy may go: models, sources, and semantic models with `meta` have the artifact refused as a whole, since what is left
out might have been a protection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw

from app.model.invalid import said_and_path

T = TypeVar("T", bound=msgspec.Struct)

SECTIONS = {"metrics": "metric", "semantic_models": "semantic_model", "saved_queries": "saved_query", "exposures": "exposure"}
"""Where single parts may be left out, with what one of them is."""
MOST = 100
"""More of them mean an artifact that is not dbt's."""
_BOM = b"\xef\xbb\xbf"
_BROKEN = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that was left out: what it is and its name, the file and package that declare it, what is wrong, and the way down to it (`type_params/expr`)."""

    kind: str
    name: str
    file: str
    package: str
    message: str
    path: str


def without_faults(data: bytes, kind: type[T]) -> tuple[T, tuple[Fault, ...]] | None:
    """The artifact without its faulty parts, and these; None where that would not do."""
    try:
        raws = msgspec.json.decode(data.removeprefix(_BOM), type=dict[str, Raw])
    except _BROKEN:
        return None
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in msgspec.structs.fields(kind):
        if field.name not in raws:
            if field.required:
                return None
            continue
        try:
            values[field.name] = msgspec.json.decode(raws[field.name], type=hints[field.name])
        except msgspec.ValidationError:
            if field.name not in SECTIONS:
                return None
            found = _sound(raws[field.name], hints[field.name], SECTIONS[field.name])
            if found is None:
                return None
            values[field.name] = found[0]
            faults += found[1]
        except _BROKEN:
            return None
    return (kind(**values), tuple(faults)) if len(faults) <= MOST else None


def _sound(raw: Raw, hint: Any, what: str) -> tuple[Any, list[Fault]] | None:
    """The sound entries of a mapping or list, and the others."""
    mapped = get_origin(hint) is dict
    entry = get_args(hint)[-1]
    faults: list[Fault] = []
    sound: list[tuple[Any, Any]] = []
    try:
        for key, one in _entries(raw, mapped=mapped):
            try:
                sound.append((key, msgspec.json.decode(one, type=entry)))
            except msgspec.ValidationError as error:
                if _may_protect(what, one):
                    return None
                faults.append(_fault(what, str(key), one, str(error)))
    except _BROKEN:
        return None
    return (dict(sound) if mapped else [one for _, one in sound]), faults


def _entries(raw: Raw, *, mapped: bool) -> Iterator[tuple[Any, Raw]]:
    if mapped:
        yield from msgspec.json.decode(raw, type=dict[str, Raw]).items()
    else:
        yield from enumerate(msgspec.json.decode(raw, type=list[Raw]))


def _may_protect(what: str, raw: Raw) -> bool:
    """Whether something in it may have been meant as a policy: a semantic model with a `datamind` of its own, however spelled, closes its model. What
    other parts say there concerns them alone."""
    value = msgspec.json.decode(raw)
    if what != "semantic_model" or not isinstance(value, dict):
        return False
    config = value.get("config")
    return bool(value.get("meta") or (config.get("meta") if isinstance(config, dict) else config))


def _fault(what: str, key: str, raw: Raw, error: str) -> Fault:
    message, path = said_and_path(error)
    value = msgspec.json.decode(raw)
    said = value if isinstance(value, dict) else {}

    def text(name: str) -> str:
        found = said.get(name)
        return found if isinstance(found, str) else ""

    steps = path.replace("[", ".").replace("]", "").strip(".").replace(".", "/")
    return Fault(what, text("name") or key.rpartition(".")[2], text("original_file_path"), text("package_name"), message, steps)
