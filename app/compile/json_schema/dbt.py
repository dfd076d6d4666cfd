"""The schemas of dbt's own YAML, as far as DataMind reads it: `meta.datamind` in properties files, and the `vars` of dbt_project.yml.

All else that stands there is dbt's to check, and passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from app.compile.default_access import VARIABLE as DEFAULT_ACCESS
from app.compile.derive.scope import VARIABLE as DERIVE
from app.compile.derive.scope import Derive
from app.compile.diff.compatibility import VARIABLE as COMPAT
from app.compile.diff.compatibility import Compatibility
from app.compile.diff.versions import PATTERN
from app.compile.diff.versions import VARIABLE as VERSION
from app.compile.json_schema.generate import Schema, document, parts
from app.compile.json_schema.policies import masks
from app.compile.lint.configuration import VARIABLE as LINT
from app.compile.meta import KEY
from app.compile.on_failure import VARIABLE as ON_FAILURE
from app.compile.policies.expectations import VARIABLE as POLICY_TESTS
from app.compile.policies.schema import ColumnMeta, FieldMeta, MaskMeta, ModelMeta, SemanticModelMeta


class Lint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lint rules by name or code: those that are not applied, those whose findings are errors, and those of the optional ones that are applied too."""

    ignore: str | list[str] | None = None
    error: str | list[str] | None = None
    select: str | list[str] | None = None


_NAMES = {
    "access": DEFAULT_ACCESS, "derive": DERIVE, "lint": LINT, "on_failure": ON_FAILURE, "compat": COMPAT, "version": VERSION,
    "policy_tests": POLICY_TESTS,
}  # fmt: skip


class Variables(msgspec.Struct, frozen=True, rename=_NAMES):
    """The `vars` of DataMind: what a model without a policy gives, what becomes of answers that stand on failed tests, for which models semantic models
    are derived, which lint rules apply, to which rule of compatibility `datamind diff` holds the layer, of which version it is, and where its policy tests are."""

    access: Literal["allow", "deny"] = "allow"
    on_failure: Literal["warn", "block"] = "warn"
    derive: Derive = Derive.AUTO
    lint: Lint = Lint()
    compat: Compatibility | None = None
    version: Annotated[str, msgspec.Meta(pattern=f"^{PATTERN}$")] | None = None
    policy_tests: str | list[str] | None = None


_REFUSED: Schema = {
    "not": {},
    "description": "Not read here: `meta.datamind` stands under `meta` or `config.meta`.",
}


_REASON: Schema = {
    "if": {"properties": {"pii": {"type": "string", "pattern": "^[Nn][Oo][Nn][Ee]$"}}, "required": ["pii"]},
    "then": {"properties": {"declassified": {"pattern": r"\S"}}, "required": ["declassified"]},
    "else": {"properties": {"declassified": {"maxLength": 0}}},
}
"""To declassify a column takes a reason, and a reason stands with nothing else."""


def properties() -> Schema:
    """The schema of properties files: `models`, `sources`, `semantic_models` and `metrics` with their parts."""
    blocks, definitions = parts(ModelMeta, ColumnMeta, FieldMeta, SemanticModelMeta)
    definitions[ColumnMeta.__name__] |= _REASON
    definitions[MaskMeta.__name__] |= masks()
    field, semantic_model, column, model = (_ref(name) for name in ("field", "semantic_model", "column", "model"))
    definitions |= {
        "field": _with_meta(blocks[FieldMeta]),
        "semantic_model": _with_meta(blocks[SemanticModelMeta], {key: _list(field) for key in ("dimensions", "entities", "measures")}),
        "column": _with_meta(blocks[ColumnMeta], {key: _either(["string", "null"], field) for key in ("dimension", "entity")}),
        "model": _with_meta(
            blocks[ModelMeta],
            {"columns": _list(column), "metrics": _list(field), "semantic_model": _either(["boolean", "null"], semantic_model)},
        ),
    }
    sections = {key: _list(model) for key in ("models", "seeds", "snapshots")}
    sections["sources"] = _list({"type": "object", "properties": {"tables": _list(model)}})
    sections |= {"semantic_models": _list(semantic_model), "metrics": _list(field)}
    return document("dbt properties files with `meta.datamind`", {"type": "object", "properties": sections}, definitions)


def project() -> Schema:
    """The schema of dbt_project.yml: the variables stand at the top of `vars` or under the project's name."""
    schemas, definitions = parts(Variables)
    own = definitions.pop(schemas[Variables]["$ref"].rpartition("/")[2])
    named = {"if": {"pattern": "^datamind_"}, "then": {"enum": list(own["properties"])}}
    definitions["variables"] = {"type": "object", "properties": own["properties"], "propertyNames": named}
    under = {"if": {"type": "object"}, "then": _ref("variables")}
    variables = {"allOf": [_ref("variables"), {"additionalProperties": under}]}
    return document("dbt_project.yml with the variables of DataMind", {"type": "object", "properties": {"vars": variables}}, definitions)


def _with_meta(block: Schema, entries: Mapping[str, Any] | None = None) -> Schema:
    """Something of dbt's that may carry a block under `meta` or `config.meta`; beside `meta` one is always a mistake."""
    meta: Schema = {"type": ["object", "null"], "properties": {KEY: block}}
    config: Schema = {"type": ["object", "null"], "properties": {"meta": meta, KEY: _REFUSED}}
    return {"type": "object", "properties": {"meta": meta, "config": config, **(entries or {})}}


def _list(item: Schema) -> Schema:
    return {"type": ["array", "null"], "items": item}


def _either(types: list[str], other: Schema) -> Schema:
    return {"anyOf": [{"type": types}, other]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
