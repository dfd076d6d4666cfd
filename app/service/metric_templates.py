"""Writes a metric from a template, and makes sure that it can be served before anybody keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.dbt.manifest import read_sound_manifest
from app.compile.dbt.short_forms import written_out
from app.compile.drafts.form import Form, form_of
from app.compile.drafts.templates.fill import Filled, fill, unnested
from app.compile.drafts.templates.ground import Asked
from app.compile.project import compile_project
from app.errors import Problem, Severity, UserError
from app.service.project import ProjectSource

_FILE = "the new metric"


@dataclass(frozen=True, slots=True)
class NewMetric:
    """A metric and those that it needs beside it, as a dbt version's YAML has them."""

    name: str
    form: Form
    definitions: tuple[dict[str, Any], ...]


def new_metric(
    source: ProjectSource, template: str, name: str, asked: Asked, *, dbt_version: str = "", label: str = "", description: str = ""
) -> NewMetric:
    """Fill a template, and compile the project with what comes of it.

    In dbt ≥ 1.12 the form is that of 1.12, unless the project itself still has measures: then it is theirs, which 1.12 parses as well.
    Raises UserError DM2350 and DM2360 to DM2364 as the parts do, DM2366 where the metric could not be served, DM20xx where artifacts can't be used.
    """
    targets, sources = source.read()
    manifest, _ = read_sound_manifest(targets[0].manifest)
    form = form_of(manifest.metadata.dbt_version or "", dbt_version)
    if form.inside_models and not dbt_version and any(node.measures for node in manifest.semantic_models.values()):
        form = Form((1, 11))
    ontology = compile_project(targets, sources).layer.ontology
    filled = fill(template, name, asked, ontology, form, label=label, description=description)
    _check(filled, targets, sources)
    definitions = tuple(unnested(one) if form.inside_models else one for one in filled.definitions)
    return NewMetric(name, form, definitions)


def _check(filled: Filled, targets: Sequence[TargetArtifacts], sources: ProjectSources) -> None:
    """Compile with the new metrics. Raises UserError DM2366 with the compile's Problems where the metric was left out."""
    sections = msgspec.json.decode(targets[0].manifest, type=dict[str, msgspec.Raw])
    metrics = msgspec.json.decode(sections.get("metrics", b"{}"), type=dict[str, msgspec.Raw])
    for one in filled.definitions:
        node = written_out(one) | {"unique_id": f"metric.new.{one['name']}", "package_name": "", "original_file_path": _FILE}
        metrics[node["unique_id"]] = msgspec.Raw(msgspec.json.encode(node))
    sections["metrics"] = msgspec.Raw(msgspec.json.encode(metrics))
    target = replace(targets[0], manifest=msgspec.json.encode(sections))
    compilation = compile_project([target], sources)
    if compilation.layer.ontology.metric(filled.name) is None:
        causes = [p for p in compilation.problems if p.where and p.where.file == _FILE and p.severity is not Severity.NOTE]
        raise UserError(
            Problem("DM2366", f"the metric `{filled.name}` could not be served as it is", hint="change the options by what is said below"),
            *causes,
        )
