"""The JSON Schema of a draft over one prompt's names, in the part of the language that every vendor's strict mode takes: every property is required, none is open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.language.drafting.form import PARTS_OF_DATES, CalculationKind, Of, Op, TotalRows
from app.language.drafting.vocabulary import Vocabulary
from app.model.types import Grain

_GRAINS = ("hour", "day", "week", "month", "quarter", "year")
_COMPARING = (Op.IS, Op.IS_NOT, Op.MORE, Op.AT_LEAST, Op.LESS, Op.AT_MOST)

Schema = dict[str, Any]


def draft_schema(names: Vocabulary, also: Iterable[str] = ()) -> Schema:
    """The schema. `also` are names of group-by items besides the vocabulary's: those that the query before was written with."""
    metrics = [one.name for one in names.metrics]
    items = sorted({*(one.name for one in names.items), *also})
    grains = ["", *_GRAINS, *names.grains, *PARTS_OF_DATES]
    back = _object(count={"type": "integer"}, grain=_enum([*_GRAINS, *(g for g in names.grains if g not in Grain)]))
    metric, item = {"$ref": "#/$defs/metric"}, {"$ref": "#/$defs/item"}
    text, truth, whole = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
    query = _object(
        metrics=_list(metric),
        group_by=_list(_object(name=item, grain=_enum(grains))),
        filters=_list(_object(name=item, op=_enum(Op), values=_list(text))),
        segments=_list(_enum([one.name for one in names.segments])),
        having=_list(_object(metric=metric, of=_enum(Of), op=_enum(_COMPARING), value={"type": "number"}, percent=truth)),
        period=_or_null(_object(phrase=text, start=text, end=text)),
        calculations=_list(_object(kind=_enum(CalculationKind), metric=metric, back=_or_null(back), within=_list(item), periods=whole)),
        top=_or_null(_object(count=whole, by=metric, of=_enum(Of), per=_list(item), least=truth, other=truth)),
        order=_list(_object(by=text, descending=truth)),
        totals=_enum(TotalRows),
    )
    found = _object(query=_or_null(query), cannot_answer=_or_null(text), ask=_or_null(text))
    return {**found, "$defs": {"metric": _enum(metrics), "item": _enum(items)}}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "null"}]}


def _enum(values: Iterable[str]) -> Schema:
    """One of these; where there are none, a text that the decoder refuses: no schema language has an empty choice."""
    listed = [str(value) for value in values]
    return {"type": "string", "enum": listed} if listed else {"type": "string"}
