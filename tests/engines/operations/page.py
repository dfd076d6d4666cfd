"""docs/operations.md as a story: its commands are run in their order, where a test comes to them, and print what is shown there."""

from __future__ import annotations

import re

from tests.engines.operations.site import Site
from tests.support.console import commands

_SPELLED = (
    (re.compile(r"\b(job|cnd)_[0-9a-f]+…?"), r"\1_…"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "a time"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{10,12}\b"), "a hash"),
    (re.compile(r"\b\d+ metrics"), "some metrics"),
    (re.compile(r"\b\d+ removed, \d+ kept"), "some removed, some kept"),
    (re.compile(r"^[┏┡└].*", re.MULTILINE), ""),
    (re.compile("┃"), "│"),
    (re.compile(" +"), " "),
)
"""What differs from run to run: ids, times, hashes, how many metrics earlier parts of the story added and what training finds of them; and with them the
widths of tables, of which the page leaves out the frames."""
_VERSION = re.compile(r"\bversion (\d+)")


def plain(text: str, offset: int = 0) -> list[str]:
    """The lines as the page can hold them, with the numbers of versions counted on by the offset."""
    text = _VERSION.sub(lambda found: f"version {int(found[1]) + offset}", text)
    for pattern, word in _SPELLED:
        text = pattern.sub(word, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def holds(printed: list[str], shown: list[str]) -> bool:
    """Whether the lines are those shown, where `…` stands for any number of them."""
    if not shown:
        return not printed
    if shown[0] == "…":
        return any(holds(printed[start:], shown[1:]) for start in range(len(printed) + 1))
    return bool(printed) and printed[0] == shown[0] and holds(printed[1:], shown[1:])


PARTS = {"in step": 6, "a kill": 1, "dead": 2, "dbt": 1}
"""How many of the page's commands each part of the story has, in their order."""


class Page:
    """The commands of a part that nobody has run yet; `begins` is the version that the page calls 2."""

    def __init__(self, part: str) -> None:
        found = list(commands("operations.md"))
        assert len(found) == sum(PARTS.values())
        first = sum(list(PARTS.values())[: list(PARTS).index(part)])
        self.begins = 2
        self.left = found[first : first + PARTS[part]]

    def run(self, here: Site, job_id: str = "") -> None:
        """Run the next command, about that job where it names one, and compare what it prints and how it ends."""
        command, offset = self.left.pop(0), self.begins - 2
        words = [job_id if word.startswith("job_") else word for word in command.words[1:]]
        if words[0] == "versions":
            words = [str(int(word) + offset) if word.isdigit() else word for word in words]
        done = here.command(*words)
        shown = plain(command.printed, offset)
        assert holds(plain(done.stdout + done.stderr), shown), f"line {command.line}: {done.stdout}{done.stderr}"
        assert done.returncode == command.code, f"line {command.line} ended with {done.returncode}"
