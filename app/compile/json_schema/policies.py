"""The schemas of policies and of their tests, with what their readers ask beyond the shape."""

from __future__ import annotations

from app.compile.json_schema.generate import Schema, document, parts, schema_of
from app.compile.mount.policy_file import MaskSaid, PolicyFile
from app.compile.policies.expectations import Attempt, Suite
from app.compile.policies.schema import MaskMeta
from app.compile.policies.text import BoundsText, PoliciesText, PolicyText
from app.model.policy import MaskKind


def _has(name: str, **value: object) -> Schema:
    """That it is there, and such a value."""
    return {"required": [name], "properties": {name: value}}


_NO_NULL = {"not": {"type": "null"}}
_BOUNDS = {"type": "object", "anyOf": [_has(name, **_NO_NULL) for name in BoundsText.__struct_fields__]}
_EFFECTS = (
    _has("rows", pattern=r"\S"),
    _has("mask", type="object"),
    _has("deny", const=True),
    _has("min_group_size", type="integer"),
    _has("limits", **_BOUNDS),
)
_POLICY: Schema = {"oneOf": _EFFECTS, "if": _has("permissive", const=False), "then": _EFFECTS[0]}
"""One effect, and `permissive: false` with a filter only."""
_ASKED = {"oneOf": (_has("query", type="object"), _has("sql", minLength=1))}
_ENDS = {"oneOf": (_has("allowed", const=True), _has("refused", **{"not": {"enum": [False, ""]}}))}


def masks(key: str = "kind") -> Schema:
    """What a mask needs for its kind, and what it has nothing to do with; `key` holds the kind."""
    wanted = [(MaskKind.BUCKET, "width"), (MaskKind.TRUNCATE, "unit")]
    return {"allOf": [*(_only_for(key, kind, name) for kind, name in wanted), _redaction(key)]}


def _only_for(key: str, kind: MaskKind, name: str) -> Schema:
    return {"if": _has(key, const=kind.value), "then": _has(name, **_NO_NULL), "else": {"not": _has(name, **_NO_NULL)}}


_CLASSES = _has("classes", minItems=1)


def _redaction(key: str) -> Schema:
    way = {"oneOf": (_has("pattern", minLength=1), _CLASSES)}
    return {"if": _has(key, const=MaskKind.REDACT.value), "then": way, "else": {"not": _CLASSES}}


def policies() -> Schema:
    """The schema of files of the store's policies: one, a list, or a list below `policies`."""
    schemas, definitions = parts(PolicyText, PoliciesText)
    one = schemas[PolicyText]
    definitions[PolicyText.__name__] |= _POLICY
    definitions[MaskMeta.__name__] |= masks()
    forms = [{"if": {"type": "array"}, "then": {"items": one}, "else": _several(one, schemas[PoliciesText])}]
    return document("Policies of the store (`datamind policy add --file`)", {"type": ["object", "array"], "allOf": forms}, definitions)


def _several(one: Schema, several: Schema) -> Schema:
    return {"if": {"required": ["policies"]}, "then": several, "else": one}


def policy_file() -> Schema:
    """The schema of policy files of `datamind serve --policy`."""
    made = schema_of("A policy file (`datamind serve --policy`)", PolicyFile)
    made["$defs"][MaskSaid.__name__] |= masks("mask")
    return made


def policy_tests() -> Schema:
    """The schema of files of policy tests."""
    schemas, definitions = parts(Suite)
    definitions[Attempt.__name__] |= {"allOf": [_ASKED, _ENDS]}
    whole = definitions.pop(schemas[Suite]["$ref"].rpartition("/")[2])
    title = "Policy tests (`datamind policy test`)"
    return document(title, whole | {"title": title}, definitions)
