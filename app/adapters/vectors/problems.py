"""What can go wrong with a vector store (DM8051, DM8052, DM8055), told without a driver's words."""

from __future__ import annotations

from app.errors import InternalError, Problem, UserError


def down(name: str) -> InternalError:
    """DM8051: it does not answer, or not as it should."""
    return InternalError(
        Problem(
            "DM8051",
            f"the vector store ({name}) does not answer as it should",
            hint="check that it runs and that DATAMIND_VECTOR_URL names it",
        )
    )


def bad_url(reason: str) -> UserError:
    """DM8052: its address can't be used."""
    return UserError(
        Problem(
            "DM8052",
            f"the vector store's URL can't be used: {reason}",
            hint="set DATAMIND_VECTOR_URL to chroma+http://host:port or qdrant+http://host:port, or leave it out for pgvector in the store",
        )
    )


def no_extension() -> UserError:
    """DM8055: the store has no pgvector, and its role may not add it."""
    return UserError(
        Problem(
            "DM8055",
            "the store has no extension `vector` (pgvector)",
            hint="have a superuser run CREATE EXTENSION vector in the store's database, or name a vector store by DATAMIND_VECTOR_URL",
        )
    )
