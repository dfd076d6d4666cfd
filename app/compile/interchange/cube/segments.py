"""Segments and hierarchies of cubes: named filters and drill paths of `meta.datamind`."""

from __future__ import annotations

from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.queried import Hierarchy, Segment
from app.compile.interchange.templated import Template
from app.compile.interchange.tree import Tree, unread
from app.errors import UserError

_SEGMENT = frozenset({"name", "sql", "title", "description", "public", "shown", "meta"})
_HIERARCHY = frozenset({"name", "title", "levels", "public", "meta", "description"})


def read_segment(drafting: Drafting, dataset: Dataset, tree: Tree, template: Template) -> None:
    """Take a segment in; one that can't be read is reported."""
    subject = f"segment `{dataset.name}.{tree.text('name')}`"
    for key, entry in unread(tree, _SEGMENT):
        drafting.findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
    try:
        condition = template.expression(tree.text("sql"), drafting.dialect)
    except UserError as error:
        drafting.findings.refused(error, subject, "the segment", tree.place("sql"))
        return
    words = (tree.text("title"), tree.text("description"))
    drafting.queried.segments.append(Segment(tree.text("name"), dataset, condition, *words, subject, tree.where))


def read_hierarchy(drafting: Drafting, dataset: Dataset, tree: Tree) -> None:
    """Take a hierarchy in."""
    subject = f"hierarchy `{dataset.name}.{tree.text('name')}`"
    for key, entry in unread(tree, _HIERARCHY):
        drafting.findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
    levels = tuple(str(level.value) for level in tree.items("levels"))
    words = (tree.text("title"), tree.text("description"))
    drafting.queried.hierarchies.append(Hierarchy(tree.text("name"), dataset, levels, *words, subject, tree.where))
