"""The five questions that the demo asks; tests/engines/demo compares each answer with hand-written SQL on both engines."""

from __future__ import annotations

QUESTIONS: tuple[str, ...] = (
    "What was our revenue in June 2026?",
    "What is the refund rate by country in 2025?",
    "What was the gross profit by product category in the second quarter of 2026?",
    "Top 5 products by revenue for customers in Germany in 2025",
    "Orders by month in 2026",
)
