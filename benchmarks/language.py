"""Language: the lexicon of 1,000 metrics and 50,000 values, and questions of every kind read by it."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
import time
from typing import Any

from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.model.expr import Column
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, Grain
from app.sql.joins import JoinGraph
from benchmarks.measure import peak_mb
from benchmarks.options import Options

METRICS, VALUES = 1_000, 50_000
MOMENT = Moment(dt.datetime(2026, 7, 15, 9, tzinfo=dt.UTC), dt.date(2026, 7, 15))
WORDS = (
    ("gross", "net", "total", "average", "new", "active", "closed", "open", "paid", "late"),
    ("order", "invoice", "shipment", "claim", "ticket", "visit", "contract", "loan", "flight", "booking"),
    ("amount", "count", "cost", "margin", "rate", "volume", "weight", "duration", "score", "balance"),
)
QUESTIONS = (
    *("{} by country last month", "how many {} did we have in Q2 2026?", "top 5 cities by {}", "share of {} by segment", "{} vs last year"),
    *(
        "which country had the highest {} in 2025",
        "{} in Germany excluding business",
        "countries with more than 100 {}",
        "monthly {} growth this year",
    ),
    *(
        "top city in each country by {}",
        "cumulative {} by month",
        "average {} per day last month",
        "what is the wether in {}",
        "{} per astronaut",
        "{}",
    ),
)


def measure(options: Options) -> dict[str, Any]:
    """The figures that README.md names, in s, MB and ms."""
    before = peak_mb()
    names = ["_".join(words) for words in itertools.product(*WORDS)][:METRICS]
    ontology, values = (
        _layer(names),
        {"customer__city": tuple(f"{place} {number}" for number, place in zip(range(VALUES), _places(), strict=False))},
    )
    started = time.perf_counter()
    lexicon = Lexicon.of(ontology, values)
    built = time.perf_counter() - started
    joins = JoinGraph.of(ontology)
    taken: list[float] = []
    answered = 0
    for number in range(options.rounds * 100):
        question = QUESTIONS[number % len(QUESTIONS)].format(names[(37 * number) % len(names)].replace("_", " "))
        started = time.perf_counter()
        reading = interpret(question, lexicon, ontology, joins, MOMENT)
        taken.append(1000 * (time.perf_counter() - started))
        answered += reading.query is not None
    return {
        "metrics": len(ontology.metrics),
        "values": VALUES,
        "lexicon_s": round(built, 2),
        "lexicon_mb": round(peak_mb() - before, 1),
        "questions": len(taken),
        "answered": answered,
        "p50_ms": round(statistics.median(taken), 2),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 2),
        "slowest_ms": round(max(taken), 2),
        "failed": {} if answered else {"answers": "none"},
    }


def _places() -> Any:
    """Invented names of places, without end."""
    first, last = ("North", "Old", "Upper", "Saint", "Port", "Green", "Stone"), ("ford", "bury", "haven", "field", "wick", "ton", "mouth")
    return itertools.cycle(f"{a}{b}{c}" for a, b, c in itertools.product(first, ("ash", "oak", "elm", "brook", "mill"), last))


def _layer(names: list[str]) -> Ontology:
    """Events with all the measures, and customers by whom they are grouped."""
    events = SemanticModel(
        "events",
        "fct_events",
        entities=(Entity("event", EntityType.PRIMARY, Column("event_id")), Entity("customer", EntityType.FOREIGN, Column("customer_id"))),
        dimensions=(Dimension("happened_at", DimensionType.TIME, Column("happened_at"), grain=Grain.DAY),),
        measures=tuple(Measure(name, Aggregation.SUM, Column(name)) for name in names),
        agg_time_dimension="happened_at",
    )
    kinds = (("country", ("Germany", "France", "Spain")), ("segment", ("business", "consumer")), ("city", ()))
    customers = SemanticModel(
        "customers",
        "dim_customers",
        entities=(Entity("customer", EntityType.PRIMARY, Column("customer_id")),),
        dimensions=tuple(Dimension(name, DimensionType.CATEGORICAL, Column(name), values=held) for name, held in kinds),
    )
    metrics = tuple(Metric(name, Simple(MeasureInput("events", name))) for name in names)
    return Ontology("benchmark", semantic_models=(events, customers), metrics=metrics, default_access="allow")
