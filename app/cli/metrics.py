"""`datamind metrics new|templates`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complete import templates as templates_offered
from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars

if TYPE_CHECKING:
    from app.service.metric_templates import NewMetric

group = typer.Typer(name="metrics", help="Write metrics from templates.", no_args_is_help=True)
_ACROSS, _TIME, _EVENTS = "aov, share", "growth, churn, retention", "conversion, retention"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group)


@group.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The name of the new metric.")],
    template: Annotated[
        str, typer.Option("--template", help="aov, churn, conversion, growth, retention or share.", autocompletion=templates_offered)
    ],
    numerator: Annotated[str, typer.Option("--numerator", help="The amount, or the part.", rich_help_panel=_ACROSS)] = "",
    denominator: Annotated[str, typer.Option("--denominator", help="What it is for each of, or the whole.", rich_help_panel=_ACROSS)] = "",
    condition: Annotated[
        str, typer.Option("--filter", help="Which part: \"{{ Dimension('customer__country') }} = 'Germany'\".", rich_help_panel=_ACROSS)
    ] = "",
    metric: Annotated[
        str, typer.Option("--metric", "--measure", help="The number that grows, or of which a part is wanted.", rich_help_panel=_TIME)
    ] = "",
    window: Annotated[
        str, typer.Option("--window", help="How long before, or within which time: 1 month, 7 days.", rich_help_panel=_TIME)
    ] = "",
    lost: Annotated[str, typer.Option("--lost", help="Those who left in a period.", rich_help_panel=_TIME)] = "",
    active: Annotated[str, typer.Option("--active", help="Those who are there at its end.", rich_help_panel=_TIME)] = "",
    base: Annotated[str, typer.Option("--base", help="The events that it starts from.", rich_help_panel=_EVENTS)] = "",
    conversion: Annotated[
        str, typer.Option("--conversion", "--returning", help="The events that they may lead to.", rich_help_panel=_EVENTS)
    ] = "",
    entity: Annotated[str, typer.Option("--entity", help="Whose events belong together.", rich_help_panel=_EVENTS)] = "",
    calculation: Annotated[str, typer.Option("--calculation", help="conversion_rate or conversions.", rich_help_panel=_EVENTS)] = "",
    base_filter: Annotated[str, typer.Option("--base-filter", help="Which of the base events.", rich_help_panel=_EVENTS)] = "",
    conversion_filter: Annotated[
        str, typer.Option("--conversion-filter", "--returning-filter", help="Which of the others.", rich_help_panel=_EVENTS)
    ] = "",
    label: Annotated[str, typer.Option("--label", help="The metric's label; else its name in words.")] = "",
    description: Annotated[str, typer.Option("--description", help="The metric's description; else the template's.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="Put it at the end of `metrics:` of this file, or make the file; else standard output.")
    ] = None,
    dbt_version: Annotated[str, typer.Option("--dbt-version", help="Write what this version of dbt parses; else the manifest's.")] = "",
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Write a metric from a template, over the metrics and measures of the project. Nothing is written that could not be served.

    Example: datamind metrics new --template aov basket_value --numerator revenue --denominator orders
    """
    from app.cli.project import settings_under
    from app.cli.show import note, show_text
    from app.compile.drafts.append import metrics_text
    from app.compile.drafts.templates.ground import Asked
    from app.service.metric_templates import new_metric
    from app.service.present import to_json
    from app.wiring.project import present_project_of

    asked = Asked(
        numerator=numerator,
        denominator=denominator,
        metric=metric,
        base=base,
        conversion=conversion,
        entity=entity,
        window=window,
        calculation=calculation,
        lost=lost,
        active=active,
        filter=condition,
        base_filter=base_filter,
        conversion_filter=conversion_filter,
    )
    source = present_project_of(settings_under(project_dir, profiles_dir, target, variables))
    made = new_metric(source, template, name, asked, dbt_version=dbt_version, label=label, description=description)
    where = _put(made, file) if file else ""
    if as_json:
        sys.stdout.write(
            to_json({"name": name, "dbt_version": str(made.form), "metrics": list(made.definitions), "file": where}).decode() + "\n"
        )
    elif where:
        note(f"wrote {where}; `dbt parse` and `datamind validate` read it")
    else:
        show_text("metrics:\n" + metrics_text(made.definitions).rstrip("\n"))


@group.command("templates")
def templates(as_json: Json = False) -> None:
    """List the templates and what each needs.

    Example: datamind metrics templates
    """
    from app.cli.show import show_text
    from app.compile.drafts.templates.fill import TEMPLATES
    from app.service.present import to_json

    said = {name: " ".join((made.__doc__ or "").split("\n\n")[0].split()) for name, made in TEMPLATES.items()}
    if as_json:
        sys.stdout.write(to_json([{"name": name, "description": text} for name, text in said.items()]).decode() + "\n")
        return
    width = max(map(len, said))
    show_text("\n".join(f"{name:<{width}}  {text}" for name, text in said.items()))


def _put(made: NewMetric, file: Path) -> str:
    """Write the metric into a file; where it stands, as `file:line`."""
    from app.cli.drafted import read_text, write_new, write_over
    from app.compile.drafts.append import appended

    if not file.exists():
        text, line = appended("version: 2\n", made.definitions, str(file))
        write_new(file, text)
    else:
        before = read_text(file).replace("\r\n", "\n")
        text, line = appended(before, made.definitions, str(file))
        write_over(file, before, text)
    return f"{file}:{line}"
