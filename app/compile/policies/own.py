"""`meta.datamind` of a model or a column, read; what is not as it must be is reported, and denies what it was written for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from app.compile.meta import KEY, misspelt
from app.compile.policies.schema import Malformed, read_meta
from app.compile.report import Place, Report

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Own(Generic[T]):
    """What may be said of a kind of thing: its schema, what it is where nothing is said, what of it is checked beyond its schema (raises Malformed), and the
    codes under which it is told that it is `malformed` or `misplaced`."""

    schema: type[T]
    nothing: T
    malformed: str
    misplaced: str
    check: Callable[[T], None] = lambda _: None

    def read(self, meta: dict[str, Any], subject: str, hidden: str, place: Place, report: Report, *, misplaced: bool) -> T | None:
        """What is said; None where it is malformed, misplaced or misspelt: then nobody may see what is `hidden`."""
        wrong = "config.datamind" if misplaced else misspelt(meta)
        if wrong:
            message = f"`{wrong}` of `{subject}` is not where policies are read, so nobody sees {hidden}"
            report.error(self.misplaced, message, place.at("config"), "write it under `config.meta.datamind`")
            return None
        if KEY not in meta:
            return self.nothing
        try:
            found = read_meta(meta[KEY], self.schema)
            self.check(found)
        except Malformed as error:
            message = f"`{subject}`: {error}; nobody sees {hidden} until it is mended"
            hint = "see the keys of `meta.datamind` in docs/problems/DM2xxx.md"
            report.error(self.malformed, message, place.at("config/meta/datamind"), hint)
            return None
        return found
