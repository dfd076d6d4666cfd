"""Published layers in the store (`app.ports.Layers`)."""

from __future__ import annotations

import hashlib

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store import problems
from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import documents, publications
from app.model.ontology import Layer
from app.model.records import Publication
from app.ports import Health


class StoredLayers:
    """Layer documents by content hash, and the events that made each the current one of its project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, layer: Layer, publication: Publication) -> bool:
        """Store the layer and make it current, in one transaction; False, and nothing written, where it already is.

        Raises InternalError DM8014 where the publication's hashes are not the layer's.
        """
        document = layer.canonical()
        if _hash(document) != publication.document_hash or layer.ontology.fingerprint() != publication.layer_hash:
            raise problems.damaged("the layer to publish")
        with self._database.transaction() as connection:
            advisory_lock(connection, "publish", publication.project_id)
            held = _current(connection, publication.project_id)
            if held is not None and held.document_hash == publication.document_hash:
                return False
            row = {"document_hash": publication.document_hash, "project_id": publication.project_id, "document": document}
            connection.execute(insert(documents).values(**row).on_conflict_do_nothing())
            connection.execute(sa.insert(publications).values(**to_row(publication)))
            return True

    def current(self, project_id: str) -> Publication | None:
        """The newest publication of the project."""
        with self._database.transaction() as connection:
            return _current(connection, project_id)

    def load(self, document_hash: str) -> Layer | None:
        """The layer of that hash. Raises InternalError DM8014 where the stored bytes are not what was published, or this version cannot read them."""
        statement = sa.select(documents.c.document).where(documents.c.document_hash == document_hash).limit(1)
        with self._database.transaction() as connection:
            document = connection.execute(statement).scalar()
        if document is None:
            return None
        if _hash(document) != document_hash:
            raise problems.damaged("the stored layer")
        try:
            return Layer.from_json(document)
        except msgspec.DecodeError as cause:  # a ValidationError is one too
            raise problems.damaged("the stored layer") from cause

    def health(self) -> Health:
        """Whether the store answers; never raises."""
        return self._database.health()


def _current(connection: sa.Connection, project_id: str) -> Publication | None:
    """By sequence number, not by id: publications are serialised per project, the clocks of two machines are not."""
    statement = (
        sa.select(*columns(publications, Publication))
        .where(publications.c.project_id == project_id)
        .order_by(publications.c.seq.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return to_record(row, Publication) if row is not None else None


def _hash(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()
