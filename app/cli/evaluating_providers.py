"""What `datamind eval --provider` does: asks the same questions by the grounded interpreter and by each provider, and puts them side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.question_files import read_question_file
from app.cli.evaluating import Asked, warehouses
from app.cli.formats.evaluation.side_by_side import side_by_side, side_by_side_body
from app.cli.project import settings_under
from app.cli.session import session
from app.cli.show import from_threads, note
from app.cli.step_bar import step_bar
from app.service.evaluation.judged import Judged
from app.service.evaluation.lines import read_questions
from app.service.evaluation.reliability import reliability
from app.service.evaluation.run import Asking, evaluate, gold_tables
from app.service.evaluation.score import score
from app.service.evaluation.tally import GROUNDED, tally
from app.service.evaluation.thresholds import Missed, Thresholds, missed
from app.service.present import to_json
from app.wiring.named_model import named_model
from app.wiring.parsed import with_artifacts


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading, with what became of each question, and of the thresholds."""

    name: str
    judged: tuple[Judged, ...]
    missed: tuple[Missed, ...] = ()


def compared(
    asked: Asked,
    providers: Sequence[str],
    thresholds: Thresholds,
    project_dir: Path | None,
    profiles_dir: Path | None,
    target: str,
    variables: str,
) -> tuple[Way, ...]:
    """Ask all questions each way, the baseline first; thresholds are for the providers. Raises as `app.cli.evaluating.made`, and UserError DM1036."""
    questions = read_questions(read_question_file(asked.file), str(asked.file))
    settings = settings_under(project_dir, profiles_dir, target, variables, **warehouses(asked, target))
    with (
        with_artifacts(settings, from_threads()) as used,
        session(role=asked.role, attributes=asked.attributes, settings=used) as found,
    ):
        if found.deps.models is None:
            raise TypeError("the account of models is wired with every session")
        usage, clock = found.deps.models.usage, found.deps.clock
        models = {name: named_model(used, name, usage, clock) for name in dict.fromkeys(providers)}
        asking = Asking(found.deps, found.caller, asked.source, str(asked.file)).by(None)
        golds = gold_tables(asking, questions)
        done = []
        names = (GROUNDED, *models)
        with step_bar("asking", names) as begin:
            for name in names:
                begin(name)
                judged = tuple(evaluate(asking.by(models.get(name)), questions, golds))
                wanted = missed(thresholds, score(judged), reliability(judged)) if name in models else ()
                done.append(Way(name, judged, wanted))
        note(f"{len(questions)} questions asked {len(done)} times")
    return tuple(done)


def write_compared(ways: Sequence[Way], *, as_json: bool, listed: bool) -> None:
    """Write them to standard output; with `listed` also the questions that came out differently."""
    tallies = [tally(way.name, way.judged) for way in ways]
    differing = [
        several for several in zip(*(way.judged for way in ways), strict=True) if listed and len({one.right for one in several}) > 1
    ]
    lacking = {way.name: way.missed for way in ways if way.missed}
    if as_json:
        sys.stdout.write(to_json(side_by_side_body(tallies, differing, lacking)).decode() + "\n")
    else:
        side_by_side(tallies, differing, lacking)
