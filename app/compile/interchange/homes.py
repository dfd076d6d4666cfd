"""Where an aggregation is at home: the one dataset whose columns it reads, its members written out.

A Field of the kind `member` names a member of a source by its name there; its `path` holds the dataset, where that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.compile.interchange.datasets import Dataset, Datasets
from app.model.expr import Case, Column, Expr, Field
from app.sql.expressions.aggregates import ONE, Aggregate
from app.sql.expressions.walk import conjunction, conjuncts, replace_leaves, walk


class Misplaced(ValueError):
    """An aggregation is at home nowhere; the message says why, `code` of which kind that is."""

    def __init__(self, why: str, code: str = "DM2653") -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Homes:
    """Finds homes among the datasets of one import."""

    datasets: Datasets

    def place(self, aggregate: Aggregate, home: Dataset | None) -> tuple[Dataset, Aggregate, Expr | None]:
        """The home, the aggregation over its columns, and what of its condition lies on other datasets, as a filter. Raises Misplaced.

        A metric of a dataset is at home there, for its rows are what is counted; without one, the value that is aggregated says where.
        """
        value, conditions = aggregate.expr, list[Expr]()
        while isinstance(value, Case) and len(value.whens) == 1 and value.otherwise is None:
            conditions += conjuncts(value.whens[0][0])
            value = value.whens[0][1]
        owners, all_owners = self._owners(value, home), self._owners(aggregate.expr, home)
        if len(owners) > 1 or (home is not None and any(owner is not home for owner in owners)):
            names = ", ".join(f"`{owner.name}`" for owner in owners)
            raise Misplaced(f"it aggregates columns of {names}" + (f" over the rows of `{home.name}`" if home else " at once"))
        base = home or next(iter(owners or (all_owners if len(all_owners) == 1 else ())), None)
        if base is None:
            raise Misplaced("it counts rows, and does not say of which dataset")
        if all(owner is base for owner in all_owners):
            return base, replace(aggregate, expr=self.own(aggregate.expr, home)), None
        inner = [condition for condition in conditions if all(owner is base for owner in self._owners(condition, home))]
        outer = [self.reference(condition, base, home) for condition in conditions if condition not in inner]
        kept = conjunction(*(self.own(condition, home) for condition in inner))
        expr = self.own(value, home)
        placed = replace(aggregate, expr=expr if kept is None else Case(((kept, expr),)), rows=kept is None and expr == ONE)
        return base, placed, conjunction(*outer)

    def own(self, expr: Expr, home: Dataset | None) -> Expr:
        """The expression over the columns of its dataset: members written out, no table named. Raises Misplaced."""

        def resolved(leaf: Expr) -> Expr:
            match leaf:
                case Field(kind="member"):
                    return self.owner(leaf, home).fields[leaf.name]
                case Column():
                    self.owner(leaf, home)
                    return Column(leaf.name)
                case _:
                    return leaf

        return replace_leaves(expr, resolved)

    def owner(self, leaf: Column | Field, home: Dataset | None) -> Dataset:
        """The dataset that a column or member belongs to. Raises Misplaced."""
        named = leaf.table if isinstance(leaf, Column) else leaf.path[0] if leaf.path else ""
        owner = self.datasets.found.get(named) if named else home
        if owner is None:
            raise Misplaced(f"there is no dataset `{named}`" if named else f"it does not say of which dataset `{leaf.name}` is", "DM2659")
        if isinstance(leaf, Field) and leaf.name not in owner.fields:
            raise Misplaced(f"`{leaf.name}` is no field of `{owner.name}` that is carried", "DM2659")
        return owner

    def _owners(self, expr: Expr, home: Dataset | None) -> list[Dataset]:
        """The datasets that an expression reads, each once."""
        found = {owner.name: owner for leaf in walk(expr) if isinstance(leaf, Column | Field) for owner in [self.owner(leaf, home)]}
        return list(found.values())

    def reference(self, condition: Expr, base: Dataset, home: Dataset | None = None) -> Expr:
        """A condition on dimensions as dbt's filters name them from `base`. Raises Misplaced."""
        home = home or base

        def named(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column | Field):
                return leaf
            owner = self.owner(leaf, home)
            held = owner.fields[leaf.name] if isinstance(leaf, Field) else Column(leaf.name)
            name = next((owner.dimensions[n] for n, expr in owner.fields.items() if expr == held and n in owner.dimensions), "")
            if not name or name in owner.times:
                raise Misplaced(f"its condition is on `{owner.name}.{leaf.name}`, which is no categorical dimension there")
            if owner is base:
                return Field(f"{base.primary}__{name}")
            path = self.datasets.path(base, owner)
            if not path:
                raise Misplaced(f"its condition is on `{owner.name}`, to which no one way of joins leads from `{base.name}`")
            return Field(f"{path[-1]}__{name}", path=path[:-1])

        return replace_leaves(condition, named)
