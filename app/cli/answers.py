"""An answer as a person reads it."""

from __future__ import annotations

from rich.console import Console

from app.cli.console import out, shown
from app.cli.manners import manners
from app.cli.show import show_text
from app.cli.tables import NULL, cell_text, show_result, show_table
from app.language.changes import moved
from app.language.formats import percent
from app.model.answer import Answer, Outcome, Source, Standing
from app.model.read_by import read_by


def show_answer(answer: Answer, *, decimals: int | None = None) -> None:
    """The whole answer: what was understood, rows, definitions, the SQL, the engine and why, whether policies applied, and the times.

    Quiet, it is the rows alone. How sure the understanding is, is said where a question was understood.
    """
    console = out()
    if answer.outcome is not Outcome.ANSWER:
        show_no_answer(console, answer)
        return
    quiet = manners().quiet
    if answer.restated and not quiet:
        sure = f"  [dim](confidence {answer.confidence:.2f})[/dim]" if answer.question else ""
        console.print(f"[bold]{shown(answer.restated)}[/bold]{sure}", soft_wrap=True)
    if not quiet:
        _show_reader(console, answer)
    if answer.result is not None:
        show_result(answer.result, decimals=decimals, formats={definition.metric: definition for definition in answer.definitions})
    if not quiet:
        _show_rest(console, answer)


def _show_reader(console: Console, answer: Answer) -> None:
    """By whom the question was read, where that is more than the project's words."""
    drafted = answer.drafted
    model = f"{drafted.provider} {drafted.model}".strip() if drafted is not None else ""
    told = read_by([problem.code for problem in answer.problems], model, drafted.verdict if drafted is not None else "")
    if told:
        console.print(f"[dim]{shown(told)}[/dim]", soft_wrap=True)


def show_no_answer(console: Console, answer: Answer) -> None:
    """A refusal or a question back."""
    console.print(f"[yellow]{shown(answer.text)}[/yellow]", soft_wrap=True)
    for number, choice in enumerate(answer.choices, 1):
        console.print(f"  {number}. {shown(choice.text)}", soft_wrap=True)
    if answer.nearest:
        console.print("what can be answered: " + shown(", ".join(answer.nearest)), soft_wrap=True)


def _stands(source: Source) -> str:
    """What dbt last said of a model, in a line."""
    tested = {Standing.PASSED: f"{source.passed_tests} tests passed", Standing.WARNED: "a test warned", Standing.FAILED: "a test failed"}
    fresh = {Standing.PASSED: "fresh", Standing.WARNED: "growing stale", Standing.FAILED: "stale"}
    loaded = f", newest row of {source.loaded_at:%Y-%m-%d %H:%M} UTC" if source.loaded_at is not None else ""
    built = f"built {source.built_at:%Y-%m-%d %H:%M} UTC" if source.built_at is not None else ""
    told = [source.file, built, tested.get(source.tests, ""), fresh.get(source.freshness, "") + loaded]
    words = shown("; ".join(filter(None, (one.strip(", ") for one in told))))
    return f"  [dim]({words})[/dim]" if words else ""


def _show_contributions(answer: Answer) -> None:
    """What each value has to do with the change, as a table."""
    metric = next((one for one in answer.definitions if answer.comparison and one.metric == answer.comparison.metric), None)
    rows = []
    for one in answer.contributions:
        before, now = (cell_text(value, None, metric) for value in (one.previous, one.current))
        share = percent(one.share) if one.share is not None else NULL
        rows.append((one.label, one.value, before, now, moved(one.change, metric) if metric else str(one.change), share))
    show_table(("dimension", "value", "before", "now", "change", "share of the change"), rows, numeric={2, 3, 4, 5})


def _show_rest(console: Console, answer: Answer) -> None:
    """What explains the rows."""
    if answer.text:
        console.print(shown(answer.text), soft_wrap=True)
    if answer.contributions:
        _show_contributions(answer)
    for definition in answer.definitions:
        owner = f", owner {shown(definition.owner)}" if definition.owner else ""
        file = f"; {shown(definition.file)}" if definition.file else ""
        label = shown(definition.label or definition.metric)
        console.print(
            f"[bold]{label}[/bold] = {shown(definition.formula)}  [dim]({definition.type}{file}{owner})[/dim]",
            soft_wrap=True,
        )
        if definition.description:
            console.print(f"  [dim]{shown(definition.description)}[/dim]", soft_wrap=True)
    console.print(f"\n[dim]-- SQL on {answer.engine}[/dim]", soft_wrap=True)
    show_text(answer.sql)
    console.print(f"\nengine: {answer.engine}, because {shown(answer.engine_reason)}", soft_wrap=True)
    for source in answer.sources:
        console.print(f"from {shown(source.label)}{_stands(source)}", soft_wrap=True)
    named = f" ({shown(', '.join(answer.policies))})" if answer.policies else ""
    how = "; --explain=sanitize shows the statement with them" if answer.policies_applied and answer.governed_sql else ""
    console.print(f"policies: {'applied' + named + how if answer.policies_applied else 'none applied to you'}", soft_wrap=True)
    if answer.follow_ups:
        console.print("next: " + shown(" · ".join(choice.text for choice in answer.follow_ups)), soft_wrap=True)
    console.print("stages: " + " · ".join(f"{stage.stage} {stage.ms:.1f} ms" for stage in answer.stages), soft_wrap=True)
    console.print(f"[dim]layer {answer.layer_version} · {answer.query_id}[/dim]", soft_wrap=True)
