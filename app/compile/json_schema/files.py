"""The schemas by name, and as files."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from app.compile.emit.records import Dimensions, Entities, Glossary, Metrics, Training
from app.compile.json_schema.dbt import project, properties
from app.compile.json_schema.generate import Schema, schema_of, text
from app.compile.json_schema.policies import policies, policy_file, policy_tests

FOLDER = "schemas"
"""Where they stand beside the emitted files."""


def schemas() -> Mapping[str, Schema]:
    """Every schema, by the name of what it is of."""
    return {
        "dbt": properties(),
        "dbt_project": project(),
        "dimensions": schema_of("The dimensions of a layer (ontology/dimensions.yaml)", Dimensions),
        "entities": schema_of("The entities of a layer (ontology/entities.yaml)", Entities),
        "glossary": schema_of("The words of a layer (ontology/glossary.yaml)", Glossary),
        "metrics": schema_of("The metrics of a layer (ontology/metrics.yaml)", Metrics),
        "policies": policies(),
        "policy": policy_file(),
        "policy_tests": policy_tests(),
        "training": schema_of("Training items of a layer (ontology/training/*.yaml)", Training),
    }


def file_name(name: str) -> str:
    """The file of a schema."""
    return f"{name}.schema.json"


@functools.cache
def schema_files() -> Mapping[str, str]:
    """File name → text."""
    return {file_name(name): text(schema) for name, schema in schemas().items()}
