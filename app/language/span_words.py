"""What the rules for spans of time read: the words, numbers, years and months at a place of a question."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.language.numbers import whole
from app.language.text import Token, TokenKind
from app.model.moment import Moment
from app.model.periods import add_months, period_end
from app.model.types import Grain

UNITS = {"day": Grain.DAY, "week": Grain.WEEK, "month": Grain.MONTH, "quarter": Grain.QUARTER, "year": Grain.YEAR}
_MONTH_NAMES = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
_AFTER_VERB = {"i", "we", "you", "they", "he", "she", "it", "be", "have", "the", "this", "that", "someone", "anyone"}
ORDINALS = {"first": 1, "1": 1, "second": 2, "2": 2, "third": 3, "3": 3, "fourth": 4, "4": 4}
LAST = {"last", "previous", "prior", "past", "preceding", "trailing"}
THIS = {"this", "current"}


@dataclass(frozen=True, slots=True)
class Span:
    """A closed range; `tokens` is how many tokens said it, `dated` whether a year was said (else another may lend its own)."""

    start: dt.date
    end: dt.date
    grain: Grain
    tokens: int
    dated: bool = True


class SpanWords:
    """The tokens of one question, and the moment at which it is asked."""

    def __init__(self, tokens: tuple[Token, ...], moment: Moment) -> None:
        self._tokens = tokens
        self._moment = moment
        self._today = moment.today

    def word(self, at: int) -> str:
        """The folded word at a place, "" past the end."""
        return self._tokens[at].word if 0 <= at < len(self._tokens) else ""

    def stem(self, at: int) -> str:
        """The stem of the word at a place, "" past the end."""
        return self._tokens[at].stem if 0 <= at < len(self._tokens) else ""

    def whole(self, at: int) -> int | None:
        """The whole number at a place, or None."""
        return whole(self._tokens[at]) if 0 <= at < len(self._tokens) else None

    def is_year(self, at: int) -> bool:
        """Whether the token at a place is a year."""
        return self._calendar_year(at) is not None

    def _span(self, start: dt.date, grain: Grain, tokens: int, *, count: int = 1, dated: bool = True) -> Span:
        return Span(start, period_end(start, grain, count), grain, tokens, dated)

    def _quarter_word(self, at: int) -> tuple[int, int]:
        """(quarter, tokens) of `Q2`, `quarter 2`, `second quarter`; (0, 0) where there is none."""
        word = self.word(at)
        if len(word) == 2 and word[0] == "q" and word[1] in "1234":
            return int(word[1]), 1
        if word == "quarter" and self.word(at + 1) in {"1", "2", "3", "4"}:
            return int(self.word(at + 1)), 2
        if word in ORDINALS and self.word(at + 1) == "quarter":
            return ORDINALS[word], 2
        return 0, 0

    def _half_word(self, at: int) -> tuple[int, int]:
        word = self.word(at)
        if word in {"h1", "h2"}:
            return int(word[1]), 1
        if word in {"first", "second", "1", "2"} and self.word(at + 1) == "half":
            return ORDINALS[word], 2
        return 0, 0

    def _months_of_year(self, month: int, size: int, year: int | None, tokens: int, *, dated: bool) -> Span:
        """`size` months from `month`; without a year the most recent occurrence, which may be running."""
        start = dt.date(year or self._today.year, month, 1)
        if year is None and start > self._today:
            start = start.replace(year=start.year - 1)
        grain = {1: Grain.MONTH, 3: Grain.QUARTER}.get(size, Grain.MONTH)
        return Span(start, add_months(start, size) - dt.timedelta(days=1), grain, tokens, dated)

    def _calendar_year(self, at: int) -> int | None:
        """The year that the token at a place is, from 1900 to 2099."""
        if not 0 <= at < len(self._tokens) or self._tokens[at].kind is not TokenKind.NUMBER or len(self.word(at)) != 4:
            return None
        number = self.whole(at)
        return number if number and 1900 <= number <= 2099 else None

    def years_since(self, at: int) -> int:
        """How many years ago the year was that the token at a place is, 0 where it is none or not over."""
        year = self._calendar_year(at)
        return max(0, self._today.year - year) if year else 0

    def _year_after(self, at: int) -> tuple[int | None, int]:
        """(year, tokens) of `2025`, `of 2025`, `, 2025`, `of last year`, `this year` at a place."""
        lead = 1 if self.word(at) in {"of", ",", "in", "/", "-"} else 0
        number = self._calendar_year(at + lead)
        if number:
            return number, lead + 1
        lead = 1 if self.word(at) in {"of", "in"} else 0
        if self.word(at + lead) in LAST | THIS | {"next"} and self.word(at + lead + 1) == "year":
            offset = -1 if self.word(at + lead) in LAST else 1 if self.word(at + lead) == "next" else 0
            return self._today.year + offset, lead + 2
        return None, 0

    def _month_at(self, at: int) -> int | None:
        """The month named at a place; `may`, `march`, `mar`, `sun` and the like only where a date may stand."""
        month = MONTHS.get(self.word(at).removesuffix("."))
        if month is None or self.word(at) not in {"may", "march", "mar"}:
            return month
        before, after = self.word(at - 1), at + 1
        stands = before in {
            "in",
            "of",
            "since",
            "until",
            "till",
            "during",
            "for",
            "between",
            "from",
            "to",
            "before",
            "after",
            "and",
            "or",
            "about",
            "-",
            ",",
            "last",
            "this",
            "next",
            "only",
        }
        dated = self._calendar_year(after) is not None or self.whole(after) is not None or self.whole(at - 1) is not None
        return (
            month
            if stands
            or dated
            or (self._tokens[at].text[:1].isupper() and (at > 0 or self.word(1) not in _AFTER_VERB))
            or len(self._tokens) <= 2
            else None
        )

    def _day_of_month(self, day: int, month: int, at: int, used: int, year: int | None) -> Span:
        said, more = self._year_after(at + used)
        start = dt.date(said or year or self._today.year, month, day)
        if not said and not year and start > self._today:
            start = start.replace(year=start.year - 1)
        return self._span(start, Grain.DAY, used + more, dated=bool(said))
