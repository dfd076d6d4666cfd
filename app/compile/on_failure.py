"""What becomes of answers that stand on failed tests or stale sources: `meta.datamind.on_failure` of a model, and `vars.datamind_on_failure` for the others."""

from __future__ import annotations

from app.compile.artifacts import ProjectSources
from app.compile.policies.schema import ModelMeta
from app.compile.report import Place, Report
from app.compile.variables import FILE, variable
from app.compile.yaml_load import NotYaml

VARIABLE = "datamind_on_failure"
_WORDS = ("warn", "block")


def read_on_failure(sources: ProjectSources, project: str, report: Report) -> str:
    """`warn` or `block` for models that say nothing themselves; `warn` where nothing says otherwise. Anything but the two words, Jinja included, and a file that
    is no YAML but names the variable, is `block` (DM2509)."""
    try:
        value = variable(sources, project, VARIABLE, "warn")
    except NotYaml:
        return _blocked("a value in a file that is no YAML", report)
    return str(value) if value in _WORDS else _blocked(f"`{value}`", report)


def of_model(meta: ModelMeta | None) -> str:
    """What a model says itself, "" where nothing; `block` where its meta is malformed."""
    return "block" if meta is None else meta.on_failure or ""


def _blocked(what: str, report: Report) -> str:
    report.error(
        "DM2509",
        f"`vars.{VARIABLE}` is {what}; until it is mended, answers that stand on failed tests or stale sources are blocked",
        Place("", FILE),
        "write `warn` or `block`",
    )
    return "block"
