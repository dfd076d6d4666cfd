"""The join graph: which semantic models an entity leads to, and what a name means from where one stands."""

from app.sql.joins.graph import JoinGraph
from app.sql.joins.places import Place
from app.sql.joins.reached import Hop, Reached

__all__ = ["Hop", "JoinGraph", "Place", "Reached"]
