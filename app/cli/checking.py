"""What `datamind check` does: reads both sides, makes the checks, writes and posts what they found."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from app.adapters.beside import beside
from app.adapters.dbt.artifacts import read_yaml
from app.adapters.policy_files import policy_tests_of
from app.adapters.question_files import FILE, read_question_file
from app.adapters.whole_files import write_whole
from app.cli.check import Format
from app.cli.diff import FailOn, threshold
from app.cli.formats.check import written
from app.cli.formats.check.written import Report
from app.cli.formats.shown import repository
from app.cli.manners import manners
from app.cli.project import settings_under
from app.cli.show import from_threads, note, show_problems
from app.errors import Problem, UserError, Where
from app.model.moment import Moment
from app.service.check.run import run
from app.service.check.subject import Ask, Numbers, Questions, Subject, Wanted
from app.service.diff import Old
from app.wiring.calendar import calendar_of
from app.wiring.check import Compare, asking, both_sides
from app.wiring.clock import SystemClock

if TYPE_CHECKING:
    from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command that say what is to be done."""

    base: str
    state: Path | None
    target: str
    parsed: bool
    fail_on: FailOn | None
    rules: Sequence[str]
    ignored: Sequence[str]
    warn_error: bool
    numbers: int | None
    role: str
    attributes: Sequence[str]
    source: str
    policy_tests: Path | None = None
    fail_on_gain: bool = False
    questions: Path | None = None


def made(asked: Asked, project_dir: Path | None, profiles_dir: Path | None, variables: str) -> Report:
    """Make the checks. What is wrong with the project is in the report. Raises UserError DM1001 to DM1032 for settings and options."""
    settings = settings_under(project_dir, profiles_dir, "" if asked.parsed else asked.target, variables)
    project = settings.dbt_project_path.absolute()
    root = repository(project)
    folder = project.relative_to(root).as_posix() if project.is_relative_to(root) and project != root else ""
    kind, never = threshold(asked.fail_on)
    wanted = Wanted(
        folder=folder,
        compared=bool(asked.base or asked.state),
        rules=asked.rules,
        ignored=asked.ignored,
        warn_error=asked.warn_error,
        fail_on=kind,
        never=never,
        numbers=_numbers(settings, asked) if asked.numbers is not None else None,
        policy_tests=tuple(policy_tests_of(project, asked.policy_tests, settings.dbt_vars)),
        fail_on_gain=asked.fail_on_gain,
        questions=_questions(settings, project, asked),
    )
    compare = Compare(asked.base, asked.state)
    with _ended(), both_sides(settings, asked.target, compare, parsed=asked.parsed, tell=from_threads()) as sides:
        checked = run(Subject(sides, wanted, _beside))
    return Report(checked, read_yaml(project) if project.is_dir() else {}, project, root, Path.cwd(), folder)


def write_report(report: Report, form: Format, output: Path | None) -> None:
    """Write the format to standard output, or to the file with the text on standard output."""
    if output is not None:
        _write(output, _FORMS[form](report))
    if output is None and form is not Format.TEXT:
        sys.stdout.write(_FORMS[form](report))
    else:
        sys.stdout.write(written.text(report, colours=manners().colours(sys.stdout)))


_FORMS: Mapping[Format, Callable[[Report], str]] = {
    Format.JSON: written.body,
    Format.GITHUB: written.github,
    Format.GITLAB: written.gitlab,
    Format.SARIF: written.sarif,
    Format.MARKDOWN: written.as_markdown,
    Format.TEXT: written.text,
}


def write_comment(report: Report, file: Path) -> None:
    """Write the comment."""
    _write(file, written.as_markdown(report))


def post_comment(report: Report) -> None:
    """Post or renew the comment, and add it to GitHub's summary with the outputs of the step. What goes wrong is a warning: nobody is stopped by it."""
    from app.adapters.forge.here import forge_here, write_summary
    from app.service.check.comment import marker

    text = written.as_markdown(report)
    write_summary(os.environ, text, {"verdict": report.verdict, "worst": report.worst})
    try:
        address = forge_here(os.environ).post(marker(report.folder), text)
    except UserError as error:
        show_problems(error.problems)
    else:
        note(f"the comment is posted{f' at {address}' if address else ''}")


def _write(file: Path, content: str) -> None:
    """Write a file that a command's option names. Raises UserError DM1074."""
    try:
        write_whole(file, content.encode())
    except OSError as error:
        raise UserError(Problem("DM1074", f"{file} can't be written: {error.strerror}", where=Where(str(file)))) from None


def _beside(work: Callable[[], Old]) -> Callable[[], Old]:
    """Compile the base in a second process."""
    return beside(work, msgspec.msgpack.encode, msgspec.msgpack.Decoder(Old).decode)


def _numbers(settings: Settings, asked: Asked) -> Numbers:
    """Where values are asked: servers and the audit trail, as of any query of the command line. Raises UserError DM1030 for a role or attribute that is none."""
    from app.cli.asker import parse_attributes, role_named
    from app.cli.session import session
    from app.wiring.check import engine_settings

    role_named(asked.role)
    parse_attributes(asked.attributes)

    @contextmanager
    def opened() -> Iterator[Ask]:
        used = engine_settings(settings, asked.target) if asked.parsed else settings
        with session(role=asked.role, attributes=asked.attributes, settings=used) as found:
            yield asking(found.deps, found.caller, asked.source)

    said = f"role {asked.role}" + (f" with {', '.join(asked.attributes)}" if asked.attributes else "")
    return Numbers(opened, asked.numbers or 0, said)


def _questions(settings: Settings, project: Path, asked: Asked) -> Questions | None:
    """The golden questions that are named, else those of the project where it has some. Raises UserError DM6050 for a file that can't be read, DM1030."""
    from app.cli.asker import principal_of

    file = asked.questions.absolute() if asked.questions is not None else project / FILE
    if asked.questions is None and not file.is_file():
        return None
    shown = file.relative_to(project).as_posix() if file.is_relative_to(project) else str(file)
    calendar, clock = calendar_of(settings), SystemClock()

    def moment(today: dt.date | None) -> Moment:
        return (calendar if today is None else replace(calendar, pinned=today)).moment(clock)

    return Questions(shown, read_question_file(file), principal_of(settings, asked.role, asked.attributes), moment)


@contextmanager
def _ended() -> Iterator[None]:
    """A job that is cancelled ends like one that is interrupted: what was made for it goes away.

    The exception of a signal is lost where Python ignores exceptions (a finalizer, the end of an import): what it asked for is kept besides.
    """
    asked = threading.Event()

    def end(_number: int, _frame: object) -> NoReturn:
        asked.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
        if asked.is_set():
            raise KeyboardInterrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
