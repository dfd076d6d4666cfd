"""Words that are quoted when they name something: reserved by SQL, PostgreSQL or ClickHouse, or read as a function or unit by a parser."""

from __future__ import annotations

from app.sql.allowlist.words import words

RESERVED: frozenset[str] = words(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both by case cast check collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user date datetime default
    deferrable desc distinct do else end except explain extract false fetch final first for foreign format freeze from full global grant group having
    ilike in initially inner interval intersect into is isnull join last lateral leading left like limit local localtime localtimestamp natural not
    notnull nulls null offset on only or order outer overlaps placing position prewhere primary range references returning right row rows sample
    select session_user settings similar some substring symmetric system_user table tablesample then time timestamp to top totals trailing trim
    true truncate union unique user using values variadic verbose view when where window with year quarter month week day hour minute second
    """
)
"""In lower case."""
