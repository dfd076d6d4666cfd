"""The same grammar over a hospital with cryptic columns: nothing is tuned to the words of a shop."""

from __future__ import annotations

import pytest

from app.model.answer import Outcome
from tests.unit.language.conftest import Desk


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("how many admissions last month by specialty", "Admissions by specialty, 1 Jun 2026 to 30 Jun 2026"),
        ("average length of stay per ward in 2025", "Length of stay by ward name, 1 Jan 2025 to 31 Dec 2025"),
        ("readmission rate by age group", "Readmission rate by age group"),
        (
            "emergency admissions in cardiology this year",
            "Admissions, 1 Jan 2026 to 15 Jul 2026, where admission type is emergency and specialty is cardiology",
        ),
        ("admissions by department and month", "Admissions by specialty and month"),
        ("wards with more than 10 readmissions", "Readmissions by ward name, only with readmissions is more than 10"),
        ("intensive care admissions", "Admissions, where intensive care is true"),
        ("top 3 wards by admissions", "Admissions by ward name, top 3 by admissions"),
        ("admissions of female patients", "Admissions, where sex is female"),
        ("length of stay excluding planned", "Length of stay, where admission type is not planned"),
        ("admissions by discharge month", "Admissions by discharge date by month"),
    ],
)
def test_answered(ask_hospital: Desk, question: str, restated: str) -> None:
    reading = ask_hospital(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize("question", ["mortality rate", "revenue by ward", "how many nurses on night shift", "waiting time by department"])
def test_refused(ask_hospital: Desk, question: str) -> None:
    assert ask_hospital(question).outcome is Outcome.REFUSE


def test_part_of_a_metrics_name_is_offered_not_answered(ask_hospital: Desk) -> None:
    reading = ask_hospital("which ward had the longest stay")
    assert reading.outcome is Outcome.CLARIFY
    assert [c.text for c in reading.choices] == ["Length of stay by ward name, top 1 by length of stay"]
