"""Settings → both sides of a change, parsed by one dbt process into a folder that goes away; and where values are asked."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.adapters.dbt.artifacts import read_target, read_yaml
from app.adapters.dbt.discover import PROJECT_FILE, Output, Profile, read_profile
from app.adapters.dbt.packages import provide
from app.adapters.dbt.parse import Parsing, parse
from app.adapters.dbt.runner import DbtProcess
from app.adapters.dbt.state import find_states, read_state, state_project
from app.adapters.dbt.targets import ENGINES
from app.adapters.git.repository import Commit, Repository
from app.compile.artifacts import ProjectSources
from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.ontology import Layer
from app.model.query import SemanticQuery
from app.model.result import Result
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.check.subject import Ask, Base, Read
from app.service.deps import Deps
from app.service.diff import State
from app.service.query import query
from app.service.request import QueryRequest
from app.settings import Settings
from app.wiring.project import present_project_of
from app.wiring.servers import PROFILE

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compare:
    """With what the project is compared, one of them at most: a git ref, or a folder of kept artifacts."""

    ref: str = ""
    state: Path | None = None


@contextmanager
def both_sides(settings: Settings, target: str, compare: Compare, *, parsed: bool, tell: Tell) -> Iterator[ParsedSides]:
    """Both sides of a change of the project, for as long as the block runs; then nothing is left of them.

    The head is what the working tree holds, parsed anew, or with `parsed` false what dbt wrote last. Raises nothing itself: reading a side does.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="datamind-check-"))).resolve()
        sides = ParsedSides(settings, target, compare, folder, tell)
        stack.callback(sides.wait)  # after dbt has ended, and before the folder goes
        process = stack.enter_context(DbtProcess()) if parsed or compare.ref else None
        sides.begin(process if parsed else None, process)
        yield sides


class ParsedSides:
    """Sides that dbt parses, one after the other in one process: the files of the base are written while dbt has the head, and parsed while others work on it."""

    def __init__(self, settings: Settings, target: str, compare: Compare, folder: Path, tell: Tell) -> None:
        self._settings, self._target, self._compare, self._folder, self._tell = settings, target, compare, folder, tell
        self._project = settings.dbt_project_path.absolute()
        self._for_head: DbtProcess | None = None
        self._begun: _Begun | None = None
        self._parsed = threading.Event()
        self._read: Read | None = None

    def begin(self, head: DbtProcess | None, base: DbtProcess | None) -> None:
        """Start on the base. `head` parses the head, None where it is read as it lies there; `base` parses the base of a ref."""
        self._for_head = head
        if self._compare.ref and base is not None:
            self._begun = _Begun(lambda: self._base_of_ref(base))

    def wait(self) -> None:
        """Wait for what was begun, whatever comes of it."""
        self._parsed.set()
        if self._begun is not None:
            self._begun.join()

    def head(self) -> Read:
        """The project as it is. Raises UserError DM2370, DM102x for a project or profile that is not there, DM2060."""
        if self._for_head is None:
            self._read = present_project_of(self._settings).read()
        else:
            parsing, engine = self._parsing()
            self._tell("parsing the project")
            target_path = self._folder / "head"
            parse(self._for_head, self._project, parsing, target_path)
            self._read = _read(engine, target_path, self._project, parsing)
        self._parsed.set()
        return self._read

    def base(self) -> Base | None:
        """The project as it was. Raises UserError DM2371 or DM2372, DM2011 for a state that is none."""
        if self._begun is not None:
            return self._begun.result()
        if self._compare.state is None or self._read is None:
            return None
        folder = find_states([self._compare.state], self._project)[0]
        return Base(State(str(self._compare.state), read_state(folder, self._read[0]), state_project(folder)))

    def _base_of_ref(self, process: DbtProcess) -> Base | None:
        repository = Repository.of(self._project)
        commit = repository.base(self._compare.ref)
        tree = self._folder / "base"
        tree.mkdir()
        repository.write(commit, tree)
        project = tree / self._project.resolve().relative_to(repository.root.resolve())
        if not (project / PROJECT_FILE).is_file():
            return None
        self._parsed.wait()
        if self._read is None:  # nobody compares with a head that can't be read
            return None
        self._tell(f"parsing the project as it was at {commit}")
        parsing, engine = self._parsing()
        target_path = self._folder / "base-target"
        try:
            provide(process, project, self._project, parsing, target_path, self._tell)
            parse(process, project, parsing, target_path)
        except UserError as error:
            raise UserError(*(_of_base(problem, commit) for problem in error.problems)) from None
        targets, sources = _read(engine, target_path, project, parsing)
        state = State(str(commit), tuple(targets), sources.files.get(PROJECT_FILE), parsing.variables)
        return Base(state, sources.files)

    def _parsing(self) -> tuple[Parsing, str]:
        """How both sides are parsed: by the head's profile, so that a difference is one of the project. And the name of the engine."""
        profile, output = _output(self._settings, self._target)
        engine = output.adapter if output is not None and output.adapter in ENGINES else self._settings.engines[0]
        return Parsing(profile.file.parent, profile.name, self._target or profile.target, self._settings.dbt_vars), engine


def engine_settings(settings: Settings, target: str) -> Settings:
    """The settings with the engine alone that the project is parsed for, and that target's output where they take its address from the profile. Raises
    UserError DM1021 or DM1022 for a profile or project that is not there."""
    _, output = _output(settings, target)
    if output is None or output.adapter not in ENGINES:
        return settings
    name = f"{output.adapter}_url"
    url = getattr(settings, name)
    aimed = {name: SecretStr(f"{PROFILE}{output.target}")} if url is not None and url.get_secret_value().startswith(PROFILE) else {}
    return settings.model_copy(update={"engines": (output.adapter,), **aimed})


def _output(settings: Settings, target: str) -> tuple[Profile, Output | None]:
    """The project's profile, and its output of that name, the default one for ""."""
    profile = read_profile(settings.dbt_project_path.absolute(), settings.dbt_profiles_dir)
    return profile, profile.outputs.get(target or profile.target)


def _read(engine: str, target_path: Path, project: Path, parsing: Parsing) -> tuple[tuple[Any, ...], ProjectSources]:
    """What dbt wrote there, with the project's YAML."""
    return (read_target(engine, target_path, project),), ProjectSources(read_yaml(project), parsing.variables)


def _of_base(problem: Problem, commit: Commit) -> Problem:
    """A Problem of parsing the base: its file is not the one that people have before them."""
    where = f" ({problem.where})" if problem.where else ""
    hint = "mend it there first, or compare with kept artifacts: --state DIR"
    return Problem("DM2372", f"{commit} can't be compared with: {problem.message}{where}", hint=hint)


class _Begun:
    """Work in a thread, whose result is waited for."""

    def __init__(self, work: Callable[[], Base | None]) -> None:
        self._work = work
        self._made: Base | None = None
        self._error: DataMindError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> Base | None:
        """What it made; raises what it raised."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._made

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._made = self._work()
        except DataMindError as error:
            self._error = error
        except Exception as error:
            self._error = InternalError(Problem("DM9001", f"reading the base failed: {type(error).__name__}"))


def asking(deps: Deps, caller: Caller, source: str = "") -> Ask:
    """Answers queries by the definitions of any layer, governed by its policies and kept in the audit trail as every query is."""
    return _Asking(deps, caller, source)


class _Asking:
    def __init__(self, deps: Deps, caller: Caller, source: str) -> None:
        self._deps, self._caller, self._source = deps, caller, source
        self._made: dict[str, Deps] = {}

    def __call__(self, layer: Layer, request: QueryRequest | SemanticQuery) -> Result:
        turn = query(self._over(layer), self._caller, request, source=self._source)
        if turn.result is None:
            raise InternalError(Problem("DM9001", "a metric query ended without rows"))
        return turn.result

    def view(self, layer: Layer) -> ServedLayer:
        return self._deps.serving.over(layer, with_values=True).view(self._caller.principal)

    def _over(self, layer: Layer) -> Deps:
        if layer.version not in self._made:
            self._made[layer.version] = replace(self._deps, serving=self._deps.serving.over(layer))
        return self._made[layer.version]
