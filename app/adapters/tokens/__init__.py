"""Tokens and passwords: the two places where a secret decides who somebody is."""
