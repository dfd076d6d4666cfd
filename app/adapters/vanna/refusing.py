"""Vanna without what it could do beyond keeping and finding training items.

It would run SQL that no policy was put under, execute Python that a language model wrote, and draw plots of rows. What is not named here as harmless is
refused, so that what a later version adds is refused as well.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable
from typing import Any, NoReturn

from vanna.legacy.base.base import VannaBase

from app.errors import Problem, UserError

KEPT = frozenset(
    {
        "add_ddl",
        "add_documentation",
        "add_question_sql",
        "generate_embedding",
        "get_related_ddl",
        "get_related_documentation",
        "get_similar_question_sql",
        "get_training_data",
        "log",
        "remove_training_data",
        "train",
    }
)
"""What keeps and finds training items; all of it is written anew in LayerVanna."""


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refused(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise UserError(
            Problem(
                "DM8054",
                f"Vanna's `{name}` is not available",
                hint="training items go in by `train` and come out by its `get_` functions; questions are asked of DataMind",
            )
        )

    refused.__name__ = name
    refused.__doc__ = "Refused: raises UserError DM8054."
    return refused


REFUSED = frozenset(
    name for name in dir(VannaBase) if callable(getattr(VannaBase, name)) and not name.startswith("__") and name not in KEPT
)
"""Every other function of Vanna."""

Refusing: Any = ABCMeta("Refusing", (VannaBase,), {name: _refusal(name) for name in sorted(REFUSED)})
"""VannaBase with them refused."""
