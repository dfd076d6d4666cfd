"""An answer becomes a file: one that is at hand, or that of an earlier turn, which is asked again under the policies of now since no rows are kept."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import msgspec

from app.errors import DataMindError, Problem, UserError
from app.model.answer import Answer, Outcome
from app.pipeline.turn import Turn
from app.ports import Cancel, Charts
from app.service import present
from app.service.asked_again import askable, not_again
from app.service.audit import Caller
from app.service.completed import completed
from app.service.deps import Deps
from app.service.exports.about import for_a_file
from app.service.exports.csv_lines import csv_bytes, csv_lines
from app.service.exports.formats import Asked, Exported, ExportFormat
from app.service.exports.pdf_file import pdf
from app.service.exports.picture import picture
from app.service.exports.recorded import Leaving
from app.service.exports.xlsx_file import xlsx
from app.service.query import query_record
from app.service.turns import walk

_NEEDED = {ExportFormat.XLSX: ("xlsxwriter",), ExportFormat.PDF: ("fpdf", "uharfbuzz", "pymupdf_fonts")}


def export(
    deps: Deps, caller: Caller, query_id: str, to: ExportFormat, *, bom: bool = False, cancel: Cancel | None = None
) -> tuple[Turn, Exported]:
    """A file of an answer that the caller got: by asking, or by opening a link. It is asked anew as them, as any question is: it holds what they may see now.

    Raises UserError DM3091 (no such turn of the caller's own), DM6080 (a turn that can't be asked again), DM6081 (they may not ask it any more), what `written`
    raises, and whatever the stages raise.
    """
    record = query_record(deps, caller, query_id)
    if record.user_id != caller.principal.user_id:
        raise UserError(
            Problem("DM3091", "there is no query of that id among yours", hint="who asked exports the answer; others ask for themselves")
        )
    why, hint = not_again(record)
    if why:
        raise UserError(Problem("DM6080", why, hint=hint))
    query = askable(deps, caller, record.semantic_query)
    if query is None:
        raise UserError(
            Problem("DM6081", "this answer can't be given to you any more as things are", hint="ask anew, or an admin for access")
        )
    _require(to)
    turn = walk(deps, caller, query=query, cancel=cancel, then=completed(compares=deps.compares))
    if turn.answer is not None:
        sure = record.confidence if record.question else turn.answer.confidence
        turn = turn.with_(answer=msgspec.structs.replace(turn.answer, question=record.question, confidence=sure))
    return turn, written(deps, caller, turn, to, bom=bom)


def written(deps: Deps, caller: Caller, turn: Turn, to: ExportFormat, *, bom: bool = False) -> Exported:
    """The file of an answer that is at hand; that it is made, and of which rows and columns, is recorded before; its
    `ended` records the end. `bom` is for CSV.

    Raises UserError DM6080 where the turn ended without rows, DM6082 (no chart), DM6083 (too large for the format), DM8085 (what makes the format is not
    installed), what `Charts` raises, and InternalError DM8010 where it can't be recorded.
    """
    answer = turn.answer
    if answer is None or answer.outcome is not Outcome.ANSWER or answer.result is None:
        told = answer.text if answer is not None else ""
        raise UserError(Problem("DM6080", told or "that turn has no rows that a file could hold", hint="only answers can be exported"))
    _require(to)
    asked = Asked(for_a_file(answer), turn.moment.now, turn.moment.timezone, caller.correlation_id)
    leaving = Leaving(deps, caller, turn, to)
    try:
        pieces = csv_bytes(csv_lines(answer.result, guarded=True), bom=bom) if to is ExportFormat.CSV else (_whole(asked, to, deps.charts),)
    except Exception as error:
        leaving.ended(error.problem.code if isinstance(error, DataMindError) else "DM9001")
        raise
    return Exported(f"{turn.query_id}.{to}", to, pieces, answer.result.row_count, answer.result.truncated, leaving.ended)


def _whole(asked: Asked, to: ExportFormat, charts: Charts | None) -> bytes:
    """A file that is made in one piece."""
    if to is ExportFormat.XLSX:
        return xlsx(asked)
    if to is ExportFormat.JSON:
        return present.to_json(present.plain({**present.answer(asked.answer), "correlation_id": asked.correlation_id}))
    if to is ExportFormat.PNG:
        return _drawn(picture(asked.answer), charts)
    return pdf(asked, _chart(asked.answer, charts))


def _chart(answer: Answer, charts: Charts | None) -> bytes | None:
    """The chart for a page, None where the answer has none that is drawn."""
    try:
        spec = picture(answer)
    except UserError:
        return None
    return _drawn(spec, charts)


def _drawn(spec: dict[str, Any], charts: Charts | None) -> bytes:
    if charts is None:
        raise UserError(Problem("DM8085", "charts can't be drawn here", hint="pip install 'datamind[exports]'"))
    return charts.png(spec)


def _require(to: ExportFormat) -> None:
    """Refuse a format whose library is not installed, before anything is asked. Raises UserError DM8085."""
    if missing := [name for name in _NEEDED.get(to, ()) if find_spec(name) is None]:
        hint = "pip install 'datamind[exports]'"
        raise UserError(Problem("DM8085", f"{to} can't be made here: {', '.join(missing)} is not installed", hint=hint))
