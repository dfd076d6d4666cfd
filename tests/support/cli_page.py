"""The commands of the command line with their options, as docs/cli.md shows them: run as a script, it writes them into the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from app.cli.main import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
GROUPS = {
    "[selection](#selecting-nodes)": ("--select", "--exclude", "--selector", "--state"),
    "[the project](#the-project)": ("--project-dir", "--profiles-dir", "--target", "--vars"),
}
"""Options that the page explains once: a command that has all of a group is said to have it."""
MARK = "<!-- What follows is written by `python -m tests.support.cli_page`. -->\n"
_EXAMPLE = re.compile(r"Example: (datamind .*)", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A command: its words, and what Typer made of it."""

    words: str
    command: Any

    @property
    def example(self) -> str:
        """The example in its help."""
        found = _EXAMPLE.search(self.command.help or "")
        return " ".join(found[1].split()) if found else ""

    @property
    def options(self) -> list[Any]:
        """Its own options, those of the command line as a whole apart."""
        return [p for p in self.command.params if p.param_type_name == "option" and "--help" not in p.opts]

    @property
    def arguments(self) -> list[Any]:
        """What it takes without a name."""
        return [p for p in self.command.params if p.param_type_name == "argument"]

    def table(self) -> str:
        """Its options as the page has them."""
        names = {name for option in self.options for name in option.opts}
        whole = {title: group for title, group in GROUPS.items() if names.issuperset(group)}
        explained = {name for group in whole.values() for name in group}
        rows = [(f"`{a.metavar or a.name.upper()}`", a.help) for a in self.arguments]
        rows += [(_names(o), o.help) for o in self.options if not explained & set(o.opts)]
        lines = ["| option | meaning |", "| --- | --- |", *(f"| {name} | {_cell(text)} |" for name, text in rows)] if rows else []
        if whole:
            lines += ["", f"And the options of {' and '.join(whole)}."]
        return "\n".join(lines).strip("\n") + "\n"

    def section(self) -> str:
        """All that the page says of it."""
        said = _EXAMPLE.split(self.command.help or "")[0].strip()
        return f"\n### `{self.words}`\n\n{said}\n\n```\n{self.example}\n```\n\n{self.table()}"


def commands() -> Iterator[Shown]:
    """Every command that does something by itself."""

    def walk(words: str, command: Any) -> Iterator[Shown]:
        inner = getattr(command, "commands", {})
        if not inner or (command.invoke_without_command and words != "datamind"):
            yield Shown(words, command)
        for name, one in inner.items():
            yield from walk(f"{words} {name}", one)

    yield from walk("datamind", get_command(app))


def parts() -> tuple[str, str]:
    """The page as it is: what people wrote, and the commands."""
    text, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    return text, rest


def section_texts() -> str:
    """The commands as they should stand in the page."""
    return "".join(shown.section() for shown in commands())


def _names(option: Any) -> str:
    """How the option is written."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names + (f" `{option.metavar}`" if option.metavar else "")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(parts()[0] + MARK + section_texts(), encoding="utf-8")
