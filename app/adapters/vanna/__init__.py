"""Vanna's interface over our ports: what is trained goes in and comes out through it, and nothing else of Vanna can be reached."""
