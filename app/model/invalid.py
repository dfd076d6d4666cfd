"""What msgspec says of a value that is not of its type, taken apart: its message ends in the place, as in "Expected `int`, got `str` - at `$.rows[0]`"."""

from __future__ import annotations


def said_and_path(error: object) -> tuple[str, str]:
    """What is wrong, and the way to it from the value as a whole: `rows[0].name`; "" where that is itself wrong."""
    message, _, place = str(error).partition(" - at ")
    return message, place.rstrip("`").rpartition("$")[2].lstrip(".")  # of a key it says: at `key` in `$.rows`


def under(root: str, path: str) -> str:
    """The path as one from `root`."""
    return f"{root}{'' if not path or path.startswith('[') else '.'}{path}"
