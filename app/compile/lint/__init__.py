"""Lint: what is in the layer and may not mean what its writer thinks. A rule a file, named after it; `rules` lists them, `run` applies them."""
