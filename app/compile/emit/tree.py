"""The `ontology/` tree: path → text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.compile.emit.documents import dimension_records, entity_records, glossary_records, metric_records
from app.compile.emit.training import training_items
from app.compile.emit.yaml_text import Data, dump
from app.model.ontology import Layer
from app.model.records import TrainingKind

_HEADER = (
    "{title} of the dbt project {project}, compiled by `datamind compile`.\n"
    "Change the dbt project, not this file: `datamind compile --check` fails where they differ."
)


def emit(layer: Layer, examples: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """The files by path relative to `ontology/`. Equal layers and examples give equal bytes.

    No policy and no value of a guarded column is in them.
    """
    ontology = layer.ontology
    documents: dict[str, tuple[str, Data]] = {
        "metrics.yaml": ("Metrics", {"metrics": metric_records(ontology)}),
        "dimensions.yaml": ("Dimensions", {"dimensions": dimension_records(ontology)}),
        "entities.yaml": ("Entities", {"entities": entity_records(ontology)}),
        "glossary.yaml": ("Words", {"terms": glossary_records(ontology)}),
    }
    items = training_items(layer, examples)
    for kind in TrainingKind:
        records: list[Data] = [
            {"id": item.id[:16], "subject": item.subject, "question": item.question, "content": item.content}
            for item in items
            if item.kind is kind
        ]
        documents[f"training/{kind}.yaml"] = (f"Training items ({kind})", {"items": records})
    return {path: dump(data, _HEADER.format(title=title, project=ontology.project)) for path, (title, data) in documents.items()}
