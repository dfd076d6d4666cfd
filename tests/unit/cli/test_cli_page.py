"""docs/cli.md names every command with its options, and `--help` shows an example of each that can be read."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.cli.main import app
from app.cli.manners import fresh
from tests.support.cli_page import GROUPS, Shown, commands, parts, section_texts

COMMANDS = {shown.words: shown for shown in commands()}


@pytest.fixture(params=COMMANDS)
def shown(request: pytest.FixtureRequest) -> Shown:
    """Each command."""
    return COMMANDS[request.param]


def test_the_page_has_every_command_with_its_options() -> None:
    assert parts()[1] == section_texts(), "run `python -m tests.support.cli_page`, and look at the difference"


def test_an_option_of_all_commands_is_explained() -> None:
    for option in (
        "--quiet",
        "-q",
        "--use-colors",
        "--no-color",
        "--log-format",
        "--log-level",
        *(n for group in GROUPS.values() for n in group),
    ):
        assert f"`{option}" in parts()[0], option


def test_everything_has_help(shown: Shown) -> None:
    assert shown.command.help.split("\n")[0].endswith((".", ":")), "a sentence"
    assert [p.name for p in (*shown.options, *shown.arguments) if not p.help] == []


def test_the_example_can_be_read(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word of it is an option, a value that the option takes, or an argument that the command has."""
    monkeypatch.chdir(tmp_path)
    words = shlex.split(shown.example.partition(" > ")[0])
    assert shown.example.startswith(shown.words), "an example of this command"
    for word in words:
        if "." in word and "/" in word:
            Path(word).parent.mkdir(parents=True, exist_ok=True)
            Path(word).touch()
    command: Any = get_command(app)
    with fresh():
        context = command.make_context("datamind", words[1:])
        while hasattr(command, "commands"):
            rest = context._protected_args + context.args
            if not rest:
                break
            name, command, rest = command.resolve_command(context, rest)
            context = command.make_context(name, rest, parent=context)
    assert command is not None
    assert context.command_path == shown.words


def test_no_option_means_two_things() -> None:
    """An option of one letter or name is worded alike wherever a command takes it from the shared ones."""
    said: dict[str, set[str]] = {}
    for one in COMMANDS.values():
        for option in one.options:
            if option.rich_help_panel in ("Project", "Selection"):
                said.setdefault(option.opts[0], set()).add(option.help)
    assert {name: texts for name, texts in said.items() if len(texts) > 1} == {}
