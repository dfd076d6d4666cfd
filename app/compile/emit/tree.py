"""The `ontology/` tree: path → text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from app.compile.emit.documents import dimension_records, entity_records, glossary_records, metric_records
from app.compile.emit.records import Dimensions, Entities, Glossary, Metrics, Record, Training, TrainingRecord
from app.compile.emit.training import training_items
from app.compile.emit.yaml_text import dump
from app.compile.json_schema.files import FOLDER, file_name, schema_files
from app.model.ontology import Layer
from app.model.records import Example, TrainingKind

_HEADER = (
    "yaml-language-server: $schema={schema}\n"
    "{title} of the dbt project {project}, compiled by `datamind compile`.\n"
    "Change the dbt project, not this file: `datamind compile --check` fails where they differ."
)


def emit(layer: Layer, examples: Sequence[Example]) -> Mapping[str, str]:
    """The files by path relative to `ontology/`, the schemas by which editors check them among them. Equal layers and examples give equal bytes.

    No policy and no value of a guarded column is in them.
    """
    ontology = layer.ontology
    documents: dict[str, tuple[str, Record]] = {
        "metrics": ("Metrics", Metrics(metrics=tuple(metric_records(ontology)))),
        "dimensions": ("Dimensions", Dimensions(dimensions=tuple(dimension_records(ontology)))),
        "entities": ("Entities", Entities(entities=tuple(entity_records(ontology)))),
        "glossary": ("Words", Glossary(terms=tuple(glossary_records(ontology)))),
    }
    items = training_items(layer, examples)
    for kind in TrainingKind:
        records = tuple(
            TrainingRecord(id=item.id[:16], subject=item.subject, question=item.question, content=item.content)
            for item in items
            if item.kind is kind
        )
        documents[f"training/{kind}"] = (f"Training items ({kind})", Training(items=records))
    files = {
        f"{path}.yaml": dump(msgspec.to_builtins(data), _HEADER.format(title=title, project=ontology.project, schema=_schema_path(path)))
        for path, (title, data) in documents.items()
    }
    return files | {f"{FOLDER}/{name}": text for name, text in schema_files().items()}


def _schema_path(path: str) -> str:
    """The schema of a file, as seen from it."""
    folder, _, name = path.rpartition("/")
    return f"../{FOLDER}/{file_name(folder)}" if folder else f"{FOLDER}/{file_name(name)}"
