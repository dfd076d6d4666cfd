"""The commands of dbt that may be asked for, and whether a request can mean something: checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.compile.selection.criteria import Selection
from app.compile.selection.definitions import read_selectors
from app.compile.selection.evaluate import reached
from app.compile.selection.nodes import Nodes
from app.compile.selection.parse import parse
from app.errors import Problem, UserError, Where, both, did_you_mean
from app.model.base import Node
from app.model.secrets import secret_variables

_TESTS = frozenset({"test", "unit_test"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its words, the kinds of node that it works on, and which options it takes. `tests` says that tests of the selected nodes come along."""

    words: tuple[str, ...]
    kinds: frozenset[str]
    tests: bool = False
    full_refresh: bool = False
    fail_fast: bool = False


COMMANDS: Mapping[str, Command] = {
    "run": Command(("run",), frozenset({"model"}), full_refresh=True, fail_fast=True),
    "test": Command(("test",), _TESTS, tests=True, fail_fast=True),
    "build": Command(("build",), frozenset({"model", "seed", "snapshot"}) | _TESTS, tests=True, full_refresh=True, fail_fast=True),
    "docs": Command(("docs", "generate"), frozenset({"model", "seed", "snapshot", "source"}) | _TESTS),
    "freshness": Command(("source", "freshness"), frozenset({"source"})),
}
"""What may be asked for, by the name under which it is."""


class DbtRequest(Node, frozen=True):
    """A run to do, as it can be put into a queue. `target` "" is the one that dbt would take; `select`, `exclude` and `selector` are dbt's."""

    command: str
    target: str = ""
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: str = ""
    full_refresh: bool = False
    fail_fast: bool = False
    variables: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def selects(self) -> bool:
        """Whether only some nodes are wanted."""
        return bool(self.select or self.exclude or self.selector)

    @property
    def selection(self) -> str:
        """What is selected, as people write it; "" for everything."""
        parts = [f"--{name} {' '.join(words)}" for name, words in (("select", self.select), ("exclude", self.exclude)) if words]
        return " ".join([*parts, *([f"--selector {self.selector}"] if self.selector else [])])


def checked(request: DbtRequest) -> DbtRequest:
    """The request, with one word each in `select` and `exclude`. Raises UserError DM8062 for a command that is none, an option that it does not take, and a value
    that dbt would read as an option, DM8064 for a variable that looks like a secret: it would be kept with the job, and in what dbt writes."""
    command = COMMANDS.get(request.command)
    if command is None:
        raise _refused(
            f"there is no command `{request.command}`", did_you_mean(request.command, COMMANDS) or f"commands: {', '.join(COMMANDS)}"
        )
    for option, given, taken in (
        ("full_refresh", request.full_refresh, command.full_refresh),
        ("fail_fast", request.fail_fast, command.fail_fast),
    ):
        if given and not taken:
            raise _refused(f"`{request.command}` takes no `{option}`", "leave it out")
    if request.selector and (request.select or request.exclude):
        raise _refused("a selector stands alone", "give `selector`, or `select` and `exclude`")
    select, exclude = (tuple(word for text in texts for word in text.split()) for texts in (request.select, request.exclude))
    for word in (*select, *exclude, request.selector, request.target):
        if word.startswith("-") or not word.isprintable():
            raise _refused(f"`{word}` is an option, and no name", "write names, and dbt's selection syntax, alone")
    for name in request.variables:
        if not _NAME.fullmatch(name):
            raise _refused(f"`{name}` is no name of a variable", "write letters, digits and underscores")
    for way, _ in secret_variables(request.variables):
        hint = "let the project read it: env_var('DBT_ENV_SECRET_…') in profiles.yml and packages.yml, env_var('…') elsewhere"
        message = f"the variable `{way}` looks like a secret, which jobs and dbt's artifacts would keep"
        raise UserError(Problem("DM8064", message, where=Where(path="dbt"), hint=hint))
    return DbtRequest(
        request.command, request.target, select, exclude, request.selector, request.full_refresh, request.fail_fast, request.variables
    )


def arguments(request: DbtRequest) -> tuple[str, ...]:
    """The words with which dbt is called for a checked request, but for project, profile, target and variables."""
    return (
        *COMMANDS[request.command].words,
        *(("--select", *request.select) if request.select else ()),
        *(("--exclude", *request.exclude) if request.exclude else ()),
        *(("--selector", request.selector) if request.selector else ()),
        *(("--full-refresh",) if request.full_refresh else ()),
        *(("--fail-fast",) if request.fail_fast else ()),
    )


def check_selection(request: DbtRequest, nodes: Nodes, selectors: str) -> tuple[Problem, ...]:
    """That the selection finds something that the command works on; warnings of the parts of it that find nothing.

    Raises UserError DM2620 to DM2623 for a selection that can't be read, DM8063 where nothing is found.
    """
    selection = _selection(request, selectors)
    found, problems = reached(selection, nodes)
    command = COMMANDS[request.command]
    kinds = {nodes.by_id[one].resource_type for one in found}
    if command.tests:
        kinds |= {
            nodes.by_id[child].resource_type for one in found for child in nodes.children[one] if nodes.by_id[child].resource_type in _TESTS
        }
    if kinds & command.kinds:
        return problems
    hint = both(*(problem.hint for problem in problems)) or f"`dbt ls {request.selection}` lists what it finds"
    words = " ".join(command.words)
    raise UserError(
        Problem("DM8063", f"`{request.selection}` finds nothing that `dbt {words}` works on", where=Where(path="select"), hint=hint),
        *problems,
    )


def _selection(request: DbtRequest, selectors: str) -> Selection:
    return read_selectors(selectors).named(request.selector) if request.selector else parse(request.select, request.exclude)


def _refused(message: str, hint: str) -> UserError:
    return UserError(Problem("DM8062", f"dbt is not run: {message}", where=Where(path="dbt"), hint=hint))
