"""From where a process takes the layer that it serves."""

from __future__ import annotations

from app.model.ontology import Layer
from app.ports import Layers
from app.service.compile import compile_source
from app.service.project import ProjectSource
from app.service.serving import CurrentLayer


def published(layers: Layers, project_id: str) -> CurrentLayer:
    """The newest publication of the project in the store; the key is the document's hash."""

    def current(held: str) -> tuple[str, Layer] | None:
        publication = layers.current(project_id)
        if publication is None or publication.document_hash == held:
            return None
        layer = layers.load(publication.document_hash)
        return (publication.document_hash, layer) if layer is not None else None

    return current


def local(project: ProjectSource) -> CurrentLayer:
    """The layer compiled from the project's folder, again whenever its artifacts change; the key is their fingerprint."""

    def current(held: str) -> tuple[str, Layer] | None:
        fingerprint = project.fingerprint()
        if fingerprint and fingerprint == held:
            return None
        return fingerprint, compile_source(project).layer

    return current
