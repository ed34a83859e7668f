"""One-vs-rest linear models over sparse text features: what predicts, and what explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from signals.domain.tags import EvidenceSpan, Utterance
from signals.tagging.features import Featurizer
from signals.tagging.text import normalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

_EVIDENCE_SHARE = 0.35
"""A character belongs to the evidence when its weight is at least this share of the strongest character's."""
_EVIDENCE_GAP = 1
"""Characters between two stretches of evidence that are marked along with them."""


@dataclass(frozen=True)
class LinearModel:
    """tf-idf features times weights, each label's sum turned into a probability by its own sigmoid (Platt 1999).

    Shapes: `idf` (features,), `weights` (features, labels), `bias`, `slope` and `offset` (labels,).
    """

    labels: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {name: i for i, name in enumerate(self.vocabulary)}

    def probabilities(self, featurizer: Featurizer, utterances: Sequence[Utterance]) -> NDArray[np.float64]:
        """Calibrated probabilities of shape (utterances, labels), 0..1."""
        import numpy as np

        if not utterances:
            return np.zeros((0, len(self.labels)))
        matrix = vectorise([featurizer.names(u) for u in utterances], self.index, self.idf)
        margins = np.asarray(matrix @ self.weights, dtype=np.float64) + self.bias
        return sigmoid(margins * self.slope + self.offset)

    def explain(self, featurizer: Featurizer, utterance: Utterance, label: str) -> tuple[EvidenceSpan, ...]:
        """The characters of the utterance whose features speak for the label, from its weights. May be empty."""
        import numpy as np

        column = self.weights[:, self.labels.index(label)]
        view = normalise(utterance.text)
        carried = np.zeros(len(view.text))
        for feature in featurizer.features(utterance):
            i = self.index.get(feature.name)
            if i is not None and feature.end > feature.start:
                carried[feature.start : feature.end] += column[i] * self.idf[i] / (feature.end - feature.start)
        if not len(carried) or carried.max() <= 0:
            return ()
        strong = np.flatnonzero(carried >= _EVIDENCE_SHARE * carried.max())
        total = carried[carried > 0].sum()
        spans = []
        for run in np.split(strong, np.flatnonzero(np.diff(strong) > _EVIDENCE_GAP + 1) + 1):
            first, last = int(run[0]), int(run[-1])
            weight = float(carried[first : last + 1].clip(min=0).sum() / total)
            spans.append(EvidenceSpan(view.origin[first], _end(view.origin, last), round(weight, 3)))
        return tuple(spans)


def _end(origin: Sequence[int], last: int) -> int:
    return origin[last] + 1


def vectorise(names: Sequence[list[str]], index: Mapping[str, int], idf: NDArray[np.float32]) -> csr_matrix:
    """Sublinear tf-idf rows of unit length, shape (utterances, features). Unknown features are left out."""
    import numpy as np
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for row in names:
        found: dict[int, int] = {}
        for name in row:
            i = index.get(name)
            if i is not None:
                found[i] = found.get(i, 0) + 1
        columns.extend(found)
        counts.extend(found.values())
        ends.append(len(columns))
    values = (1 + np.log(np.array(counts, np.float32))) * idf[columns] if columns else np.zeros(0, np.float32)
    matrix = csr_matrix((values.astype(np.float32), columns, ends), shape=(len(names), len(index)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(x, -35, 35))))
