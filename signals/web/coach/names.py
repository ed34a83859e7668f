"""Chinese names of moments and labels."""

from __future__ import annotations

from signals.domain.catalogue import Catalogue
from signals.store.derived_models import Moment, MomentKind

KINDS = {
    MomentKind.MISSED: "错过的成交时机",
    MomentKind.TAKEN: "抓住的成交时机",
    MomentKind.OPEN: "仍然开着的时机",
    MomentKind.PREMATURE: "过早提出成交",
}


def moment_names(catalogue: Catalogue) -> dict[str, str]:
    """What moments can be filtered by, with its name."""
    kinds: dict[str, str] = {k.value: name for k, name in KINDS.items()}
    return {"windows": "抓住和错过的时机"} | kinds | {x.id: x.name for x in catalogue.labels if x.audible}


def moment_name(moment: Moment, catalogue: Catalogue) -> str:
    """What happened at a moment."""
    return KINDS.get(moment.kind) or catalogue.label(moment.label).name


def label_name(catalogue: Catalogue, id: str) -> str:
    """The Chinese name of a label or strategy."""
    strategy = next((s.name for s in catalogue.strategies if s.id == id), "")
    return strategy or catalogue.label(id).name
