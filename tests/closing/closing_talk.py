"""Meetings written down as lines: who | labels | what, or 停 | seconds. The labels are the hits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from signals.closing import ClosingOptions, analyse
from signals.domain.catalogue import Catalogue, load_catalogue
from signals.domain.closing import ClosingAnalysis
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import Hit
from signals.resources import catalog_dir

_ROLES = {"客户": Role.CUSTOMER, "经理": Role.MANAGER, "某人": Role.UNKNOWN}
_CHARACTERS_PER_SECOND = 4.5
_GAP = 0.5


@cache
def catalogue() -> Catalogue:
    return load_catalogue(catalog_dir())


@dataclass(frozen=True)
class Meeting:
    conversation: Conversation
    hits: tuple[Hit, ...]

    def analysed(self, options: ClosingOptions | None = None) -> ClosingAnalysis:
        return analyse(self.conversation, self.hits, catalogue(), options)

    def end_of(self, text: str) -> float:
        """Seconds at which the turn that contains this text ended."""
        return next(t.end for t in self.conversation.turns if text in t.text)

    def without(self, label: str) -> Meeting:
        return replace(self, hits=tuple(h for h in self.hits if h.label != label))


def meeting(lines: str, score: float = 0.9) -> Meeting:
    time, turns, hits = 0.0, list[Turn](), list[Hit]()
    for line in filter(None, map(str.strip, lines.splitlines())):
        who, *rest = (part.strip() for part in line.split("|", 2))
        if who == "停":
            time += float(rest[0])
            continue
        labels, text = rest
        end = time + max(0.4, len(text) / _CHARACTERS_PER_SECOND)
        turns.append(Turn(len(turns), who, _ROLES[who], time, end, text, text))
        hits += [Hit(turns[-1].index, label, score, 0.5, time, end, text) for label in labels.split() if label != "-"]
        time = end + _GAP
    return Meeting(Conversation(tuple(turns), (), time), tuple(hits))
