"""A PII class that goes away upstream loosens what is derived; what one side alone compiled is no change."""

from __future__ import annotations

from typing import Any

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.project import compile_project
from app.model.versions import Cause
from app.service.diff import State, compare
from app.service.verdict import judge
from tests.support.lineage_project import artifacts, node, source

PEOPLE = "source.shop.raw.people"


def shop(pii: str = "email", sql: str | None = "select email as contact from raw.people", **meta: Any) -> TargetArtifacts:
    """A source with a classified column, and a model that renames it."""
    people = source("people", "email")
    people["columns"]["email"]["meta"] = {"datamind": {"pii": pii}} if pii else {}
    mart = node("mart", sql, PEOPLE, columns=("contact", "email"))
    mart["columns"]["contact"]["meta"] = meta
    return artifacts(people, mart)


def told(old: TargetArtifacts, new: TargetArtifacts) -> set[tuple[str, str, str]]:
    found = compare((new,), ProjectSources(), [State("prod", (old,))]).report
    return {(change.subject, change.field, str(change.security)) for change in found.security}


def test_a_class_dropped_upstream_loosens_what_is_derived() -> None:
    found = told(shop(), shop(""))
    assert ("column.mart.contact", "pii", "loosened") in found
    assert ("column.raw.people.email", "pii", "loosened") in found
    assert {field for *_, field in told(shop(""), shop())} == {"tightened"}


def test_a_layer_that_lost_an_inherited_class_is_held() -> None:
    layers = [compile_project([one]).layer for one in (shop(), shop(""))]
    verdict = judge(layers[0], layers[1], (None, None))
    assert verdict.causes == (Cause.LOOSENED,)
    assert "column.mart.contact" in {change.subject for change in verdict.loosened}


def test_to_declassify_is_a_loosening() -> None:
    declassified = shop(datamind={"pii": "none", "declassified": "a shared mailbox"})
    assert ("column.mart.contact", "pii", "loosened") in told(shop(), declassified)


def test_that_one_side_alone_was_compiled_is_no_change() -> None:
    assert told(shop(sql=None), shop()) == set()
    assert told(shop(), shop(sql=None)) == set()


def test_that_one_model_alone_was_not_compiled_is_no_change() -> None:
    def side(*, compiled: bool) -> TargetArtifacts:
        people = source("people", "email")
        people["columns"]["email"]["meta"] = {"datamind": {"pii": "email"}}
        parts = [node(name, f"select email as {name} from raw.people", PEOPLE, columns=(name,)) for name in ("one", "two")]
        if not compiled:
            del parts[1]["compiled_code"]
        return artifacts(people, *parts)

    assert told(side(compiled=True), side(compiled=False)) == set()
    assert {key for key, *_ in told(side(compiled=True), artifacts(source("people", "email")))} != set()
