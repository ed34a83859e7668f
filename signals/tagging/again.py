"""Tagging meetings that were tagged before: vectors that were kept are not computed again, nor is evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signals.domain.conversation import Conversation
from signals.domain.tags import Hit, KeptVectors, Utterance
from signals.tagging.encoder import Vectors

if TYPE_CHECKING:
    from signals.tagging.tagger import LinearTagger

_KEPT = np.dtype("<f2")
"""Half precision: probabilities differ by less than they are rounded to."""


def tag_again(
    tagger: LinearTagger,
    conversations: Sequence[Conversation],
    before: Sequence[Sequence[Hit]],
    kept: Sequence[KeptVectors | None],
) -> list[tuple[tuple[Hit, ...], KeptVectors | None]]:
    """See `Tagger.tag_again`. All meetings are scored together."""
    from signals.tagging.tagger import heard

    asked = [heard(c) for c in conversations]
    found = [_vectors(tagger, utterances, k) for (_, utterances), k in zip(asked, kept, strict=True)]
    together = [u for _, utterances in asked for u in utterances]
    known = [v for v in found if v is not None]
    scores = iter(tagger.score(together, np.concatenate(known) if known else None))
    results = []
    for (turns, utterances), old, vectors in zip(asked, before, found, strict=True):
        earlier = {(h.turn, h.label): h for h in old}
        hits = []
        for turn, utterance in zip(turns, utterances, strict=True):
            for score in next(scores):
                same = earlier.get((turn.index, score.label))
                if same is None:
                    hits.append(tagger.hit(turn, utterance, score))
                else:
                    threshold = tagger.threshold(score.label, utterance.role)
                    hits.append(replace(same, score=score.score, threshold=threshold))
        results.append((tuple(sorted(hits, key=lambda h: (h.start, h.turn, -h.score))), _pack(tagger, vectors)))
    return results


def _vectors(tagger: LinearTagger, utterances: Sequence[Utterance], kept: KeptVectors | None) -> Vectors | None:
    """Shape (utterances, width); None for a tagger without an encoder."""
    encoder = tagger.scorer.encoder
    if encoder is None:
        return None
    if kept is not None and kept.encoder == encoder.version:
        vectors = np.frombuffer(kept.data, _KEPT).astype(np.float32)
        if len(utterances) and len(vectors) % len(utterances) == 0:
            return vectors.reshape(len(utterances), -1)
    return encoder.vectors(utterances)


def _pack(tagger: LinearTagger, vectors: Vectors | None) -> KeptVectors | None:
    encoder = tagger.scorer.encoder
    return None if encoder is None or vectors is None else KeptVectors(encoder.version, vectors.astype(_KEPT).tobytes())
