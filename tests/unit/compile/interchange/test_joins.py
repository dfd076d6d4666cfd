"""Keys and joins of others as entities: composite keys, two joins between the same datasets, and what is no join."""

from __future__ import annotations

from app.compile.interchange.findings import Kind
from app.service.interchange import Format
from tests.unit.compile.interchange.drafts import drafted, model, told

OSI = """
version: 0.1.1
semantic_model:
  - name: shop
    datasets:
      - {name: addresses, source: d.s.addresses, primary_key: [id]}
      - {name: stock, source: d.s.stock, primary_key: [warehouse_id, sku]}
      - {name: shops, source: d.s.shops, primary_key: [shop_id], unique_keys: [[code]]}
      - {name: orders, source: d.s.orders, primary_key: [order_id]}
      - {name: returns, source: d.s.returns, primary_key: [return_id]}
    relationships:
      - {name: bill, from: orders, to: addresses, from_columns: [billing_address_id], to_columns: [id]}
      - {name: ship, from: orders, to: addresses, from_columns: [shipping_address_id], to_columns: [id]}
      - {name: back, from: returns, to: addresses, from_columns: [shipping_address_id], to_columns: [id]}
      - {name: held, from: orders, to: stock, from_columns: [sku, warehouse_id], to_columns: [sku, warehouse_id]}
      - {name: by_code, from: orders, to: shops, from_columns: [shop_code], to_columns: [code]}
      - {name: parent, from: orders, to: orders, from_columns: [parent_id], to_columns: [order_id]}
      - {name: lost, from: orders, to: nowhere, from_columns: [x], to_columns: [y]}
"""


def entities(name: str) -> dict[str, tuple[str, str]]:
    found = drafted(Format.OSI, OSI)
    return {e["name"]: (e["type"], e.get("expr", "")) for e in model(found, name)["entities"]}


def test_two_joins_between_the_same_datasets_are_two_entities() -> None:
    orders, addresses = entities("orders"), entities("addresses")
    assert orders["address"] == ("foreign", "billing_address_id")
    assert orders["shipping_address"] == ("foreign", "shipping_address_id")
    assert addresses["address"] == ("primary", "id")
    assert addresses["shipping_address"] == ("unique", "id")
    assert entities("returns")["address"] == ("foreign", "shipping_address_id")


def test_composite_keys_have_their_parts_in_one_order() -> None:
    assert entities("stock") == {"stock": ("primary", "(warehouse_id, sku)")}
    assert entities("orders")["stock"] == ("foreign", "(warehouse_id, sku)")


def test_a_join_to_a_unique_key() -> None:
    assert entities("shops") == {"shop": ("primary", "shop_id"), "shops_key": ("unique", "code")}
    assert entities("orders")["shops_key"] == ("foreign", "shop_code")


def test_what_is_no_join_is_told() -> None:
    lost = told(drafted(Format.OSI, OSI), Kind.LOST)
    assert ("DM2659", "relationship `lost`") in lost
    assert ("DM2653", "relationship `parent`") in lost
    assert len(lost) == 2


def test_joins_of_cubes() -> None:
    found = drafted(
        Format.CUBE,
        """
        cubes:
          - name: sale
            sql_table: s.sale
            dimensions: [{name: id, sql: id, type: number, primary_key: true}]
            joins:
              - {name: offer, relationship: many_to_one, sql: "{CUBE}.b_id = {offer}.id AND {CUBE}.day = {offer}.day"}
              - {name: c, relationship: many_to_one, sql: "{CUBE}.x < {c}.y"}
              - {name: d, relationship: sometimes, sql: "{CUBE}.x = {d}.y"}
              - {name: c, relationship: one_to_one, sql: "{CUBE}.x = {offer}.y"}
          - {name: offer, sql_table: s.offer}
          - {name: c, sql_table: s.c}
          - {name: d, sql_table: s.d}
        """,
    )
    assert [e for e in model(found, "sale")["entities"] if e["type"] == "foreign"] == [
        {"name": "offer", "type": "foreign", "expr": "(b_id, day)"}
    ]
    assert [subject for _, subject in told(found, Kind.LOST)] == ["join of `sale` to `c`", "join of `sale` to `d`", "join of `sale` to `c`"]
