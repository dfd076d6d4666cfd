"""The JSON Schemas: what is written and read passes, and any other document does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from app.compile.emit.tree import emit
from app.compile.json_schema.files import FOLDER, file_name, schemas
from app.compile.lint.configuration import _KEYS
from app.compile.mount.policy_file import read_policy_file
from app.compile.policies.schema import ColumnMeta, FieldMeta, Malformed, ModelMeta, SemanticModelMeta, read_meta
from app.errors import UserError
from app.gateway.schemas.policies import PolicyRequest
from app.model.records import Example
from app.model.written_policy import PolicyDefinition
from app.service.policy_checks import checked
from app.service.policy_tests import read_suite
from app.service.policy_text import changed as changed_by
from app.service.policy_text import read_definition, written_out
from tests.unit.compile.test_patterns import ODD

ROOT = Path(__file__).resolve().parents[3]
ONTOLOGY = ROOT / "ontology"
HEADER = "# yaml-language-server: $schema="


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def passes(name: str, value: Any) -> bool:
    return bool(Draft7Validator(schemas()[name]).is_valid(value))


def emitted() -> list[Path]:
    return sorted(ONTOLOGY.rglob("*.yaml"))


@pytest.mark.parametrize("name", sorted(schemas()))
def test_each_is_a_schema(name: str) -> None:
    Draft7Validator.check_schema(schemas()[name])
    assert schemas()[name]["title"]


@pytest.mark.parametrize("path", emitted(), ids=lambda path: str(path.relative_to(ONTOLOGY)))
def test_each_emitted_file_passes_the_schema_that_its_header_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = next(line for line in text.splitlines() if line.startswith(HEADER))
    schema = json.loads((path.parent / header.removeprefix(HEADER)).read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(load(text))] == []
    assert schema == json.loads(json.dumps(schemas()[Path(header).name.removesuffix(".schema.json")]))


def test_every_kind_of_file_is_emitted_with_its_schema(project: Any) -> None:
    files = emit(project.orders().compile().layer, (Example("How many?", "SELECT 1", "how_many"),))
    named = {name: text.splitlines()[0].removeprefix(HEADER) for name, text in files.items() if name.endswith(".yaml")}
    assert len(named) == 7
    for name, schema in named.items():
        assert (Path("/") / Path(name).parent / schema).resolve().relative_to("/").as_posix() in files, name
    assert {name.removeprefix(f"{FOLDER}/") for name in files if name.endswith(".json")} == set(map(file_name, schemas()))


def test_a_layer_of_nothing_passes(project: Any) -> None:
    files = emit(project.compile().layer, ())
    for name in ("metrics", "dimensions", "entities", "glossary"):
        assert passes(name, load(files[f"{name}.yaml"]))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    document = copy.deepcopy(document)
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return document


@pytest.mark.parametrize("path", emitted(), ids=lambda path: str(path.relative_to(ONTOLOGY)))
def test_an_emitted_file_with_a_wrong_part_does_not_pass(path: Path) -> None:
    """Two entries of each: an unknown key in each mapping, another type in each place."""
    name = "training" if path.parent.name == "training" else path.stem
    document = {key: entries[:2] for key, entries in load(path.read_text(encoding="utf-8")).items()}
    validator = Draft7Validator(schemas()[name])
    assert validator.is_valid(document)
    tried = 0
    for where, value in places(document):
        if isinstance(value, dict):
            assert not validator.is_valid(put(document, where, {**value, "nonsense": 1})), where
        for wrong in (7, 1.5, None, ["x", 3], {"x": 1}):
            if type(wrong) is not type(value):
                tried += 1
                assert not validator.is_valid(put(document, where, wrong)), (where, wrong)
    assert tried > 30


MODEL = {"access": "deny", "row_filters": [{"name": "own", "filter": "region = user.region", "roles": ["viewer"], "permissive": False}]}
COLUMN = {"pii": "email", "mask": {"kind": "partial", "prefix": 2}, "roles": ["viewer"]}
FIELD = {"synonyms": ["sales"], "unit": "EUR", "format": "0.0%", "lint_ignore": ["unused-measure"]}


SEMANTIC_MODEL = {"version": 1, "default_paths": {"region": ["customer", "region"], "country": "store"}}


def properties(model: Any = MODEL, column: Any = COLUMN, field: Any = FIELD, semantic_model: Any = SEMANTIC_MODEL) -> dict[str, Any]:
    """A properties file with a block wherever one may stand."""
    described = {"name": "x", "description": "…", "config": {"tags": ["t"], "meta": {"owner": "me", "datamind": field}}}
    table = {
        "name": "orders",
        "config": {"meta": {"datamind": model}},
        "columns": [{"name": "email", "meta": {"datamind": column}}, {"name": "at", "dimension": {"type": "time"}, "entity": "order"}],
        "data_tests": ["unique"],
    }
    return {
        "version": 2,
        "models": [table, {"name": "plain", "columns": None, "semantic_model": True, "metrics": [described]}],
        "seeds": [table],
        "snapshots": [table],
        "sources": [{"name": "raw", "tables": [table], "meta": {"owner": "me"}}],
        "semantic_models": [
            {"name": "orders", "model": "ref('orders')", "config": {"meta": {"datamind": semantic_model}}, "dimensions": [described]},
            {"name": "more", "entities": [described], "measures": [described]},
        ],
        "metrics": [{**described, "type": "simple", "type_params": {"measure": "amount"}}],
        "exposures": [{"name": "dashboard"}],
    }  # fmt: skip


def test_properties_files_pass() -> None:
    assert passes("dbt", properties())
    assert passes("dbt", {"version": 2, "models": None, "unit_tests": []})


WRONG = [
    ("model", MODEL, ModelMeta),
    ("column", COLUMN, ColumnMeta),
    ("field", FIELD, FieldMeta),
    ("semantic_model", SEMANTIC_MODEL, SemanticModelMeta),
]


@pytest.mark.parametrize(("where", "block", "kind"), WRONG, ids=[where for where, _, _ in WRONG])
def test_the_schema_refuses_what_the_compiler_refuses(where: str, block: dict[str, Any], kind: type) -> None:
    """Unknown keys and other types at every place of a block: both say the same of each."""
    refused = 0
    for path, value in places(block):
        for other in ({**value, "nonsense": 1} if isinstance(value, dict) else 3, "text", True, 1.5, None, ["a"], [], {}, {"x": 1}):
            changed = put(block, path, other)
            try:
                read_meta(changed, kind)
                read = True
            except Malformed:
                read = False
            refused += not read
            assert passes("dbt", properties(**{where: changed})) == read, (path, other)
    assert refused > 15


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": [{"name": "orders", "config": {"datamind": MODEL}}]},
        {"models": [{"name": "orders", "columns": [{"name": "email", "config": {"datamind": COLUMN}}]}]},
        {"semantic_models": [{"name": "orders", "config": {"meta": {"datamind": MODEL}}}]},
        {"models": {"name": "orders"}},
        {"models": [{"name": "orders", "meta": {"datamind": {"row_filter": []}}}]},
        {"sources": [{"tables": [{"columns": [{"meta": {"datamind": {"mask": "partial"}}}]}]}]},
    ],
)
def test_what_is_not_read_is_refused(wrong: dict[str, Any]) -> None:
    assert not passes("dbt", wrong)


@pytest.mark.parametrize(
    ("variables", "good"),
    [
        ({}, True),
        ({"start_date": "2024-01-01", "some_package": {"a": 1}}, True),
        (
            {
                "datamind_default_access": "deny",
                "datamind_derive": "none",
                "datamind_lint": {"ignore": ["DM27"], "error": "unused-measure"},
            },
            True,
        ),
        ({"shop": {"datamind_default_access": "allow", "mine": 1}}, True),
        ({"datamind_default_access": "public"}, False),
        ({"shop": {"datamind_default_access": True}}, False),
        ({"datamind_default_acces": "deny"}, False),
        ({"datamind_on_failure": "block"}, True),
        ({"datamind_on_failure": "stop"}, False),
        ({"datamind_lint": {"ignored": []}}, False),
        ({"datamind_lint": ["DM27"]}, False),
        ({"datamind_derive": "all"}, False),
    ],
)
def test_variables(variables: dict[str, Any], good: bool) -> None:
    assert passes("dbt_project", {"name": "shop", "version": "1.0", "models": {"shop": {}}, "vars": variables}) is good


def test_where_policy_tests_are() -> None:
    assert passes("dbt_project", {"name": "shop", "vars": {"datamind_policy_tests": ["a.yml", "b.yml"]}})
    assert not passes("dbt_project", {"name": "shop", "vars": {"datamind_policy_tests": 1}})


MASKS = [
    {"kind": "fixed"},
    {"kind": "bucket", "width": 10},
    {"kind": "bucket", "width": 0.5},
    {"kind": "truncate", "unit": "year"},
    {"kind": "redact", "classes": ["email", "phone"]},
    {"kind": "redact", "pattern": "a+", "replacement": ""},
    {"kind": "partial", "prefix": 1, "suffix": 2},
]
NO_MASKS = [
    {"kind": "bucket"},
    {"kind": "bucket", "width": 0},
    {"kind": "bucket", "width": 10, "unit": "year"},
    {"kind": "truncate"},
    {"kind": "truncate", "unit": "week"},
    {"kind": "fixed", "width": 5},
    {"kind": "hash", "classes": ["email"]},
    {"kind": "redact"},
    {"kind": "redact", "classes": ["emial"]},
    {"kind": "redact", "classes": ["email"], "pattern": "a"},
    {},
]


@pytest.mark.parametrize("mask", MASKS + NO_MASKS, ids=str)
def test_masks(mask: dict[str, Any]) -> None:
    """In dbt's YAML and in policies of the store."""
    assert passes("dbt", properties(column={"mask": mask})) is (mask in MASKS)
    assert passes("policies", {"name": "p", "mask": mask}) is (mask in MASKS)
    assert kept({"name": "p", "mask": mask}) is (mask in MASKS)
    said = {{"kind": "mask", "replacement": "with"}.get(key, key): value for key, value in mask.items()}
    mounted = {"role": "analyst", "modelled_tables": ["m"], "masked_columns": {"m": {"c": said}}}
    assert passes("policy", mounted) is (mask in MASKS)
    try:
        assert (read_policy_file(json.dumps(mounted), "p.json")[1] == ()) is (mask in MASKS)
    except UserError:
        assert mask in NO_MASKS


@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_a_mask_is_the_same_however_it_is_written(mask: dict[str, Any]) -> None:
    """Read, written and read again, as an object and over REST; and as the file of a mounted schema has it."""
    read = read_definition({"name": "p", "mask": mask, "columns": ["m.c"]})
    assert read_definition(written_out(read)) == read
    assert changed_by(read, {"description": "x"}).mask == read.mask
    body = PolicyRequest.model_validate_json(json.dumps({"name": "p", "mask": mask, "columns": ["m.c"]}))
    assert body.to_definition() == read
    assert PolicyDefinition.from_json(read.canonical()) == read
    said = {{"kind": "mask", "replacement": "with"}.get(key, key): value for key, value in mask.items()}
    mounted = {"role": "analyst", "modelled_tables": ["m"], "masked_columns": {"m": {"c": said}}}
    assert read_policy_file(json.dumps(mounted), "p.json")[0].masked_columns["m"]["c"].said().mask() == read.mask


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in ODD])
def test_a_pattern_that_engines_read_differently_is_not_kept(pattern: str) -> None:
    with pytest.raises(UserError) as raised:
        checked(read_definition({"name": "p", "mask": {"kind": "redact", "pattern": pattern}, "columns": ["m.c"]}), None)
    assert raised.value.problem.code == "DM7043"


def kept(policy: Any) -> bool:
    """Whether the store would keep it, as far as its shape goes."""
    try:
        checked(read_definition(policy), None)
    except UserError:
        return False
    return True


POLICIES = [
    {"name": "a", "rows": "region = user.region", "permissive": False, "models": ["orders"], "exempt_roles": ["admin"]},
    {"name": "b", "mask": {"kind": "bucket", "width": 10}, "columns": ["orders.age"], "groups": ["temps"]},
    {"name": "c", "deny": True, "pii": ["email"], "users": ["ann@example.com"], "enabled": False},
    {"name": "d", "min_group_size": 5, "tags": ["pay"], "description": "…"},
    {"name": "e", "limits": {"rows": 10, "seconds": 1.5}, "roles": ["analyst"]},
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy["name"])
def test_the_schema_refuses_policies_that_the_store_refuses(policy: dict[str, Any]) -> None:
    """Unknown keys and other values at every place, and every other effect beside: both say the same of each."""
    assert passes("policies", policy)
    assert passes("policies", [policy])
    assert passes("policies", {"policies": [policy]})
    assert not passes("policies", {"policies": [policy], "more": 1})
    others = ["orders", True, False, 1.5, None, ["admin"], [], {}]
    changes = [{**policy, **other, "name": "x"} for other in POLICIES]
    for path, value in places(policy):
        nonsense = {**value, "nonsense": 1} if isinstance(value, dict) else 3
        changes += [put(policy, path, other) for other in (nonsense, *others)]
    refused = 0
    for changed in changes:
        if isinstance(changed, dict):
            refused += not kept(changed)
            assert passes("policies", changed) == kept(changed), changed
    assert refused > 15


SUITE = {
    "policy_tests": [
        {
            "name": "analysts",
            "as": {"role": "analyst", "groups": ["temps"], "attributes": {"region": "EU"}, "user": "ann@example.com"},
            "model": "orders",
            "expect": {"readable": True, "rows": "all", "columns": {"id": "clear", "note": {"mask": "redact"}, "n": {"min_group_size": 5}}},
            "metrics": {"revenue": "visible"},
            "queries": [
                {"sql": "select 1", "source": "clickhouse", "refused": "DM4010"},
                {"query": {"metrics": ["revenue"], "group_by": ["day"], "where": ["x = 1"]}, "allowed": True},
            ],
        },
    ]
}


def test_the_schema_refuses_policy_tests_that_can_not_be_read() -> None:
    assert passes("policy_tests", SUITE)
    refused = 0
    for path, value in places(SUITE):
        for other in ({**value, "nonsense": 1} if isinstance(value, dict) else 3, "text", 1.5, None, [], {"x": 1}):
            changed = put(SUITE, path, other)
            try:
                cases = read_suite(json.dumps(changed), "t.yml")
                asked = [one for case in cases for one in case.queries]
                read = all(bool(one.refused) is not one.allowed and bool(one.sql) is (one.query is None) for one in asked)
            except UserError:
                read = False
            refused += not read
            assert passes("policy_tests", changed) == read, (path, other)
    assert refused > 30


def test_the_lint_keys_are_those_that_are_read() -> None:
    assert set(schemas()["dbt_project"]["$defs"]["Lint"]["properties"]) == set(_KEYS)


def test_the_yaml_of_the_demo_passes() -> None:
    project = ROOT / "dbt_project"
    files = [path for path in project.rglob("*.yml") if not {"target", "dbt_packages"} & set(path.parts)]
    assert len(files) > 10
    for path in files:
        name = "dbt_project" if path.name == "dbt_project.yml" else "dbt"
        assert [e.message for e in Draft7Validator(schemas()[name]).iter_errors(load(path.read_text(encoding="utf-8")))] == [], path
