"""Scoring a tagger on rows of writers it never met."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Row
from signals.tagging.homophones import Homophones
from signals.tagging.tagger import LinearTagger
from signals.tagging.text import is_blank
from signals.tagging.training import as_utterance, truth_of

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
    """A tagger's scores on a set of rows."""

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


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Scores on a part of the rows, or on another version of them."""

    name: str
    rows: int
    signal_macro_f1: float | None
    """None where no row carries a buying signal."""
    manager_macro_f1: float | None
    """None where no row carries a label of the manager."""
    false_per_100_neutral: float | None
    """None where every customer row carries a label."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores of about the same height."""

    stated: float
    """Their mean, 0..1."""
    observed: float
    """Share of them that is right, 0..1."""
    scores: int


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows of one role with what is true of them and what the tagger says."""

    rows: tuple[Row, ...]
    labels: tuple[str, ...]
    truth: NDArray[np.bool_]
    """Shape (rows, labels)."""
    probabilities: NDArray[np.float64]
    """Shape (rows, labels)."""
    thresholds: NDArray[np.float64]
    """Shape (labels,)."""

    def where(self, keep: Callable[[Row], bool]) -> Scored:
        """The rows that `keep` is true of."""
        places = [i for i, row in enumerate(self.rows) if keep(row)]
        rows = tuple(self.rows[i] for i in places)
        return Scored(rows, self.labels, self.truth[places], self.probabilities[places], self.thresholds)

    @property
    def hits(self) -> NDArray[np.bool_]:
        """What is over its threshold, shape (rows, labels)."""
        return np.asarray(self.probabilities >= self.thresholds)


def score_rows(
    tagger: LinearTagger, rows: Sequence[Row], progress: Callable[[float], None] = lambda _: None
) -> dict[str, Scored]:
    """Scores by role, all that `summarise` needs. `progress` is told the share done, 0..1."""
    scored, before = {}, 0
    for role in ("customer", "manager"):
        mine = tuple(r for r in rows if r.role == role)
        base = before

        def tell(done: float, base: int = base, mine: tuple[Row, ...] = mine) -> None:
            progress((base + done * len(mine)) / len(rows))

        labels = tagger.scorer.words(role).labels
        found = tagger.scorer.probabilities(role, [as_utterance(r) for r in mine], progress=tell).round(4)
        found[[is_blank(r.text) for r in mine]] = 0.0  # the tagger leaves them undecided
        scored[role] = Scored(
            rows=mine,
            labels=labels,
            truth=truth_of(mine, labels),
            probabilities=found,
            thresholds=np.array([tagger.threshold(x, role) for x in labels]),
        )
        before += len(mine)
    return scored


def evaluate(tagger: LinearTagger, rows: Sequence[Row]) -> Evaluation:
    """Scores at the tagger's thresholds. `rows` should be of writers that training did not see."""
    return summarise(tagger, score_rows(tagger, rows))


def summarise(tagger: LinearTagger, scored: dict[str, Scored]) -> Evaluation:
    """The figures of scored rows."""
    catalogue = tagger.catalogue
    rows = [r for part in scored.values() for r in part.rows]
    customer, manager = (label_results(scored[role]) for role in ("customer", "manager"))
    spoken = [r for r in rows if r.kind == "spoken"]
    said_by_manager = np.array(tagger.manager_log_odds([r.text for r in spoken])) > 0
    right = [a == (r.role == "manager") for a, r in zip(said_by_manager, spoken, strict=True)]
    return Evaluation(
        rows=len(rows),
        writers=len({r.writer for r in rows}),
        customer=customer,
        manager=manager,
        signal_macro_f1=_macro(customer, lambda x: catalogue.label(x).is_signal) or 0.0,
        manager_macro_f1=_macro(manager, lambda _: True) or 0.0,
        false_per_100_neutral=false_signals(scored["customer"], catalogue) or 0.0,
        calibration_error=calibration_error(scored["customer"].truth, scored["customer"].probabilities),
        role_accuracy=float(np.mean(right)) if right else 0.0,
    )


def label_results(scored: Scored) -> tuple[LabelResult, ...]:
    """Counts for each label of the role."""
    hits, truth = scored.hits, scored.truth
    return tuple(
        LabelResult(
            label=label,
            support=int(truth[:, k].sum()),
            found=int(hits[:, k].sum()),
            right=int((hits[:, k] & truth[:, k]).sum()),
            threshold=float(scored.thresholds[k]),
        )
        for k, label in enumerate(scored.labels)
    )


def average_precision(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Precision averaged over the right ones from the highest score down, 0..1: how well a label is ranked, whatever its
    threshold. 0 when nothing is there. Both of shape (rows,)."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores)) if truth.any() else 0.0


def grouped(scored: Mapping[str, Scored], catalogue: Catalogue, group: Callable[[Row], str]) -> tuple[GroupResult, ...]:
    """Scores of each group of rows, in the order of their names."""

    def only(name: str) -> dict[str, Scored]:
        return {role: part.where(lambda row: group(row) == name) for role, part in scored.items()}

    names = sorted({group(row) for part in scored.values() for row in part.rows})
    return tuple(group_result(name, only(name), catalogue) for name in names)


def group_result(name: str, scored: Mapping[str, Scored], catalogue: Catalogue) -> GroupResult:
    """Scores of these rows as one group."""
    customer, manager = (label_results(scored[role]) for role in ("customer", "manager"))
    return GroupResult(
        name=name,
        rows=sum(len(part.rows) for part in scored.values()),
        signal_macro_f1=_macro(customer, lambda x: catalogue.label(x).is_signal),
        manager_macro_f1=_macro(manager, lambda _: True),
        false_per_100_neutral=false_signals(scored["customer"], catalogue),
    )


def misheard(rows: Sequence[Row], homophones: Homophones) -> tuple[Row, ...]:
    """The rows as if heard wrongly: homophones in their texts and in the turns before. The same for the same row id."""
    found = []
    for row in rows:
        chance = random.Random(f"misheard {row.id}")  # noqa: S311 - noise that can be made again, no secret
        text, previous = homophones.mishear(row.text, chance), homophones.mishear(row.previous, chance)
        found.append(row.model_copy(update={"text": text, "previous": previous}))
    return tuple(found)


def as_heard(rows: Sequence[Row], heard: Mapping[str, str]) -> tuple[Row, ...]:
    """The rows that a recogniser heard, with its text; of a meeting also the turn before, where it was heard."""
    said = {(r.meeting, r.text): heard[r.id] for r in rows if r.meeting and r.id in heard}
    return tuple(
        r.model_copy(update={"text": heard[r.id], "previous": said.get((r.meeting, r.previous), r.previous)})
        for r in rows
        if r.id in heard
    )


def false_signals(customer: Scored, catalogue: Catalogue) -> float | None:
    """False buying signals in 100 customer rows without any label; None where there are none."""
    signals = [k for k, x in enumerate(customer.labels) if catalogue.label(x).is_signal]
    bare = ~customer.truth.any(axis=1)
    return 100 * float(customer.hits[bare][:, signals].sum()) / int(bare.sum()) if bare.any() else None


def calibration_error(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Mean gap between stated probability and observed share, weighted by how many scores fall in each bin. 0..1."""
    return sum(abs(b.stated - b.observed) * b.scores for b in reliability(truth, scores)) / max(1, scores.size)


def reliability(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Probabilities against what came true, in 10 bins of equal width; bins without a score are left out."""
    flat, right = scores.ravel(), truth.ravel()
    places = np.minimum((flat * _BINS).astype(int), _BINS - 1)
    inside = [places == b for b in range(_BINS)]
    return tuple(Bin(float(flat[x].mean()), float(right[x].mean()), int(x.sum())) for x in inside if x.any())


def _macro(results: Sequence[LabelResult], counts: Callable[[str], bool]) -> float | None:
    scores = [r.f1 for r in results if r.support and counts(r.label)]
    return sum(scores) / len(scores) if scores else None
