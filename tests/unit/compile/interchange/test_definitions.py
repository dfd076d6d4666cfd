"""Every kind of thing that the pages of docs/ show, written as a definition and compiled again, is what it was; and by way of each format too."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.emit.yaml_text import dump
from app.compile.interchange.definitions import metric_definition, saved_query_definition, semantic_model_definition
from app.compile.interchange.findings import Kind
from app.compile.project import compile_project
from app.errors import Severity
from app.model.ontology import Layer, Ontology
from app.service.interchange import Format, export_layer, import_files
from tests.goldens import documents

BOOKS = {book.name: book for book in documents.BOOKS}
SECTIONS = {"semantic_models": "semantic_model", "metrics": "metric", "saved_queries": "saved_query"}


def original(book: str) -> Layer:
    return documents.compilation(BOOKS[book]).layer


@cache
def nodes(book: str) -> dict[str, Any]:
    """The models of a book, as their manifest has them."""
    pages = [documents.text_of(page) for page in BOOKS[book].all_pages]
    parts = [YAML(typ="safe").load(text) for page in pages for kind, text in documents._BLOCK.findall(page) if kind == "spine"]
    spines = {spine["name"]: spine for part in parts for spine in part["models"]}
    tables = documents.tables(BOOKS[book])
    return {f"model.example.{name}": documents._model(name, columns, spines.get(name)) for name, (columns, _) in tables.items()}


def compiled(definitions: dict[str, list[dict[str, Any]]], book: str) -> Ontology:
    """A layer of definitions, over the models of a book; nothing of it is left out."""
    metadata = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "project_name": "example",
        "adapter_type": "postgres",
    }
    manifest: dict[str, Any] = {"metadata": metadata, "nodes": nodes(book), "sources": {}, "exposures": {}, "groups": {}}
    for section, kind in SECTIONS.items():
        manifest[section] = {
            f"{kind}.example.{node['name']}": documents._node(section, node)
            | {"unique_id": f"{kind}.example.{node['name']}", "package_name": "example", "original_file_path": "models/a.yml"}
            for node in definitions.get(section, ())
        }
    files = {"models/a.yml": dump({"version": 2, **definitions}, whole=True)}
    found = compile_project([TargetArtifacts("postgres", json.dumps(manifest).encode())], ProjectSources(files))
    assert [str(problem) for problem in found.problems if problem.severity is Severity.ERROR] == []
    return found.layer.ontology


def meant(ontology: Ontology) -> dict[str, Any]:
    """What a layer defines, wherever it is written. A definition gives every metric a label; without one it is the name.
    Hidden metrics are made of measures here, and made again."""
    found: dict[str, Any] = {f"SemanticModel {m.name}": replace(m, file="") for m in ontology.semantic_models if not m.derived}
    found |= {f"Metric {m.name}": replace(m, file="", label=m.label or m.name) for m in ontology.listed_metrics if not m.derived}
    rest = (*ontology.saved_queries, *ontology.segments, *ontology.hierarchies)
    return found | {f"{type(thing).__name__} {thing.name}": replace(thing, file="") for thing in rest}


def different(got: Ontology, wanted: Ontology) -> set[str]:
    left, right = meant(got), meant(wanted)
    return {name for name in left.keys() | right.keys() if left.get(name) != right.get(name)}


@pytest.mark.parametrize("book", BOOKS)
def test_definitions_compile_to_what_they_were_made_of(book: str) -> None:
    ontology = original(book).ontology
    definitions = {
        "semantic_models": [
            semantic_model_definition(model, "postgres", ontology) for model in ontology.semantic_models if not model.derived
        ],
        "metrics": [metric_definition(metric, "postgres") for metric in ontology.listed_metrics if not metric.derived],
        "saved_queries": [saved_query_definition(query) for query in ontology.saved_queries],
    }
    assert different(compiled(definitions, book), ontology) == set()


def test_the_pages_have_every_kind() -> None:
    kinds = {metric.type for book in BOOKS for metric in original(book).ontology.metrics}
    assert kinds == {"simple", "ratio", "derived", "cumulative", "conversion"}
    assert any(original(book).ontology.segments and original(book).ontology.hierarchies for book in BOOKS)
    assert any(model.default_paths for book in BOOKS for model in original(book).ontology.semantic_models)


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("of", [Format.OSI, Format.CUBE, Format.LIGHTDASH])
def test_by_way_of_a_format(of: Format, book: str) -> None:
    layer = original(book)
    exported = export_layer(layer, of)
    assert {f.kind for f in exported.findings} <= {Kind.KEPT}
    found = import_files([(name, text.encode()) for name, text in exported.files.items()], of)
    assert found.findings == ()
    definitions: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(found.text)
    assert different(compiled(definitions, book), layer.ontology) == set()


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("of", [Format.OSI, Format.CUBE, Format.LIGHTDASH])
def test_the_plain_part_compiles(of: Format, book: str) -> None:
    """Whatever a format says by itself is a layer without an error, and nothing of it is lost on the way back."""
    exported = export_layer(original(book), of, extended=False)
    found = import_files([(name, text.encode()) for name, text in exported.files.items()], of, original(book))
    lost = [str(f.problem()) for f in found.findings if f.kind is Kind.LOST]
    assert lost == []
    assert compiled(YAML(typ="safe").load(found.text), book).metrics
