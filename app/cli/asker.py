"""As whom a command asks: `--as` and `--attr`."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import Problem, UserError
from app.model.principal import Principal, Role
from app.settings import Settings


def principal_of(settings: Settings, role: str, attributes: Sequence[str]) -> Principal:
    """The person that a command runs as. Raises UserError DM1030 for a role or attribute that is none."""
    return Principal("cli", "cli@localhost", role_named(role), settings.project_id, attributes=parse_attributes(attributes))


def role_named(name: str) -> Role:
    """The role of that name. Raises UserError DM1030 where there is none."""
    if name not in set(Role):
        raise UserError(Problem("DM1030", f"there is no role `{name}`", hint=f"roles: {', '.join(Role)}"))
    return Role(name)


def parse_attributes(items: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """`region=EU` items as sorted pairs. Raises UserError DM1030 where an item is not NAME=VALUE."""
    pairs = []
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise UserError(Problem("DM1030", f"`{item}` is not NAME=VALUE", hint="for example region=EU"))
        pairs.append((name.strip(), value.strip()))
    return tuple(sorted(dict(pairs).items()))
