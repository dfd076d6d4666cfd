"""The form of semantic YAML that a dbt version parses (docs/dbt-versions.md says what each version can say)."""

from __future__ import annotations

from dataclasses import dataclass

from app.compile.dbt.release import release_of
from app.errors import Problem, UserError

OLDEST, INSIDE, NEWEST_KNOWN = (1, 6), (1, 12), "1.12"


@dataclass(frozen=True, slots=True)
class Form:
    """How a dbt version writes semantic YAML."""

    version: tuple[int, int]

    @property
    def inside_models(self) -> bool:
        """Whether semantic models stand inside models, and metrics carry their aggregations (dbt ≥ 1.12)."""
        return self.version >= INSIDE

    @property
    def labels(self) -> bool:
        """Whether semantic models, dimensions and measures have labels."""
        return self.version >= (1, 7)

    @property
    def conversions(self) -> bool:
        """Whether there are conversion metrics, and `fill_nulls_with`."""
        return self.version >= (1, 7)

    @property
    def time_spines(self) -> bool:
        """Whether models declare time spines, and times may be finer than a day; before, a model of one name is the spine."""
        return self.version >= (1, 9)

    @property
    def arguments(self) -> bool:
        """Whether a generic test has its arguments under `arguments`."""
        return self.version >= (1, 11)

    def __str__(self) -> str:
        return "{}.{}".format(*self.version)


def form_of(manifest_version: str, asked: str = "") -> Form:
    """The form for the version asked for, else for the one that wrote the manifest. Raises UserError DM2350 where it is none, or before 1.6."""
    text = asked or manifest_version or NEWEST_KNOWN
    version = release_of(text)
    if version is None or version < OLDEST:
        raise UserError(
            Problem(
                "DM2350",
                f"`{text}` is no version of dbt that has semantic models",
                hint="give --dbt-version as 1.6 to 1.12, such as --dbt-version 1.11",
            )
        )
    return Form(version)
