"""By whom a question was read, in a line under its answer: where an admin approved the reading, or a language model had a part in it."""

from __future__ import annotations

from collections.abc import Collection

from app.model.answer import Verdict

_APPROVED = "DM6070"
_APPROVED_SQL = "DM6079"
_TOLD = {
    Verdict.SQL: "answered by SQL that {model} wrote, which stands on no metric's definition",
    Verdict.AGREED: "read by the project's words and by {model}, which agree",
    Verdict.DIFFERED: "read by the project's words and by {model}, which differ",
    Verdict.ALONE: "read by {model} alone, not by the project's words",
    Verdict.DECLINED: "read by the project's words; {model} found no reading",
    Verdict.ASKED: "read by the project's words; {model} would have asked back",
    Verdict.INVALID: "read by the project's words; {model} gave no reading that could be asked",
}


def read_by(codes: Collection[str], model: str = "", verdict: str = "") -> str:
    """The line, "" where the project's words alone read the question. `codes` are those of the answer's Problems; `verdict` is that of the draft of `model`, ""
    where there is none: a model that could not be reached read nothing."""
    if _APPROVED_SQL in codes:
        return "read as an admin approved, by SQL that stands on no metric's definition"
    if _APPROVED in codes:
        return "read as an admin approved"
    told = _TOLD.get(Verdict(verdict), "") if verdict in set(Verdict) else ""
    return told.format(model=model or "a language model")
