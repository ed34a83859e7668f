"""How well a whole meeting was understood: terms, signals, roles, times of words, and text where nobody spoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from hearing_metrics import normalise

from signals.domain.conversation import Conversation, Turn
from signals.domain.tags import Hit
from signals.domain.transcript import Word

_SLACK = 1.0
"""Seconds by which a turn may miss the line it is about."""
_QUIET = 0.5
"""Seconds around a line that still belong to it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of the script as it was said. Seconds."""

    speaker: str
    role: str
    """"manager" or "customer"; empty where the reference does not say."""
    text: str
    start: float
    end: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Counts from which precision, recall and F1 follow."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.right + other.right, self.found + other.found, self.wanted + other.wanted)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.wanted)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.found + self.wanted)


def term_recall(terms: Iterable[str], reference: str, heard: str, simplify: Callable[[str], str]) -> Found:
    """How many of the occurrences of the trade's words in the reference are in what was heard; longest terms first.

    `found` counts the occurrences in what was heard.
    """
    wanted, got = normalise(reference, simplify), normalise(heard, simplify)
    total = Found()
    for term in sorted({normalise(t, simplify) for t in terms}, key=lambda t: (-len(t), t)):
        said, written = wanted.count(term), got.count(term)
        total += Found(min(said, written), written, said)
        wanted, got = wanted.replace(term, "|"), got.replace(term, "|")
    return total


def signal_scores(lines: Sequence[Reference], hits: Sequence[Hit], labels: Sequence[str]) -> Found:
    """Hits of `labels` against the script's: one is right when a line that carries its label is said while it is.

    Each label of a line is found once at most; a second hit of it is neither right nor wrong.
    """
    wanted = {(i, x) for i, line in enumerate(lines) for x in line.labels if x in labels}
    right: set[tuple[int, str]] = set()
    wrong = 0
    for hit in (h for h in hits if h.label in labels):
        over = [i for i, line in enumerate(lines) if hit.start < line.end + _SLACK and line.start - _SLACK < hit.end]
        matched = {(i, hit.label) for i in over} & wanted
        wrong += not matched
        # one turn may hold several lines of a speaker: a hit stands for the nearest
        right |= set(sorted(matched, key=lambda m: abs(lines[m[0]].start - hit.start))[:1])
    return Found(len(right), len(right) + wrong, len(wanted))


def role_share(lines: Sequence[Reference], conversation: Conversation) -> float | None:
    """Share (0..1) of the lines during most of whose time the right role speaks; None without roles in the reference."""
    judged = [line for line in lines if line.role]
    right = sum(_role_during(line, conversation.turns) == line.role for line in judged)
    return right / len(judged) if judged else None


def _role_during(line: Reference, turns: Sequence[Turn]) -> str:
    seconds: dict[str, float] = {}
    for turn in turns:
        for start, end in [(w.start, w.end) for w in turn.words] or [(turn.start, turn.end)]:
            shared = min(end, line.end) - max(start, line.start)
            if shared > 0:
                seconds[turn.role.value] = seconds.get(turn.role.value, 0.0) + shared
    return max(seconds, key=lambda r: seconds[r], default="")


def word_time_errors(lines: Sequence[Reference], words: Sequence[Word], simplify: Callable[[str], str]) -> list[float]:
    """Seconds by which the first and last word of a line miss its edges, for lines whose first or last character was heard.

    Only there the reference has times. Characters are paired by the longest common stretches.
    """
    said = [(c, i) for i, line in enumerate(lines) for c in normalise(line.text, simplify)]
    heard = [(c, w) for w in words for c in normalise(w.text, simplify)]
    matcher = SequenceMatcher(None, [c for c, _ in said], [c for c, _ in heard], autojunk=False)
    pairs = {a + k: b + k for a, b, n in matcher.get_matching_blocks() for k in range(n)}
    errors = []
    for place, (_, number) in enumerate(said):
        if place in pairs and (place == 0 or said[place - 1][1] != number):
            errors.append(abs(heard[pairs[place]][1].start - lines[number].start))
        if place in pairs and (place + 1 == len(said) or said[place + 1][1] != number):
            errors.append(abs(heard[pairs[place]][1].end - lines[number].end))
    return errors


def ghosts(lines: Sequence[Reference], words: Sequence[Word], duration: float) -> tuple[int, float]:
    """Characters whose words lie wholly where nobody speaks, and how many minutes nobody speaks."""
    spans: list[tuple[float, float]] = []
    for line in sorted(lines, key=lambda x: x.start):
        start, end = max(0.0, line.start - _QUIET), min(duration, line.end + _QUIET)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    outside = [w for w in words if not any(w.start < end and start < w.end for start, end in spans)]
    characters = sum(c.isalnum() for w in outside for c in w.text)
    return characters, (duration - sum(end - start for start, end in spans)) / 60
