"""DM2713."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.checks.unique_keys import UniqueTests, is_told, joined_to, key_columns, key_of_test
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.proofs import proves
from app.errors import Severity


class UntestedKey(Rule):
    """A key to which rows are joined, and of which no test or constraint says that it is unique.

    Joins repeat no row because a primary or unique entity stands for one row; where the data has two, every sum over the join is too large, and
    nothing says so. For example `{name: customer, type: primary}` over a model without a `unique` test on `customer_id`.
    """

    code = "DM2713"
    severity = Severity.NOTE
    together = "no test or constraint says that {count} keys to which rows are joined are unique: {names}"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A primary or unique entity of this project that other semantic models have too."""
        if project.manifest is None:
            return
        models = {model.name: model for model in project.ontology.models}
        names = {model.unique_id: model.name for model in models.values()}
        nodes = (node for node in project.manifest.nodes.values() if proves(node))
        tests = UniqueTests(frozenset(found for node in nodes if (found := key_of_test(node, names)) is not None))
        for semantic_model, entity in joined_to(project.ontology.semantic_models):
            model, columns = models.get(semantic_model.model), key_columns(entity)
            if model is None or not columns or not is_own(semantic_model.file) or is_told(model, columns, tests):
                continue
            yield Finding(
                f"no test or constraint says that `{entity.name}`, by which rows are joined to `{semantic_model.name}`, is unique",
                project.element("entity", semantic_model.name, entity.name, semantic_model.file),
                "add dbt's `unique` test, or `dbt_utils.unique_combination_of_columns` for several columns",
                f"{semantic_model.name}.{entity.name}",
                (f"entity.{semantic_model.name}.{entity.name}",),
            )
