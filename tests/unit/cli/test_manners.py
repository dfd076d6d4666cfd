"""Quiet, colours and the format of lines, before a command and behind it."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar

import pytest
import typer

from app.cli.command import Command, adopt, written_out
from app.cli.console import err, out
from app.cli.manners import LogFormat, LogFormatOption, LogLevel, LogLevelOption, Manners, Quiet, UseColors, fresh, manners
from app.cli.query_options import items
from app.cli.show import from_threads, note, progress, show_problems
from app.errors import Problem, Severity, Where

Run = Callable[..., Manners]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command line of one command; the manners that it had."""
    for name in ("DBT_QUIET", "DBT_USE_COLORS", "DBT_LOG_FORMAT", "DBT_LOG_LEVEL", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    seen: list[Manners] = []
    app, group = typer.Typer(), typer.Typer()

    @app.callback()
    def common(
        quiet: Quiet = None, use_colors: UseColors = None, log_format: LogFormatOption = None, log_level: LogLevelOption = None
    ) -> None:
        """All commands."""

    @app.command()
    def plain(name: str = "") -> None:
        seen.append(manners())

    @group.command()
    def inner() -> None:
        seen.append(manners())

    app.add_typer(group, name="group")
    adopt(app)

    def start(*arguments: str) -> Manners:
        with fresh(), warnings.catch_warnings():
            warnings.simplefilter("error")
            app(list(arguments), standalone_mode=False)
        return seen.pop()

    yield start
    assert manners() == Manners()


def test_nothing_given_is_the_plain_way(run: Run) -> None:
    assert run("plain") == Manners()


@pytest.mark.parametrize("arguments", [("-q", "plain"), ("plain", "-q"), ("group", "inner", "--quiet"), ("group", "inner", "-q")])
def test_an_option_may_stand_before_the_command_or_behind_it(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == Manners(quiet=True)


def test_what_stands_behind_wins(run: Run) -> None:
    assert run("-q", "plain", "--no-quiet") == Manners()


def test_the_environment_is_overruled_on_both_sides(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_QUIET", "1")
    monkeypatch.setenv("DBT_LOG_FORMAT", "json")
    monkeypatch.setenv("DBT_LOG_LEVEL", "warn")
    monkeypatch.setenv("DBT_USE_COLORS", "False")
    assert run("plain") == Manners(True, False, LogFormat.JSON, LogLevel.WARN)
    assert run("--no-quiet", "plain", "--log-format", "text", "--use-colors") == Manners(False, True, LogFormat.TEXT, LogLevel.WARN)


@pytest.mark.parametrize("option", ["--no-use-colors", "--no-color"])
def test_colours_have_two_names(run: Run, option: str) -> None:
    assert run("plain", option) == Manners(use_colors=False)


def test_a_command_keeps_an_option_of_its_own_by_that_name() -> None:
    app = typer.Typer()
    app.callback()(lambda: None)

    @app.command()
    def own(quiet: Quiet = None) -> None:
        typer.echo(f"quiet {quiet}")

    adopt(app)
    with fresh(), warnings.catch_warnings():
        warnings.simplefilter("error")
        app(["own", "-q"], standalone_mode=False)
    command = typer.main.get_command(app).commands["own"]  # type: ignore[attr-defined]
    assert isinstance(command, Command)


def given(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    wanted = Manners(**values)  # type: ignore[arg-type]
    monkeypatch.setattr("app.cli.manners._CURRENT", ContextVar("manners", default=wanted))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ["· doing", "done", "m.yml warning DM2 careful", "m.yml error DM1 wrong"]),
        ({"quiet": True}, ["m.yml error DM1 wrong"]),
        ({"log_level": LogLevel.WARN}, ["m.yml warning DM2 careful", "m.yml error DM1 wrong"]),
        ({"log_level": LogLevel.NONE}, []),
        ({"log_level": LogLevel.NONE, "quiet": True}, []),
    ],
)
def test_how_much_is_said(
    values: dict[str, object], said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, **values)
    progress("doing")
    note("done")
    show_problems([Problem("DM2", "careful", Severity.WARNING, Where("m.yml")), Problem("DM1", "wrong", where=Where("m.yml"))])
    printed = capsys.readouterr()
    assert (printed.out, printed.err.splitlines()) == ("", said)


def test_lines_are_objects_for_programs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given(monkeypatch, log_format=LogFormat.JSON)
    progress("[b]doing[/b]")
    show_problems([Problem("DM2104", "wrong", Severity.WARNING, Where("m.yml", 2, 1), "mend it")])
    err().print("whatever [bold]another[/bold] says\nin two lines")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["info"]["level"], line["info"]["code"], line["info"]["msg"]) for line in lines] == [
        ("info", "", "[b]doing[/b]"),
        ("warn", "DM2104", "wrong"),
        ("info", "", "whatever another says"),
        ("info", "", "in two lines"),
    ]
    assert lines[1]["data"]["where"] == {"file": "m.yml", "line": 2, "column": 1, "path": ""}
    assert lines[1]["data"]["hint"] == "mend it"
    assert lines[0]["info"]["ts"].endswith("Z")


def test_debug_lines_bear_time_and_level(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given(monkeypatch, log_format=LogFormat.DEBUG)
    note("done")
    line = capsys.readouterr().err
    assert line.endswith("[info ] done\n")
    assert line[2] == ":"


@pytest.mark.parametrize(
    ("environment", "terminal", "values", "coloured"),
    [
        ({}, True, {}, True),
        ({}, False, {}, False),
        ({"NO_COLOR": "1"}, True, {}, False),
        ({"NO_COLOR": ""}, True, {}, True),
        ({"FORCE_COLOR": "1"}, False, {}, True),
        ({"FORCE_COLOR": "0"}, False, {}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, {}, False),
        ({"TERM": "dumb"}, True, {}, False),
        ({"NO_COLOR": "1"}, False, {"use_colors": True}, True),
        ({"FORCE_COLOR": "1"}, True, {"use_colors": False}, False),
    ],
)
def test_when_there_are_colours(
    environment: dict[str, str],
    terminal: bool,
    values: dict[str, object],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    given(monkeypatch, **values)
    out().print("[red]x[/red] [bold]y[/bold]")
    assert ("\x1b" in capsys.readouterr().out) == coloured
    assert Manners(**values).colours(sys.stdout) == coloured  # type: ignore[arg-type]


def test_a_line_from_another_thread_keeps_the_manners(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from app.cli import manners as module

    with fresh():
        module._CURRENT.set(Manners(quiet=True))
        tell = from_threads()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(tell, ["one", "two", "three"]))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("positional", "given", "meant"),
    [
        (False, ["--explain"], ["--explain=sql"]),
        (False, ["--explain", "--csv"], ["--explain=sql", "--csv=-"]),
        (False, ["--explain", "plan"], ["--explain", "plan"]),
        (False, ["--explain=plan", "--csv", "x.csv"], ["--explain=plan", "--csv", "x.csv"]),
        (False, ["--csv", "-"], ["--csv", "-"]),
        (True, ["--explain", "revenue by country"], ["--explain=sql", "revenue by country"]),
        (True, ["--explain", "plan", "revenue"], ["--explain", "plan", "revenue"]),
        (True, ["--csv", "SELECT 1"], ["--csv=-", "SELECT 1"]),
        (True, ["--csv=x.csv", "SELECT 1"], ["--csv=x.csv", "SELECT 1"]),
        (False, ["--select", "a", "b", "--exclude", "c"], ["--select", "a", "--select", "b", "--exclude", "c"]),
        (False, ["-s", "+a", "2+b", "@c", "-q"], ["-s", "+a", "-s", "2+b", "-s", "@c", "-q"]),
        (False, ["--select"], ["--select"]),
        (False, ["--select", "a", "--", "--select", "b", "c"], ["--select", "a", "--", "--select", "b", "c"]),
        (False, ["--other", "a", "b"], ["--other", "a", "b"]),
    ],
)
def test_arguments_are_written_out(positional: bool, given: list[str], meant: list[str]) -> None:
    options = {"--explain", "--csv", "--select", "-s", "--exclude"}
    assert written_out(given, options, positional=positional) == meant


def test_an_option_that_the_command_does_not_have_is_left_alone() -> None:
    assert written_out(["--explain", "--select", "a", "b"], set(), positional=True) == ["--explain", "--select", "a", "b"]


def test_lists_may_be_repeated_and_have_commas() -> None:
    assert items(["a,b", "Dimension('c', entity_path=['d', 'e'])"]) == ("a", "b", "Dimension('c', entity_path=['d', 'e'])")
    assert items("a, b,") == ("a", "b")
    assert items(None) == ()
