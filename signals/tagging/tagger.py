"""The shipped tagger: labels over their thresholds, with the words that carried them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import EvidenceSpan, Hit, KeptVectors, LabelScore, Utterance
from signals.tagging.again import tag_again
from signals.tagging.encoder import Vectors
from signals.tagging.evidence import evidence_spans
from signals.tagging.scoring import Scorer
from signals.tagging.search import query_words, search_words
from signals.tagging.text import is_blank

_QUOTE = 70
"""Characters; a longer turn is quoted by the clauses around its evidence, or a piece of them."""
_BREAK = re.compile(r"(?<=[，。？！；,.?!;、])")


@dataclass(frozen=True)
class LinearTagger:
    """A customer's turn is scored by the customer's model only, a manager's by the manager's: who must say it is kept.

    Also the `RoleScorer`.
    """

    scorer: Scorer
    catalogue: Catalogue

    @property
    def description(self) -> str:
        """See `Tagger.description`."""
        thresholds = "".join(f"{x.id}{self.threshold(x.id, x.speaker):.3f}" for x in self.catalogue.labels if x.audible)
        encoder = f" encoder {self.scorer.encoder.version}" if self.scorer.encoder else ""
        return f"linear {self.scorer.bundle.version}{encoder} thresholds {_short_hash(thresholds)}"

    def search_words(self, texts: Sequence[str]) -> list[str]:
        """See `Tagger.search_words`."""
        return search_words(self.scorer.bundle.lexicon, texts)

    def query_words(self, text: str) -> list[str]:
        """See `Tagger.query_words`."""
        return query_words(self.scorer.bundle.lexicon, text)

    def score(self, utterances: Sequence[Utterance], vectors: Vectors | None = None) -> list[tuple[LabelScore, ...]]:
        """See `Tagger.score`. `vectors` are the encoder's, one an utterance, where they are known."""
        results: list[tuple[LabelScore, ...]] = [()] * len(utterances)
        for role in ("customer", "manager"):
            places = [i for i, u in enumerate(utterances) if u.role == role and not is_blank(u.text)]
            labels = self.scorer.words(role).labels
            found = self.scorer.probabilities(
                role, [utterances[i] for i in places], vectors=None if vectors is None else vectors[places]
            ).round(4)
            over = found >= [self.threshold(x, role) for x in labels]
            for row in np.flatnonzero(over.any(axis=1)):
                scores = [LabelScore(labels[k], float(found[row, k])) for k in np.flatnonzero(over[row])]
                results[places[row]] = tuple(sorted(scores, key=lambda s: (-s.score, s.label)))
        return results

    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        """See `Tagger.tag`. Turns of speakers whose role is not known carry no hits."""
        turns, utterances = heard(conversation)
        hits: list[Hit] = []
        for turn, utterance, scores in zip(turns, utterances, self.score(utterances), strict=True):
            hits.extend(self.hit(turn, utterance, s) for s in scores)
        return tuple(sorted(hits, key=lambda h: (h.start, h.turn, -h.score)))

    def tag_again(
        self,
        conversations: Sequence[Conversation],
        before: Sequence[Sequence[Hit]],
        kept: Sequence[KeptVectors | None],
    ) -> list[tuple[tuple[Hit, ...], KeptVectors | None]]:
        """See `Tagger.tag_again`."""
        return tag_again(self, conversations, before, kept)

    def manager_log_odds(self, texts: Sequence[str]) -> list[float]:
        """See `RoleScorer.manager_log_odds`."""
        scorer = self.scorer
        found = scorer.bundle.roles.probabilities(scorer.featurizer, [Utterance(t, "unknown") for t in texts])
        p = np.clip(found[:, 0], 1e-6, 1 - 1e-6)
        blank = [is_blank(t) for t in texts]
        return [0.0 if nothing else float(x) for nothing, x in zip(blank, np.log(p / (1 - p)), strict=True)]

    def threshold(self, label: str, role: str) -> float:
        """The catalogue's, or the word model's own where it decides alone.

        Out of reach for a label that the catalogue gives to the other speaker.
        """
        entry = self.catalogue.label(label)
        if entry.speaker != role:
            return float("inf")
        words = self.scorer.words(role)
        if self.scorer.encoder is None and label in words.labels:
            return round(float(words.thresholds[words.labels.index(label)]), 3)  # as chosen, before single precision
        return entry.threshold

    def hit(self, turn: Turn, utterance: Utterance, score: LabelScore) -> Hit:
        """A label over its threshold, with the words that carried it."""
        evidence = evidence_spans(self.scorer.carried(utterance, score.label))
        start, end = _times(turn, evidence)
        return Hit(
            turn=turn.index,
            label=score.label,
            score=score.score,
            threshold=self.threshold(score.label, utterance.role),
            start=start,
            end=end,
            quote=_quote(turn.text, evidence),
            evidence=evidence,
        )


def heard(conversation: Conversation) -> tuple[list[Turn], list[Utterance]]:
    """The turns that can carry hits, and what is asked of each."""
    turns = [t for t in conversation.turns if t.role is not Role.UNKNOWN and t.text]
    return turns, [Utterance(t.text, t.role.value, previous_text(conversation.turns, t)) for t in turns]


def previous_text(turns: Sequence[Turn], turn: Turn) -> str:
    """What the other side said last before a turn; empty at the start."""
    for earlier in reversed(turns[: turn.index]):
        if earlier.role is not turn.role and earlier.role is not Role.UNKNOWN:
            return earlier.text
    return ""


def _times(turn: Turn, evidence: Sequence[EvidenceSpan]) -> tuple[float, float]:
    """From the first to the last word of the evidence; the whole turn where words have no times."""
    if not evidence or not turn.words:
        return turn.start, turn.end
    first, last = min(e.start for e in evidence), max(e.end for e in evidence)
    lead = sum(len(w.text) for w in turn.words) - len("".join(w.text for w in turn.words).lstrip())
    at, inside = -lead, []
    for word in turn.words:
        if at < last and at + len(word.text) > first:
            inside.append(word)
        at += len(word.text)
    return (inside[0].start, inside[-1].end) if inside else (turn.start, turn.end)


def _quote(text: str, evidence: Sequence[EvidenceSpan]) -> str:
    """Verbatim: the turn, or when it is long the clauses from just before its evidence to its end.

    At most 2 × `_QUOTE` characters; evidence that is spread wider is quoted by its strongest stretch.
    """
    if len(text) <= _QUOTE:
        return text
    if not evidence:
        return text[:_QUOTE]
    first, last = min(e.start for e in evidence), max(e.end for e in evidence)
    if last - first > _QUOTE:
        strongest = max(evidence, key=lambda e: e.weight)
        first, last = strongest.start, min(strongest.end, strongest.start + _QUOTE)
    edges = [0, *(m.start() for m in _BREAK.finditer(text)), len(text)]
    start = max(e for e in edges if e <= first)
    end = min(e for e in edges if e >= last)
    earlier = [e for e in edges if e < start]
    if earlier and end - earlier[-1] <= _QUOTE:
        start = earlier[-1]
    return text[max(start, first - _QUOTE // 2) : min(end, last + _QUOTE // 2)].strip()


def _short_hash(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:8]
