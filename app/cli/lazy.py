"""Commands that are loaded when they are named: most runs name one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperGroup

from app.cli.command import adopt

COMMANDS: Mapping[str, str] = {
    "ask": "ask",
    "query": "query",
    "sql": "sql",
    "compile": "compile",
    "validate": "validate",
    "schema": "schema",
    "list": "list",
    "lineage": "lineage",
    "diff": "diff",
    "check": "check",
    "eval": "eval",
    "import": "interchange",
    "export": "interchange",
    "suggest": "suggest",
    "metrics": "metrics",
    "init": "init",
    "debug": "debug",
    "sync": "sync",
    "versions": "versions",
    "jobs": "jobs",
    "training": "training",
    "models": "models",
    "feedback": "feedback",
    "dbt": "dbt",
    "quality": "quality",
    "demo": "demo",
    "serve": "serve",
    "users": "users",
    "policy": "policy",
    "audit": "audit",
}
"""Every command, in the order of `--help`, and the module of `app.cli` whose function `register(app)` adds it."""


class LazyGroup(TyperGroup):
    """The command line as a whole."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(MutableMapping[str, Any], _Commands())

    def list_commands(self, ctx: Any) -> list[str]:
        """The names alone, for completion: `--help` makes each command."""
        del ctx
        return list(COMMANDS)


class _Commands(Mapping[str, Any]):
    """The commands by name, each made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made.update(_load(COMMANDS[name]))
        return self._made[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The command, the default where there is none of that name: a KeyError while one is loaded is a fault, and no unknown name."""
        return self[name] if name in COMMANDS else default

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(module: str) -> Mapping[str, Any]:
    """The commands that a module of `app.cli` adds."""
    app = typer.Typer(callback=lambda: None)  # so that one command alone is in a group too
    import_module(f"app.cli.{module}").register(app)
    adopt(app)
    return typer.main.get_group(app).commands
