"""Cut a question into pieces: periods, grammar words, names and values, numbers, and what nobody knows; the best few ways to do so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.language.inflect import root, stem
from app.language.lexicon import NOT_IN_BAGS, Lexicon, bag_of
from app.language.mending import mended
from app.language.numbers import SCALE_WORDS, number
from app.language.periods import Period
from app.language.senses import DECIDES, Kind, Sense
from app.language.text import Token, TokenKind, phrase_words
from app.language.words import ALONE, CUES, FINER, LONGEST, SHARES, Cue

_WAYS = 6
_TYPO = 0.88
_APART = 10
_WINDOW = 7
_TURNED = 0.86
_TURNED_SCORE = 0.88
_ASKING = frozenset({Cue.SHARE, Cue.RANK, Cue.GROUP, Cue.CHANGE, Cue.COMPARE, Cue.AGAINST})
_TURNS = frozenset({"not", "without", "by", "per"})
_HYPHENS = 2
"""So many of them may stand within a phrase of grammar: `year-over-year`."""
_PART = "part of a name"
DENIED = "denied"
"""The detail of a piece that says that its senses do not hold."""
_WHOLE = 0.72
_EXACT = 0.75
_SAME = 0.9
_HOW = {
    "long": ("time", "duration", "length", "hour", "day", "minute", "delay"),
    "fast": ("time", "duration", "speed", "hour", "day"),
    "quickly": ("time", "duration", "speed", "hour", "day"),
    "old": ("age",),
    "far": ("distance",),
    "heavy": ("weight",),
    "expensive": ("price", "cost"),
    "full": ("occupancy", "utilization"),
}
"""What an adjective behind `how` asks about."""
_ASKED = 0.55
_BETWEEN = frozenset({Cue.FILLER, Cue.RANK, Cue.VAGUE})
"""What may stand between the words of a metric's name."""
_BOUND_WORDS = frozenset({"than", "at", "least", "most"})
_BEFORE_VERBS = frozenset({"we", "they", "you", "do", "did", "to"})
_PLURAL = ("s", "people", "men", "women", "children", "ia", "ae")
_BOUNDING = frozenset({"less", "more", "over", "under", "fewer", "above", "below", "between"})
_PAST = frozenset({"did", "have", "had"})
_OPPOSITES = {"failed": "passed", "passed": "failed", "lost": "won", "won": "lost", "closed": "open", "offline": "online"}
_JOINTS = frozenset({Cue.AND, Cue.OR, Cue.COMMA, Cue.AGAINST})
_PARTING = _JOINTS | {Cue.WHERE, Cue.WITH, Cue.GROUP, Cue.NOT}


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens `first` to `last` (exclusive) as one thing: exactly one of `period`, `cue`, `senses`, `number` and `quoted` is set, or none (unknown).

    `detail` is the cue's detail; `score` counts towards the cut's total; `plural` says that the last word is one.
    """

    first: int
    last: int
    text: str
    score: float
    period: Period | None = None
    cue: Cue | None = None
    detail: str = ""
    senses: tuple[Sense, ...] = ()
    number: Decimal | None = None
    quoted: bool = False
    plural: bool = False

    @property
    def unknown(self) -> bool:
        """Whether nobody knows it."""
        return not (self.period or self.cue or self.senses or self.number is not None or self.quoted)

    def of(self, *kinds: Kind) -> tuple[Sense, ...]:
        """Its senses of these kinds."""
        return tuple(s for s in self.senses if s.kind in kinds)


def cuts(question: str, tokens: tuple[Token, ...], periods: tuple[Period, ...], lexicon: Lexicon) -> list[tuple[Piece, ...]]:
    """The best ways to cut the question, best first, each covering every token once."""
    tokens = mended(tokens, periods, lexicon)
    apart = _apart(tokens, lexicon)
    absorbed = {first for first, _ in apart.values()}
    shared = _shared(tokens, lexicon)
    starts = {period.first: period for period in periods}
    for period in periods:
        inner = period.first and period.last - period.first > 1
        if inner and _is_metric(tokens[period.first - 1 : period.first + 1], lexicon):  # `members check in last month`
            starts.setdefault(period.first + 1, period)
    best: list[list[tuple[float, tuple[Piece, ...]]]] = [[] for _ in range(len(tokens) + 1)]
    best[0] = [(0.0, ())]
    for at in range(len(tokens)):
        if not best[at]:
            continue
        pieces = _pieces(question, tokens, at, starts.get(at), lexicon)
        if tokens[at].word == "back" and at + 1 in starts:  # `orders back in March`
            pieces.append(Piece(at, at + 1, question[tokens[at].start : tokens[at].end], 0.9, cue=Cue.FILLER))
        if at in apart:
            pieces.append(Piece(at, at + 1, question[tokens[at].start : tokens[at].end], 1.05, senses=apart[at][1]))
        if at in shared:
            pieces.append(Piece(at, at + 1, question[tokens[at].start : tokens[at].end], 1.3, senses=shared[at]))
        if at in absorbed:
            pieces.append(Piece(at, at + 1, question[tokens[at].start : tokens[at].end], 0.95, cue=Cue.FILLER, detail=_PART))
        for piece in pieces:
            for score, path in best[at]:
                best[piece.last].append((score + piece.score, (*path, piece)))
        for place in range(at + 1, min(len(tokens), at + 12) + 1):
            if len(best[place]) > _WAYS:
                best[place] = sorted(best[place], key=lambda way: -way[0])[:_WAYS]
    whole = ((score, path) for score, path in best[len(tokens)] if _whole_names(path, apart))
    return [path for _, path in sorted(whole, key=lambda way: -way[0])[:_WAYS]]


def _whole_names(path: tuple[Piece, ...], apart: Mapping[int, tuple[int, tuple[Sense, ...]]]) -> bool:
    """Whether of names that stand apart both words are taken for what they are, or neither."""
    parts = {piece.first for piece in path if piece.detail == _PART}
    metrics = {
        piece.first for piece in path if piece.last - piece.first == 1 and piece.first in apart and piece.senses is apart[piece.first][1]
    }
    return parts == {apart[at][0] for at in metrics}


def _apart(tokens: tuple[Token, ...], lexicon: Lexicon) -> dict[int, tuple[int, tuple[Sense, ...]]]:
    """Metrics of two words that the question has apart: `sold the most units`, by the place of the second, with that of the first."""
    found: dict[int, tuple[int, tuple[Sense, ...]]] = {}
    for at, token in enumerate(tokens):
        if token.kind is not TokenKind.WORD or token.word in ALONE:
            continue
        for later in range(at + 2, min(at + _APART, len(tokens))):
            other = tokens[later]
            if other.kind is not TokenKind.WORD or other.word in ALONE:
                continue
            if _is_metric(tokens[at - 1 : at + 1], lexicon) or _is_metric(tokens[later - 1 : later + 1], lexicon):
                continue  # `room nights did we sell` has no `nights sold`
            between = [one for one in tokens[at + 1 : later] if one.word != "of"]
            asked = _HOW.get(token.word, ()) if at and tokens[at - 1].word == "how" else ()
            if any(CUES.get((one.word,), (None, ""))[0] in (_JOINTS if asked else _PARTING) and not _bounds(one) for one in between):
                break
            if tokens[at + 1].kind is TokenKind.WORD and tokens[at + 1].word not in ALONE:
                break  # `which support agent solved most tickets`: the word goes with the one behind it
            near = all(CUES.get((one.word,), (None, ""))[0] in _BETWEEN or _bounds(one) for one in tokens[at + 1 : later])
            least = _ASKED if asked else _WHOLE if near else _EXACT
            metrics = tuple(s for s in _together(token, other, asked, near, lexicon) if s.kind is Kind.METRIC and s.weight >= least)
            if metrics:
                found[later] = (at, metrics)
                break
    return found


def _is_value(token: Token, lexicon: Lexicon) -> bool:
    return any(s.kind is Kind.VALUE for s in lexicon.phrases.get((token.stem,), ()))


def _bounds(token: Token) -> bool:
    """Whether it is a part of a bound: `sold fewer than 1800 bikes`."""
    return token.kind is TokenKind.NUMBER or token.word in _BOUND_WORDS


def _is_metric(pair: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether two words are the name of a metric as they stand."""
    return len(pair) == 2 and any(
        s.kind is Kind.METRIC and s.weight >= _EXACT for s in lexicon.phrases.get(tuple(one.stem for one in pair), ())
    )


def _together(token: Token, other: Token, asked: tuple[str, ...], near: bool, lexicon: Lexicon) -> tuple[Sense, ...]:
    """The senses of a name of two words, in either order where they are near; of what `how long` asks about, the best."""
    if not asked:
        turned = lexicon.senses((other.stem, token.stem), (other.root, token.root)) if near else ()
        return turned or lexicon.senses((token.stem, other.stem), (token.root, other.root))
    ways = (way for noun in asked for way in ((other, noun), (noun, other), (noun, "of", other), (noun, "to", other)))
    found = (
        lexicon.senses(
            tuple(part if isinstance(part, str) else part.stem for part in way),
            tuple(root(part) if isinstance(part, str) else part.root for part in way),
        )
        for way in ways
    )
    return max((senses for senses in found if senses), key=lambda senses: senses[0].weight, default=())


def _shared(tokens: tuple[Token, ...], lexicon: Lexicon) -> dict[int, tuple[Sense, ...]]:
    """`new and churned subscriptions`: of two metrics whose last word stands once, the first by the place of its first word."""
    found: dict[int, tuple[Sense, ...]] = {}
    for at in range(len(tokens) - 3):
        first, joint, second, noun = tokens[at : at + 4]
        if CUES.get((joint.word,), (None, ""))[0] not in _JOINTS or any(one.kind is not TokenKind.WORD for one in (first, second, noun)):
            continue
        ways = [
            tuple(s for s in lexicon.senses((one.stem, noun.stem), (one.root, noun.root)) if s.kind is Kind.METRIC and s.weight >= _SAME)
            for one in (first, second)
        ]
        if all(ways):
            found[at] = ways[0]
    return found


def _pieces(question: str, tokens: tuple[Token, ...], at: int, period: Period | None, lexicon: Lexicon) -> list[Piece]:
    token = tokens[at]
    found = []

    def text(last: int) -> str:
        return question[token.start : tokens[last - 1].end]

    if period:
        found.append(Piece(at, period.last, text(period.last), 1.05 * (period.last - at), period=period))
    for length in range(min(LONGEST + _HYPHENS, len(tokens) - at), 0, -1):
        if any(t.kind not in (TokenKind.WORD, TokenKind.MARK) for t in tokens[at : at + length]):
            continue
        spoken = tuple(t.word for t in tokens[at : at + length])
        cue = CUES.get(spoken) or CUES.get((spoken[0], *(word for word in spoken[1:-1] if word != "-"), *spoken[1:][-1:]))
        if cue:
            score = 0.9 * length + 0.1 * (length - 1) + (0.05 if cue[0] is Cue.GRAIN else 0.0)
            found.append(Piece(at, at + length, text(at + length), score, cue=cue[0], detail=cue[1]))
            if cue[0] in (Cue.UNSERVED, Cue.NOT):
                break  # nobody gets around a no by reading its words one by one
    names = _names(tokens, at, lexicon, text)
    longest = max((piece.last for piece in names), default=at + 1)
    names += [piece for piece in _in_another_order(tokens, at, lexicon, text) if piece.last > longest]
    measured = any(piece.of(Kind.METRIC) and decided(piece) for piece in names)  # `hours` beside a metric of hours
    found = [piece for piece in found if not (names and piece.cue is Cue.VAGUE) and not (measured and piece.detail == FINER)] + names
    if not names and not found and token.kind is TokenKind.WORD:
        found += _denied(token, at, lexicon, text)
    if token.kind is TokenKind.QUOTED:
        senses = tuple(s for s in lexicon.senses(phrase_words(token.text), ()) if s.kind is Kind.VALUE)
        found.append(Piece(at, at + 1, token.text, 1.0, senses=senses, quoted=True))
    value = number(token)
    if value is not None:
        found.append(Piece(at, at + 1, text(at + 1), 0.9, number=value))
        scale = SCALE_WORDS.get(tokens[at + 1].word) if at + 1 < len(tokens) else None
        if scale is not None:
            found.append(Piece(at, at + 2, text(at + 2), 2.0, number=value * scale))
    before = at - 2 if at > 1 and tokens[at - 1].text == "-" else at - 1
    ranked = before >= 0 and CUES.get((tokens[before].word,), (None, ""))[0] is Cue.RANK
    bound = at + 1 < len(tokens) and tokens[at + 1].word in _BOUNDING and _dates_only(token, names, lexicon)
    hints = lexicon.hints(token.root) if ranked or bound else ()
    if (
        hints
        and not any(one.last > at + 1 for one in names)
        and (not found or (token.word.endswith("ing") and not _is_group(names)) or _dates_only(token, names, lexicon))
    ):  # `best selling`, `most booked`
        found = [Piece(at, at + 1, text(at + 1), 0.3, senses=hints)]
    if not found or all(piece.last > at + 1 for piece in found):
        found.append(Piece(at, at + 1, text(at + 1), -1.5))
    return found


def _in_another_order(tokens: tuple[Token, ...], at: int, lexicon: Lexicon, text: Callable[[int], str]) -> list[Piece]:
    """A name of several words that the question has in another order, with words that say nothing between them: `deliveries that were on time`."""
    if tokens[at].kind is not TokenKind.WORD or not {tokens[at].stem, tokens[at].root} & lexicon.words:
        return []
    of = at if tokens[at].word == "of" else at - 1
    if of > 0 and tokens[of].word == "of" and tokens[of - 1].word in SHARES:  # `12% of bookings cancelled`
        return []
    found = []
    for last in range(at + 2, min(at + _WINDOW, len(tokens)) + 1):
        end = tokens[last - 1]
        if end.kind is not TokenKind.WORD or NOT_IN_BAGS & {end.word} or CUES.get((end.word,), (None, ""))[0] in _JOINTS:
            break
        said = [one for one in tokens[at:last] if CUES.get((one.word,), (None, ""))[0] not in (Cue.FILLER, Cue.IS)]
        bag = bag_of(one.stem for one in said)
        senses = lexicon.bags.get(bag) if len(bag) > 1 and end in said and len(said) >= len(bag) else None
        grammar = (CUES.get((one.word,), (None, ""))[0] for one in said)
        if senses and all(s.kind is Kind.DIMENSION and lexicon.dimensions[s.name].is_time for s in senses):
            continue  # `we spend on` is no date on which it was spent
        if senses and not any(one.word in _TURNS for one in said) and not any(cue in _ASKING for cue in grammar):
            weakened = tuple(replace(sense, weight=_TURNED * sense.weight) for sense in senses)
            found.append(Piece(at, last, text(last), _TURNED_SCORE * (last - at) + 0.12 * (len(bag) - 1), senses=weakened, plural=False))
            break
    return found


def _is_group(names: list[Piece]) -> bool:
    """Whether a name of what can be grouped by stands there: the top building."""
    return any(s.weight >= _SAME for piece in names for s in piece.of(Kind.DIMENSION, Kind.ENTITY))


def _dates_only(token: Token, names: list[Piece], lexicon: Lexicon) -> bool:
    """Whether a participle is known by a date alone."""
    senses = [sense for piece in names for sense in piece.senses]
    past = token.word.endswith("ed") or token.word != token.root
    return bool(senses) and past and all(s.kind is Kind.DIMENSION and lexicon.dimensions[s.name].is_time for s in senses)


def _denied(token: Token, at: int, lexicon: Lexicon, text: Callable[[int], str]) -> list[Piece]:
    """`Unplanned` beside what can be planned: the value or truth that it denies, marked by its detail."""
    other = _OPPOSITES.get(token.word)
    if other is not None:
        held = tuple(s for s in lexicon.phrases.get((stem(other),), ()) if s.kind is Kind.FLAG and s.weight >= _SAME)
        if held:
            return [Piece(at, at + 1, text(at + 1), 0.9, senses=held, detail=DENIED)]
    for prefix in ("un", "non", "in"):
        rest = token.word.removeprefix(prefix)
        if rest != token.word and len(rest) > 3:
            held = tuple(s for s in lexicon.phrases.get((stem(rest),), ()) if s.kind in (Kind.FLAG, Kind.VALUE) and s.weight >= _SAME)
            if held:
                return [Piece(at, at + 1, text(at + 1), 0.9, senses=held, detail=DENIED)]
    return []


def decided(piece: Piece) -> bool:
    """Whether the best that a piece can mean is more than suggested."""
    return piece.senses[0].weight >= DECIDES


def _describes(tokens: tuple[Token, ...], at: int, values: tuple[Sense, ...], lexicon: Lexicon) -> bool:
    """Whether the token names the entity, or ends the name of the dimension, of one of the values."""
    if at >= len(tokens) or tokens[at].kind is not TokenKind.WORD:
        return False
    senses = lexicon.senses((tokens[at].stem,), (tokens[at].root,))
    following = {s.name for s in senses if s.kind in (Kind.ENTITY, Kind.DIMENSION) and s.weight >= _SAME}
    return any(not following.isdisjoint((s.name, lexicon.dimensions[s.name].entity)) for s in values if s.kind is Kind.VALUE)


def _names(tokens: tuple[Token, ...], at: int, lexicon: Lexicon, text: Callable[[int], str]) -> list[Piece]:
    """The phrases of the lexicon that begin at a token."""
    token = tokens[at]
    if token.kind in (TokenKind.QUOTED, TokenKind.MARK) and token.text != "%":
        return []
    if token.word == "times" and at and tokens[at - 1].kind is TokenKind.NUMBER:
        return []  # `more than 10 times` counts, and speaks of no time
    found = []
    most = max(lexicon.longest.get(token.stem, 0), lexicon.longest.get(token.root, 0))
    for length in range(min(most + 2, len(tokens) - at) if most else 0, 0, -1):
        words = tokens[at : at + length]
        inner = [w for w in words if not (w.kind is TokenKind.MARK and w.text in "-/.&'’,")]
        if any(w.kind in (TokenKind.QUOTED, TokenKind.MARK) and w.text != "%" for w in inner):
            continue
        if words[-1].kind is TokenKind.MARK and words[-1].text != "%":
            continue
        senses = lexicon.senses(tuple(w.stem for w in inner), tuple(w.root for w in inner))
        if any(w.text == "," for w in words):  # a comma joins two names, unless a metric's label has one
            senses = tuple(s for s in senses if s.kind is Kind.METRIC and "," in lexicon.metrics[s.name].label)
        asked = at > 1 and tokens[at - 2].word in _PAST  # `did we win` is about what was won
        if (
            length == 1
            and at
            and not asked
            and tokens[at - 1].word in _BEFORE_VERBS
            and token.word == token.stem
            and not _is_value(token, lexicon)
        ):
            senses = tuple(
                s for s in senses if s.kind is Kind.METRIC or (s.kind is not Kind.VALUE and s.weight >= _SAME)
            )  # `what do we pay` asks for nothing that is paid
        if not senses:
            continue
        mended = any(w.kind is TokenKind.WORD and stem(w.word) != w.stem for w in inner)
        if mended:
            senses = tuple(replace(s, weight=_TYPO * s.weight) for s in senses)
        grammar = length == 1 and token.word in ALONE and all(s.kind in (Kind.VALUE, Kind.FLAG) or s.weight < 0.9 for s in senses)
        if grammar and any(s.kind is Kind.VALUE for s in senses) and _describes(tokens, at + 1, senses, lexicon):
            grammar, senses = False, tuple(s for s in senses if s.kind is Kind.VALUE)  # `annual subscriptions` beside `annual revenue`
        score = (0.5 if grammar else senses[0].weight) * length + 0.12 * (length - 1)
        found.append(
            Piece(
                at,
                at + length,
                text(at + length),
                score,
                senses=senses,
                plural=words[-1].word != words[-1].stem and words[-1].word.endswith(_PLURAL),
            )
        )
    return found
