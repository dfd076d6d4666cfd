"""The project's own `vars`: dbt's manifest does not hold them, so dbt_project.yml is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.compile.artifacts import ProjectSources
from app.compile.yaml_load import load_yaml

FILE = "dbt_project.yml"


def variable(sources: ProjectSources, project: str, name: str, default: object) -> object:
    """The value of a variable: as given beside the files (dbt's `--vars`), else under the project's name in `vars`, else at the top of `vars`;
    `default` where nothing says it. Raises NotYaml where the file names the variable and is no YAML."""
    if name in sources.variables:
        return sources.variables[name]
    text = sources.files.get(FILE, "")
    if name not in text:
        return default
    document = load_yaml(text)
    variables = document.get("vars") if isinstance(document, dict) else None
    if not isinstance(variables, dict):
        return default
    own = variables.get(project)
    return own[name] if isinstance(own, dict) and name in own else variables.get(name, default)


def changed_variables(old: ProjectSources, new: ProjectSources) -> frozenset[str]:
    """The names of the variables, of the project's or of a package's, that the two sides do not give the same value. Raises NotYaml where a file is none."""
    sides = [_given(sources) for sources in (old, new)]
    paths = sides[0].keys() | sides[1].keys()
    return frozenset(path[-1] for path in paths if path not in sides[0] or path not in sides[1] or sides[0][path] != sides[1][path])


def _given(sources: ProjectSources) -> dict[tuple[str, ...], str]:
    """Every variable by its way in `vars`, each package's apart; those given beside the files stand in for all of their name."""
    document = load_yaml(sources.files.get(FILE, ""))
    found = document.get("vars") if isinstance(document, dict) else None
    return dict(_leaves((found if isinstance(found, dict) else {}) | dict(sources.variables)))


def _leaves(variables: Mapping[Any, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """A mapping is a package's variables or one variable's value: it is told as both."""
    for name, value in variables.items():
        yield (str(name),), repr(value)
        if isinstance(value, dict):
            yield from (((str(name), str(inner)), repr(held)) for inner, held in value.items())
