"""Imports of texts, without a dbt project, for tests."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from ruamel.yaml import YAML

from app.compile.interchange.findings import Kind
from app.service.interchange import Converted, Format, import_files


def drafted(of: Format, text: str, name: str = "a.yml") -> Converted:
    """What comes of one file."""
    return import_files([(name, dedent(text).encode())], of)


def document(found: Converted) -> dict[str, Any]:
    """The draft as one document."""
    loaded: dict[str, Any] = YAML(typ="safe").load(found.text)
    return loaded


def model(found: Converted, name: str) -> dict[str, Any]:
    """A semantic model of the draft."""
    return next(m for m in document(found)["semantic_models"] if m["name"] == name)


def metric(found: Converted, name: str) -> dict[str, Any]:
    """A metric of the draft."""
    return next(m for m in document(found).get("metrics", ()) if m["name"] == name)


def told(found: Converted, *kinds: Kind) -> list[tuple[str, str]]:
    """Code and subject of the findings, of some kinds or all."""
    return [(f.code, f.subject) for f in found.findings if not kinds or f.kind in kinds]
