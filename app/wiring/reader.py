"""The readers of the embedded warehouses, kept to what is served."""

from __future__ import annotations

from app.adapters.embedded.parts import Part
from app.adapters.embedded.reader import keep_to
from app.errors import InternalError, Problem
from app.govern.served import served_schemas
from app.service.deps import Deps
from app.wiring.servers import Servers


def keep_readers(deps: Deps, servers: Servers) -> None:
    """Close what is not served now to the readers of the warehouses that we started; those that a URL names are their administrators'.

    Raises InternalError DM5902 where a server breaks off, UserError DM8001 where no layer is published.
    """
    layer, ontology, _ = deps.serving.governed()
    for name, owner in servers.owners.items():
        schemas = served_schemas(ontology, layer.placement(name))
        try:
            keep_to(Part(name), owner, servers.engines[name], schemas)
        except Exception as error:  # each driver has its own errors
            message = f"the reader of the embedded {Part(name).label} could not be kept to what is served"
            raise InternalError(Problem("DM5902", message, hint="see the server's log in the data directory")) from error
