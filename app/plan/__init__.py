"""From a SemanticQuery to an engine-free logical plan, and from that to each engine's SQL."""
