"""Commands are loaded when they are named, and a fault of one is no unknown name."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import typer

from app.cli.lazy import COMMANDS
from app.cli.main import app


@pytest.fixture
def group() -> Any:
    return typer.main.get_command(app)


def test_every_name_is_added_by_its_module(group: Any) -> None:
    assert list(group.commands) == list(COMMANDS) == group.list_commands(None)
    for name, command in group.commands.items():
        assert command.name == name
        assert command.help


def test_a_name_loads_its_module_alone(group: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in set(COMMANDS.values()):
        monkeypatch.delitem(sys.modules, f"app.cli.{module}", raising=False)
    assert group.get_command(None, "import").name == "import"
    assert {module for module in COMMANDS.values() if f"app.cli.{module}" in sys.modules} == {"interchange"}
    assert group.get_command(None, "imprt") is None


def test_a_fault_while_loading_is_a_fault(group: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("app.cli.sync")
    broken.register = lambda _app: {}["missing"]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.cli.sync", broken)
    with pytest.raises(KeyError, match="missing"):
        group.get_command(None, "sync")
