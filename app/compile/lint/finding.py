"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass

from app.compile.report import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule finds.

    `name` is what the finding is about, for a list of several; `about` holds the location keys of the things whose `lint_ignore` may silence it,
    its place's own where none is given.
    """

    message: str
    place: Place
    hint: str = ""
    name: str = ""
    about: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Whose `lint_ignore` counts."""
        return self.about or (self.place.key,)
