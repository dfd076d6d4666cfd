"""DM2707."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from app.compile.lint.definition import Definitions
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule


class DuplicateMetric(Rule):
    """A metric that is another one under a second name.

    Two names for one number are asked about forever, and one of them will be changed alone one day. Definitions are compared through all that the
    metrics are made of: how an expression is written, and what measures are called, makes no difference. For example
    `sales: {type: simple, type_params: {measure: net_amount}}` beside `revenue`, which is the same.
    """

    code = "DM2707"

    def check(self, project: Linted) -> Iterator[Finding]:
        """Every metric of this project but the first by name of those that compute the same."""
        definitions = Definitions(project.ontology)
        alike: dict[str, list[str]] = defaultdict(list)
        for metric in project.metrics:
            alike[definitions.of(metric.name)].append(metric.name)
        for first, *others in alike.values():
            for name in others:
                yield Finding(
                    f"metric `{name}` computes the same as `{first}`",
                    project.metric(name),
                    f"keep one; another word for it is a synonym: `meta: {{datamind: {{synonyms: [{name}]}}}}` of `{first}`",
                    name,
                    (f"metric.{name}", f"metric.{first}"),
                )
