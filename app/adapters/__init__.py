"""Adapters: the concrete things that fill the ports, one package each; only the wiring chooses between them."""
