"""Charts drawn by vl-convert, in a process of their own."""

from app.adapters.charts.vega import VegaCharts

__all__ = ["VegaCharts"]
