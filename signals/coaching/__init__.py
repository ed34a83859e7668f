"""Figures on how the talk went, and what a scorecard makes of it."""

from signals.coaching.rubric import deck_rubric, propose
from signals.coaching.talk import VERSION, talk_statistics

__all__ = ["VERSION", "deck_rubric", "propose", "talk_statistics"]
