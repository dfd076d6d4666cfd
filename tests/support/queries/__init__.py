"""Metric queries drawn at random over any layer, and what must hold of their answers."""
