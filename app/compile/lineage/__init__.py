"""Lineage: from a metric through its measures to the columns of models, and through their SQL to those of sources; and the way back."""
