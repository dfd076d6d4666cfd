"""What else the workshop does: repairs by the clock, bicycles that change owners, rentals from stations, counts of stock, enquiries that lead to bookings.

Made for what depends on time. A bicycle is repaired the moment it changes hands, before it was known and after it was given up; a station
moves overnight; two enquiries and two bookings are of the same moment; a customer books before asking; stock is counted on some days only.
"""

from __future__ import annotations

import datetime as dt

from app.model.ontology import TimeSpine
from app.model.semantics import NonAdditive, SemanticModel
from app.model.types import Grain
from tests.goldens.notation import DAY, FOREIGN, INT, NATURAL, PRIMARY, TS, A, B, D, N, T, Tables, at, cat, entity, measure, on, time

RETAIL_MONTHS = (
    ("December 23", on("2023-11-27"), 4),
    ("January 24", on("2023-12-25"), 5),
    ("February 24", on("2024-01-29"), 4),
    ("March 24", on("2024-02-26"), 4),
    ("April 24", on("2024-03-25"), 5),
)
"""A 4-4-5 calendar: each month's name, first day and weeks. By name April comes first."""

TABLES: Tables = {
    "days": (
        (("day", DAY), ("retail_month", T)),
        tuple((first + dt.timedelta(days=n), name) for name, first, weeks in RETAIL_MONTHS for n in range(7 * weeks)),
    ),
    "hours": ((("hour", TS),), tuple((at("2024-01-31") + dt.timedelta(hours=n),) for n in range(72))),
    "dim_bicycle_history": (
        (("version_id", INT), ("bicycle_id", INT), ("owner_id", INT), ("colour", T), ("valid_from", TS), ("valid_to", TS)),
        (
            (1, 1, 1, "red", at("2023-01-01"), at("2024-02-01")),
            (2, 1, 2, "blue", at("2024-02-01"), None),
            (3, 2, 3, "green", at("2024-02-01 12:00:00"), at("2024-02-02")),
            (4, 2, None, None, at("2024-02-02"), None),
            (5, 3, 99, "black", at("2023-06-01"), at("2023-12-31")),
        ),
    ),
    "fct_repairs": (
        (("repair_id", INT), ("bicycle_id", INT), ("started_at", TS), ("minutes", INT), ("cost", N), ("is_done", B), ("mechanic", T)),
        (
            (1, 1, at("2024-01-31 20:15:00"), 30, D("12.50"), True, "Ann"),
            (2, 1, at("2024-01-31 23:59:59"), 45, D("20.00"), False, "Bo"),
            (3, 1, at("2024-02-01 00:00:00"), 15, None, None, "Ann"),
            (4, 2, at("2024-02-01 11:59:59"), 60, D("7.25"), True, None),
            (5, 2, at("2024-02-01 12:00:00"), 10, D("3.00"), True, "Bo"),
            (6, 2, at("2024-02-02 08:30:00"), 90, D("40.00"), False, "Ann"),
            (7, 3, at("2024-02-02 08:45:00"), 5, D("1.00"), True, "Ann"),
            (8, None, at("2024-02-02 22:59:59"), None, D("9.99"), None, "Bo"),
        ),
    ),
    "dim_stations": (
        (("station_id", INT), ("part_day", DAY), ("city_id", INT), ("district", T)),
        (
            (1, on("2024-02-01"), 10, "north"),
            (1, on("2024-02-02"), 10, "south"),
            (2, on("2024-02-01"), 20, "north"),
            (2, on("2024-02-02"), None, None),
        ),
    ),
    "dim_cities": (
        (("city_id", INT), ("part_day", DAY), ("mayor", T)),
        ((10, on("2024-02-01"), "Ada"), (10, on("2024-02-02"), "Bea"), (20, on("2024-02-02"), "Cid")),
    ),
    "fct_rentals": (
        (("rental_id", INT), ("station_id", INT), ("part_day", DAY), ("rented_on", DAY), ("fee", N)),
        (
            (1, 1, on("2024-02-01"), on("2024-02-01"), D("5.00")),
            (2, 1, on("2024-02-02"), on("2024-02-02"), D("6.00")),
            (3, 2, on("2024-02-01"), on("2024-02-01"), D("7.50")),
            (4, 2, on("2024-02-02"), on("2024-02-02"), None),
            (5, 3, on("2024-02-02"), on("2024-02-02"), D("1.25")),
            (6, 1, on("2024-02-03"), on("2024-02-03"), D("2.00")),
            (7, None, on("2024-02-01"), on("2024-02-01"), D("3.00")),
            (8, 1, on("2024-02-01"), on("2024-02-01"), D("5.00")),
        ),
    ),
    "dim_shelves": (
        (("depot_id", INT), ("shelf_no", INT), ("material", T)),
        ((1, 1, "wood"), (1, 2, "steel"), (2, 1, "wood"), (2, None, "glass")),
    ),
    "fct_stock_counts": (
        (("count_id", INT), ("counted_on", DAY), ("depot_id", INT), ("shelf_no", INT), ("pieces", INT)),
        (
            (1, on("2024-01-30"), 1, 1, 10),
            (2, on("2024-01-30"), 2, 1, 7),
            (3, on("2024-01-31"), 1, 1, 8),
            (4, on("2024-01-31"), 1, 2, 3),
            (5, on("2024-02-01"), 2, 1, 6),
            (6, on("2024-02-04"), 1, 2, None),
            (7, on("2024-02-04"), 2, 9, 4),
            (8, on("2024-02-05"), None, 1, 5),
            (9, on("2024-02-29"), 1, 1, 9),
            (10, on("2024-02-29"), 2, None, 2),
        ),
    ),
    "fct_enquiries": (
        (("enquiry_id", INT), ("customer_id", INT), ("asked_at", TS), ("topic", T), ("channel", T)),
        (
            (1, 1, at("2024-01-30 09:00:00"), "brakes", "web"),
            (2, 1, at("2024-02-01 10:00:00"), "brakes", "shop"),
            (3, 1, at("2024-02-01 10:00:00"), "wheels", "web"),
            (4, 2, at("2024-02-01 12:00:00"), "wheels", "web"),
            (5, 2, at("2024-02-08 12:00:00"), "wheels", None),
            (6, 3, at("2024-02-05 08:00:00"), "gears", "web"),
            (7, None, at("2024-02-05 08:00:00"), "gears", "shop"),
            (8, 4, at("2024-03-31 23:00:00"), None, "shop"),
            (9, 5, at("2024-03-01 00:00:00"), "brakes", "phone"),
        ),
    ),
    "fct_bookings": (
        (("booking_id", INT), ("customer_id", INT), ("booked_at", TS), ("topic", T), ("price", N)),
        (
            (1, 1, at("2024-02-01 10:00:00"), "brakes", D("30.00")),
            (2, 1, at("2024-02-05 10:00:00"), "wheels", D("50.00")),
            (3, 2, at("2024-02-08 11:59:59"), "wheels", D("20.00")),
            (4, 2, at("2024-02-20 10:00:00"), "gears", D("15.00")),
            (5, 3, at("2024-02-04 08:00:00"), "gears", D("5.00")),
            (6, 3, at("2024-02-11 08:00:00"), "gears", None),
            (7, None, at("2024-02-06 08:00:00"), "gears", D("9.00")),
            (8, 4, at("2024-04-02 09:00:00"), None, D("12.50")),
            (9, 77, at("2024-02-06 08:00:00"), "gears", D("1.00")),
            (10, 1, at("2024-02-05 10:00:00"), "wheels", D("50.00")),
        ),
    ),
}

_SHELF = "(depot_id, shelf_no)"

SEMANTIC_MODELS = (
    SemanticModel(
        "bicycles",
        "dim_bicycle_history",
        (entity("version", PRIMARY), entity("bicycle", NATURAL), entity("customer", FOREIGN, "owner_id")),
        (
            cat("colour"),
            cat("paint", "coalesce(colour, 'bare')"),
            time("valid_from", validity="start"),
            time("valid_to", validity="end"),
        ),
    ),
    SemanticModel(
        "bookings",
        "fct_bookings",
        (entity("booking", PRIMARY), entity("customer", FOREIGN)),
        (cat("topic"), time("booked_at")),
        (measure("bookings", A.COUNT, "booking_id"), measure("booked_value", A.SUM, "price")),
        agg_time_dimension="booked_at",
    ),
    SemanticModel("cities", "dim_cities", (entity("city", PRIMARY),), (cat("mayor"), time("part_day", is_partition=True))),
    SemanticModel(
        "enquiries",
        "fct_enquiries",
        (entity("enquiry", PRIMARY), entity("customer", FOREIGN)),
        (cat("topic"), cat("channel"), time("asked_at")),
        (measure("enquiries", A.COUNT, "enquiry_id"),),
        agg_time_dimension="asked_at",
    ),
    SemanticModel(
        "rentals",
        "fct_rentals",
        (entity("rental", PRIMARY), entity("station", FOREIGN)),
        (time("rented_on"), time("part_day", is_partition=True)),
        (measure("fees", A.SUM, "fee"), measure("rentals", A.COUNT, "rental_id")),
        agg_time_dimension="rented_on",
    ),
    SemanticModel(
        "repairs",
        "fct_repairs",
        (entity("repair", PRIMARY), entity("bicycle", FOREIGN)),
        (cat("mechanic"), cat("is_done"), time("started_at", Grain.HOUR)),
        (
            measure("repairs", A.COUNT, "repair_id"),
            measure("repair_cost", A.SUM, "cost"),
            measure("any_done", A.MAX, "is_done"),
            measure("all_done", A.MIN, "is_done"),
        ),
        agg_time_dimension="started_at",
    ),
    SemanticModel("shelves", "dim_shelves", (entity("shelf", PRIMARY, _SHELF),), (cat("material"),)),
    SemanticModel(
        "stations",
        "dim_stations",
        (entity("station", PRIMARY), entity("city", FOREIGN)),
        (cat("district"), time("part_day", is_partition=True)),
    ),
    SemanticModel(
        "stock_counts",
        "fct_stock_counts",
        (entity("count", PRIMARY), entity("depot", FOREIGN), entity("shelf", FOREIGN, _SHELF)),
        (time("counted_on"), time("counted_month", Grain.MONTH, "counted_on")),
        (
            measure("pieces_last", A.SUM, "pieces", non_additive=NonAdditive("counted_on", "max")),
            measure("pieces_first", A.SUM, "pieces", non_additive=NonAdditive("counted_on", "min")),
            measure("pieces_by_depot", A.SUM, "pieces", non_additive=NonAdditive("counted_on", "max", ("depot",))),
            measure("average_pieces", A.AVERAGE, "pieces", non_additive=NonAdditive("counted_on", "max", ("depot",))),
            measure("pieces", A.SUM, "pieces"),
            measure("shelves", A.COUNT_DISTINCT, _SHELF),
            measure("pieces_in_month", A.SUM, "pieces", agg_time_dimension="counted_month"),
        ),
        agg_time_dimension="counted_on",
    ),
)

SPINES = (TimeSpine("days", "day", Grain.DAY, (("retail_month", "retail_month"),)), TimeSpine("hours", "hour", Grain.HOUR))
