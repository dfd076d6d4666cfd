"""DM2432."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.compile.lint.edit import Edit, line_end
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule

_NESTED = (1, 9)
"""From this dbt on the window has a place of its own, which dbt 1.12 insists on."""
_LINE = re.compile(r"(?P<indent> *)(?P<key>window|grain_to_date)\s*:\s*[^\s#|>&*{\[][^{}\[\]]*\r?\n?$")


class FlatWindow(Rule):
    """A cumulative metric's `window` or `grain_to_date` outside `cumulative_type_params`.

    It is read here and by dbt 1.9 to 1.11, and dbt 1.12 will not parse the project. For example
    `{type: cumulative, type_params: {measure: revenue, window: 7 days}}`.
    """

    code = "DM2432"
    fixable = True

    def check(self, project: Linted) -> Iterator[Finding]:
        """A cumulative metric with the old key, unless its YAML has it no more."""
        if project.release is None or project.release < _NESTED:
            return
        for node in project.metric_nodes:
            params = node.type_params
            flat = "window" if params.window else "grain_to_date" if params.grain_to_date else ""
            place = project.metric(node.name, f"type_params/{flat}")
            if flat and node.type.lower() == "cumulative" and project.may_hold(place):
                yield Finding(
                    f"`{flat}` of metric `{node.name}` stands outside `cumulative_type_params`; dbt 1.12 will not parse it",
                    place,
                    f"move `{flat}` under `type_params.cumulative_type_params`",
                    node.name,
                )

    def fix(self, project: Linted, finding: Finding) -> Sequence[Edit]:
        """Put the key above its line and the line one level deeper, where it stands alone on it and no such key is there yet."""
        found = project.lines(finding.place)
        place = finding.place
        nested = place.key, place.file, "type_params/cumulative_type_params"
        if found is None or project.locations.holds(*nested):
            return ()
        line, _, lines = found
        text = lines[line - 1]
        match = _LINE.fullmatch(text)
        if match is None or _goes_on(lines[line:], len(match["indent"])):
            return ()
        indent = match["indent"]
        return (Edit(place.file, line, 1, text, f"{indent}cumulative_type_params:{line_end(lines)}{indent}  {text[len(indent) :]}"),)


def _goes_on(below: Sequence[str], indent: int) -> bool:
    """Whether the value goes on in deeper lines."""
    following = next((text for text in below if text.strip()), "")
    return len(following) - len(following.lstrip(" ")) > indent
