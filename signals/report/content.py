"""What the writers pick from a report: the same picks, whatever the format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from signals.domain.catalogue import Catalogue, Label, Strategy
from signals.domain.closing import ClosingWindow
from signals.domain.conversation import Role
from signals.domain.errors import CatalogueError
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.domain.transcript import Word
from signals.report import wording

STRONGEST = 3
"""Signals at the top of the report."""
_NUMBERED = "SPEAKER_"


@dataclass(frozen=True, slots=True)
class LabelGroup:
    """All hits of one label, in order of time."""

    label: Label
    hits: tuple[Hit, ...]


def strongest(report: Report, catalogue: Catalogue) -> tuple[Hit, ...]:
    """The customer's strongest signals, strongest first: weight × score, one a label and one a turn."""

    def strength(hit: Hit) -> float:
        return catalogue.label(hit.label).weight * hit.score

    picked: list[Hit] = []
    for hit in sorted(signals(report, catalogue), key=lambda h: (-strength(h), h.start, h.label)):
        if all(hit.label != p.label and hit.turn != p.turn for p in picked):
            picked.append(hit)
    return tuple(picked[:STRONGEST])


def signals(report: Report, catalogue: Catalogue) -> tuple[Hit, ...]:
    """The customer's buying signals in order of time."""
    found = (h for h in report.hits if catalogue.label(h.label).is_signal)
    return tuple(sorted(found, key=lambda h: (h.start, h.turn, h.label)))


def repairs(report: Report) -> tuple[tuple[int, Word], ...]:
    """The words that were put right by their sound, in order of time, each with the number of its turn."""
    return tuple((t.index, w) for t in report.conversation.turns for w in t.words if w.heard)


def grouped(report: Report, catalogue: Catalogue, wanted: Callable[[Label], bool]) -> tuple[LabelGroup, ...]:
    """Hits by label in the catalogue's order, labels without hits left out."""
    groups = []
    for label in filter(wanted, catalogue.labels):
        hits = sorted((h for h in report.hits if h.label == label.id), key=lambda h: (h.start, h.turn))
        if hits:
            groups.append(LabelGroup(label, tuple(hits)))
    return tuple(groups)


def deciding_window(report: Report) -> ClosingWindow | None:
    """The window that the verdict is about: the last one."""
    return report.closing.windows[-1] if report.closing.windows else None


def strategy(catalogue: Catalogue, id: str) -> Strategy:
    """Raises `CatalogueError` for a strategy that the catalogue does not have."""
    for entry in catalogue.strategies:
        if entry.id == id:
            return entry
    raise CatalogueError("unknown_strategy", f"目录中没有成交策略“{id}”", "请检查 data/catalog/strategies.yaml")


def strategy_heard(catalogue: Catalogue, hit: Hit) -> str:
    """Chinese name of the closing strategy that a manager's proposal was heard as."""
    return next((s.name for s in catalogue.strategies if s.label == hit.label), catalogue.label(hit.label).name)


def stage_name(catalogue: Catalogue, number: int) -> str:
    """Name of a stage of the buyer's mind; empty for a number that the catalogue does not have."""
    return next((s.name for s in catalogue.stages if s.number == number), "")


def speaker_names(report: Report) -> dict[str, str]:
    """How each speaker is called: by role, numbered where several share it; a name that a user or an import gave is kept."""
    roles = {t.speaker: t.role for t in report.conversation.turns}
    roles |= {r.speaker: r.role for r in report.conversation.roles}
    numbered: dict[Role, list[str]] = {}
    for speaker, role in roles.items():
        if speaker.startswith(_NUMBERED):
            numbered.setdefault(role, []).append(speaker)
    names = {s: _given_name(s, role) for s, role in roles.items() if not s.startswith(_NUMBERED)}
    for role, speakers in numbered.items():
        called = "说话人" if role is Role.UNKNOWN else wording.ROLE[role]
        alone = len(speakers) == 1 and role is not Role.UNKNOWN
        names |= {s: called if alone else f"{called} {i}" for i, s in enumerate(speakers, 1)}
    names |= {r.speaker: _given_name(r.name, roles[r.speaker]) for r in report.conversation.roles if r.name}
    return names


def _given_name(speaker: str, role: Role) -> str:
    called = wording.ROLE[role]
    return speaker if role is Role.UNKNOWN or called in speaker else f"{speaker}（{called}）"
