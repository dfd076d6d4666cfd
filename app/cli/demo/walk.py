"""The walk of `scripts/demo`: everything prepared, five questions asked, and what it cost."""

from __future__ import annotations

import os
import sys
import time

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.cli import logs
from app.cli.answers import show_answer
from app.cli.console import out
from app.cli.demo import prepare
from app.cli.demo.questions import QUESTIONS
from app.cli.demo.stay import require_free_ports, stay
from app.cli.show import from_threads, progress
from app.errors import Problem, UserError
from app.model.answer import Answer, Outcome
from app.model.ids import new_id
from app.model.principal import Principal, Role
from app.service.ask import ask
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.publishing import Doer
from app.service.sync import sync
from app.settings import load_settings
from app.wiring.deps import opened
from app.wiring.reader import keep_readers
from app.wiring.servers import servers

REGION = "DACH"
"""The region of the analyst who asks the same questions under the demo's row filters."""


def walk(scale: float, *, serve: bool) -> None:
    """Prepare, ask, tell; with `serve`, stay up until told to stop. Raises UserError DM1052 where a demo question got no answer."""
    logs.configure()
    settings = load_settings()
    if serve:
        require_free_ports(settings)
    began = time.perf_counter()
    with servers(settings, tuple(Part), progress=from_threads()) as found:
        started = time.perf_counter() - began
        migrate(found.store)
        data = prepare.load_raw(found, scale)
        prepare.build(settings, found, data)
        with opened(settings, found) as deps:
            caller = Caller(Principal("system", "system@localhost", Role.ADMIN, settings.project_id), "cli", new_id("cor"))
            report = sync(deps, Doer("system", caller.correlation_id))
            progress(f"layer {report.layer_version}: {report.models} models, {report.metrics} metrics")
            passwords = prepare.people(settings, deps, caller)
            deps.serving.expire()
            keep_readers(deps, found)
            analyst = Caller(
                Principal("demo-analyst", "", Role.ANALYST, settings.project_id, attributes=(("region", REGION),)), "cli", new_id("cor")
            )
            for number, question in enumerate(QUESTIONS, 1):
                out().rule(f"{number}. {question}", align="left")
                show_answer(_answered(deps, caller, question))
                limited = _answered(deps, analyst, question)
                state = "policies applied" if limited.policies_applied else "no policy applied"
                out().print(f"the same asked by an analyst of {REGION}: {limited.text} [bold]{state}[/bold]")
        out().rule("what it took", align="left")
        install = os.environ.get("DATAMIND_INSTALL_SECONDS", "")
        parts = [f"install {install} s"] if install else []
        parts += [
            f"start of the stack {started:.1f} s",
            f"demo {time.perf_counter() - began:.1f} s",
            f"servers' memory {found.memory_mb():.0f} MB",
        ]
        out().print(" · ".join(parts))
        sys.stdout.flush()
        if serve:
            stay(settings, found, passwords)


def _answered(deps: Deps, caller: Caller, question: str) -> Answer:
    """The answer. Raises UserError DM1052 where there is none."""
    answer = ask(deps, caller, question).answer
    if answer is None or answer.outcome is not Outcome.ANSWER:
        raise UserError(Problem("DM1052", f"the demo question “{question}” got no answer"))
    return answer
