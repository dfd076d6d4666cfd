"""Spans of time in words: `last month`, `Q2 2026`, `June`, `2025-03-01`, each as a closed range of dates."""

from __future__ import annotations

import datetime as dt

from app.language.dates import fiscal_year_start, period_start
from app.language.feasts import named_day
from app.language.span_words import LAST, THIS, UNITS, Span, SpanWords
from app.language.text import TokenKind
from app.model.periods import add_months, moved
from app.model.types import Grain

_SO_FAR = [words.split() for words in ("so far", "to date", "up to now", "up to today", "until now", "until today", "till now")]
_DAYS = {name: number for number, name in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])}


class SpanReader(SpanWords):
    """Reads spans at a place of one question. `year` in its methods is lent by the other end of a range (`March to June 2025`)."""

    def read(self, at: int, year: int | None = None) -> Span | None:
        """The longest span that begins at token `at`, or None. Never raises."""
        if at >= len(self._tokens):
            return None
        skip = 1 if self.word(at) == "the" else 0
        best: Span | None = None
        for rule in (
            self._day_word,
            self._relative,
            self._to_date,
            self._fiscal,
            self._part,
            self._month,
            self._year,
            self._iso,
            self._week,
            self._feast,
            self._week_of,
            self._before_last,
        ):
            try:
                found = rule(at + skip, year)
            except (OverflowError, ValueError):
                found = None
            if found and found.tokens and (best is None or found.tokens > best.tokens):
                best = found
        return Span(best.start, best.end, best.grain, best.tokens + skip, best.dated) if best and skip else best

    def _day_word(self, at: int, _year: int | None) -> Span | None:
        """today, yesterday, tomorrow, Monday last."""
        offset = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(self.word(at))
        if offset is not None:
            return self._span(self._today + dt.timedelta(days=offset), Grain.DAY, 1)
        if self.word(at) == "day" and self.word(at + 1) == "before" and self.word(at + 2) == "yesterday":
            return self._span(self._today - dt.timedelta(days=2), Grain.DAY, 3)
        lead = 1 if self.word(at) in LAST | {"this"} else 0
        weekday = _DAYS.get(self.word(at + lead))
        if weekday is None or (not lead and self.word(at - 1) not in {"on", "since", "until", "before", "after", "from"}):
            return None
        if lead and self.word(at) == "this":
            start = period_start(self._today, Grain.WEEK, self._moment)
            return self._span(start + dt.timedelta(days=(weekday - start.weekday()) % 7), Grain.DAY, 2)
        back = (self._today.weekday() - weekday) % 7 or 7
        return self._span(self._today - dt.timedelta(days=back), Grain.DAY, 1 + lead)

    def _relative(self, at: int, _year: int | None) -> Span | None:
        """last month, this year, next week, last 6 weeks, 3 months ago."""
        lead = self.word(at)
        if lead in LAST | THIS | {"next", "coming", "rolling"}:
            count, used = self.whole(at + 1), 2
            if count == 2 and self.word(at + 1) == "couple":
                used += self.word(at + 2) == "of"
            if self.word(at + used) in {"full", "complete", "calendar"}:
                used += 1
            if count is None:
                count, used = 1, 1
                plural = self.word(at + 1).endswith("s")
            else:
                plural = False
            grain = UNITS.get(self.stem(at + used))
            if grain is None or count < 1 or plural or (lead == "rolling" and not self.word(at + used).endswith("s")):
                return None  # `a rolling 7 day revenue` is one at each day
            start = period_start(self._today, grain, self._moment)
            if lead in THIS:
                so_far = next((len(words) for words in _SO_FAR if all(self.word(at + 2 + n) == word for n, word in enumerate(words))), 0)
                return Span(start, self._today, grain, used + 1 + so_far) if used == 1 else None
            if lead in {"next", "coming"}:
                return self._span(moved(start, grain, 1), grain, used + 1, count=count)
            return self._span(moved(start, grain, -count), grain, used + 1, count=count) if lead != "rolling" or used > 1 else None
        count = 1 if lead in {"a", "an", "one"} else self.whole(at)
        grain = UNITS.get(self.stem(at + 1))
        if count and grain and self.word(at + 2) == "ago":
            return self._span(moved(period_start(self._today, grain, self._moment), grain, -count), grain, 3)
        return None

    def running(self, at: int) -> Span | None:
        """The running week, month, quarter or year, whole, where its unit is named at a place."""
        grain = UNITS.get(self.word(at))
        return self._span(period_start(self._today, grain, self._moment), grain, 1) if grain else None

    def _to_date(self, at: int, _year: int | None) -> Span | None:
        """YTD, month to date, so far this year."""
        glued = {"ytd": Grain.YEAR, "qtd": Grain.QUARTER, "mtd": Grain.MONTH, "wtd": Grain.WEEK, "fytd": Grain.YEAR}.get(self.word(at))
        if glued:
            return Span(period_start(self._today, glued, self._moment, fiscal=self.word(at) == "fytd"), self._today, glued, 1)
        grain = UNITS.get(self.word(at))
        if grain and self.word(at + 1) == "to" and self.word(at + 2) == "date":
            return Span(period_start(self._today, grain, self._moment), self._today, grain, 3)
        if self.word(at) == "so" and self.word(at + 1) == "far":
            inner = self._relative(at + 2, None) if self.word(at + 2) in THIS else None
            return Span(inner.start, inner.end, inner.grain, inner.tokens + 2) if inner else None
        return None

    def _fiscal(self, at: int, year: int | None) -> Span | None:
        """FY2025, fiscal year 2025, last fiscal quarter, fiscal Q2 2025."""
        moment, word = self._moment, self.word(at)
        if word.startswith("fy") and word[2:].isdigit() and len(word) in (4, 6):
            number = int(word[2:]) + (2000 if len(word) == 4 else 0)
            return self._span(fiscal_year_start(number, moment), Grain.YEAR, 1)
        if word in LAST | THIS and self.word(at + 1) == "fiscal":
            grain = UNITS.get(self.word(at + 2))
            if grain not in (Grain.YEAR, Grain.QUARTER):
                return None
            start = period_start(self._today, grain, moment, fiscal=True)
            return Span(start, self._today, grain, 3) if word in THIS else self._span(moved(start, grain, -1), grain, 3)
        lead = 1 if word in {"fiscal", "fy"} else 0
        if not lead:
            return None
        if self.word(at + 1) == "year" or word == "fy":
            lead += word != "fy"
            named = self._calendar_year(at + lead)
            return self._span(fiscal_year_start(named, moment), Grain.YEAR, lead + 1) if named else None
        quarter, used = self._quarter_word(at + 1)
        said, more = self._year_after(at + 1 + used)
        if not quarter:
            return None
        if said:
            return self._span(add_months(fiscal_year_start(said, moment), 3 * (quarter - 1)), Grain.QUARTER, 1 + used + more)
        this = period_start(self._today, Grain.YEAR, moment, fiscal=True)
        start = add_months(this, 3 * (quarter - 1))
        return self._span(start if start <= self._today else add_months(start, -12), Grain.QUARTER, 1 + used, dated=year is not None)

    def _part(self, at: int, year: int | None) -> Span | None:
        """Quarters and halves of a year: Q2 2026, second half of last year."""
        for size, (number, used) in ((3, self._quarter_word(at)), (6, self._half_word(at))):
            if not number:
                continue
            said, more = self._year_after(at + used)
            short = self.whole(at + used)
            if not said and short is not None and 15 <= short <= 49 and len(self.word(at + used)) == 2:
                said, more = 2000 + short, 1  # `Q4 25`
            if not said and self._calendar_year(at - 1) and self._tokens[at - 1].kind is TokenKind.NUMBER:
                return None  # `2026 Q2` is read from its year
            return self._months_of_year(size * (number - 1) + 1, size, said or year, used + more, dated=bool(said))
        first = self._calendar_year(at)
        if first:
            for size, (number, used) in ((3, self._quarter_word(at + 1)), (6, self._half_word(at + 1))):
                if number:
                    return self._months_of_year(size * (number - 1) + 1, size, first, used + 1, dated=True)
        return None

    def _month(self, at: int, year: int | None) -> Span | None:
        """June, June 2025, 5 June, June 5th, last June, June of last year."""
        if self.word(at) in LAST and self.word(at + 1) == "year":
            month = self._month_at(at + 2)
            return self._months_of_year(month, 1, self._today.year - 1, 3, dated=True) if month else None
        lead = 1 if self.word(at) in LAST | {"this", "next"} else 0
        day_first = self.whole(at)
        if day_first and not lead:
            of = 1 if self.word(at + 1) == "of" else 0
            month = self._month_at(at + 1 + of)
            return self._day_of_month(day_first, month, at, 2 + of, year) if month and day_first <= 31 else None
        month = self._month_at(at + lead)
        if month is None:
            return None
        day = self.whole(at + lead + 1)
        if not lead and day and 1 <= day <= 31 and self._calendar_year(at + 1) is None and self.word(at + 2) not in UNITS:
            return self._day_of_month(day, month, at, 2, year)
        said, more = (None, 0) if lead else self._year_after(at + 1)
        if lead:
            running = month >= self._today.month
            said = self._today.year - (self.word(at) in LAST and running) + (self.word(at) == "next" and month <= self._today.month)
        return self._months_of_year(month, 1, said or year, 1 + lead + more, dated=bool(said))

    def _year(self, at: int, _year: int | None) -> Span | None:
        """2025, calendar year 2025."""
        lead = 1 if self.word(at) == "year" else 2 if self.word(at) == "calendar" and self.word(at + 1) == "year" else 0
        number = self._calendar_year(at + lead)
        return self._span(dt.date(number, 1, 1), Grain.YEAR, lead + 1) if number else None

    def _iso(self, at: int, _year: int | None) -> Span | None:
        """2026-03-01, 2026-03, 2026-W23, 1.3.2026; 3/4/2026 says two things and is not read."""
        if at >= len(self._tokens) or self._tokens[at].kind is not TokenKind.DATE:
            return None
        text = self.word(at)
        if "-" in text:
            parts = text.split("-")
            if len(parts) == 3:
                return self._span(dt.date.fromisoformat(text), Grain.DAY, 1)
            if parts[1][0] == "w":
                return self._span(dt.date.fromisocalendar(int(parts[0]), int(parts[1][1:]), 1), Grain.WEEK, 1)
            if parts[1][0] == "q":
                return self._months_of_year(3 * int(parts[1][1:]) - 2, 3, int(parts[0]), 1, dated=True)
            return self._span(dt.date(int(parts[0]), int(parts[1]), 1), Grain.MONTH, 1)
        mark = "." if "." in text else "/"
        first, second, year = (int(part) for part in text.split(mark))
        if mark == ".":
            return self._span(dt.date(year, second, first), Grain.DAY, 1)
        if first == second or first > 12 or second > 12:
            return self._span(dt.date(year, second, first) if first > 12 else dt.date(year, first, second), Grain.DAY, 1)
        return None

    def _week(self, at: int, year: int | None) -> Span | None:
        """week 23 of 2026, W23, by ISO 8601."""
        word, used = self.word(at), 1
        if word == "week":
            number, used = self.whole(at + 1), 2
        else:
            number = int(word[1:]) if word[:1] == "w" and word[1:].isdigit() and len(word) <= 3 else None
        if not number:
            return None
        said, more = self._year_after(at + used)
        if said or year:
            start = dt.date.fromisocalendar(said or year or 0, number, 1)
        else:
            start = dt.date.fromisocalendar(self._today.isocalendar().year, number, 1)
            if start > self._today:
                start = dt.date.fromisocalendar(self._today.isocalendar().year - 1, number, 1)
        return self._span(start, Grain.WEEK, used + more, dated=bool(said))

    def _feast(self, at: int, year: int | None) -> Span | None:
        """Days and seasons with a name."""
        lead = 1 if self.word(at) in LAST | {"this"} else 0
        found = named_day([self.stem(at + lead + n) for n in range(4)])
        if found is None:
            return None
        said, more = self._year_after(at + lead + found.words)
        if self.word(at + lead) == "falls" or (
            self.word(at + lead) == "fall" and not (lead or said or self.word(at - 1) in {"in", "during"})
        ):
            return None  # what fell
        start, end = found.of(said or year or self._today.year)
        if not said and not year and start > self._today:
            start, end = found.of(self._today.year - 1)
        if lead and self.word(at) in LAST and start <= self._today <= end:
            start, end = found.of(start.year - 1)
        return Span(start, end, Grain.DAY if start == end else Grain.QUARTER, lead + found.words + more, bool(said))

    def _week_of(self, at: int, year: int | None) -> Span | None:
        """`week of 8 June`, `month of June`: the period in which it lies."""
        grain = UNITS.get(self.word(at))
        if grain is None or self.word(at + 1) not in {"of", "starting", "beginning", "commencing", "from", "containing"}:
            return None
        if self.word(at - 1) in {"each", "every", "per", "by"}:
            return None  # `for each quarter from January on`
        skip = 3 if self.word(at + 2) == "the" else 2
        inner = self._month(at + skip, year) or self._iso(at + skip, year)
        if inner is None or inner.grain.order > grain.order:
            return None
        return self._span(period_start(inner.start, grain, self._moment), grain, skip + inner.tokens, dated=inner.dated)

    def _before_last(self, at: int, _year: int | None) -> Span | None:
        """`the month before last`, `the month just gone`."""
        grain = UNITS.get(self.word(at))
        if (
            grain is not None
            and self.word(at + 1) in {"just", "now"}
            and self.word(at + 2) in {"gone", "past", "ended", "finished", "over"}
        ):
            return self._span(moved(period_start(self._today, grain, self._moment), grain, -1), grain, 3)
        if grain is None or self.word(at + 1) != "before" or self.word(at + 2) != "last":
            return None
        return self._span(moved(period_start(self._today, grain, self._moment), grain, -2), grain, 3)
