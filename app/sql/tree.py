"""Walking and copying syntax trees quickly: positions and comments are left behind, names of functions are kept, and depth costs no recursion."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

Tree = TypeVar("Tree", bound=exp.Expr)

WRITTEN = "clickhouse_name"
"""Under which key of a call's `meta` the grammar keeps the name that was written, where letters' case matters."""


def nodes(tree: exp.Expr) -> list[exp.Expr]:
    """Every node of the tree as it is now, each before what is below it."""
    found: list[exp.Expr] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        found.append(node)
        for value in node.args.values():
            if isinstance(value, exp.Expr):
                stack.append(value)
            elif type(value) is list:
                for item in value:
                    if isinstance(item, exp.Expr):
                        stack.append(item)  # noqa: PERF401 - a comprehension here is a call for each list
    return found


def copy_tree(tree: Tree) -> Tree:
    """A copy that shares nothing with the tree; comments and positions are not copied."""
    root = type(tree)()
    stack: list[tuple[exp.Expr, exp.Expr]] = [(tree, root)]
    while stack:
        old, new = stack.pop()
        arguments = new.args
        if old._meta is not None and WRITTEN in old._meta:
            new.meta[WRITTEN] = old._meta[WRITTEN]  # how a function was written: to ClickHouse `format` is one and `FORMAT` is none
        for name, value in old.args.items():
            if type(value) is list:
                items: list[object] = []
                for item in value:
                    if isinstance(item, exp.Expr):
                        made = type(item)()
                        made.parent, made.arg_key, made.index = new, name, len(items)
                        stack.append((item, made))
                        items.append(made)
                    else:
                        items.append(item)
                arguments[name] = items
            elif isinstance(value, exp.Expr):
                made = type(value)()
                made.parent, made.arg_key = new, name
                stack.append((value, made))
                arguments[name] = made
            else:
                arguments[name] = value
    return root
