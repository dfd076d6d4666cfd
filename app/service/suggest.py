"""Drafts semantic YAML for a project's models, and says which files it goes to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.compile.drafts.suggest import Suggestion, suggest
from app.compile.project import compile_project
from app.service.project import ProjectSource


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion, and the project's YAML by path."""

    suggestion: Suggestion
    files: Mapping[str, str]


def suggest_source(source: ProjectSource, ids: Collection[str] | None = None, dbt_version: str = "") -> Suggested:
    """Draft for the models of these unique ids, or for all that no semantic model covers. No data is read, only artifacts and YAML.

    Raises UserError DM20xx where the artifacts can't be used, DM2350 and DM2353 as `suggest` does.
    """
    targets, sources = source.read()
    suggestion = suggest(targets[0], sources, compile_project(targets, sources).layer.ontology, ids, dbt_version)
    return Suggested(suggestion, sources.files)
