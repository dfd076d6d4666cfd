"""Files of policy tests on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.adapters.dbt.discover import PROJECT_FILE
from app.compile.policies.expectations import VARIABLE
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError, Where

PATTERNS = ("*.yml", "*.yaml")


def read_files(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Each file with its text, those of a folder by name. Raises UserError DM7050 for what can't be read, and a folder without any."""
    for path in paths:
        files = sorted(found for pattern in PATTERNS for found in path.glob(pattern)) if path.is_dir() else [path]
        if not files:
            raise UserError(Problem("DM7050", "there is no file of policy tests in this folder", where=Where(str(path))))
        for file in files:
            try:
                yield str(file), file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is no text"
                raise UserError(Problem("DM7050", f"it can't be read: {why}", where=Where(str(file)))) from None


FOLDER = "policy_tests"


def policy_tests_of(project: Path, named: Path | None, variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The tests of a project: those named, else where its `vars` say, else those of its folder `policy_tests`, where there are any; files are
    called as from the project. Raises as `read_files`."""
    told = variables.get(VARIABLE) or _vars(project).get(VARIABLE)
    if named is not None:
        paths = [named.absolute()]
    elif told:
        paths = [project / str(one) for one in (told if isinstance(told, list) else [told])]
    else:
        paths = [project / FOLDER] if any(found for pattern in PATTERNS for found in (project / FOLDER).glob(pattern)) else []
    for file, text in read_files(paths):
        yield Path(file).relative_to(project).as_posix() if Path(file).is_relative_to(project) else file, text


def _vars(project: Path) -> Mapping[str, Any]:
    """`vars` of dbt_project.yml; nothing where it can't be read: that is told by whoever parses it."""
    try:
        value = load_yaml((project / PROJECT_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NotYaml):
        return {}
    found = value.get("vars") if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
