"""Questions in the comment: whoever wrote them, they stay texts; and what counts as another reading or another answer."""

from __future__ import annotations

from markdown_it import MarkdownIt

from app.compile.markdown.sections import fitted
from app.errors import Problem
from app.language.reading import Reading
from app.model.answer import Outcome
from app.model.query import SemanticQuery
from app.service.check.questions import sections
from app.service.check.readings import Side, Twice
from app.service.evaluation.question import Question
from app.service.evaluation.table import Table

HOSTILE = "`x` | </details> @team [a](b) ``` <script> <!-- datamind -->\n\n/approve #1"
REVENUE, ORDERS = (Reading(Outcome.ANSWER, SemanticQuery((name,)), 0.9, "Takings") for name in ("revenue", "orders"))
REFUSED = Reading(Outcome.REFUSE, problems=(Problem("DM6006", f"nothing here explains “{HOSTILE}”"),))


def twice(before: Side, after: Side, text: str = "how much") -> Twice:
    return Twice(Question(id="1", question=text), before, after)


def rows(*given: tuple) -> Table:
    return Table(("n",), given)


def test_no_question_breaks_out() -> None:
    one = twice(Side(REVENUE, rows((HOSTILE,))), Side(REFUSED), HOSTILE)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(fitted(sections([one], HOSTILE), rest=""))
    inline = [child for token in tokens if token.type == "inline" for child in token.children or []]
    assert [t.content for t in (*tokens, *inline) if t.type in ("html_block", "html_inline")] == []
    assert not any("@team" in one.content for one in inline if one.type == "text")
    assert [one for one in inline if one.type == "link_open"] == []
    assert sum(token.type == "tr_open" for token in tokens) == 2
    assert sum(token.type == "td_open" for token in tokens) == 3


def test_what_is_read_otherwise() -> None:
    assert not twice(Side(REVENUE), Side(REVENUE)).read_otherwise
    assert twice(Side(REVENUE), Side(ORDERS)).read_otherwise
    assert twice(Side(REVENUE), Side(REFUSED)).read_otherwise
    sure = Reading(Outcome.ANSWER, REVENUE.query, 0.5, "Takings")
    assert not twice(Side(REVENUE), Side(sure)).read_otherwise


def test_two_readings_of_the_same_words_are_told_apart() -> None:
    (section,) = sections([twice(Side(REVENUE), Side(ORDERS))])
    text = "\n".join(section.items[0])
    assert "revenue" in text
    assert "orders" in text


def test_what_is_answered_otherwise() -> None:
    def otherwise(before: Table, after: Table) -> bool:
        return twice(Side(REVENUE, before), Side(REVENUE, after)).answered_otherwise

    assert not otherwise(rows((1,), (2.5,)), rows((2.5,), (1,)))
    assert not otherwise(rows((0.1 + 0.2,)), rows((0.3,)))
    assert otherwise(rows((1,)), rows((1.001,)))
    assert otherwise(rows((1,)), rows((1,), (1,)))
    assert otherwise(rows((True,)), rows((1,)))
    assert twice(Side(REVENUE, problem="DM5005 no"), Side(REVENUE, rows((1,)))).answered_otherwise
    assert not twice(Side(REVENUE), Side(REVENUE)).answered_otherwise
