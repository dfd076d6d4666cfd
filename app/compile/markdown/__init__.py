"""Markdown for comments on pull requests, in which texts of a project stay texts."""
