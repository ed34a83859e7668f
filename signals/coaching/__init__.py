"""Figures on how the talk went."""

from signals.coaching.talk import VERSION, talk_statistics

__all__ = ["VERSION", "talk_statistics"]
