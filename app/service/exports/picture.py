"""An answer's chart with its rows, its title and its size: what is drawn as it stands, with no page around it."""

from __future__ import annotations

import textwrap
from typing import Any

from app.errors import Problem, UserError
from app.language.chart import DATA
from app.language.narrate import HIDDEN
from app.model.answer import Answer
from app.service import present

MOST_ROWS = 10_000
"""Points of a chart that is drawn: more than that nobody tells apart on its width."""
WIDTH, HEIGHT = 760, 340
_TITLE_CHARACTERS = 90
_TITLE_LINES = 3


def picture(answer: Answer) -> dict[str, Any]:
    """The specification, complete. Raises UserError DM6082 for an answer that has no chart, DM6083 for one of too many rows."""
    result = answer.result
    if answer.chart is None or result is None:
        hint = "charts are of several rows, by time or by one or two dimensions; take csv, xlsx or pdf"
        raise UserError(Problem("DM6082", "this answer has no chart", hint=hint))
    if result.row_count > MOST_ROWS:
        message = f"a chart of {result.row_count:,} rows is not drawn"
        raise UserError(Problem("DM6083", message, hint=f"ask for {MOST_ROWS:,} rows or fewer, by a coarser grain for example"))
    spec = dict(answer.chart)
    spec["data"] = {"name": DATA}
    spec["width"] = WIDTH
    spec.setdefault("height", HEIGHT)
    spec["datasets"] = {DATA: present.rows(result)}
    title = textwrap.wrap(answer.restated, _TITLE_CHARACTERS)
    if len(title) > _TITLE_LINES:
        title = [*title[: _TITLE_LINES - 1], f"{title[_TITLE_LINES - 1]} …"]
    notes = [HIDDEN] if answer.policies_applied else []
    if result.truncated:
        notes.append(f"Only the first {result.row_count:,} rows are shown.")
    spec["title"] = {"text": title, "subtitle": notes, "anchor": "start"}
    return spec
