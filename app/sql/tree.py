"""Walking and copying syntax trees quickly: positions and comments are left behind, and depth costs no recursion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sqlglot import exp

Tree = TypeVar("Tree", bound=exp.Expr)


def nodes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Every node of the tree, each before what is below it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        for value in node.args.values():
            if type(value) is list:
                stack.extend(item for item in value if isinstance(item, exp.Expr))
            elif isinstance(value, exp.Expr):
                stack.append(value)


def copy_tree(tree: Tree) -> Tree:
    """A copy that shares nothing with the tree; comments and positions are not copied."""
    root = type(tree)()
    stack: list[tuple[exp.Expr, exp.Expr]] = [(tree, root)]
    while stack:
        old, new = stack.pop()
        arguments = new.args
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
