"""Finds a dbt project and its profile as dbt does, and reads the connections of its outputs."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError, Where, did_you_mean

PROJECT_FILE, PROFILES_FILE = "dbt_project.yml", "profiles.yml"
_MAX_BYTES = 4 << 20
_SKIPPED = frozenset({"target", "dbt_packages", "dbt_modules", "logs", "node_modules", "venv"})
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_SECRET = re.compile(r"pass|secret|token|key|credential", re.IGNORECASE)
_ENV_VAR = re.compile(
    r"""\s*env_var\(\s*(['"])(?P<name>\w+)\1\s*(?:,\s*(?:(['"])(?P<default>[^'"]*)\3|(?P<number>\d+))\s*)?\)\s*(?:\|\s*(?:as_number|as_native|as_text|as_bool|int|string)\s*)*"""
)


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a profile: a target. `url` is how our engines name it, "" where its adapter is neither PostgreSQL's nor ClickHouse's."""

    target: str
    adapter: str
    url: str = field(repr=False)
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A project's profile: its file, the name of the default target, and its outputs by target."""

    name: str
    file: Path
    target: str
    outputs: Mapping[str, Output]


def find_projects(start: Path) -> list[Path]:
    """Folders with a dbt_project.yml: the nearest of `start` and its parents, as dbt looks; where there is none, those at most two levels below."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return [folder]
    return sorted(_below(start, 2))


def find_profiles(project_dir: Path, profiles_dir: Path | None, environ: Mapping[str, str] | None = None) -> Path:
    """The profiles.yml that dbt would take: the folder given, DBT_PROFILES_DIR, the project's own, the working directory's, ~/.dbt.

    Raises UserError DM1021 where there is none.
    """
    environ = os.environ if environ is None else environ
    if profiles_dir is not None:
        places = [profiles_dir if profiles_dir.is_absolute() or profiles_dir.is_dir() else project_dir / profiles_dir]
    elif environ.get("DBT_PROFILES_DIR"):
        places = [Path(environ["DBT_PROFILES_DIR"]).expanduser()]
    else:
        places = [project_dir, Path.cwd(), *([Path(environ["HOME"]) / ".dbt"] if environ.get("HOME") else [])]
    for place in places:
        if (place / PROFILES_FILE).is_file():
            return place / PROFILES_FILE
    looked = ", ".join(str(place) for place in places)
    raise UserError(
        Problem("DM1021", f"there is no {PROFILES_FILE} in {looked}", hint="set DATAMIND_DBT_PROFILES_DIR to the folder that has it")
    )


def read_profile(project_dir: Path, profiles_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """The profile that the project names. Raises UserError DM1021 (no file, unreadable, no such profile) or DM1022 (no dbt_project.yml)."""
    environ = os.environ if environ is None else environ
    project = _load(project_dir / PROJECT_FILE, "DM1022")
    name = _text(project.get("profile"), environ) or _text(project.get("name"), environ)
    file = find_profiles(project_dir, profiles_dir, environ)
    profiles = _load(file, "DM1021")
    profile = profiles.get(name)
    if not isinstance(profile, dict) or not isinstance(profile.get("outputs"), dict):
        raise UserError(
            Problem(
                "DM1021",
                f"{PROFILES_FILE} has no profile `{name}` with outputs",
                where=Where(str(file)),
                hint=did_you_mean(name, map(str, profiles)),
            )
        )
    outputs = {
        str(target): _output(str(target), given, file, environ) for target, given in profile["outputs"].items() if isinstance(given, dict)
    }
    return Profile(name, file, _text(profile.get("target"), environ) or "default", outputs)


def profile_secrets(project_dir: Path, profiles_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The passwords, tokens and keys of the file's profiles, with their variables replaced where these are set. Raises UserError DM1021 or DM1022."""
    environ = os.environ if environ is None else environ
    return tuple(sorted(set(_secrets(_load(find_profiles(project_dir, profiles_dir, environ), "DM1021"), environ))))


def _secrets(value: Any, environ: Mapping[str, str], name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, environ, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, environ, name)
    elif _SECRET.search(name):
        with contextlib.suppress(KeyError):
            yield _text(value, environ)


def profile_url(project_dir: Path, profiles_dir: Path | None, target: str) -> str:
    """The URL of the profile's output `target` ("" for the default one).

    Raises UserError DM1020 where there is no such output, DM1023 where its adapter is of no engine of ours; else as `read_profile`.
    """
    profile = read_profile(project_dir, profiles_dir)
    output = profile.outputs.get(target or profile.target)
    if output is None:
        raise UserError(
            Problem(
                "DM1020",
                f"the dbt profile `{profile.name}` has no output `{target or profile.target}`",
                where=Where(str(profile.file)),
                hint=did_you_mean(target, profile.outputs) or f"it has: {', '.join(sorted(profile.outputs)) or 'none'}",
            )
        )
    if not output.url:
        raise UserError(
            Problem(
                "DM1023",
                f"the output `{output.target}` uses the adapter {output.adapter}, which is no engine here (or ClickHouse's native protocol)",
                where=Where(str(profile.file)),
                hint="name the engine by URL, such as DATAMIND_CLICKHOUSE_URL=http://user:password@host:8123/database",
            )
        )
    return output.url


def _output(target: str, given: Mapping[str, Any], file: Path, environ: Mapping[str, str]) -> Output:
    try:
        values = {str(key): _text(value, environ) for key, value in given.items()}
    except KeyError as missing:
        raise UserError(
            Problem(
                "DM1021", f"the output `{target}` needs {missing.args[0]}", where=Where(str(file)), hint="set it, or name the engine by URL"
            )
        ) from None
    adapter = values.get("type", "")
    schema = values.get("schema", "")
    if adapter == "postgres":
        options = {key: values[key] for key in ("sslmode", "sslcert", "sslkey", "sslrootcert") if values.get(key)}
        url = _url("postgresql", values, "5432", values.get("dbname") or values.get("database", ""), options)
    elif adapter == "clickhouse" and values.get("driver", "http") != "native" and values.get("port", "") not in ("9000", "9440"):
        secure = values.get("secure", "").lower() in ("true", "1", "yes")
        url = _url("https" if secure else "http", values, "8443" if secure else "8123", schema, {})
    else:
        url = ""
    return Output(target, adapter, url, schema)


def _url(scheme: str, values: Mapping[str, str], port: str, database: str, options: Mapping[str, str]) -> str:
    host = values.get("host", "localhost")
    host = f"[{host}]" if ":" in host else host
    user, password = quote(values.get("user", ""), safe=""), quote(values.get("password") or values.get("pass", ""), safe="")
    credentials = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"{scheme}://{credentials}{host}:{values.get('port') or port}/{quote(database, safe='')}{'?' + urlencode(options) if options else ''}"


def _text(value: Any, environ: Mapping[str, str]) -> str:
    """A value as text, with `{{ env_var(...) }}` replaced: the only Jinja that profiles need, so no template is ever executed.

    Raises KeyError with words for a person where a variable is not set or an expression is another.
    """
    if value is None or isinstance(value, dict | list):
        return ""

    def replaced(match: re.Match[str]) -> str:
        called = _ENV_VAR.fullmatch(match.group(1))
        if called is None:
            raise KeyError("a Jinja expression other than env_var()")
        default = called["default"] if called["default"] is not None else called["number"]
        found = environ.get(called["name"], default)
        if found is None:
            raise KeyError(f"the environment variable {called['name']}")
        return found

    return _EXPRESSION.sub(replaced, str(value))


def _load(path: Path, code: str) -> dict[str, Any]:
    """A YAML mapping. Raises UserError `code`."""
    where = Where(str(path))
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UserError(Problem(code, f"{path.name} is larger than {_MAX_BYTES >> 20} MB", where=where))
        content = load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(Problem(code, f"{path.name} can't be read: {error.strerror}", where=where)) from error
    except UnicodeDecodeError as error:
        raise UserError(Problem(code, f"{path.name} is not YAML: not UTF-8", where=where)) from error
    except NotYaml as error:
        place = Where(str(path), error.line, error.column)
        raise UserError(Problem(code, f"{path.name} is not YAML: {error.reason}", where=place)) from error
    if not isinstance(content, dict):
        raise UserError(Problem(code, f"{path.name} is not a mapping", where=where))
    return content


def _below(folder: Path, levels: int) -> Iterator[Path]:
    try:
        children = [child for child in folder.iterdir() if child.is_dir() and child.name not in _SKIPPED and not child.name.startswith(".")]
    except OSError:
        return
    for child in children:
        if (child / PROJECT_FILE).is_file():
            yield child
        elif levels > 1:
            yield from _below(child, levels - 1)
