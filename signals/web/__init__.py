"""The web service: pages in Chinese and the same actions as JSON under /api/v1."""

from signals.web.app import create_app

__all__ = ["create_app"]
