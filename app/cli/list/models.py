"""`datamind list models` and `datamind list semantic-models`."""

from __future__ import annotations

from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars


def list_models(
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the models, seeds, snapshots and sources that a query may name.

    Example: datamind list models --select +metric:revenue --exclude resource_type:source
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen

    ontology, found = chosen(select, exclude, selector, state, project_dir, profiles_dir, target, variables)
    models = [model for model in ontology.models if found is None or model.unique_id in found.ids]
    show_list(
        ["name", "resource_type", "materialized", "columns", "description"],
        [[m.name, m.resource_type, m.materialized, len(m.columns), m.description] for m in models],
        as_json=as_json,
    )


def list_semantic_models(
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the semantic models.

    Example: datamind list semantic-models --select group:sales+
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen

    ontology, found = chosen(select, exclude, selector, state, project_dir, profiles_dir, target, variables)
    names = None if found is None else found.names("semantic_model")
    show_list(
        ["name", "model", "entities", "dimensions", "measures", "description"],
        [
            [s.name, s.model, [e.name for e in s.entities], len(s.dimensions), len(s.measures), s.description]
            for s in ontology.semantic_models
            if names is None or s.name in names
        ],
        as_json=as_json,
    )
