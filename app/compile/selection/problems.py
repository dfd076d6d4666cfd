"""What can be wrong with a selection."""

from __future__ import annotations

from collections.abc import Iterable

from app.errors import Problem, Severity, UserError, Where, did_you_mean

SELECTORS_FILE = "selectors.yml"
_OF_RUNS = ("result", "source_status")


def refuse(raw: str, why: str, hint: str = "") -> UserError:
    """A criterion that can't be read."""
    return UserError(Problem("DM2620", f"the selection `{raw}` can't be read: {why}", where=Where(path="select"), hint=hint))


def unknown_method(method: str, raw: str, known: Iterable[str]) -> UserError:
    """A method that there is none of."""
    if method in _OF_RUNS:
        return refuse(raw, f"the method `{method}` reads the results of dbt's runs, which are not looked at here")
    return refuse(raw, f"there is no method `{method}`", did_you_mean(method, known) or f"methods: {', '.join(known)}")


def bad_selectors(why: str, hint: str = "") -> UserError:
    """selectors.yml is not what dbt takes."""
    return UserError(Problem("DM2621", f"{SELECTORS_FILE} can't be used: {why}", where=Where(SELECTORS_FILE), hint=hint))


def unknown_selector(name: str, known: Iterable[str]) -> UserError:
    """`--selector` names none."""
    names = sorted(known)
    hint = did_you_mean(name, names) or (f"there are: {', '.join(names)}" if names else f"{SELECTORS_FILE} defines none")
    return UserError(Problem("DM2622", f"there is no selector `{name}`", where=Where(SELECTORS_FILE), hint=hint))


def no_state(raw: str) -> UserError:
    """`state:` without something to compare with."""
    return UserError(
        Problem(
            "DM2623",
            f"the selection `{raw}` compares with an earlier state, and none is given",
            where=Where(path="select"),
            hint="name the folder of its artifacts with --state",
        )
    )


def no_manifest(state: str, engine: str) -> UserError:
    """A state that has no manifest of the engine that is looked at."""
    message = f"the state {state} has no manifest of the engine {engine}"
    return UserError(Problem("DM2623", message, where=Where(str(state)), hint=f"put it in {state}/{engine}, or choose another --target"))


def finds_nothing(raw: str, near: str) -> Problem:
    """A criterion that was written and means no node."""
    return Problem("DM2624", f"the selection `{raw}` finds nothing", Severity.WARNING, Where(path="select"), near)
