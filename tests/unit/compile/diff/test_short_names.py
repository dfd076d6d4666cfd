"""Names that are asked without their entity, and joins that go by types: what no longer answers is breaking."""

from __future__ import annotations

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Change, Kind
from app.model.ontology import Layer
from app.sql.joins import JoinGraph
from tests.unit.compile.conftest import Project


def shop(stores: tuple[str, ...] = ("store_name",), customers: tuple[str, ...] = ("segment",), *, key: str = "") -> Layer:
    """Orders of customers in stores, with these dimensions; `key` is the type of the customer in orders."""
    project = Project()
    node = project.model("orders", columns=("id", "customer_id", "store_id", "status", "amount", "ordered_at"))
    if key:
        node["columns"]["customer_id"]["data_type"] = key
    project.model("customers", columns=("customer_id", "name"))["columns"]["customer_id"]["data_type"] = "integer"
    project.model("stores", columns=("store_id", "name"))
    keys = [{"name": name, "type": "foreign", "expr": f"{name}_id"} for name in ("customer", "store")]
    project.semantic_model(entities=[{"name": "order", "type": "primary", "expr": "id"}, *keys])
    for model, entity, names in (("customers", "customer", customers), ("stores", "store", stores)):
        held = [{"name": name, "type": "categorical", "expr": "name"} for name in names]
        own = [{"name": entity, "type": "primary", "expr": f"{entity}_id"}]
        project.semantic_model(model, model, defaults=None, measures=[], entities=own, dimensions=held)
    project.metric("orders", measure={"name": "order_count"})
    return project.compile().layer


def changes(old: Layer, new: Layer, field: str) -> list[Change]:
    return [change for change in diff_layers(old, new).changes if change.field.startswith(field)]


def test_a_short_name_that_becomes_ambiguous() -> None:
    old, new = shop(), shop(stores=("store_name", "segment"))
    assert JoinGraph.of(old.ontology).find("orders", "segment")
    assert not JoinGraph.of(new.ontology).find("orders", "segment")
    (change,) = changes(old, new, "reach.ambiguous")
    assert (change.kind, change.subject, change.before) == (Kind.BREAKING, "semantic_model.orders", "segment")
    assert "`orders`, `segment` alone means several things now" in change.message
    (back,) = changes(new, old, "reach.settled")
    assert (back.kind, back.after) == (Kind.ADDITIVE, "segment")


def test_a_short_name_that_means_something_else() -> None:
    """`segment` goes from customers to stores: the longer names tell that one went, and the short one that it is another."""
    report = diff_layers(shop(), shop(stores=("store_name", "segment"), customers=()))
    assert Kind.BREAKING in {change.kind for change in report.changes}


def test_a_new_name_of_another_kind_breaks_nothing() -> None:
    assert not changes(shop(), shop(stores=("store_name", "town")), "reach.")
    assert {change.kind for change in diff_layers(shop(), shop(stores=("store_name", "town"))).changes} == {Kind.ADDITIVE}


def test_a_name_that_went_is_told_once() -> None:
    assert not changes(shop(), shop(customers=("other", "more")), "reach.ambiguous")


def test_a_join_that_the_type_of_its_key_ends() -> None:
    old, new = shop(), shop(key="text")
    assert not JoinGraph.of(new.ontology).find("orders", "customer__segment")
    (change,) = changes(old, new, "reach.lost")
    assert change.kind is Kind.BREAKING
    assert "customer__segment" in str(change.before)
    assert not changes(old, shop(key="bigint"), "reach."), "numbers are compared with numbers"


def test_two_ways_that_a_reference_no_longer_makes_one() -> None:
    """Orders lead to a profile by their customer and by their account, by one column; without proof that there is one of each these are two places."""

    def ways(severity: str) -> Layer:
        project = Project()
        project.model("orders", columns=("id", "customer_id", "status", "amount", "ordered_at"))
        project.model("profiles", columns=("profile_id", "tier"))
        between = {"customers": "customer", "accounts": "account"}
        foreign = [{"name": name, "type": "foreign", "expr": "customer_id"} for name in between.values()]
        project.semantic_model(entities=[{"name": "order", "type": "primary", "expr": "id"}, *foreign])
        for model, entity in between.items():
            project.model(model, columns=("customer_id",))
            aim = {"depends": [f"model.shop.{model}"], "to": f"ref('{model}')", "field": "customer_id"}
            if model == "customers":  # a column refers to one model; that there is an account is told from the profile
                project.generic_test("relationships", "orders", "customer_id", config={"severity": severity}, **aim)
            person = {"name": "person", "type": "unique", "expr": "customer_id"}
            own = {"name": entity, "type": "primary", "expr": "customer_id"}
            project.semantic_model(model, model, defaults=None, measures=[], dimensions=[], entities=[own, person])
        aim = {"depends": ["model.shop.accounts"], "to": "ref('accounts')", "field": "customer_id"}
        project.generic_test("relationships", "profiles", "profile_id", config={"severity": severity}, **aim)
        profile = [{"name": "person", "type": "primary", "expr": "profile_id"}]
        tier = [{"name": "tier", "type": "categorical"}]
        project.semantic_model("profiles", "profiles", defaults=None, measures=[], dimensions=tier, entities=profile)
        project.metric("orders", measure={"name": "order_count"})
        return project.compile().layer

    (change,) = changes(ways("error"), ways("warn"), "reach.ambiguous")
    assert (change.kind, change.before) == (Kind.BREAKING, "tier")


def test_a_default_path_that_goes() -> None:
    """A short name that a default path settles is ambiguous without it."""

    def towns(paths: dict[str, str]) -> Layer:
        project = Project()
        project.model("orders", columns=("id", "customer_id", "store_id", "status", "amount", "ordered_at"))
        project.model("places", columns=("place_id", "town"))
        keys = [{"name": name, "type": "foreign", "expr": f"{name}_id"} for name in ("customer", "store")]
        config = {"meta": {"datamind": {"default_paths": paths}} if paths else {}}
        project.semantic_model(entities=[{"name": "order", "type": "primary", "expr": "id"}, *keys], config=config)
        for model, entity in (("customers", "customer"), ("stores", "store")):
            project.model(model, columns=(f"{entity}_id", "place_id"))
            held = [{"name": entity, "type": "primary", "expr": f"{entity}_id"}, {"name": "place", "type": "foreign", "expr": "place_id"}]
            project.semantic_model(model, model, defaults=None, measures=[], dimensions=[], entities=held)
        own = [{"name": "place", "type": "primary", "expr": "place_id"}]
        town = [{"name": "town", "type": "categorical"}]
        project.semantic_model("places", "places", defaults=None, measures=[], entities=own, dimensions=town)
        project.metric("orders", measure={"name": "order_count"})
        return project.compile().layer

    (change,) = changes(towns({"place": "customer"}), towns({}), "reach.ambiguous")
    assert change.kind is Kind.BREAKING
    assert "town" in str(change.before)
