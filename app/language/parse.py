"""Give each piece of a cut its role: metric, group, filter, bound, rank, order or period."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, auto

from app.language.draft import Draft, Having, PeriodCondition, Slot, ValueCondition
from app.language.lexicon import Lexicon
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import DECIDES, Kind, Sense
from app.language.words import Cue
from app.model.types import DatePart, Grain

_NAMES = (Kind.DIMENSION, Kind.ENTITY)
_TIED = 0.05
_FLIPPED = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "<>"}


class _Expect(Enum):
    METRIC = auto()
    TARGET = auto()
    GROUP = auto()
    FILTER = auto()


def parse(cut: tuple[Piece, ...], lexicon: Lexicon) -> Draft:
    """The Draft that a cut says. Never raises; what has no place in it is in `unused`."""
    return _Parser(cut, lexicon).run()


def tied(senses: tuple[Sense, ...]) -> tuple[Sense, ...]:
    """The senses that are about as good as the best one."""
    best = max((s.weight for s in senses), default=0.0)
    return tuple(s for s in senses if s.weight >= best - _TIED)


class _Parser:
    """One pass from left to right with one or two pieces of lookahead."""

    def __init__(self, cut: tuple[Piece, ...], lexicon: Lexicon) -> None:
        self.draft = Draft()
        self.lexicon = lexicon
        self.pieces = [p for p in cut if p.cue is not Cue.FILLER]
        self.draft.roles += [(p, Role.WORDS) for p in cut if p.cue is Cue.FILLER]
        self.at = 0
        self.expect = _Expect.METRIC
        self.negated = False
        self.either = False
        self.with_ = False
        self.joined = False
        self.ordering = False
        self.last: Piece | None = None

    def run(self) -> Draft:
        """Read every piece."""
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.cue:
                self._cue(piece, piece.cue)
            elif piece.period:
                self._role(piece, Role.PERIOD)
                self.draft.periods.append(piece.period)
            elif piece.quoted:
                self._quoted(piece)
            elif piece.senses:
                self._name(piece)
            elif self._count_of_rank(piece):
                pass
            else:
                self.draft.unused.append(piece)
            if piece.cue not in (Cue.AND, Cue.OR, Cue.COMMA):
                self.joined = self.either = False
            if not piece.cue:
                self.last = piece
        return self.draft

    def _role(self, piece: Piece, role: Role) -> None:
        self.draft.roles.append((piece, role))

    def _next(self, ahead: int = 0) -> Piece | None:
        place = self.at + ahead
        return self.pieces[place] if place < len(self.pieces) else None

    # --- grammar words

    def _cue(self, piece: Piece, cue: Cue) -> None:
        draft = self.draft
        self._role(piece, Role.WORDS)
        match cue:
            case Cue.GROUP:
                self.expect, self.negated, self.with_ = _Expect.GROUP, False, False
                draft.grouped_by_cue += 1
            case Cue.WHERE | Cue.WITH:
                if piece.text.lower() == "of" and not draft.metrics and self.expect is _Expect.METRIC:
                    return
                self.expect, self.negated, self.with_ = _Expect.FILTER, False, cue is Cue.WITH
            case Cue.NOT:
                self.expect, self.negated = _Expect.FILTER, True
            case Cue.AND | Cue.COMMA:
                self.joined = True
            case Cue.OR:
                self.joined = self.either = True
            case Cue.COMPARE:
                self._compare(piece)
            case Cue.BETWEEN:
                self._between(piece)
            case Cue.RANK:
                self._rank(piece)
            case Cue.WHICH:
                following = self._next()
                if following and following.first == piece.last and (following.senses or following.cue is Cue.GRAIN):
                    draft.which, self.expect = True, _Expect.TARGET
            case Cue.ORDER:
                self.ordering = True
                self.expect = _Expect.METRIC
            case Cue.DIRECTION:
                draft.direction = piece.detail
            case Cue.LIST:
                draft.listing = True
            case Cue.HOW_MANY:
                draft.how_many = True
                self.expect = _Expect.METRIC
            case Cue.AGGREGATE:
                draft.aggregates.append(piece)
            case Cue.GRAIN:
                self._grain(piece)
            case Cue.TREND:
                draft.trend = True
            case Cue.UNSERVED:
                draft.unserved.append(piece.detail)
            case Cue.OR_MORE:
                draft.unused.append(piece)
            case _:
                pass

    def _grain(self, piece: Piece) -> None:
        grain = DatePart.DOW if piece.detail == "dow" else Grain(piece.detail)
        if all(grain != held for _, held in self.draft.grains):
            self.draft.grains.append((piece, grain))
        if piece.text.lower().startswith(("by ", "per ", "each ", "every ")) or self.expect is _Expect.TARGET:
            self.expect = _Expect.GROUP if self.expect is not _Expect.TARGET else _Expect.METRIC

    def _rank(self, piece: Piece) -> None:
        draft = self.draft
        draft.rank = draft.rank or piece.detail
        self.expect = _Expect.TARGET
        following = self._next()
        if following and following.number is not None and following.number == int(following.number) and 0 < following.number <= 10_000:
            draft.limit = int(following.number)
            self._role(following, Role.LIMIT)
            self.at += 1

    def _count_of_rank(self, piece: Piece) -> bool:
        """`the 5 best products`."""
        following = self._next()
        if piece.number is None or following is None or following.cue is not Cue.RANK or not 0 < piece.number <= 10_000 or piece.number % 1:
            return False
        self.draft.limit = int(piece.number)
        self._role(piece, Role.LIMIT)
        return True

    def _compare(self, piece: Piece) -> None:
        """`more than 100 orders`, `revenue under 3000`, `age over 30`."""
        value = self._next()
        if value is None or value.number is None:
            self.draft.unused.append(piece)
            return
        self.at += 1
        self._bound(piece, value, piece.detail, value.number)

    def _between(self, piece: Piece) -> None:
        low, joint, high, after = self._next(), self._next(1), self._next(2), self._next(3)
        if not (low and high and joint and joint.cue is Cue.AND and low.number is not None and high.number is not None):
            self.draft.unused.append(piece)
            return
        self.at += 3
        if after and after.first == high.last and after.of(Kind.METRIC):
            self.last, self.expect = after, _Expect.FILTER
            self._role(after, Role.HAVING)
            self.at += 1
        self._bound(piece, low, ">=", low.number)
        self._bound(piece, high, "<=", high.number)

    def _bound(self, piece: Piece, value: Piece, op: str, number: Decimal) -> None:
        """Bind a bound to the metric that follows, else to the metric or dimension that was named last."""
        draft = self.draft
        op = _FLIPPED[op] if self.negated else op
        following = self._next()
        if following and following.first == value.last and following.of(Kind.METRIC) and not following.of(Kind.VALUE):
            self.at += 1
            self._role(following, Role.HAVING)
            self._role(value, Role.HAVING)
            draft.having.append(Having(Slot(following, tied(following.of(Kind.METRIC))), op, number))
            return
        last = self.last
        if last and last.of(Kind.METRIC) and not (self.expect is _Expect.GROUP and last.of(*_NAMES)):
            self._role(value, Role.HAVING)
            draft.having.append(Having(Slot(last, tied(last.of(Kind.METRIC))), op, number))
        elif last and last.of(Kind.DIMENSION):
            self._role(value, Role.FILTER)
            draft.groups = [slot for slot in draft.groups if slot.piece is not last]
            draft.unused = [p for p in draft.unused if p is not last]
            draft.conditions.append(ValueCondition(Slot(last, tied(last.of(Kind.DIMENSION))), op=op, literal=number))
        else:
            draft.unused += [piece, value]

    # --- names and values

    def _quoted(self, piece: Piece) -> None:
        """A quoted value that stands alone: one that the layer knows, else a question which dimension is meant."""
        if piece.senses:
            self._condition(piece, tied(piece.senses))
        else:
            self.draft.unknown_values.append((Slot(piece, ()), piece))

    def _name(self, piece: Piece) -> None:
        names, metrics = piece.of(*_NAMES), piece.of(Kind.METRIC)
        held = piece.of(Kind.VALUE, Kind.FLAG)
        if self._literal(piece, names) or self._time(piece) or self._dated_group(piece):
            return
        following = self._next()
        if held and following and following.first == piece.last and self._same(held, following):
            self.at += 1
            self._role(following, Role.FILTER)
            self._condition(piece, self._within(held, following))
            return
        if self.ordering and (metrics or names):
            self.ordering = False
            self.draft.order = Slot(piece, tied(metrics or names))
            self._role(piece, Role.ORDER)
            return
        match self.expect:
            case _Expect.TARGET:
                self._target(piece, names, metrics, held)
            case _Expect.GROUP:
                self._group_place(piece, names, metrics, held)
            case _Expect.FILTER:
                self._filter_place(piece, names, metrics, held)
            case _:
                self._metric_place(piece, names, metrics, held)

    def _metric_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        if names and (not _decides(metrics) or self._relative()):
            flag = piece.of(Kind.FLAG) and not (self.draft.listing or self._relative())
            if held and (flag or held[0].weight > names[0].weight):
                self._condition(piece, tied(held))
            else:
                self._group(piece, names)
                self.draft.penalty += 0.0 if self.draft.listing or self._relative() else 0.08
        elif metrics and (not held or metrics[0].weight >= held[0].weight - _TIED):
            self._metric(piece, metrics)
        elif held:
            self._condition(piece, tied(held))

    def _target(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        """After `top 5`, `which`, `highest`: what is ranked, or what it is ranked by."""
        if names and not self.draft.groups:
            self._group(piece, names)
            if self.draft.rank and self.draft.limit is None:
                self.draft.limit = 10 if piece.plural else 1
            self.expect = _Expect.METRIC
        elif metrics:
            self._metric(piece, metrics)
            self.expect = _Expect.METRIC
        elif held:
            self._condition(piece, tied(held))
        elif names:
            self._group(piece, names)

    def _group_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        if metrics and names and metrics[0].weight > names[0].weight + (0.0 if not self.draft.rank else -_TIED):
            if self.draft.metrics:
                self.draft.unused.append(piece)
            else:
                self._metric(piece, metrics)
        elif names and (not _decides(metrics) or _decides(names)):
            self._group(piece, names)
        elif metrics:
            self._metric(piece, metrics)
        else:
            self._condition(piece, tied(held))

    def _filter_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        following = self._next()
        described = bool(self.draft.conditions) and self.draft.conditions[-1].slot.piece.last >= piece.first - 1
        if held:
            self._condition(piece, tied(held))
        elif metrics and following and following.cue in (Cue.COMPARE, Cue.BETWEEN):
            self._role(piece, Role.HAVING)
        elif names and following and following.cue in (Cue.COMPARE, Cue.BETWEEN) and piece.of(Kind.DIMENSION):
            self._role(piece, Role.FILTER)
        elif metrics and (not self.negated or described) and (not self.draft.metrics or self.joined):
            self._metric(piece, metrics)
        elif piece.of(Kind.ENTITY) and (not self.negated or described):
            self._role(piece, Role.WORDS)
            self.draft.scopes.append(Slot(piece, tied(piece.of(Kind.ENTITY))))
            self.draft.penalty += 0.05
        else:
            self.draft.unused.append(piece)

    def _metric(self, piece: Piece, metrics: tuple[Sense, ...]) -> None:
        """A metric; of two that follow each other unjoined, one that is also an entity only says whose: `business customers revenue`."""
        draft = self.draft
        before = draft.metrics[-1].piece if draft.metrics else None
        if before and before.last == piece.first and not self.joined:
            if before.of(Kind.ENTITY):
                draft.scopes.append(Slot(before, tied(before.of(Kind.ENTITY))))
                draft.metrics.pop()
                draft.penalty += 0.05
            else:
                draft.penalty += 0.2
        self._role(piece, Role.METRIC)
        self.draft.metrics.append(Slot(piece, tied(metrics)))

    def _group(self, piece: Piece, names: tuple[Sense, ...]) -> None:
        self._role(piece, Role.GROUP)
        self.draft.groups.append(Slot(piece, tied(names)))

    def _condition(self, piece: Piece, senses: tuple[Sense, ...]) -> None:
        self._role(piece, Role.FILTER)
        self.draft.conditions.append(ValueCondition(Slot(piece, senses), self.negated, self.either))

    def _relative(self) -> bool:
        """Whether `with …`, `having …` and a bound or rank follow: `stores with more than 100 orders`."""
        first, second, third = self._next(), self._next(1), self._next(2)
        bounds = (Cue.COMPARE, Cue.BETWEEN, Cue.RANK)
        if first is None or second is None or first.cue not in (Cue.WITH, Cue.WHERE):
            return False
        return second.cue in bounds or bool(second.of(Kind.METRIC) and third and third.cue in bounds)

    def _same(self, held: tuple[Sense, ...], following: Piece) -> bool:
        """Whether the next piece names the dimension, or the entity, of one of the values: `web channel`."""
        names = {s.name for s in following.of(Kind.DIMENSION)}
        return any(s.name in names and s.kind is Kind.VALUE for s in held)

    def _within(self, held: tuple[Sense, ...], following: Piece) -> tuple[Sense, ...]:
        names = {s.name for s in following.of(Kind.DIMENSION)}
        return tuple(s for s in held if s.name in names)

    def _literal(self, piece: Piece, names: tuple[Sense, ...]) -> bool:
        """`country is 'Germany'`, `channel web`, `rating 5`: a dimension with its value after it."""
        dimensions = tuple(s for s in names if s.kind is Kind.DIMENSION)
        place = 0
        following, is_ = self._next(), False
        negated = self.negated
        while following and following.cue in (Cue.IS, Cue.NOT):
            is_, place = True, place + 1
            negated = negated or following.cue is Cue.NOT
            following = self._next(place)
        if not dimensions or following is None or (not is_ and (following.first != piece.last or self.expect is _Expect.GROUP)):
            return False
        inside = tuple(s for s in following.of(Kind.VALUE) if s.name in {d.name for d in dimensions})
        if not inside and not (is_ or following.quoted or (following.number is not None and self.expect is _Expect.FILTER)):
            return False
        if not inside and not following.quoted and following.number is None and not following.unknown:
            return False
        self.at += place + 1
        self._role(piece, Role.FILTER)
        self._role(following, Role.FILTER)
        if inside:
            self.draft.conditions.append(ValueCondition(Slot(following, inside), negated, self.either))
        elif following.number is not None:
            self.draft.conditions.append(ValueCondition(Slot(piece, tied(dimensions)), negated, self.either, literal=following.number))
        else:
            text = following.text
            while not following.quoted and (more := self._next()) and more.unknown and more.first == following.last:
                text, following = f"{text} {more.text}", more
                self.at += 1
            self._value(piece, dimensions, following, text, negated)
        self.expect, self.last = _Expect.FILTER, piece
        return True

    def _value(self, piece: Piece, dimensions: tuple[Sense, ...], said: Piece, text: str, negated: bool) -> None:
        """A value that the lexicon does not hold: taken where the dimension's values are not known, else a question."""
        free = tuple(s for s in dimensions if not self.lexicon.dimensions[s.name].values and not self.lexicon.dimensions[s.name].is_time)
        if free:
            self.draft.conditions.append(ValueCondition(Slot(piece, tied(free)), negated, self.either, literal=text))
            self.draft.penalty += 0.0 if said.quoted else 0.15
        else:
            self.draft.unknown_values.append((Slot(piece, tied(dimensions)), said))

    def _dated_group(self, piece: Piece) -> bool:
        """`by delivery month`: a time dimension with its grain; `order month` of an entity is the metric's own time."""
        following = self._next()
        if following is None or following.cue is not Cue.GRAIN or following.first != piece.last or following.detail == "dow":
            return False
        if piece.of(Kind.METRIC) and self.expect is not _Expect.GROUP:
            return False
        times = tuple(s for s in piece.of(Kind.DIMENSION) if self.lexicon.dimensions[s.name].is_time)
        entities = piece.of(Kind.ENTITY)
        if entities and (not times or entities[0].weight >= times[0].weight):
            self._role(piece, Role.WORDS)
            self.draft.scopes.append(Slot(piece, tied(entities)))
            self.draft.penalty += 0.1
            return True
        if not times:
            return False
        self.at += 1
        self._role(piece, Role.GROUP)
        self._role(following, Role.GROUP)
        self.draft.dated_groups.append((Slot(piece, tied(times)), Grain(following.detail)))
        return True

    def _time(self, piece: Piece) -> bool:
        """`delivered last month`: a time dimension with a period of its own."""
        times = tuple(s for s in piece.of(Kind.DIMENSION) if self.lexicon.dimensions[s.name].is_time)
        following = self._next()
        if not times or following is None or following.period is None or self.expect is _Expect.GROUP or piece.of(Kind.METRIC):
            return False
        self.at += 1
        self._role(piece, Role.PERIOD)
        self._role(following, Role.PERIOD)
        self.draft.dated.append(PeriodCondition(Slot(piece, tied(times)), following.period))
        return True


def _decides(senses: tuple[Sense, ...]) -> bool:
    return any(s.weight >= DECIDES for s in senses)
