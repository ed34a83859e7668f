"""Finds a bank customer's buying signals in recorded client meetings."""

__version__ = "0.1.0"
