"""What says too little to be answered: growth of no period, and `how bad` something is; the queries that can be meant, of which one is chosen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from app.language.build import Builder, Built
from app.language.draft import Comparison, Draft
from app.language.inflect import root
from app.language.lexicon import Lexicon
from app.language.text import phrase_words
from app.model.metrics import Window
from app.model.moment import Moment
from app.model.periods import first_day
from app.model.query import TimeRange
from app.model.types import Grain


def comparisons(draft: Draft, builder: Builder, moment: Moment) -> list[Built]:
    """The draft over the last complete month and the year so far, against what was a period before, and month by month."""
    today = moment.today
    month = TimeRange(first_day(today, Grain.MONTH, periods_later=-1), first_day(today, Grain.MONTH) - dt.timedelta(days=1), "last month")
    year = TimeRange(first_day(today, Grain.YEAR), today, "this year")
    asked = (
        replace(draft, compared=Comparison(month, Window(1, Grain.MONTH.value))),
        replace(draft, compared=Comparison(year, Window(1, Grain.YEAR.value))),
        replace(draft, compared=Comparison(year, None), trend=True),
    )
    found = [built for one in asked if one.compared is not None for built in builder.build(one, one.compared.span)[:1]]
    return [built for built in found if not built.unreached and built.query.calculations]


def kindred(draft: Draft, top: Built, builder: Builder, lexicon: Lexicon) -> list[Built]:
    """The query that `how bad are cancellations` names, and that of each other metric whose name speaks of the same: their rate, their cost."""
    said = {root(word) for name in top.query.asked_metrics for word in phrase_words(lexicon.metrics[name].label)}
    names = [
        facts.name
        for facts in lexicon.metrics.values()
        if facts.name not in top.query.asked_metrics and not said.isdisjoint(root(word) for word in phrase_words(facts.label))
    ]
    others = [built for name in names for built in builder.build_for(draft, name)[:1] if not built.unreached]
    return [top, *others]
