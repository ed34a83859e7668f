"""The models of a bundle at work: probabilities, and what each character of an utterance adds to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from signals.domain.errors import ModelError
from signals.domain.tags import Utterance
from signals.tagging.encoder import UtteranceEncoder, Vectors
from signals.tagging.features import Featurizer
from signals.tagging.linear import LinearModel
from signals.tagging.store import Bundle
from signals.tagging.text import normalise


@dataclass(frozen=True)
class Scorer:
    """Words and meaning together; words alone where there is no encoder. Raises `ModelError` when the two don't belong together."""

    bundle: Bundle
    encoder: UtteranceEncoder | None = None

    def __post_init__(self) -> None:
        if self.encoder is not None and self.encoder.version != self.bundle.encoder:
            raise ModelError(
                "other_encoder", "分类模型与语义模型不是同一版本", "请重新安装本程序，或运行 signals train 重新训练"
            )

    def words(self, role: str) -> LinearModel:
        """The word model of a role."""
        return self.bundle.customer if role == "customer" else self.bundle.manager

    def probabilities(
        self,
        role: str,
        utterances: Sequence[Utterance],
        *,
        vectors: Vectors | None = None,
        progress: Callable[[float], None] = lambda _: None,
    ) -> NDArray[np.float64]:
        """Calibrated probabilities 0..1 of shape (utterances, labels of the role); all utterances are of that role.

        `vectors` are the encoder's, where they were kept.
        """
        words = self.words(role)
        if self.encoder is None or role not in self.bundle.meaning:
            return words.probabilities(self.featurizer, utterances)
        found = self.encoder.vectors(utterances, progress) if vectors is None else vectors
        return self.bundle.meaning[role].probabilities(words.margins(self.featurizer, utterances), found)

    def carried(self, utterance: Utterance, label: str) -> NDArray[np.float64]:
        """What each character of the utterance's text adds to the label's log odds."""
        words = self.words(utterance.role)
        meaning = self.bundle.meaning.get(utterance.role) if self.encoder is not None else None
        k = words.labels.index(label)
        heed = words.slope[k] if meaning is None else meaning.heed_words[k]
        carried = np.zeros(len(utterance.text))
        view = normalise(utterance.text)
        for share, start, end in zip(
            words.shares(self.featurizer, utterance, label), view.starts, view.ends, strict=False
        ):
            carried[start:end] += heed * share / (end - start)
        if self.encoder is not None and meaning is not None:
            states, tokens = next(iter(self.encoder.states([utterance])))
            shares = meaning.shares(states, label)
            for share, (start, end) in zip(shares, tokens.spans, strict=False):  # the end token has no characters
                carried[start:end] += share / (end - start)
        return carried

    @cached_property
    def featurizer(self) -> Featurizer:
        """Turns utterances into the word models' features."""
        return Featurizer(self.bundle.lexicon)
