"""Finds a bank customer's buying signals in recorded client meetings, and when and how to propose closing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signals.api import analyze, load_catalogue, load_tagger, write_reports
    from signals.domain.errors import SignalsError
    from signals.domain.report import Report
    from signals.settings import Settings

__version__ = "0.1.0"
__all__ = [
    "Report",
    "Settings",
    "SignalsError",
    "__version__",
    "analyze",
    "load_catalogue",
    "load_tagger",
    "write_reports",
]

_HOMES = {
    "Report": "signals.domain.report",
    "Settings": "signals.settings",
    "SignalsError": "signals.domain.errors",
    "analyze": "signals.api",
    "load_catalogue": "signals.api",
    "load_tagger": "signals.api",
    "write_reports": "signals.api",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that `import signals` and `signals --help` cost nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'signals' has no attribute {name!r}")
