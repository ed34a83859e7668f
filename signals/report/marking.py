"""Text cut where its marking changes: words that carried a hit, that were put right, that the recogniser doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from signals.domain.conversation import Turn
from signals.domain.tags import Hit

UNSURE = 0.35
"""Recogniser's probability below which a word is marked as doubtful. A choice of display, not a measurement."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with one marking. `doubt`: the recogniser's probability of a doubtful word, else None.

    `heard`: what the recogniser wrote where a word of the trade was put in its place, else empty.
    """

    text: str
    evidence: bool = False
    doubt: float | None = None
    heard: str = ""


def turn_pieces(turn: Turn, hits: Sequence[Hit]) -> tuple[Piece, ...]:
    """The whole text of a turn; `hits` are those of this turn."""
    evidence = _evidence(turn, hits)
    doubts, repairs = _doubts_and_repairs(turn)
    runs = groupby(range(len(turn.text)), key=lambda i: (evidence[i], doubts[i], repairs[i]))
    return tuple(Piece("".join(turn.text[i] for i in run), *key) for key, run in runs)


def quote_pieces(hit: Hit, turn: Turn | None) -> tuple[Piece, ...]:
    """A hit's quote with its evidence; unmarked when the quote is not a part of the turn's text."""
    at = turn.text.find(hit.quote) if turn is not None else -1
    if turn is None or at < 0:
        return (Piece(hit.quote),)
    evidence = _evidence(turn, [hit])
    runs = groupby(range(at, at + len(hit.quote)), key=lambda i: evidence[i])
    return tuple(Piece("".join(turn.text[i] for i in run), key) for key, run in runs)


def _evidence(turn: Turn, hits: Sequence[Hit]) -> list[bool]:
    marked = [False] * len(turn.text)
    for span in (span for hit in hits for span in hit.evidence):
        for i in range(max(0, span.start), min(len(marked), span.end)):
            marked[i] = True
    return marked


def _doubts_and_repairs(turn: Turn) -> tuple[list[float | None], list[str]]:
    """Words are found in the text one after the other; one that is not there is passed over."""
    doubts: list[float | None] = [None] * len(turn.text)
    repairs = [""] * len(turn.text)
    at = 0
    for word in turn.words:
        text = word.text.strip()
        found = turn.text.find(text, at) if text else -1
        if found < 0:
            continue
        at = found + len(text)
        if word.probability < UNSURE:
            doubts[found:at] = [word.probability] * len(text)
        repairs[found:at] = [word.heard] * len(text)
    return doubts, repairs
