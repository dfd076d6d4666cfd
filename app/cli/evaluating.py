"""What `datamind eval` does: reads the questions, asks them on a project, and writes what came of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import SecretStr

from app.adapters.question_files import read_question_file
from app.cli.eval import Show
from app.cli.formats.evaluation.as_json import answer_line, report_body
from app.cli.formats.evaluation.as_text import show_report
from app.cli.formats.evaluation.report import Report
from app.cli.project import settings_under
from app.cli.session import session
from app.cli.show import from_threads, note
from app.cli.step_bar import step_bar
from app.errors import Problem, UserError, Where
from app.service.evaluation.judged import Judged
from app.service.evaluation.lines import read_questions
from app.service.evaluation.reliability import reliability
from app.service.evaluation.run import Asking, evaluate, gold_tables
from app.service.evaluation.score import score
from app.service.evaluation.thresholds import Thresholds, missed
from app.service.present import to_json
from app.wiring.parsed import with_artifacts


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command that say what is asked, where, and as whom."""

    file: Path
    postgres_url: str
    clickhouse_url: str
    answers: Path | None
    source: str
    role: str
    attributes: Sequence[str]


def made(asked: Asked, thresholds: Thresholds, project_dir: Path | None, profiles_dir: Path | None, target: str, variables: str) -> Report:
    """Ask all questions. Raises UserError DM6050 or DM6051 for a file that can't be judged by, DM1074 for answers that can't be written, else as a session and
    `app.service.evaluation.run` do."""
    questions = read_questions(read_question_file(asked.file), str(asked.file))
    settings = settings_under(project_dir, profiles_dir, target, variables, **warehouses(asked, target))
    with (
        with_artifacts(settings, from_threads()) as used,
        session(role=asked.role, attributes=asked.attributes, settings=used) as found,
        _answers(asked.answers) as written,
    ):
        asking = Asking(found.deps, found.caller, asked.source, str(asked.file), "jsonl" if written is not None else "")
        golds = gold_tables(asking, questions)
        done: list[Judged] = []
        started = time.perf_counter()
        with step_bar("asking", [question.id for question in questions]) as begin:
            begin(questions[0].id)
            for judged, following in zip(evaluate(asking, questions, golds), (*questions[1:], None), strict=True):
                done.append(judged)
                if written is not None:
                    written.write(answer_line(judged) + "\n")
                    written.flush()
                if following is not None:
                    begin(following.id)
        note(f"{len(done)} questions asked in {time.perf_counter() - started:.1f} s")
    whole, calibration = score(done), reliability(done)
    return Report(tuple(done), whole, calibration, missed(thresholds, whole, calibration))


def write(report: Report, show: Show, *, as_json: bool) -> None:
    """Write the report to standard output, with the questions that are to be listed."""
    listed = [one for one in report.judged if show is Show.ALL or (show is Show.WRONG and not one.right)]
    if as_json:
        sys.stdout.write(to_json(report_body(report, listed)).decode() + "\n")
    else:
        show_report(report, listed)


def warehouses(asked: Asked, target: str) -> dict[str, Any]:
    """The settings that the URLs of the command give: engines that it names are in use, and no others."""
    urls = {name: url for name, url in (("postgres", asked.postgres_url), ("clickhouse", asked.clickhouse_url)) if url}
    named: dict[str, Any] = {f"{name}_url": SecretStr(url) for name, url in urls.items()}
    return named if target or not urls else named | {"engines": tuple(urls)}


@contextmanager
def _answers(path: Path | None) -> Iterator[IO[str] | None]:
    """The file of answers, opened before anything is asked. Raises UserError DM1074."""
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(Problem("DM1074", f"{path} can't be written: {error.strerror}", where=Where(str(path)))) from None
    with file:
        yield file
