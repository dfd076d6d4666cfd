"""What every command is: the options of `manners`, several values behind one option as dbt has it, options whose value may be left out."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand

MANY = frozenset({"-s", "--select", "-m", "--models", "--exclude"})
"""Options that take all that follows them up to the next option: `--select a b` (dbt's way)."""

BARE: Mapping[str, str] = {"--explain": "sql", "--csv": "-", "--numbers": "20"}
"""What an option stands for where no value follows it."""

SHARED = ("quiet", "use_colors", "log_format", "log_level")
"""The options of the command line as a whole that may stand behind a command too."""


class Command(TyperCommand):
    """A command of ours."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own parameters, and those of the command line that it does not have itself."""
        own = super().get_params(ctx)
        taken = {name for parameter in own for name in (*parameter.opts, *parameter.secondary_opts)}
        shared = [p for p in ctx.find_root().command.params if p.name in SHARED and not taken & {*p.opts, *p.secondary_opts}]
        return [*own, *map(_behind, shared)] if ctx.find_root().command is not self else own

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, written out."""
        options = {name for parameter in self.params for name in getattr(parameter, "opts", ())}
        positional = any(parameter.param_type_name == "argument" for parameter in self.params)
        return super().parse_args(ctx, written_out(args, options, positional=positional))


def adopt(app: typer.Typer) -> None:
    """Make every command of `app`, and of the groups in it, a `Command`."""
    for command in app.registered_commands:
        if command.cls is TyperCommand:
            command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            adopt(group.typer_instance)


def written_out(args: Sequence[str], options: frozenset[str] | set[str], *, positional: bool) -> list[str]:
    """The arguments with an option before each of its values, and a value behind each option that may go without.

    An option of `BARE` takes what follows as its value unless that is an option; a command with arguments of its own can't tell the two apart,
    so there a value other than a stage's name is given by `=`.
    """
    found: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*found, word, *rest]
        if word in MANY & options:
            values = []
            while rest and not _is_option(rest[0]):
                values.append(rest.pop(0))
            found += [part for value in values for part in (word, value)] or [word]
        elif word in BARE and word in options and not _has_value(word, rest, positional):
            found.append(f"{word}={BARE[word]}")
        else:
            found.append(word)
    return found


def _has_value(word: str, rest: Sequence[str], positional: bool) -> bool:
    """Whether what follows is the option's value."""
    if not rest or _is_option(rest[0]):
        return False
    return not positional or (word == "--explain" and rest[0].isidentifier() and rest[0].islower())


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-" and not word[1:2].isdigit()


def _behind(parameter: Any) -> Any:
    """The parameter as it stands behind a command: the environment was read where it stands before it."""
    found = copy.copy(parameter)
    found.envvar = None
    found.expose_value = False
    return found
