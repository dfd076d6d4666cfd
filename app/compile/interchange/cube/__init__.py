"""Cube's data models: cubes in YAML, and the object form of its JavaScript as far as it holds no code."""
