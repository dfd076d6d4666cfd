"""DM2320."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.compile.lint.edit import Edit
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.compile.semantic_models import yaml_file
from app.model.semantics import DimensionType

_SHORT, _LONG = "time", "{type: time}"


class LostGranularity(Rule):
    """A time dimension whose granularity dbt dropped, and whose column still has it.

    dbt 1.12 drops the granularity of the short form `dimension: time` and keeps that of `dimension: {type: time}`. The column's is taken here; other
    readers of the manifest do not have it. For example `columns: [{name: visited_at, granularity: hour, dimension: time}]`.
    """

    code = "DM2320"
    fixable = True

    def check(self, project: Linted) -> Iterator[Finding]:
        """A time dimension without a grain in the manifest over a column with one, unless its YAML has the long form by now."""
        for node in project.semantic_model_nodes:
            columns = project.columns(node)
            for dimension in node.dimensions or ():
                column = columns.get(dimension.name if dimension.expr is None else str(dimension.expr))
                if dimension.type != DimensionType.TIME or column is None or not column.granularity:
                    continue
                place = Place(f"dimension.{node.name}.{dimension.name}", yaml_file(node, project.root))
                if (dimension.type_params and dimension.type_params.time_granularity) or self._is_long(project, place):
                    continue
                yield Finding(
                    f"time dimension `{dimension.name}` has no granularity in the manifest; its column's is taken, {column.granularity}",
                    place,
                    "write `dimension: {type: time}`: dbt drops the granularity of `dimension: time`",
                    dimension.name,
                )

    def fix(self, project: Linted, finding: Finding) -> Sequence[Edit]:
        """The long form in the place of the short one."""
        found = project.lines(finding.place)
        if found is None:
            return ()
        line, column, lines = found
        text = lines[line - 1]
        key, written = text[: column - 1].strip(), text[column - 1 :].partition(" #")[0].strip()
        if key.endswith("dimension:") and written == _SHORT:
            return (Edit(finding.place.file, line, column, _SHORT, _LONG),)
        return ()

    @staticmethod
    def _is_long(project: Linted, place: Place) -> bool:
        found = project.lines(place)
        if found is None:
            return False
        line, column, lines = found
        key = lines[line - 1][: column - 1].strip() or lines[line - 2].strip()
        return key.endswith("dimension:") and lines[line - 1][column - 1 :].lstrip("{ ").startswith(("type:", "name:"))
