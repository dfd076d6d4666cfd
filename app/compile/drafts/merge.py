"""Drafts for dbt ≥ 1.12 put where they belong: into the entries of the models, since dbt takes one entry a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.compile.drafts.insert import Additions, NoPlace
from app.compile.drafts.models import DraftModel
from app.compile.drafts.new_form import column_keys, metric_parts, model_keys, model_why
from app.compile.drafts.noted import Part
from app.compile.locations import LocationIndex
from app.compile.yaml_load import is_yaml
from app.errors import Problem, UserError, Where


@dataclass(frozen=True, slots=True)
class Merged:
    """The files as they are with the drafts in them, and the drafts of models that have no entry to put them into."""

    files: Mapping[str, str]
    others: tuple[DraftModel, ...]


def merge(drafts: Sequence[DraftModel], files: Mapping[str, str], places: Mapping[str, tuple[str, str]]) -> Merged:
    """Put each draft into the entry of its model. `places` are each model's location key and the YAML file that describes it. Raises UserError DM2356
    where that would leave no YAML."""
    locations = LocationIndex(files)
    edits: dict[str, Additions] = {}
    others = []
    for draft in drafts:
        key, file = places[draft.model.name]
        edit = edits.get(file) or Additions(file, locations)
        try:
            if file not in files or not edit.has(key):
                raise NoPlace
            _put(draft, key, Additions(file, locations))  # on trial: what has no place is found before anything is put
            _put(draft, key, edit)
        except NoPlace:
            others.append(draft)
            continue
        edits[file] = edit
    written = {file: edit.text() for file, edit in sorted(edits.items())}
    for file, text in written.items():
        if not is_yaml(text) and is_yaml(files[file]):
            hint = "leave out --merge, and put the drafts where they belong"
            raise UserError(
                Problem("DM2356", f"the drafts can't be put into {file}: it would be no YAML any more", where=Where(file), hint=hint)
            )
    return Merged(written, tuple(others))


def _put(draft: DraftModel, key: str, edit: Additions) -> None:
    """The model's own keys first, then its metrics and columns."""
    model = key.removeprefix("model.")
    missing: list[Part] = []
    known: list[tuple[str, list[Part]]] = []
    for column, parts in column_keys(draft).items():
        thing = f"column.{model}.{column}"
        if edit.has(thing):
            known.append((thing, [_without(part, thing, edit) for part in parts]))
        else:
            data: dict[str, object] = {"name": column}
            for part in parts:
                data |= part.data if isinstance(part.data, dict) else {}
            missing.append(Part(data, "\n".join(part.why for part in parts), any(part.sure for part in parts)))  # type: ignore[arg-type]
    edit.keys(key, [Part(model_keys(draft), model_why(draft))])
    edit.items(key, "columns", missing)
    edit.items(key, "metrics", metric_parts(draft))
    for thing, parts in known:
        edit.keys(thing, parts)


def _without(part: Part, thing: str, edit: Additions) -> Part:
    """Without a key that the column has already: its granularity."""
    data = part.data if isinstance(part.data, dict) else {}
    return Part({key: value for key, value in data.items() if not edit.locations.holds(thing, edit.file, key)}, part.why, part.sure)
