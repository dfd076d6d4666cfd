"""What a model without any policy gives: `vars.datamind_default_access` of dbt_project.yml."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.compile.artifacts import ProjectSources
from app.compile.report import Place, Report

FILE = "dbt_project.yml"
VARIABLE = "datamind_default_access"


def read_default_access(sources: ProjectSources, project: str, report: Report) -> str:
    """`allow` or `deny`; `allow` where nothing says otherwise.

    dbt's manifest does not hold `vars`, so the project's own dbt_project.yml is read: the variable stands at the top of `vars` or under the
    project's name there. A variable given beside the files (dbt's `--vars`) wins. Anything but the two words, Jinja included, and a file that is
    no YAML but names the variable, is `deny` (DM2507).
    """
    if VARIABLE in sources.variables:
        return _checked(sources.variables[VARIABLE], report)
    text = sources.files.get(FILE, "")
    if VARIABLE not in text:
        return "allow"
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError):
        return _denied("a value in a file that is no YAML", report)
    variables = document.get("vars") if isinstance(document, dict) else None
    if not isinstance(variables, dict):
        return "allow"
    own = variables.get(project)
    value = own[VARIABLE] if isinstance(own, dict) and VARIABLE in own else variables.get(VARIABLE, "allow")
    return _checked(value, report)


def _checked(value: Any, report: Report) -> str:
    return value if value in ("allow", "deny") else _denied(f"`{value}`", report)


def _denied(what: str, report: Report) -> str:
    report.error(
        "DM2507",
        f"`vars.{VARIABLE}` is {what}; until it is mended, models without a policy are denied",
        Place("", FILE),
        "write `allow` or `deny`",
    )
    return "deny"
