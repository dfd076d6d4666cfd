"""What a model without any policy gives: `vars.datamind_default_access` of dbt_project.yml."""

from __future__ import annotations

from app.compile.artifacts import ProjectSources
from app.compile.report import Place, Report
from app.compile.variables import FILE, variable
from app.compile.yaml_load import NotYaml

VARIABLE = "datamind_default_access"


def read_default_access(sources: ProjectSources, project: str, report: Report) -> str:
    """`allow` or `deny`; `allow` where nothing says otherwise. Anything but the two words, Jinja included, and a file that is no YAML but names
    the variable, is `deny` (DM2507)."""
    try:
        value = variable(sources, project, VARIABLE, "allow")
    except NotYaml:
        return _denied("a value in a file that is no YAML", report)
    return str(value) if value in ("allow", "deny") else _denied(f"`{value}`", report)


def _denied(what: str, report: Report) -> str:
    report.error(
        "DM2507",
        f"`vars.{VARIABLE}` is {what}; until it is mended, models without a policy are denied",
        Place("", FILE),
        "write `allow` or `deny`",
    )
    return "deny"
