"""The portable function catalogue: which functions an expression may call, with how many arguments, and what they give.

Truncation, extraction, conversion, shifting and CASE are nodes of their own (`app.model.expr`), not functions. A function that reads a clock, a file,
the server's state or draws a random number is not here and never will be: the same layer must give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.model.types import DataType


class Gives(Enum):
    """How a function's result type follows from its arguments."""

    SAME = "the type that the arguments share"
    FIRST = "the first argument's type"
    TEXT = DataType.TEXT
    INTEGER = DataType.INTEGER
    DECIMAL = DataType.DECIMAL
    FLOAT = DataType.FLOAT
    BOOLEAN = DataType.BOOLEAN
    ROW = DataType.OTHER


@dataclass(frozen=True, slots=True)
class Function:
    """A portable function: argument counts (`most` None: any number), result, and its meaning where engines differ."""

    name: str
    least: int
    most: int | None
    gives: Gives
    meaning: str = ""


_ALL = (
    Function("coalesce", 1, None, Gives.SAME, "the first argument that is not NULL"),
    Function("nullif", 2, 2, Gives.FIRST, "NULL where both are equal, else the first"),
    Function("greatest", 1, None, Gives.SAME, "the largest argument; NULLs are left out"),
    Function("least", 1, None, Gives.SAME, "the smallest argument; NULLs are left out"),
    Function("abs", 1, 1, Gives.FIRST),
    Function("sign", 1, 1, Gives.INTEGER, "-1, 0 or 1"),
    Function("round", 1, 2, Gives.DECIMAL, "half away from zero, at the decimal digits that the number is written with"),
    Function("floor", 1, 1, Gives.FIRST),
    Function("ceil", 1, 1, Gives.FIRST),
    Function("sqrt", 1, 1, Gives.FLOAT),
    Function("ln", 1, 1, Gives.FLOAT),
    Function("exp", 1, 1, Gives.FLOAT),
    Function("power", 2, 2, Gives.FLOAT),
    Function("lower", 1, 1, Gives.TEXT),
    Function("upper", 1, 1, Gives.TEXT),
    Function("trim", 1, 1, Gives.TEXT, "without spaces at both ends"),
    Function("ltrim", 1, 1, Gives.TEXT, "without spaces at the start"),
    Function("rtrim", 1, 1, Gives.TEXT, "without spaces at the end"),
    Function("length", 1, 1, Gives.INTEGER, "characters, not bytes"),
    Function("concat", 1, None, Gives.TEXT, "NULLs are left out; `||` gives NULL where either side is"),
    Function("substring", 2, 3, Gives.TEXT, "characters from a 1-based start; less than 1 is 1"),
    Function("left", 2, 2, Gives.TEXT, "the first characters"),
    Function("right", 2, 2, Gives.TEXT, "the last characters"),
    Function("replace", 3, 3, Gives.TEXT, "every occurrence, as plain text"),
    Function("position", 2, 2, Gives.INTEGER, "1-based character position of the second in the first; 0 where it is not there"),
    Function("starts_with", 2, 2, Gives.BOOLEAN),
    Function("date_diff", 3, 3, Gives.INTEGER, "boundaries of the grain (first argument, a literal) crossed from the second to the third"),
    Function("tuple", 2, None, Gives.ROW, "a composite key"),
)

CATALOGUE: dict[str, Function] = {function.name: function for function in _ALL}
"""Portable functions by name."""
