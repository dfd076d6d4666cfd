"""`datamind check`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.diff import FailOn
from app.cli.one_pass import one_pass
from app.cli.options import As, Attribute, Json, ProfilesDir, ProjectDir, Source, Vars


class Format(StrEnum):
    """How what was found is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    MARKDOWN = "markdown"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    base: Annotated[
        str, typer.Option("--base", metavar="REF", help="Compare with the commit at which HEAD left this git ref, such as main.")
    ] = "",
    state: Annotated[
        Path | None, typer.Option("--state", help="Compare with kept artifacts in place of a ref: the folder of an earlier run.")
    ] = None,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Annotated[str, typer.Option("--target", "-t", help="Parse for this target of the profile; else for its default one.")] = "",
    variables: Vars = "",
    parsed: Annotated[
        bool, typer.Option("--parse/--no-parse", help="Have dbt parse the project, or take what it wrote into the target folder last.")
    ] = True,
    form: Annotated[Format, typer.Option("--format", help="How what was found is written.")] = Format.TEXT,
    as_json: Json = False,
    output: Annotated[Path | None, typer.Option("--output", help="Write the format to this file, and the text to standard output.")] = None,
    comment: Annotated[Path | None, typer.Option("--comment", help="Write the comment for the pull request to this file.")] = None,
    post: Annotated[
        bool, typer.Option("--post", help="Post the comment to the pull request of this GitHub or GitLab job, or renew it there.")
    ] = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit with 1 from this class of changes on: breaking, meaning; none: only tell what is found."),
    ] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="As that of `datamind validate`.")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", help="As that of `datamind validate`.")] = None,
    warn_error: Annotated[bool, typer.Option("--warn-error", help="Treat warnings of validation as errors.")] = False,
    numbers: Annotated[
        int | None,
        typer.Option(
            "--numbers",
            metavar="[MOST]",
            min=1,
            help="Ask the warehouse for the values of changed metrics by the old and by the new definitions, of at most this many (20).",
        ),
    ] = None,
    policy_tests: Annotated[
        Path | None,
        typer.Option(
            "--policy-tests", help="A file or folder of policy tests; else `vars.datamind_policy_tests`, else policy_tests of the project."
        ),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="A file of golden questions to read by both sides; else questions.jsonl of the project."),
    ] = None,
    fail_on_gain: Annotated[bool, typer.Option("--fail-on-gain", help="Exit with 1 where anybody may see more than before.")] = False,
    role: As = "analyst",
    attributes: Attribute = None,
    source: Source = "",
) -> None:
    """Check a change of the project, as in a pull request: parse it, validate it, and compare it with where it began.

    Example: datamind check --base main --comment comment.md
    """
    if base and state is not None:
        raise typer.BadParameter("choose one of --base and --state", param_hint="--state")
    with one_pass():
        from app.cli.checking import Asked, made, post_comment, write_comment, write_report
        from app.cli.validate import rule_words

        asked = Asked(
            base,
            state,
            target,
            parsed,
            fail_on,
            rule_words(rule),
            rule_words(ignore),
            warn_error,
            numbers,
            role,
            tuple(attributes or ()),
            source,
            policy_tests,
            fail_on_gain,
            questions,
        )
        report = made(asked, project_dir, profiles_dir, variables)
        write_report(report, Format.JSON if as_json else form, output)
        if comment is not None:
            write_comment(report, comment)
        if post:
            post_comment(report)
        if report.checked.fails:
            raise typer.Exit(1)
