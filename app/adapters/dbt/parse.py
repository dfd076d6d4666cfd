"""Has dbt parse a project into a folder of its own, and says where what it can't read is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.dbt.artifacts import read_yaml
from app.adapters.dbt.runner import DbtCall, DbtProcess, DbtRun, Progress
from app.compile.locations import LocationIndex
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError, Where

_FILE = re.compile(r"[\w./-][\w./ -]*\.(?:sql|ya?ml|py|csv|md)\b")
_LINE = re.compile(r"\bline (\d+)")
_THING = re.compile(r"\b(metric|model|semantic_model|saved_query|exposure) '?(?:\w+\.)*(\w+)'?")
_NOISE = re.compile(r"^(?:Encountered an error:?|Raw Error:|-+|\d+ +\|.*)$")
_LONGEST = 400
PARSE = ("parse", "--write-json")
"""The command that writes manifests, whatever the project's flags say."""


@dataclass(frozen=True, slots=True)
class Parsing:
    """How dbt is to parse: where profiles.yml is, which profile and target of it, and `--vars`."""

    profiles_dir: Path
    profile: str
    target: str
    variables: Mapping[str, Any] = field(default_factory=dict)


def parse(process: DbtProcess, project: Path, parsing: Parsing, target_path: Path, progress: Progress = lambda _line: None) -> None:
    """Write the project's manifests into `target_path`, and nothing elsewhere. No warehouse is asked.

    Raises UserError DM2370 where dbt can't parse it, with files of the project and lines where it can be told; DM2060 and DM2061 as the process does.
    """
    check_parsed(dbt(PARSE, process, project, parsing, target_path, progress), project, target_path)


def check_parsed(run: DbtRun, project: Path, target_path: Path) -> None:
    """That the run of `PARSE` wrote a manifest. Raises UserError DM2370 with what dbt refused, at its files and lines where these can be told."""
    if not run.success or not (target_path / "manifest.json").is_file():
        raise UserError(*(_not_yaml(project) or [_told(run, project)]))


def dbt(
    command: Sequence[str], process: DbtProcess, project: Path, parsing: Parsing, target_path: Path, progress: Progress = lambda _line: None
) -> DbtRun:
    """Run a dbt command on the project. What it says is told without the credentials of this process's surroundings, which a template may print."""
    words = [*command, "--profile", parsing.profile]
    call = DbtCall(words, project, parsing.profiles_dir, parsing.target, target_path, env=dict(os.environ), variables=parsing.variables)
    return process.run(call, progress)


def said(run: DbtRun) -> str:
    """What dbt said of a failure, in one line."""
    lines = (line.strip() for message in run.messages for line in message.splitlines())
    text = " ".join(line for line in lines if line and not _NOISE.match(line))
    return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") or "it does not say why"


def _not_yaml(project: Path) -> list[Problem]:
    """The files that are no YAML, each at the character that spoils it: dbt stops at the first."""
    return [
        Problem("DM2370", f"dbt can't parse the project: {file} is no YAML: {error.reason}", where=Where(file, error.line, error.column))
        for file, error in _unreadable(read_yaml(project))
    ]


def _unreadable(files: Mapping[str, str]) -> Iterator[tuple[str, NotYaml]]:
    for file, text in files.items():
        try:
            load_yaml(text)
        except NotYaml as error:
            if error.line:
                yield file, error


def _told(run: DbtRun, project: Path) -> Problem:
    text = said(run)
    file = next((found for match in _FILE.finditer(text) if (found := _of_project(match.group(), project))), "")
    where = _place(text, file, project) if file else None
    hint = "run `dbt deps` first" if "dbt deps" in text else "run `dbt parse` and mend what it says"
    return Problem("DM2370", f"dbt can't parse the project: {text}", where=where, hint=hint)


def _place(text: str, file: str, project: Path) -> Where:
    """The line that dbt says, else that of the thing which it names: `in metric discount_rate (models/ratios.yml)`."""
    line = _LINE.search(text)
    if line is not None:
        return Where(file, int(line[1]))
    index = LocationIndex({name: content for name, content in read_yaml(project).items() if name == file})
    named = (index.where(f"{kind}.{name}", file) for kind, name in _THING.findall(text))
    return next((where for where in named if where is not None and where.line), Where(file))


def _of_project(text: str, project: Path) -> str:
    """The file that dbt means, "" where it is none of the project: words may stand before it."""
    words = text.split(" ")
    for start in range(len(words)):
        name = " ".join(words[start:])
        if not Path(name).is_absolute() and (project / name).is_file():
            return Path(name).as_posix()
    return ""
