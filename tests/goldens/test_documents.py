"""Every query of the pages of docs/ that explain metric queries, run on both engines: what is written there is what comes out."""

from __future__ import annotations

import msgspec
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.errors import Severity, UserError
from app.model.physical import Placement, Relation
from app.model.shapes import Top, Totals
from app.model.types import Dialect
from app.plan.build import build
from app.plan.render import render
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.goldens.conftest import Warehouses, load_clickhouse, load_postgres
from tests.goldens.documents import BOOKS, DOCS, Book, Example, compilation, examples, tables, text_of, written

EXAMPLES = [pytest.param(number, id=f"{e.page}:{e.line}") for number, e in enumerate(examples())]


@pytest.fixture(scope="session")
def example(stack: Stack, warehouses: Warehouses) -> Warehouses:
    """The engines, with the tables of the books in them."""
    for book in BOOKS:
        load_postgres(stack.owner_urls[Part.POSTGRES], book.name, tables(book))
        load_clickhouse(stack.owner_urls[Part.CLICKHOUSE], book.name, tables(book))
    return warehouses


@pytest.mark.parametrize("book", BOOKS, ids=[book.name for book in BOOKS])
def test_the_layer_of_the_pages_has_no_problems(book: Book) -> None:
    assert [p for p in compilation(book).problems if p.severity in (Severity.ERROR, Severity.WARNING)] == []


def test_the_pages_have_examples() -> None:
    """Without examples the others would pass by not being there."""
    pages = [page for book in BOOKS for page in book.pages]
    assert {e.page for e in examples()} == set(pages)
    for page in pages:
        assert text_of(page).count("```yaml query") == sum(e.page == page for e in examples())


@pytest.mark.parametrize("number", EXAMPLES)
def test_example(number: int, example: Warehouses, request: pytest.FixtureRequest) -> None:
    found = list(examples())[number]
    answers = {answer(found, dialect, example) for dialect in Dialect}
    assert len(answers) == 1, answers
    (given,) = answers
    if request.config.getoption("--update-goldens", default=False):
        update(number, given)
        found = list(examples())[number]
    assert given == (found.code or found.table), (found.query, given)
    if found.sql:
        assert sql_of(found, Dialect.POSTGRES, shown=True) == found.sql


def answer(found: Example, dialect: Dialect, engines: Warehouses) -> str:
    """The table that comes out, or the code of the refusal."""
    try:
        result = engines.run(dialect, sql_of(found, dialect))
    except UserError as error:
        return error.problem.code
    return written([column.name for column in result.columns], list(result.rows()))


def sql_of(found: Example, dialect: Dialect, *, shown: bool = False) -> str:
    """The query's SQL; as it is shown it may bear comments."""
    asked = {key: tuple(value) if isinstance(value, list) else value for key, value in found.query.items() if key != "comments"}
    asked |= {"top": msgspec.convert(asked["top"], Top)} if "top" in asked else {}
    asked |= {"totals": Totals(asked["totals"])} if "totals" in asked else {}
    for key in ("start_time", "end_time", "as_of"):
        asked |= {key: str(asked[key])} if key in asked else {}
    for key in ("where", "order"):
        asked |= {key: (asked[key],)} if isinstance(asked.get(key), str) else {}
    ontology = compilation(found.book).layer.ontology
    joins = JoinGraph.of(ontology)
    plan = build(semantic_query(QueryRequest(**asked), ontology, joins), ontology, joins)
    places = Placement(dialect.value, tuple((name, Relation(found.book.name, name)) for name in sorted(tables(found.book))))
    told = {metric.name: metric.description for metric in ontology.metrics} if shown and found.query.get("comments") else None
    return render(plan, dialect, places, limit=None, comments=told).text


def update(number: int, given: str) -> None:
    """Write what comes out below the query; a person reads the difference."""
    found = list(examples())[number]
    text = text_of(found.page)
    lines = text.splitlines()
    end = next(n for n in range(found.line, len(lines)) if lines[n] == "```") + 1
    if found.sql:
        end = next(n for n in range(end + 2, len(lines)) if lines[n] == "```") + 1
    rest = lines[end:]
    while rest and (not rest[0].strip() or rest[0].startswith(("|", "Refused: "))):
        rest.pop(0)
    shown = f"Refused: `{given}`" if given.startswith("DM") else given
    text = "\n".join([*lines[:end], "", shown, "", *rest]).rstrip("\n") + "\n"
    (DOCS / found.page).write_text(text, encoding="utf-8")
