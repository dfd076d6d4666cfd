"""`datamind list segments` and `datamind list hierarchies`."""

from __future__ import annotations

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars


def list_segments(
    as_json: Json = False, project_dir: ProjectDir = None, profiles_dir: ProfilesDir = None, target: Target = "", variables: Vars = ""
) -> None:
    """List the segments: named filters for `--segment`.

    Example: datamind list segments
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen
    from app.service.catalogue import segments

    ontology, _ = chosen(None, None, "", None, project_dir, profiles_dir, target, variables)
    rows = [[card.name, card.where, card.semantic_model, card.description] for card in segments(ontology)]
    show_list(["name", "where", "semantic_model", "description"], rows, as_json=as_json)


def list_hierarchies(
    as_json: Json = False, project_dir: ProjectDir = None, profiles_dir: ProfilesDir = None, target: Target = "", variables: Vars = ""
) -> None:
    """List the hierarchies: levels for `--drill-down` and `--roll-up`, the coarsest first.

    Example: datamind list hierarchies
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen

    ontology, _ = chosen(None, None, "", None, project_dir, profiles_dir, target, variables)
    rows = [[one.name, one.levels, one.semantic_model, one.description] for one in ontology.hierarchies]
    show_list(["name", "levels", "semantic_model", "description"], rows, as_json=as_json)
