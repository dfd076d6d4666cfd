"""What the commands of `datamind policy` work with: the store and whoever listens, and policies as YAML."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.adapters.embedded.stack import Part
from app.cli.session import Session, session
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError, Where
from app.model.written_policy import PolicyDefinition
from app.service.policy_text import read_definition, wrong


@contextmanager
def store_session() -> Iterator[Session]:
    """The store, the bus by which gateways are told, and the published layer that names are held against."""
    with session((Part.STORE, Part.REDIS), local_layer=False) as found:
        yield found


def read_policies(file: Path) -> list[PolicyDefinition]:
    """The policies of a YAML file: one, a list, or a list below `policies`. Raises UserError DM7043, DM7050 where it can't be read."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            Problem("DM7050", f"{file} can't be read: {getattr(error, 'strerror', '') or error}", where=Where(str(file)))
        ) from None
    value = _loaded(text)
    if isinstance(value, dict) and set(value) == {"policies"}:
        value = value["policies"]
    return [read_definition(one) for one in (value if isinstance(value, list) else [value])]


def read_changes(items: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE items, the values in YAML. Raises UserError DM1030."""
    found: dict[str, Any] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise UserError(Problem("DM1030", f"`{item}` is not KEY=VALUE", hint="for example enabled=false"))
        found[name.strip()] = value.strip() if name.strip() in ("rows", "description", "name") else _loaded(value)
    return found


def read_value(text: str) -> Any:
    """A value in YAML; one word is the kind of a mask."""
    value = _loaded(text)
    return {"kind": value} if isinstance(value, str) else value


def as_yaml(value: dict[str, Any]) -> str:
    """The object in YAML, its keys as they are."""
    writer = YAML()
    writer.default_flow_style = False
    out = io.StringIO()
    writer.dump(value, out)
    return out.getvalue()


def _loaded(text: str) -> Any:
    try:
        return load_yaml(text)
    except NotYaml as error:
        raise wrong("policy", f"no YAML: {error}") from None
