"""Drafts of semantic YAML: what is written for certain, what is commented out, and where it goes in files that people wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.drafts.form import form_of
from app.compile.drafts.insert import Additions, NoPlace
from app.compile.drafts.noted import Group, Part, Section, written
from app.compile.drafts.suggest import Suggestion, suggest
from app.compile.locations import LocationIndex
from app.compile.project import compile_project
from app.errors import UserError
from tests.support.odd_project import PROJECT

SUGGESTED = Path(__file__).resolve().parents[2] / "fixtures" / "dbt_suggested"
FILES = {"models/models.yml": PROJECT["models/models.yml"]}


def suggestion(dbt_version: str = "", ids: set[str] | None = None) -> Suggestion:
    target = TargetArtifacts("postgres", (SUGGESTED / "before.json").read_bytes())
    sources = ProjectSources(FILES)
    return suggest(target, sources, compile_project([target], sources).layer.ontology, ids, dbt_version)


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def test_what_dbt_1_12_parsed_is_what_is_suggested_today() -> None:
    """`after.json` is of these texts: dbt 1.12.6 parsed them."""
    files = suggestion().merged(FILES, "models/drafted.yml")
    assert files["models/models.yml"] == (SUGGESTED / "models.yml").read_text(encoding="utf-8")
    assert files["models/drafted.yml"] == (SUGGESTED / "drafted.yml").read_text(encoding="utf-8")


def test_what_dbt_1_12_parsed_compiles() -> None:
    texts = {f"models/{name}": (SUGGESTED / name).read_text(encoding="utf-8") for name in ("models.yml", "drafted.yml")}
    compiled = compile_project([TargetArtifacts("postgres", (SUGGESTED / "after.json").read_bytes())], ProjectSources(texts))
    assert [str(problem) for problem in compiled.problems] == []
    ontology = compiled.layer.ontology
    assert {m.name: sorted(e.name for e in m.entities) for m in ontology.semantic_models} == {
        "notes": [],
        "orders": ["buyer", "order", "seller"],
        "people": ["buyer", "person", "seller"],
    }
    assert {metric.name for metric in ontology.metrics} == {"amount", "order_count", "people_count", "person_count"}


@pytest.mark.parametrize("version", ["1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "2.0"])
def test_the_draft_is_yaml_in_the_form_of_the_version(version: str) -> None:
    drafted = suggestion(version)
    document = read(drafted.yaml)
    inside = version in ("1.12", "2.0")
    assert ("semantic_models" in document) is not inside
    semantic = document["models"] if inside else document["semantic_models"]
    assert {"people", "orders", "notes"} <= {entry["name"] for entry in semantic}
    spine = [entry for entry in document.get("models", ()) if entry["name"] == "metricflow_time_spine"]
    assert bool(spine) is (version not in ("1.6", "1.7", "1.8"))
    assert drafted.spine
    if version == "1.6":
        assert not any("description" in d for model in semantic for d in model.get("dimensions", ()))


def test_every_entry_says_why_and_guesses_are_comments() -> None:
    text = suggestion("1.11").yaml
    lines = text.splitlines()
    document = read(text)
    orders = next(m for m in document["semantic_models"] if m["name"] == "orders")
    assert [measure["name"] for measure in orders["measures"]] == ["order_count", "amount"]
    assert "paid_at" not in [dimension["name"] for dimension in orders["dimensions"]]
    assert "      # primary: unique and not_null tests on order_id (models/models.yml:14)" in lines
    assert "      # time? its name says so; its type is not known" in lines
    assert "      # - name: paid_at" in lines
    assert any(line.startswith("      # sum?: `balance` in its name") and "a state" in line for line in lines)
    assert "      # free text? its name says so; text by its data_type" in lines
    why = next(number for number, line in enumerate(lines) if "foreign?" in line)
    assert "called like the key of people" in lines[why]
    assert lines[why + 1].lstrip().startswith("# - name: person")


def test_only_what_is_selected_is_drafted() -> None:
    assert [draft.model.name for draft in suggestion(ids={"model.odd.people"}).drafts] == ["people"]
    with pytest.raises(UserError) as raised:
        suggestion(ids=set())
    assert raised.value.problem.code == "DM2353"


def test_models_that_are_covered_are_named(project: Any) -> None:
    project.orders().model("customers")
    project.source("raw", "things")
    target, sources = project.target(), ProjectSources()
    ontology = compile_project([target], sources).layer.ontology
    assert [draft.name for draft in suggest(target, sources, ontology).drafts] == ["customers"]
    drafted = suggest(target, sources, ontology, {f"model.shop.{name}" for name in ("orders", "customers")} | {"source.shop.raw.things"})
    assert [(note.code, note.message.split("`")[1]) for note in drafted.notes] == [("DM2351", "orders"), ("DM2352", "raw.things")]


@pytest.mark.parametrize("version", ["1.5", "0.9", "latest", "x1.9"])
def test_a_version_without_semantic_models_is_refused(version: str) -> None:
    with pytest.raises(UserError) as raised:
        form_of("1.11.0", version)
    assert raised.value.problem.code == "DM2350"


def test_names_of_measures_are_given_once(project: Any) -> None:
    for name in ("orders", "refunds"):
        node = project.model(name, columns=(f"{name}_id", "amount", "made_on"))
        for column, kind in (("amount", "numeric"), ("made_on", "date")):
            node["columns"][column]["data_type"] = kind
    target, sources = project.target(), ProjectSources()
    drafts = suggest(target, sources, compile_project([target], sources).layer.ontology).drafts
    assert [[m.name for m in draft.measures] for draft in drafts] == [["order_count", "amount"], ["refund_count", "refund_amount"]]


def test_comments_stay_comments_and_empty_lists_do_not_become_null() -> None:
    sections = [
        Section(
            "all", [Group({"name": "a"}, (Section("none", [Part({"name": "b", "of": {"c": 1}}, "why?", sure=False)]),), "because\nof this")]
        ),
        Section("empty", []),
    ]
    text = "\n".join(written(sections))
    assert read(text) == {"all": [{"name": "a"}]}
    assert "# because" in text


YAML_TEXT = """\
# Kept.
models:
  - name: a   # the first
    columns:
      - name: x
        description: >
          Folded
          lines.
      - {name: y, tests: [unique]}

  - {name: b, columns: [{name: z}]}
  - description: Its name comes second.
    name: c
metrics:
- name: m
"""


def edited() -> Additions:
    return Additions("f.yml", LocationIndex({"f.yml": YAML_TEXT}))


def test_keys_and_items_are_put_where_they_belong() -> None:
    edit = edited()
    edit.keys("model.a", [Part({"semantic_model": True}, "why")])
    edit.keys("column.a.x", [Part({"entity": {"name": "e", "type": "primary"}}), Part({"dimension": "time"}, "?", sure=False)])
    edit.keys("column.a.y", [Part({"granularity": "day", "dimension": {"type": "time"}})])
    edit.items("model.a", "columns", [Part({"name": "w"})])
    edit.items("model.a", "metrics", [Part({"name": "n"})])
    edit.keys("model.c", [Part({"semantic_model": True})])
    edit.keys("column.b.z", [Part({"entity": {"name": "z2"}})])
    text = edit.text()
    assert [line for line in YAML_TEXT.splitlines() if line not in text.splitlines()] == [
        "      - {name: y, tests: [unique]}",
        "  - {name: b, columns: [{name: z}]}",
    ]
    a, b, c = read(text)["models"]
    assert a == {
        "name": "a",
        "semantic_model": True,
        "metrics": [{"name": "n"}],
        "columns": [
            {"name": "w"},
            {"name": "x", "entity": {"name": "e", "type": "primary"}, "description": "Folded lines.\n"},
            {"name": "y", "granularity": "day", "dimension": {"type": "time"}, "tests": ["unique"]},
        ],
    }
    assert b == {"name": "b", "columns": [{"name": "z", "entity": {"name": "z2"}}]}
    assert c == {"description": "Its name comes second.", "name": "c", "semantic_model": True}


@pytest.mark.parametrize(("thing", "section"), [("model.b", "columns"), ("model.nothing", "columns"), ("column.a.y", "meta")])
def test_what_has_no_place_is_said(thing: str, section: str) -> None:
    with pytest.raises(NoPlace):
        edited().items(thing, section, [Part({"name": "w"})])


CONSTRAINED = """\
models:
  - name: orders
    constraints:
      - {type: primary_key, columns: [id]}
    columns:
      - name: id
      - name: customer_id
        constraints:
          - {type: foreign_key, to: ref('customers'), to_columns: [id]}
  - name: customers
    columns: [{name: id, constraints: [{type: primary_key}]}]
"""


def constrained(project: Any) -> tuple[TargetArtifacts, ProjectSources]:
    """Keys and references by constraints, in one file; of the model `visits` no YAML."""
    orders = project.model("orders", columns=("id", "customer_id"), patch_path="shop://models/m.yml")
    orders["constraints"] = [{"type": "primary_key", "columns": ["id"]}]
    to = {"type": "foreign_key", "to": "ref('customers')", "to_columns": ["id"]}
    orders["columns"]["customer_id"]["constraints"] = [to]
    orders["depends_on"]["nodes"] = ["model.shop.customers"]
    customers = project.model("customers", columns=("id",), patch_path="shop://models/m.yml")
    for model in (orders, customers):
        model["config"] |= {"contract": {"enforced": True}}
    customers["columns"]["id"]["constraints"] = [{"type": "primary_key"}]
    project.model("visits", columns=("id",), patch_path=None)
    project.manifest["metadata"]["dbt_version"] = "1.12.6"
    return project.target(), ProjectSources({"models/m.yml": CONSTRAINED})


def test_constraints_speak_for_keys_and_joins(project: Any) -> None:
    target, sources = constrained(project)
    text = suggest(target, sources, compile_project([target], sources).layer.ontology, dbt_version="1.11").yaml
    assert "# primary: primary_key constraint on id (models/m.yml:6)" in text
    assert "# foreign: foreign_key constraint on customer_id (models/m.yml:7), to customers.id" in text


def test_a_model_without_an_entry_goes_to_the_new_file(project: Any, make_catalog: Any) -> None:
    target, sources = constrained(project)
    catalog = make_catalog(model__shop__orders={"id": "integer", "customer_id": "integer", "status": "text", "amount": "numeric"})
    target = project.target(catalog=catalog)
    merged = suggest(target, sources, compile_project([target], sources).layer.ontology).merged(sources.files, "models/new.yml")
    assert set(merged) == {"models/m.yml", "models/new.yml"}
    assert {entry["name"] for entry in read(merged["models/new.yml"])["models"]} == {"visits", "metricflow_time_spine"}
    orders, customers = read(merged["models/m.yml"])["models"]
    assert {c["name"]: c.get("entity", c.get("dimension")) for c in orders["columns"]} == {
        "id": {"name": "order", "type": "primary"},
        "customer_id": {"name": "customer", "type": "foreign"},
        "status": {"type": "categorical"},
    }
    assert customers["columns"][0]["entity"] == {"name": "customer", "type": "primary"}


@pytest.mark.parametrize(
    ("adapter", "word"), [("postgres", "generate_series"), ("clickhouse", "numbers("), ("snowflake", "dbt.date_spine")]
)
def test_the_time_spine_is_written_for_the_adapter(project: Any, adapter: str, word: str) -> None:
    project.manifest["metadata"]["adapter_type"] = adapter
    project.model("orders", columns=("id",))
    target = project.target()
    drafted = suggest(target, ProjectSources(), compile_project([target]).layer.ontology)
    assert word in drafted.spine


def test_a_file_that_would_be_no_yaml_is_left_alone(project: Any, make_catalog: Any) -> None:
    """A key that is there twice is none for our reader; dbt would take the last one."""
    _, sources = constrained(project)
    catalog = make_catalog(model__shop__orders={"id": "integer", "customer_id": "integer", "status": "text", "amount": "numeric"})
    target = project.target(catalog=catalog)
    suggestion = suggest(target, sources, compile_project([target], sources).layer.ontology)
    off = CONSTRAINED.replace("  - name: orders\n", "  - name: orders\n    semantic_model: {enabled: false}\n")
    with pytest.raises(UserError) as raised:
        suggestion.merged({"models/m.yml": off}, "models/new.yml")
    assert (raised.value.problem.code, str(raised.value.problem.where)) == ("DM2356", "models/m.yml")


def test_a_file_that_dbt_alone_can_read_takes_its_drafts(project: Any, make_catalog: Any) -> None:
    target, sources = constrained(project)
    suggestion = suggest(target, sources, compile_project([target], sources).layer.ontology)
    merged = suggestion.merged({"models/m.yml": "version: 2\nversion: 2\n" + CONSTRAINED}, "models/new.yml")
    assert "semantic_model:" in merged["models/m.yml"]
    assert "name: orders" not in merged["models/new.yml"]
