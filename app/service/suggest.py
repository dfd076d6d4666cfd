"""Drafts semantic YAML for a project's models, and says which files it goes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.compile.drafts.suggest import Suggestion, suggest
from app.compile.project import compile_project
from app.compile.selection.evaluate import evaluate
from app.compile.selection.nodes import read_nodes
from app.compile.selection.parse import parse
from app.errors import Problem
from app.service.project import ProjectSource


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion, the project's YAML by path, and what is worth saying of what was selected."""

    suggestion: Suggestion
    files: Mapping[str, str]
    problems: tuple[Problem, ...]


def suggest_source(source: ProjectSource, select: Sequence[str] = (), exclude: Sequence[str] = (), dbt_version: str = "") -> Suggested:
    """Draft for the models that are selected, or for all that no semantic model covers. No data is read, only artifacts and YAML.

    Raises UserError DM20xx where the artifacts can't be used, DM2350 and DM2353 as `suggest` does, DM262x for a selection that can't be read.
    """
    targets, sources = source.read()
    compilation = compile_project(targets, sources)
    selected = evaluate(parse(select, exclude), read_nodes(targets[0].manifest)) if select or exclude else None
    suggestion = suggest(targets[0], sources, compilation.layer.ontology, selected.ids if selected else None, dbt_version)
    return Suggested(suggestion, sources.files, (*(selected.problems if selected else ()), *(suggestion.notes if select else ())))
