"""Tagging a second time, with what was kept of the first, by the model that ships."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_example import example_report

from signals.api import load_tagger
from signals.domain.tags import Hit, KeptVectors
from signals.tagging.tagger import LinearTagger

pytestmark = pytest.mark.real
CONVERSATION = example_report().conversation


@pytest.fixture(scope="module")
def shipped() -> LinearTagger:
    return load_tagger()


def keys(hits: tuple[Hit, ...]) -> list[tuple[int, str]]:
    return [(h.turn, h.label) for h in hits]


def test_the_same_hits_are_found_from_kept_vectors_without_the_encoder(shipped: LinearTagger) -> None:
    first = shipped.tag(CONVERSATION)
    ((again, kept),) = shipped.tag_again([CONVERSATION], [first], [None])
    assert again == first
    assert kept is not None

    def refuse(*_: object) -> None:
        raise AssertionError("the vectors were there")

    encoder = shipped.scorer.encoder
    assert encoder is not None
    fresh = load_tagger()
    assert fresh.scorer.encoder is not None
    fresh.scorer.encoder.vectors = refuse  # type: ignore[method-assign, assignment]
    ((from_kept, kept_again),) = fresh.tag_again([CONVERSATION], [first], [kept])
    assert keys(from_kept) == keys(first)
    assert max(abs(a.score - b.score) for a, b in zip(from_kept, first, strict=True)) < 0.01
    assert [h.evidence for h in from_kept] == [h.evidence for h in first]
    assert kept_again == kept


def test_another_encoders_vectors_are_not_used(shipped: LinearTagger) -> None:
    first = shipped.tag(CONVERSATION)
    ((again, kept),) = shipped.tag_again([CONVERSATION], [()], [KeptVectors("older", b"\x00\x3c" * 384)])
    assert again == first
    assert kept is not None
    assert kept.encoder != "older"


def test_several_meetings_are_tagged_together_as_they_are_alone(shipped: LinearTagger) -> None:
    half = replace(CONVERSATION, turns=CONVERSATION.turns[:11])
    together = shipped.tag_again([CONVERSATION, half, replace(half, turns=())], [(), (), ()], [None, None, None])
    assert [hits for hits, _ in together] == [shipped.tag(CONVERSATION), shipped.tag(half), ()]


def test_a_plain_tagger_keeps_nothing() -> None:
    plain = load_tagger(plain=True)
    ((hits, kept),) = plain.tag_again([CONVERSATION], [()], [None])
    assert hits == plain.tag(CONVERSATION)
    assert kept is None
