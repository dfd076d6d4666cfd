"""Make the gold rows again from the SQL that stands with each question: `python -m tests.questions.remake [NAME …]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support import demo, golden_questions, projects
from tests.support.demo import Demo


@contextmanager
def business(name: str, folder: Path) -> Iterator[Demo]:
    """The business of that name, built in `folder` and running."""
    if name == "demo":
        with demo.running(demo.prepared(folder / "prepared"), folder / "running") as found:
            yield found
    else:
        with projects.running(name, projects.prepared(name, folder / "prepared"), folder / "running") as found:
            yield found


def remake(name: str) -> int:
    """Write the rows of that project's questions anew; how many answerable ones there are."""
    lines = golden_questions.read(name)
    with (
        tempfile.TemporaryDirectory() as folder,
        business(name, Path(folder)) as found,
        psycopg.connect(found.servers.owners["postgres"]) as connection,
    ):
        golden_questions.write(name, [golden_questions.remade(line, connection) for line in lines])
    return sum(line["kind"] == "answerable" for line in lines)


if __name__ == "__main__":
    for given in sys.argv[1:] or golden_questions.SETS:
        sys.stdout.write(f"{given}: rows of {remake(given)} questions\n")
