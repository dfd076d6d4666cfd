"""The pages of docs/ that explain metric queries by examples: their tables, the layer that their YAML defines, and each query with what it answers."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.project import Compilation, compile_project
from app.model.types import DataType
from tests.goldens.notation import Tables

DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True)
class Book:
    """Pages over one layer: the page that has the tables, and those that have queries. The tables lie in a schema of the book's name."""

    name: str
    tables: str
    pages: tuple[str, ...]

    @property
    def all_pages(self) -> tuple[str, ...]:
        """Every page once, that of the tables first."""
        return tuple(dict.fromkeys((self.tables, *self.pages)))


EXAMPLE = Book("example", "example.md", ("semantics.md", "differences.md", "shapes.md"))
BOOKS = (EXAMPLE, Book("joins", "joins.md", ("joins.md",)))
_BLOCK = re.compile(r"^```yaml (models|spine|metrics|query)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"\n*((?:^\|.*\|\n)+)|\n*^Refused: `(DM\d{4})`", re.MULTILINE)
_SQL = re.compile(r"\n+```sql\n(.*?)^```$\n*", re.MULTILINE | re.DOTALL)
_RETAIL = re.compile(r"(P\d+)\s+from\s+(\d{4}-\d\d-\d\d)")
_WINDOW = re.compile(r"(\d+) (\w+?)s?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_INPUTS = ("measure", "numerator", "denominator", "base_measure", "conversion_measure")


@dataclass(frozen=True)
class Example:
    """A query of a book's page, with where it stands there, and what is written of its answer: a table, a refusal's code, the SQL on PostgreSQL."""

    book: Book
    page: str
    line: int
    query: dict[str, Any]
    table: str = ""
    code: str = ""
    sql: str = ""


def text_of(page: str) -> str:
    """A page of docs/."""
    return (DOCS / page).read_text(encoding="utf-8")


def examples() -> Iterator[Example]:
    """Every query of the books."""
    for book, page in ((held, page) for held in BOOKS for page in held.pages):
        text = text_of(page)
        for block in _BLOCK.finditer(text):
            if block[1] != "query":
                continue
            sql = _SQL.match(text, block.end())
            answer = _ANSWER.match(text, sql.end() if sql else block.end())
            line = text.count("\n", 0, block.start()) + 1
            yield Example(
                book,
                page,
                line,
                _yaml(block[2]),
                (answer[1] or "").strip() if answer else "",
                (answer[2] or "") if answer else "",
                sql[1].strip() if sql else "",
            )


@cache
def compilation(book: Book = EXAMPLE) -> Compilation:
    """The layer of a book, compiled from the manifest that dbt would write for the YAML of its pages."""
    pages = {page: text_of(page) for page in book.all_pages}
    blocks = [(kind, text) for page in pages.values() for kind, text in _BLOCK.findall(page) if kind != "query"]
    parts = [(kind, _yaml(text)) for kind, text in blocks]
    files = {f"models/{number}.yml": text for number, (_, text) in enumerate(blocks)}
    manifest: dict[str, Any] = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "project_name": "example",
            "adapter_type": "postgres",
        },
        **{kind: {} for kind in ("nodes", "sources", "exposures", "groups", "semantic_models", "metrics", "saved_queries")},
    }
    spines = {spine["name"]: spine for kind, part in parts if kind == "spine" for spine in part["models"]}
    for name, (columns, _) in tables(book).items():
        manifest["nodes"][f"model.example.{name}"] = _model(name, columns, spines.get(name))
    for number, (_, part) in enumerate(parts):
        for section in ("semantic_models", "metrics", "saved_queries"):
            for node in part.get(section, ()):
                unique_id = f"{section[:-1].replace('querie', 'query')}.example.{node['name']}"
                manifest[section][unique_id] = _node(section, node) | {
                    "unique_id": unique_id,
                    "package_name": "example",
                    "original_file_path": f"models/{number}.yml",
                }
    return compile_project([TargetArtifacts("postgres", json.dumps(manifest).encode())], ProjectSources(files))


@cache
def tables(book: Book = EXAMPLE) -> Tables:
    """The tables of a book, the days of its time spine written out."""
    text = text_of(book.tables)
    found: Tables = {}
    for name, table in re.findall(r"^### (\w+)\n\n((?:\|.*\|\n)+)", text, re.MULTILINE):
        header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines())
        values = [[_value(cell) for cell in row] for row in rows]
        kinds = [_kind([row[n] for row in values]) for n in range(len(header))]
        found[name] = (tuple(zip(header, kinds, strict=True)), tuple(map(tuple, values)))
    months = [(name, dt.date.fromisoformat(first)) for name, first in _RETAIL.findall(text)]
    if not months:
        return found
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(121)]
    rows = tuple((day, [name for name, first in months if first <= day][-1]) for day in days)
    found["days"] = ((("day", DataType.DATE), ("retail_month", DataType.TEXT)), rows)
    return found


def written(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    """An answer as the pages write it."""
    lines = [columns, ["---"] * len(columns), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: Any) -> str:
    """A value as the pages write it; numbers to four digits after the point."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return f"{round(value, 4):f}".rstrip("0").rstrip(".") if round(value, 4) else "0"
    return str(value)


def _yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


def _value(text: str) -> Any:
    """A cell of a table."""
    if text == "NULL":
        return None
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", text):
        return dt.datetime.fromisoformat(text) if " " in text else dt.date.fromisoformat(text)
    return text


def _kind(values: list[Any]) -> DataType:
    """The type of a column."""
    kinds = {
        bool: DataType.BOOLEAN,
        int: DataType.INTEGER,
        Decimal: DataType.DECIMAL,
        dt.date: DataType.DATE,
        dt.datetime: DataType.TIMESTAMP,
        str: DataType.TEXT,
    }
    return kinds[type(next(value for value in values if value is not None))]


def _model(name: str, columns: tuple[tuple[str, DataType], ...], spine: dict[str, Any] | None) -> dict[str, Any]:
    """A model as manifest.json has it."""
    types = {DataType.TEXT: "text", DataType.INTEGER: "integer", DataType.DECIMAL: "numeric(12,3)"}
    node: dict[str, Any] = {
        "unique_id": f"model.example.{name}",
        "name": name,
        "resource_type": "model",
        "package_name": "example",
        "original_file_path": f"models/{name}.sql",
        "alias": name,
        "schema": "example",
        "columns": {column: {"name": column, "data_type": types.get(kind, kind.value)} for column, kind in columns},
        "config": {"materialized": "table"},
    }
    if spine is not None:
        node["time_spine"] = spine["time_spine"]
        for column in spine["columns"]:
            node["columns"][column["name"]]["granularity"] = column["granularity"]
    return node


def _node(section: str, node: dict[str, Any]) -> dict[str, Any]:
    """A semantic model, metric or saved query as manifest.json has it: short forms written out."""
    node = _long(node)
    if section == "semantic_models":
        model = node["model"].removeprefix("ref('").removesuffix("')")
        return node | {"node_relation": {"alias": model, "schema_name": "example"}, "depends_on": {"nodes": [f"model.example.{model}"]}}
    return node


def _long(node: Any) -> Any:
    if isinstance(node, list):
        return [_long(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: value if key == "config" else _long(value) for key, value in node.items()}
    for key, value in found.items():
        if key in ("filter", "where") and isinstance(value, str | list):
            texts = value if isinstance(value, list) else [value]
            found[key] = {"where_filters": [{"where_sql_template": text} for text in texts]}
        elif key in _INPUTS and isinstance(value, str):
            found[key] = {"name": value}
        elif key in ("window", "offset_window"):
            window = _WINDOW.fullmatch(value)
            assert window is not None, value
            found[key] = {"count": int(window[1]), "granularity": window[2]}
        elif key == "metrics" and "group_by" not in found:
            found[key] = [{"name": part} if isinstance(part, str) else part for part in value]
    return found
