"""Language: the lexicon of 1,000 metrics and 50,000 values, and questions of every kind read by it."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
import time
from typing import Any

from app.language.completion_index import CompletionIndex
from app.language.completions import Completer
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

TYPED = (
    "gross order amount by country last month",
    "northashford 1",
    "top 5 cities by new claim cost",
    "net invoice count in germany",
    "share of open ticket rate by segment",
    "how many paid visit count this year",
    "late flight duration in northelmwick 12",
    "xyzzy plugh",
)
BAD_INPUT = {
    "10,000 characters": "gross order amount " * 530,
    "2,000 names": "amount " * 2_000,
    "names": "gross order amount " * 39,
    "ambiguous names": "order " * 119,
    "unknown words": "revenew kwantity asdfghjkl " * 39,
    "5,000 numbers": "5000 " * 5_000,
    "numbers": "100 " * 119,
    "months": "june to may and " * 29,
    "one word": "x" * 2_000,
    "quotes": "'" * 2_000,
    "emoji": "🎉" * 1_000,
    "SQL comments": "--\n" * 600,
    "no words": "\n" * 2_000,
}


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
    index_s, completing, begun = _completions(lexicon, ontology, joins)
    worst = _worst(lexicon, ontology, joins)
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
        "completion_index_s": round(index_s, 2),
        "completed": len(completing),
        "with_completions": begun,
        "completion_p50_ms": round(statistics.median(completing), 2),
        "completion_p95_ms": round(statistics.quantiles(completing, n=20)[-1], 2),
        "bad_input_slowest_ms": round(max(worst.values()), 2),
        "bad_input_ms": {name: round(ms, 2) for name, ms in worst.items()},
        "failed": {} if answered else {"answers": "none"},
    }


def _completions(lexicon: Lexicon, ontology: Ontology, joins: JoinGraph) -> tuple[float, list[float], int]:
    """Seconds to build the index, milliseconds of each completion of questions typed letter by letter, and how many of them had any."""
    started = time.perf_counter()
    index = CompletionIndex.of(lexicon, ontology)
    built = time.perf_counter() - started
    completer = Completer(lexicon, ontology, joins, index, MOMENT)
    taken, some = [], 0
    for typed in TYPED:
        for end in range(len(typed) + 1):
            started = time.perf_counter()
            some += bool(completer.complete(typed[:end], 5))
            taken.append(1000 * (time.perf_counter() - started))
    return built, taken, some


def _worst(lexicon: Lexicon, ontology: Ontology, joins: JoinGraph) -> dict[str, float]:
    """Milliseconds of texts that are no questions, by what they are."""
    found = {}
    for name, text in BAD_INPUT.items():
        started = time.perf_counter()
        interpret(text, lexicon, ontology, joins, MOMENT)
        found[name] = 1000 * (time.perf_counter() - started)
    return found


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
