"""When to propose the deal, and how: readiness over time, closing windows, the four strategies, the eight stages."""

from signals.closing.analysis import VERSION, analyse
from signals.closing.options import ClosingOptions

__all__ = ["VERSION", "ClosingOptions", "analyse"]
