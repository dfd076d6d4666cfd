"""The OpenAPI page: the document as plain HTML, made here, so that it reads the same offline and needs no script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

router = APIRouter(include_in_schema=False)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h2 { border-bottom: 1px solid #d0d7de; text-transform: capitalize; }
details { border: 1px solid #d0d7de; border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; } summary code { font-weight: 600; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
pre { background: #f6f8fa; padding: .75rem; overflow-x: auto; border-radius: 6px; }
td { padding: .15rem 1rem .15rem 0; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } pre { background: #161b22; } }
"""


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The page."""
    return HTMLResponse(html(request.app.openapi()))


@router.get("/docs.css")
async def style() -> Response:
    """The page's style."""
    return Response(_STYLE, media_type="text/css")


@router.get("/")
async def index() -> Response:
    """A person at the root wants to read."""
    return RedirectResponse("/docs")


def html(document: Mapping[str, Any]) -> str:
    """The document as a page: each tag a section, each operation a foldable line with its parameters, example and responses."""
    info = document["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(info['title'])}</title>",
        '<link rel="stylesheet" href="/docs.css"></head><body>',
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>",
        '<p>The document itself: <a href="/openapi.json">/openapi.json</a></p>',
    ]
    for tag in document.get("tags", []):
        parts.append(f"<h2>{escape(tag['name'])}</h2><p>{escape(tag.get('description', ''))}</p>")
        parts += _operations(document, tag["name"])
    return "".join([*parts, "</body></html>"])


def _operations(document: Mapping[str, Any], tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation.get("tags", []):
                yield _operation(document, path, method, operation)


def _operation(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> str:
    lock = " 🔒" if operation.get("security") else ""
    parts = [
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code>{lock}</summary>',
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    if operation.get("parameters"):
        rows = "".join(
            f"<tr><td><code>{escape(item['name'])}</code></td><td>{item['in']}</td><td>{escape(item.get('description', ''))}</td></tr>"
            for item in operation["parameters"]
        )
        parts.append(f"<table>{rows}</table>")
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        example = json.dumps(_example(document, schema), indent=2, ensure_ascii=False)
        parts.append(f"<p>Body, for example:</p><pre>{escape(example)}</pre>")
    rows = "".join(f"<tr><td>{status}</td><td>{escape(said['description'])}</td></tr>" for status, said in operation["responses"].items())
    return "".join([*parts, f"<table>{rows}</table></details>"])


def _example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A value of the schema, from its examples where it has them. Request schemas do not nest without end."""
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    for alternative in schema.get("anyOf", ()):
        return _example(document, alternative)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: _example(document, field) for name, field in schema.get("properties", {}).items()}
    return {"array": [], "integer": 1, "number": 1.0, "boolean": False, "null": None}.get(schema.get("type", ""), "…")
