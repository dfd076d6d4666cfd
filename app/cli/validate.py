"""`datamind validate`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.one_pass import one_pass
from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.adapters.dbt.present import PresentFolder
    from app.cli.formats.shown import Shown
    from app.compile.lint.run import Found
    from app.service.validate import Validated
    from app.settings import Settings


class Format(StrEnum):
    """How problems are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate")(validate_project)


def validate_project(
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
    form: Annotated[Format, typer.Option("--format", help="How problems are written.")] = Format.TEXT,
    as_json: Json = False,
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", help="Of what is no error, only these: rules by name, or codes (DM27: all that begin so)."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Of what is no error, all but these: rules by name, or codes.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend in the YAML what can be mended for certain, and say what was changed.")] = False,
    warn_error: Annotated[bool, typer.Option("--warn-error", help="Treat warnings as errors.", envvar="DBT_WARN_ERROR")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the lint rules and exit.")] = False,
) -> None:
    """Find all that is wrong with the project, at its line: what a compile refuses, and what lint rules find.

    Example: datamind validate --format github --ignore metric-without-owner
    """
    if rules:
        _list_rules()
        return
    with one_pass():
        _validate(
            Asked(
                project_dir,
                profiles_dir,
                target,
                variables,
                Nodes(tuple(select or ()), tuple(exclude or ()), selector, state),
                tuple(rule_words(rule)),
                tuple(rule_words(ignore)),
                fix,
                warn_error,
            ),
            Format.JSON if as_json else form,
        )


@dataclass(frozen=True, slots=True)
class Nodes:
    """Which nodes are meant: dbt's options."""

    select: Sequence[str]
    exclude: Sequence[str]
    selector: str
    state: Path | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The project, and what is done with it."""

    project_dir: Path | None
    profiles_dir: Path | None
    target: str
    variables: str
    nodes: Nodes
    rules: Sequence[str]
    ignore: Sequence[str]
    fix: bool
    warn_error: bool


def _validate(asked: Asked, form: Format) -> None:
    """Find, mend where that was asked for, and write. Exits with 1 where there are errors."""
    from app.cli.formats.shown import Shown, repository
    from app.cli.project import settings_under
    from app.errors import Severity, UserError
    from app.service.validate import Validated
    from app.wiring.project import present_project_of

    folder, done = Path.cwd(), tuple["Found", ...]()
    try:
        settings = settings_under(asked.project_dir, asked.profiles_dir, asked.target, asked.variables)
        folder = settings.dbt_project_path.absolute()
        source = present_project_of(settings)
        validated = _found(source, settings, asked)
        if asked.fix:
            done = _fixed(validated, folder)
            validated = _found(source, settings, asked) if done else validated
        if "engines" in settings.model_fields_set:
            validated = validated.without(source.unparsed())
    except UserError as error:
        validated = Validated.of(error)
    base = repository(folder) if form in (Format.GITHUB, Format.SARIF) else Path.cwd()
    sys.stdout.write(_written(Shown(validated.found, validated.files, folder, base, validated.layer_version, done), form))
    if validated.count(Severity.ERROR):
        raise typer.Exit(1)


def _found(source: PresentFolder, settings: Settings, asked: Asked) -> Validated:
    """What is wrong with the project, or with the nodes that are meant."""
    from app.service.validate import validate

    validated = validate(source, asked.rules, asked.ignore, warn_error=asked.warn_error)
    nodes = asked.nodes
    if not (nodes.select or nodes.exclude or nodes.selector):
        return validated
    from app.cli.selecting import selected
    from app.service.validated_nodes import of_nodes

    chosen = selected(settings, nodes.select, nodes.exclude, nodes.selector, nodes.state, source=source)
    return validated if chosen is None else of_nodes(validated, chosen)


def rule_words(given: Iterable[str] | None) -> list[str]:
    """Names and codes as given, separated by commas or apart. A word that means nothing is wrong usage."""
    from app.compile.lint.configuration import is_known, near

    words = [word.strip() for text in given or () for word in text.split(",") if word.strip()]
    unknown = next((word for word in words if not is_known(word)), None)
    if unknown is not None:
        raise typer.BadParameter(f"there is no rule `{unknown}` ({near(unknown)})")
    return words


def _fixed(validated: Validated, folder: Path) -> tuple[Found, ...]:
    """Write what edits make of the project's files; what was mended by that."""
    from app.adapters.dbt.written import write_yaml
    from app.service.validate import mended

    files, done = mended(validated)
    written = set()
    for file, text in files.items():
        with suppress(OSError):  # what can't be written is found again
            written |= {file} if write_yaml(folder / file, validated.files[file], text) else set()
    return tuple(found for found in done if {edit.file for edit in found.edits} <= written)


def _written(shown: Shown, form: Format) -> str:
    match form:
        case Format.JSON:
            from app.cli.formats.as_json import as_json

            return as_json(shown)
        case Format.GITHUB:
            from app.cli.formats.as_github import as_github

            return as_github(shown)
        case Format.SARIF:
            from app.cli.formats.as_sarif import as_sarif

            return as_sarif(shown)
        case Format.TEXT:
            from app.cli.formats.as_text import as_text
            from app.cli.manners import manners

            return as_text(shown, colours=manners().colours(sys.stdout))


def _list_rules() -> None:
    """Each rule on a line, with what it finds."""
    from app.compile.lint.rules import RULES

    for rule in sorted(RULES, key=lambda rule: rule.code):
        more = " (fixable)" if rule.fixable else " (only where selected)" if rule.optional else ""
        sys.stdout.write(f"{rule.code} {rule.severity:8}{rule.name:28}{rule.text[0]}{more}\n")
