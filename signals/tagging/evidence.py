"""From what each character adds to a score to the words that carried it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from signals.domain.tags import EvidenceSpan

_SHARE = 0.35
"""A character belongs to the evidence when it adds at least this share of what the strongest one adds."""
_GAP = 1
"""Characters between two stretches of evidence that are marked along with them."""


def evidence_spans(carried: NDArray[np.float64]) -> tuple[EvidenceSpan, ...]:
    """Stretches of a text whose characters speak for a label, from what each adds, shape (characters,). May be empty."""
    if not len(carried) or carried.max() <= 0:
        return ()
    strong = np.flatnonzero(carried >= _SHARE * carried.max())
    total = carried[carried > 0].sum()
    spans = []
    for run in np.split(strong, np.flatnonzero(np.diff(strong) > _GAP + 1) + 1):
        first, last = int(run[0]), int(run[-1])
        weight = float(carried[first : last + 1].clip(min=0).sum() / total)
        spans.append(EvidenceSpan(first, last + 1, round(weight, 3)))
    return tuple(spans)
