"""Comparisons and shapes over the values of metrics; docs/shapes.md says what each means."""
