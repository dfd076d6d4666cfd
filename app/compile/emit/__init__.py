"""The layer as files that people review in pull requests, and as items that retrieval shows a model. Deterministic byte for byte."""
