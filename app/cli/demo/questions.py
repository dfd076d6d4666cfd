"""The five questions that the demo asks; tests/engines/test_demo_questions.py compares each answer with hand-written SQL on both engines."""

from __future__ import annotations

QUESTIONS: tuple[str, ...] = (
    "revenue last quarter",
    "average order value by sales channel in 2025",
)
