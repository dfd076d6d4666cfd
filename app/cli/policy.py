"""`datamind policy …`: who sees what, for admins at the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import Json

if TYPE_CHECKING:
    from app.errors import Problem
    from app.model.written_policy import PolicyDefinition, WrittenPolicy

Name = Annotated[str, typer.Argument(help="The policy's name or id.")]
Told = Annotated[Path | None, typer.Option("--file", help="A YAML file that holds the policy, or a list of them; - is standard input.")]

policy = typer.Typer(help="Read, write and test the policies that say who sees what.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from app.cli import policy_check, policy_compare

    policy_check.add_to(policy)
    policy_compare.add_to(policy)
    app.add_typer(policy, name="policy")


@policy.command("list")
def list_all(as_json: Json = False) -> None:
    """List the policies of the store; what the dbt project brings stands in its YAML.

    Example: datamind policy list --json
    """
    from app.cli.policy_session import store_session
    from app.service.policies import list_policies

    with store_session() as found:
        every: list[WrittenPolicy] = []
        page = list_policies(found.deps, found.caller)
        while page:
            every += page
            page = list_policies(found.deps, found.caller, after=page[-1].id)
    _show(every, as_json)


@policy.command()
def show(
    name: Name, history: Annotated[bool, typer.Option("--history", help="With every change of it.")] = False, as_json: Json = False
) -> None:
    """Show a policy as it is written.

    Example: datamind policy show contacts
    """
    from app.cli.policy_session import store_session
    from app.service import policies
    from app.service.policy_body import change_body, policy_body

    with store_session() as found:
        one = policies.show_policy(found.deps, found.caller, name)
        changes = policies.policy_history(found.deps, found.caller, one.id) if history else []
    body = policy_body(one) | ({"history": [change_body(change) for change in changes]} if history else {})
    if as_json:
        _json(body)
        return
    sys.stdout.write(_yaml(body["policy"]))
    sys.stdout.write(f"# {one.id}, revision {one.revision}, changed by {one.changed_by} at {one.changed_at:%Y-%m-%d %H:%M} UTC\n")
    for change in changes:
        sys.stdout.write(f"# {change.at:%Y-%m-%d %H:%M} UTC {change.change} by {change.by}: revision {change.revision}\n")


@policy.command()
def add(
    name: Annotated[str, typer.Argument(help="The policy's name; left out with --file.")] = "",
    file: Told = None,
    models: Annotated[
        list[str] | None, typer.Option("--model", help="A model that it holds for; may be repeated. None: every one.")
    ] = None,
    columns: Annotated[list[str] | None, typer.Option("--column", help="A column, as `column` or `model.column`; may be repeated.")] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="A tag of models or columns; may be repeated.")] = None,
    pii: Annotated[list[str] | None, typer.Option("--pii", help="A PII class of columns; may be repeated.")] = None,
    rows: Annotated[str, typer.Option("--rows", help="A row filter, such as region = user.region.")] = "",
    restrictive: Annotated[bool, typer.Option("--restrictive", help="The filter takes rows away, and admits none by itself.")] = False,
    mask: Annotated[str, typer.Option("--mask", help="fixed, null, hash, or in YAML {kind: partial, prefix: 1}.")] = "",
    deny: Annotated[bool, typer.Option("--deny", help="Hide the columns, or close the models.")] = False,
    min_group_size: Annotated[int | None, typer.Option("--min-group-size", min=2, help="Show only aggregated over so many rows.")] = None,
    max_rows: Annotated[int | None, typer.Option("--max-rows", min=1, help="Rows of an answer at most.")] = None,
    max_seconds: Annotated[float | None, typer.Option("--max-seconds", help="Seconds of a query at most.")] = None,
    roles: Annotated[list[str] | None, typer.Option("--role", help="A role that it binds; may be repeated.")] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="A group that it binds; may be repeated.")] = None,
    users: Annotated[list[str] | None, typer.Option("--user", help="A user that it binds, by e-mail; may be repeated.")] = None,
    exempt_roles: Annotated[list[str] | None, typer.Option("--exempt-role", help="A role that it does not bind; may be repeated.")] = None,
    exempt_groups: Annotated[
        list[str] | None, typer.Option("--exempt-group", help="A group that it does not bind; may be repeated.")
    ] = None,
    description: Annotated[str, typer.Option("--description", help="What it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Write a policy into the store, from options or a file; it holds in every running gateway at once.

    Example: datamind policy add contacts --pii email --pii phone --mask fixed --exempt-group support
    """
    from app.cli.policy_session import read_policies, store_session
    from app.service.policies import create_policy
    from app.service.policy_text import read_definition

    given = {
        "name": name, "models": models, "columns": columns, "tags": tags, "pii": pii, "rows": rows, "mask": _mask(mask), "deny": deny,
        "permissive": False if restrictive else None, "min_group_size": min_group_size, "roles": roles, "groups": groups, "users": users,
        "exempt_roles": exempt_roles, "exempt_groups": exempt_groups, "description": description,
        "limits": {key: value for key, value in (("rows", max_rows), ("seconds", max_seconds)) if value} or None,
    }  # fmt: skip
    written = {key: value for key, value in given.items() if value}
    if restrictive:
        written["permissive"] = False
    if file is not None and written:
        raise typer.BadParameter("give --file or the policy's options, and not both", param_hint="--file")
    definitions = read_policies(file) if file is not None else [read_definition(written)]
    with store_session() as found:
        made = [create_policy(found.deps, found.caller, definition) for definition in definitions]
    _written(made, as_json)


@policy.command()
def edit(
    name: Name,
    file: Told = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="A field and its new value in YAML: KEY=VALUE; may be repeated.")
    ] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Let it hold, or not.")] = None,
    as_json: Json = False,
) -> None:
    """Change a policy: single fields, or all of it by a file.

    Example: datamind policy edit contacts --set 'exempt_groups=[support, sales]'
    """
    from app.cli.policy_session import read_changes, read_policies, store_session
    from app.service.policies import change_policy, patch_policy

    fields = read_changes(changes or ())
    if enable is not None:
        fields["enabled"] = enable
    if (file is None) == (not fields):
        raise typer.BadParameter("give --file, or --set, --enable or --disable", param_hint="--set")
    with store_session() as found:
        deps, caller = found.deps, found.caller
        made = (
            patch_policy(deps, caller, name, 0, fields) if file is None else change_policy(deps, caller, name, 0, _one(read_policies(file)))
        )
    _written([made], as_json)


@policy.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Take a policy away; its history stays.

    Example: datamind policy remove contacts
    """
    from app.cli.policy_session import store_session
    from app.service.policies import remove_policy

    with store_session() as found:
        gone = remove_policy(found.deps, found.caller, name, 0)
    _show([gone], as_json)


def _one(definitions: list[PolicyDefinition]) -> PolicyDefinition:
    if len(definitions) != 1:
        raise typer.BadParameter("the file must hold one policy", param_hint="--file")
    return definitions[0]


def _mask(text: str) -> Any:
    """`hash` as {kind: hash}; else what the YAML says."""
    from app.cli.policy_session import read_value

    return {"kind": text} if text == "null" else read_value(text) if text else None


def _written(made: list[tuple[WrittenPolicy, tuple[Problem, ...]]], as_json: bool) -> None:
    from app.cli.show import show_problems

    show_problems([problem for _, problems in made for problem in problems])
    _show([one for one, _ in made], as_json)


def _show(policies: list[WrittenPolicy], as_json: bool) -> None:
    from app.cli.listing import show_list
    from app.service.policy_body import policy_body

    if as_json:
        _json([policy_body(one) for one in policies])
        return
    rows = [
        [d.name, d.said(), _where(d), _whom(d), "on" if d.enabled else "off", str(one.revision)]
        for one in policies
        for d in [one.definition]
    ]
    show_list(["name", "does", "where", "whom", "state", "revision"], rows, as_json=False)


def _where(definition: PolicyDefinition) -> str:
    parts = (("", definition.models), ("", definition.columns), ("tag:", definition.tags), ("pii:", definition.pii))
    return ", ".join(f"{word}{name}" for word, names in parts for name in names) or "every model"


def _whom(definition: PolicyDefinition) -> str:
    bound = [name for key in ("roles", "groups", "users") for name in definition.audience[key]]
    free = [name for key in ("exempt_roles", "exempt_groups", "exempt_users") for name in definition.audience[key]]
    return (", ".join(bound) or "everybody") + (f" but {', '.join(free)}" if free else "")


def _json(body: object) -> None:
    from app.service.present import to_json

    sys.stdout.write(to_json(body).decode() + "\n")


def _yaml(body: dict[str, Any]) -> str:
    from app.cli.policy_session import as_yaml

    return as_yaml(body)
