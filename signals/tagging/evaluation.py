"""Scoring a model on rows of writers it never met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Row
from signals.tagging.features import Featurizer
from signals.tagging.store import Bundle
from signals.tagging.training import as_utterance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BINS = 10


@dataclass(frozen=True, slots=True)
class LabelResult:
    """Counts at the label's threshold."""

    label: str
    support: int
    """Rows that truly carry the label."""
    found: int
    right: int
    threshold: float

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 when nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 0 when nothing is there."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.support + self.found
        return 2 * self.right / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's scores on a set of rows."""

    rows: int
    writers: int
    customer: tuple[LabelResult, ...]
    manager: tuple[LabelResult, ...]
    signal_macro_f1: float
    """Mean F1 over the buying signals that the rows carry at least once."""
    manager_macro_f1: float
    false_per_100_neutral: float
    """False buying signals in 100 customer rows that carry no label at all."""
    calibration_error: float
    """Expected calibration error over all customer scores, 10 bins of equal width (Guo et al. 2017)."""
    role_accuracy: float
    """Share of single spoken utterances whose role is told right."""


def evaluate(bundle: Bundle, rows: Sequence[Row], catalogue: Catalogue) -> Evaluation:
    """Scores at the catalogue's thresholds. `rows` should be of writers that training did not see."""
    import numpy as np

    featurizer = Featurizer(bundle.lexicon)
    results = {}
    false_signals, neutral, error = 0, 0, 0.0
    for role, model in (("customer", bundle.customer), ("manager", bundle.manager)):
        mine = [r for r in rows if r.role == role]
        scores = model.probabilities(featurizer, [as_utterance(r) for r in mine]).round(4)
        truth = np.array([[x in r.labels for x in model.labels] for r in mine], dtype=bool).reshape(scores.shape)
        thresholds = np.array([catalogue.label(x).threshold for x in model.labels])
        hits = scores >= thresholds
        results[role] = tuple(
            LabelResult(
                label=label,
                support=int(truth[:, k].sum()),
                found=int(hits[:, k].sum()),
                right=int((hits[:, k] & truth[:, k]).sum()),
                threshold=float(thresholds[k]),
            )
            for k, label in enumerate(model.labels)
        )
        if role == "customer":
            signals = [k for k, x in enumerate(model.labels) if catalogue.label(x).is_signal]
            bare = ~truth.any(axis=1)
            false_signals, neutral = int(hits[bare][:, signals].sum()), int(bare.sum())
            error = calibration_error(truth, scores)
    spoken = [r for r in rows if r.kind == "spoken"]
    said_by_manager = bundle.roles.probabilities(featurizer, [as_utterance(_alone(r)) for r in spoken])[:, 0] > 0.5
    return Evaluation(
        rows=len(rows),
        writers=len({r.writer for r in rows}),
        customer=results["customer"],
        manager=results["manager"],
        signal_macro_f1=_macro(results["customer"], lambda x: catalogue.label(x).is_signal),
        manager_macro_f1=_macro(results["manager"], lambda _: True),
        false_per_100_neutral=100 * false_signals / neutral if neutral else 0.0,
        calibration_error=error,
        role_accuracy=float(np.mean([a == (r.role == "manager") for a, r in zip(said_by_manager, spoken, strict=True)]))
        if spoken
        else 0.0,
    )


def calibration_error(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Mean gap between stated probability and observed share, weighted by how many scores fall in each bin. 0..1."""
    import numpy as np

    flat, right = scores.ravel(), truth.ravel()
    if not len(flat):
        return 0.0
    bins = np.minimum((flat * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(flat[bins == b].mean() - right[bins == b].mean())) * float((bins == b).mean())
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return sum(gaps)


def _alone(row: Row) -> Row:
    return row.model_copy(update={"previous": ""})


def _macro(results: Sequence[LabelResult], counts: Callable[[str], bool]) -> float:
    scores = [r.f1 for r in results if r.support and counts(r.label)]
    return sum(scores) / len(scores) if scores else 0.0
