"""How what an account may do is told, and how often it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import Problem, UserError
from app.model.ontology import Layer, Ontology
from app.ports import Excess
from app.service.reader_account import HOLDS_SECONDS, ReaderAccounts, account_problem
from app.service.serving import Serving


@dataclass
class Engine:
    """An engine whose account may do so much, or that does not answer."""

    may: tuple[Excess, ...] = ()
    asked: int = 0
    away: bool = False

    def account(self) -> tuple[Excess, ...]:
        self.asked += 1
        if self.away:
            raise UserError(Problem("DM5001", "the engine does not answer"))
        return self.may


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Held:
    engine: Engine = field(default_factory=lambda: Engine((Excess("is superuser", "ALTER ROLE r NOSUPERUSER;"),)))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.accounts = ReaderAccounts({"postgres": self.engine}, clock=self.clock)


def serving(layer: Layer | None) -> Serving:
    return Serving(lambda held: None if held or layer is None else ("1", layer), poll_seconds=0)


def test_an_account_is_asked_once_a_minute() -> None:
    held = Held()
    assert [one.what for one in held.accounts.of("postgres")] == ["is superuser"]
    held.engine.may = ()
    assert held.accounts.of("postgres") != ()
    held.clock.now += HOLDS_SECONDS
    assert held.accounts.of("postgres") == ()
    assert held.engine.asked == 2


def test_an_engine_that_is_away_tells_what_it_told_last() -> None:
    held = Held()
    held.engine.away = True
    assert held.accounts.of("postgres") == ()
    held.engine.away = False
    assert held.accounts.of("postgres") != ()
    held.engine.away, held.clock.now = True, HOLDS_SECONDS
    assert held.accounts.of("postgres") != ()


def test_without_a_layer_no_schema_is_too_much() -> None:
    held = Held(Engine((Excess("reads the schema hr", "REVOKE …;", "hr"),)))
    assert held.accounts.problem("postgres", serving(None)) is None
    problem = held.accounts.problem("postgres", serving(Layer(Ontology("shop"))))
    assert problem is not None
    assert "reads the schema hr" in problem.message


def test_a_long_list_is_cut_but_every_statement_is_told_once() -> None:
    many = [Excess(f"reads the schema s{n}", f"REVOKE s{n};" if n else "") for n in range(9)]
    problem = account_problem("postgres", [*many, many[1]])
    assert problem is not None
    assert problem.message.endswith("reads the schema s5; and 4 more")
    assert problem.hint == "run as an administrator of the engine: " + " ".join(f"REVOKE s{n};" for n in range(1, 9))
    bare = account_problem("postgres", many[:1])
    assert bare is not None
    assert bare.hint == "use another account"
