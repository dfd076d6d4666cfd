"""Metrics of every type that looks at time, over the workshop's facts."""

from __future__ import annotations

from app.model.metrics import MeasureInput, Metric
from app.model.types import Grain
from tests.goldens.notation import condition, conversion, cumulative, derived, earlier, given, ratio, simple, window

_ASKED = MeasureInput("enquiries", "enquiries")
_BOOKED = MeasureInput("bookings", "bookings")
_WHEELS = MeasureInput("bookings", "bookings", condition("{{ Dimension('booking__topic') }} = 'wheels'"))
_FROM_WEB = MeasureInput("enquiries", "enquiries", condition("{{ Dimension('enquiry__channel') }} = 'web'"))

SIMPLE = (
    simple("repairs", "repairs", "repairs"),
    simple("repair_cost", "repairs", "repair_cost"),
    simple("any_done", "repairs", "any_done"),
    simple("all_done", "repairs", "all_done"),
    simple("red_repairs", "repairs", "repairs", "{{ Dimension('bicycle__colour') }} = 'red'"),
    simple("fees", "rentals", "fees"),
    simple("rentals", "rentals", "rentals"),
    simple("enquiries", "enquiries", "enquiries"),
    simple("bookings", "bookings", "bookings"),
    simple("booked_value", "bookings", "booked_value"),
    simple("pieces", "stock_counts", "pieces"),
    simple("pieces_in_month", "stock_counts", "pieces_in_month"),
    simple("shelves", "stock_counts", "shelves"),
    simple("pieces_last", "stock_counts", "pieces_last"),
    simple("pieces_first", "stock_counts", "pieces_first"),
    simple("pieces_by_depot", "stock_counts", "pieces_by_depot"),
    simple("average_pieces", "stock_counts", "average_pieces"),
    simple("wood_last", "stock_counts", "pieces_last", "{{ Dimension('shelf__material') }} = 'wood'"),
    simple("about_median", "orders", "about_median"),
    simple("about_p75", "orders", "about_p75"),
    simple("refunds_on_spine", "refunds", "refunded", spine=True),
    simple("paid_on_spine", "orders", "order_rows", "{{ Dimension('order__status') }} = 'paid'", fill=0, spine=True),
    simple("february_on_spine", "orders", "order_rows", "{{ TimeDimension('metric_time', 'month') }} = '2024-02-01'", fill=0, spine=True),
    simple("gifts_filled", "orders", "order_rows", own="{{ Dimension('order__is_gift') }}", fill=0, spine=True),
    simple("loyal_revenue", "orders", "amount", "{{ Metric('orders', group_by=['customer']) }} > 1"),
    Metric("monthly_orders", simple("x", "orders", "order_rows").params, grain=Grain.MONTH),
)

CUMULATIVE = (
    cumulative("revenue_to_date", "orders", "amount"),
    cumulative("revenue_to_date_first", "orders", "amount", stands="first"),
    cumulative("german_to_date", "orders", "amount", where="{{ Dimension('customer__country') }} = 'DE'"),
    cumulative("revenue_mtd", "orders", "amount", since="month"),
    cumulative("revenue_qtd", "orders", "amount", since="quarter", stands="average"),
    cumulative("revenue_rtd", "orders", "amount", since="retail_month"),
    cumulative("revenue_7_days", "orders", "amount", "7 day"),
    cumulative("revenue_7_days_first", "orders", "amount", "7 day", stands="first"),
    cumulative("revenue_7_days_average", "orders", "amount", "7 day", stands="average"),
    cumulative("revenue_2_months", "orders", "amount", "2 month"),
    cumulative("buyers_30_days", "orders", "buyers", "30 day"),
    cumulative("largest_7_days", "orders", "largest", "7 day"),
    cumulative("visits_3_days", "visits", "visit_rows", "3 day", fill=0, spine=True),
    cumulative("visits_3_days_average", "visits", "visit_rows", "3 day", stands="average", fill=0, spine=True),
    cumulative("cost_6_hours", "repairs", "repair_cost", "6 hour"),
    cumulative("repairs_6_hours_filled", "repairs", "repairs", "6 hour", spine=True, fill=0),
    cumulative("repairs_to_date", "repairs", "repairs", since="day"),
    cumulative("pieces_to_date", "stock_counts", "pieces_in_month"),
    cumulative("buyers_to_date", "orders", "buyers"),
    cumulative("buyers_to_date_average", "orders", "buyers", stands="average"),
    cumulative("largest_to_date", "orders", "largest"),
    cumulative("average_to_date", "orders", "average_amount"),
    cumulative("shelves_to_date", "stock_counts", "shelves"),
    cumulative("shelves_60_days", "stock_counts", "shelves", "60 day"),
)

CONVERSION = (
    conversion("booking_rate", _ASKED, _BOOKED),
    conversion("booking_rate_7_days", _ASKED, _BOOKED, "7 day"),
    conversion("bookings_7_days", _ASKED, _BOOKED, "7 day", calculation="conversions"),
    conversion("same_topic_rate", _ASKED, _BOOKED, "30 day", constant=(("topic", "topic"),)),
    conversion("wheels_conversions", _ASKED, _WHEELS, "30 day", calculation="conversions"),
    conversion("web_booking_rate", _FROM_WEB, _BOOKED, "30 day"),
    conversion("shop_booking_rate", _ASKED, _BOOKED, "30 day", where="{{ Dimension('enquiry__channel') }} = 'shop'"),
    conversion("booked_after", _ASKED, MeasureInput("bookings", "booked_value"), "30 day", calculation="conversions"),
    conversion("bookings_or_zero", _ASKED, MeasureInput("bookings", "bookings", None, 0, True), "1 month", calculation="conversions"),
)

OFFSETS = (
    earlier("revenue_last_month", "revenue", "1 month"),
    earlier("revenue_last_quarter", "revenue", "1 quarter"),
    earlier("revenue_week_ago", "revenue", "1 week"),
    earlier("orders_3_days_ago", "orders", "3 day"),
    earlier("revenue_two_months_ago", "revenue_last_month", "1 month"),
    earlier("revenue_month_start", "revenue", start_of="month"),
    earlier("month_start_month_ago", "revenue_month_start", "1 month"),
    earlier("revenue_last_retail", "revenue", "1 retail_month"),
    earlier("revenue_retail_start", "revenue", start_of="retail_month"),
    earlier("mtd_last_month", "revenue_mtd", "1 month"),
    earlier("to_date_month_ago", "revenue_to_date", "1 month"),
    earlier("week_month_ago", "revenue_7_days_first", "1 month"),
    earlier("to_date_week_ago", "revenue_to_date", "1 week"),
    earlier("to_date_month_start", "revenue_to_date", start_of="month"),
    earlier("visits_week_ago", "visits_on_spine", "1 week"),
    earlier("rate_last_month", "revenue_per_order", "1 month"),
    earlier("booking_rate_last_month", "booking_rate_7_days", "1 month"),
    earlier("pieces_week_ago", "pieces_last", "7 day"),
    earlier("repairs_3_hours_ago", "repairs", "3 hour"),
    derived("visits_growth", "visits - before", given("visits"), given("visits", "before", offset_window=window("1 month"))),
    derived(
        "paid_growth",
        "now - before",
        given("revenue", "now", "{{ Dimension('order__status') }} = 'paid'"),
        given("revenue", "before", "{{ Dimension('order__status') }} = 'paid'", offset_window=window("1 month")),
    ),
    derived("mtd_growth", "now / before - 1", given("revenue_mtd", "now"), given("revenue_mtd", "before", offset_window=window("1 month"))),
)

DERIVED = (
    derived("refunds_or_none", "coalesce(refunds, 0)", given("refunds"), given("visits")),
    derived("refunds_known", "coalesce(refunds, -1)", given("refunds")),
    derived("twice_visits", "2 * visits_or_zero", given("visits_or_zero")),
    derived("has_orders", "case when orders > 0 then 1 else 0 end", given("orders")),
    derived("all_that_happened", "coalesce(orders, 0) + coalesce(visits, 0)", given("orders"), given("visits")),
    ratio("fee_per_rental", given("fees"), given("rentals")),
    ratio("to_date_share", given("german_to_date"), given("revenue_to_date")),
)

METRICS: tuple[Metric, ...] = (*SIMPLE, *CUMULATIVE, *CONVERSION, *OFFSETS, *DERIVED)
