"""Answers that leave as files: CSV, XLSX, JSON, PNG and PDF."""
