"""The project's own `vars`: dbt's manifest does not hold them, so dbt_project.yml is read."""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.compile.artifacts import ProjectSources

FILE = "dbt_project.yml"


class NotYaml(Exception):
    """dbt_project.yml names the variable and cannot be read."""


def variable(sources: ProjectSources, project: str, name: str, default: object) -> object:
    """The value of a variable: as given beside the files (dbt's `--vars`), else under the project's name in `vars`, else at the top of `vars`;
    `default` where nothing says it. Raises NotYaml where the file names the variable and is no YAML."""
    if name in sources.variables:
        return sources.variables[name]
    text = sources.files.get(FILE, "")
    if name not in text:
        return default
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError) as error:
        raise NotYaml from error
    variables = document.get("vars") if isinstance(document, dict) else None
    if not isinstance(variables, dict):
        return default
    own = variables.get(project)
    return own[name] if isinstance(own, dict) and name in own else variables.get(name, default)
