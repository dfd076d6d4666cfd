"""What governance would refuse of a project is asked while the project is compiled, so that it is told at its line and not by the first query: `compile` and
`govern` don't import each other, and are put together here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.compile.artifacts import TargetArtifacts
from app.compile.expressions import Guards
from app.errors import DataMindError, Problem
from app.govern.attributes import with_parameters
from app.govern.spelling import parameter_text, spell_predicate
from app.model.expr import Expr
from app.model.types import DataType, Dialect
from app.service.expressions import expression_guard

_HINT = "compare values of one type; compute anything more in a column of the model"
_ENGINES: Mapping[str, Dialect] = {dialect.value: dialect for dialect in Dialect}


def project_guards(targets: Sequence[TargetArtifacts]) -> Guards:
    """What the engines of a project's targets must be able to get."""
    dialects = tuple(dict.fromkeys(_ENGINES[target.engine] for target in targets if target.engine in _ENGINES))
    return Guards(expression_guard(dialects), lambda predicate, types: unspelled(predicate, types, dialects))


def unspelled(predicate: Expr, types: Mapping[str, DataType], dialects: Iterable[Dialect] = Dialect) -> Problem | None:
    """Why a row filter over columns of these types can't be written for one of the engines, whoever is to look; None where it can."""
    bound, attributes = with_parameters(predicate, types)
    for dialect in dialects:
        try:
            spell_predicate(bound, dialect, types)
        except DataMindError as error:
            message = error.problem.message
            for held, attribute in attributes.items():
                message = message.replace(f"`{parameter_text(held.name)}`", f"`user.{attribute.name}`")
            return replace(error.problem, message=message, hint=_HINT)
    return None
