"""Options that several commands share, with one wording each."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write one JSON object to standard output, for programs.")]
Source = Annotated[str, typer.Option("--source", help="The engine to use: postgres or clickhouse. Without it, routing chooses.")]
As = Annotated[str, typer.Option("--as", help="See what this role sees: viewer, analyst or admin.")]
Attribute = Annotated[
    list[str] | None, typer.Option("--attr", help="An attribute of the asker that row filters read, NAME=VALUE; may be repeated.")
]
Explain = Annotated[
    str,
    typer.Option(
        "--explain",
        help="Stop after this stage and print what it made: interpret, generate (or plan), validate, optimize (or sql), sanitize.",
    ),
]
Dialect = Annotated[str, typer.Option("--source", help="The engine whose dialect the SQL is written in: postgres or clickhouse.")]
