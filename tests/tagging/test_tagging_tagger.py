"""The tagger on conversations: who may say what, where the evidence lies, when it was said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import detector, meaning, unheeded

from signals.domain.catalogue import Catalogue, Label
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.errors import CatalogueError
from signals.domain.tags import EvidenceSpan, Hit, LabelScore, Utterance
from signals.domain.transcript import Word
from signals.tagging.evidence import evidence_spans
from signals.tagging.lexicon import Lexicon
from signals.tagging.scoring import Scorer
from signals.tagging.store import Bundle
from signals.tagging.tagger import LinearTagger, previous_text

RATE, CLOSE = "你们的利率能不能再降一点", "那我们下周签合同吧"


def turn(index: int, role: Role, text: str, *, start: float = 0.0, timed: bool = True) -> Turn:
    """Four characters a second, each a word."""
    words = tuple(Word(c, start + i / 4, start + (i + 1) / 4, 0.9, c) for i, c in enumerate(text))
    return Turn(index, role.value, role, start, start + len(text) / 4, text, text, words if timed else ())


def meeting(*said: tuple[Role, str], timed: bool = True) -> Conversation:
    """Turns one after the other with a second between."""
    turns: list[Turn] = []
    for index, (role, text) in enumerate(said):
        turns.append(turn(index, role, text, start=turns[-1].end + 1 if turns else 0.0, timed=timed))
    return Conversation(tuple(turns), (), turns[-1].end if turns else 0.0)


def with_labels(tagger: LinearTagger, labels: tuple[Label, ...]) -> LinearTagger:
    old = tagger.catalogue
    return replace(
        tagger, catalogue=Catalogue(labels=labels, strategies=old.strategies, stages=old.stages, terms=old.terms)
    )


@pytest.fixture(scope="module")
def joined(tagger: LinearTagger) -> LinearTagger:
    """With an encoder whose vectors add nothing: the probabilities are the same, and the catalogue's thresholds count."""
    bundle = tagger.scorer.bundle
    meaning = {"customer": unheeded(bundle.customer), "manager": unheeded(bundle.manager)}
    return replace(tagger, scorer=Scorer(replace(bundle, meaning=meaning, encoder="fake-encoder"), FakeEncoder()))


@pytest.fixture(scope="module")
def eager(joined: LinearTagger) -> LinearTagger:
    """Finds nearly everything."""
    return replace(joined, catalogue=joined.catalogue.with_thresholds({x.id: 0.001 for x in joined.catalogue.labels}))


def hits(tagger: LinearTagger, *said: tuple[Role, str], timed: bool = True) -> dict[str, Hit]:
    return {h.label: h for h in tagger.tag(meeting(*said, timed=timed))}


def test_a_customer_who_asks_for_a_lower_rate_gives_a_signal(tagger: LinearTagger) -> None:
    found = tagger.tag(meeting((Role.MANAGER, "这个产品期限三年"), (Role.CUSTOMER, RATE)))
    assert [(h.turn, h.label) for h in found] == [(1, "rate_cut")]
    assert found[0].score >= found[0].threshold


def test_the_same_words_from_the_manager_are_no_signal(tagger: LinearTagger) -> None:
    assert "rate_cut" not in hits(tagger, (Role.MANAGER, RATE))


def test_a_customer_never_carries_a_managers_label(tagger: LinearTagger) -> None:
    assert "close_direct" in hits(tagger, (Role.MANAGER, CLOSE))
    assert "close_direct" not in hits(tagger, (Role.CUSTOMER, CLOSE))


def test_a_label_that_the_catalogue_gives_to_the_other_speaker_is_not_found(tagger: LinearTagger) -> None:
    moved = tuple(
        x.model_copy(update={"speaker": "manager"}) if x.id == "rate_cut" else x for x in tagger.catalogue.labels
    )
    other = with_labels(tagger, moved)
    assert "rate_cut" in hits(tagger, (Role.CUSTOMER, RATE))
    assert "rate_cut" not in hits(other, (Role.CUSTOMER, RATE))


def test_a_label_that_the_catalogue_does_not_have_is_an_error(tagger: LinearTagger) -> None:
    fewer = tuple(x for x in tagger.catalogue.labels if x.id != "rate_cut")
    other = with_labels(tagger, fewer)
    with pytest.raises(CatalogueError, match="rate_cut"):
        other.score([Utterance(RATE, "customer")])


def test_speakers_whose_role_is_not_known_carry_no_hits(tagger: LinearTagger) -> None:
    assert tagger.tag(meeting((Role.UNKNOWN, RATE), (Role.UNKNOWN, CLOSE))) == ()


def test_an_empty_conversation_has_no_hits(tagger: LinearTagger) -> None:
    assert tagger.tag(Conversation((), (), 0.0)) == ()
    assert tagger.score([]) == []
    assert tagger.manager_log_odds([]) == []


@pytest.mark.parametrize("text", ["", "……", "？？！", "\n"])
def test_punctuation_carries_no_label_and_speaks_for_no_role(tagger: LinearTagger, text: str) -> None:
    assert tagger.score([Utterance(text, "customer", "利率是三点五")]) == [()]
    assert tagger.manager_log_odds([text]) == [0.0]


def test_scores_are_in_the_order_of_the_utterances_and_the_best_label_is_first(eager: LinearTagger) -> None:
    asked = [Utterance(CLOSE, "manager"), Utterance("嗯", "nobody"), Utterance(RATE, "customer")]
    found = eager.score(asked)
    assert found[0][0].label == "close_direct"
    assert found[1] == ()
    assert found[2][0].label == "rate_cut"
    assert all(a.score >= b.score for scores in found for a, b in pairwise(scores))


def test_a_score_at_its_threshold_is_a_hit(joined: LinearTagger) -> None:
    score = joined.score([Utterance(RATE, "customer")])[0][0].score
    exactly = replace(joined, catalogue=joined.catalogue.with_thresholds({"rate_cut": score}))
    assert exactly.score([Utterance(RATE, "customer")])[0] == (LabelScore("rate_cut", score),)
    above = replace(joined, catalogue=joined.catalogue.with_thresholds({"rate_cut": score + 0.0001}))
    assert above.score([Utterance(RATE, "customer")])[0] == ()


@pytest.mark.parametrize("threshold", [0.051, 0.3, 0.871, 0.95])
def test_words_alone_are_held_against_thresholds_of_their_own(
    tagger: LinearTagger, lexicon: Lexicon, threshold: float
) -> None:
    """As they were chosen, though the model keeps them in single precision."""
    words = detector({"rate_cut": "甲"}, threshold=threshold)
    bundle = Bundle("x", lexicon, words, detector({"q_open": "戊"}), detector({"manager": "戊"}))
    catalogue = tagger.catalogue.with_thresholds({"rate_cut": 0.999})
    assert LinearTagger(Scorer(bundle), catalogue).threshold("rate_cut", "customer") == threshold


def test_with_an_encoder_the_catalogues_thresholds_count(joined: LinearTagger) -> None:
    changed = replace(joined, catalogue=joined.catalogue.with_thresholds({"rate_cut": 0.123}))
    assert changed.threshold("rate_cut", "customer") == 0.123


@pytest.mark.parametrize("role", ["customer", "nobody"])
def test_a_label_of_the_other_speaker_is_out_of_reach(tagger: LinearTagger, joined: LinearTagger, role: str) -> None:
    assert tagger.threshold("close_direct", role) == joined.threshold("close_direct", role) == float("inf")


def test_what_was_said_before_changes_the_score(tagger: LinearTagger) -> None:
    """In the corpus a customer who has just heard the rate goes on to bargain."""
    column = tagger.scorer.bundle.customer.labels.index("rate_cut")
    asked = [Utterance("能不能再看看", "customer"), Utterance("能不能再看看", "customer", "利率是三点五")]
    alone, after = tagger.scorer.probabilities("customer", asked)
    assert after[column] > alone[column] + 0.05


def test_in_a_meeting_the_words_before_are_the_other_sides(tagger: LinearTagger) -> None:
    turns = meeting(
        (Role.CUSTOMER, "甲"), (Role.MANAGER, "乙"), (Role.UNKNOWN, "丙"), (Role.CUSTOMER, "丁"), (Role.CUSTOMER, "戊")
    ).turns
    assert [previous_text(turns, t) for t in turns] == ["", "甲", "乙", "乙", "乙"]


def test_the_evidence_lies_on_the_words_that_carried_the_label(eager: LinearTagger) -> None:
    text = "今天天气不错，对了，利率还能再降一点吧，孩子上大学了"
    hit = hits(eager, (Role.CUSTOMER, text))["rate_cut"]
    marked = [text[e.start : e.end] for e in hit.evidence]
    assert any("利率" in m or "降" in m for m in marked)
    assert not any("天气" in m or "大学" in m for m in marked)
    assert sum(e.weight for e in hit.evidence) <= 1.01
    assert all(e.weight > 0 for e in hit.evidence)


def test_the_evidence_of_a_number_is_all_of_its_characters(lexicon: Lexicon, joined: LinearTagger) -> None:
    words = detector({"rate_cut": "率"})
    bundle = Bundle("x", lexicon, words, detector({"q_open": "戊"}), detector({"manager": "戊"}))
    text = "给到百分之三点五吧"
    (span,) = hits(replace(joined, scorer=Scorer(bundle)), (Role.CUSTOMER, text))["rate_cut"].evidence
    assert text[span.start : span.end] == "百分之三点五"
    assert span.weight == 1.0


def test_a_label_without_words_for_it_has_no_evidence(tagger: LinearTagger, joined: LinearTagger) -> None:
    for each in (tagger, joined):
        assert evidence_spans(each.scorer.carried(Utterance("鑫", "customer"), "interest")) == ()


def test_what_the_encoder_understood_is_the_evidence(tagger: LinearTagger, lexicon: Lexicon) -> None:
    words = detector({"rate_cut": "甲"})
    heard = meaning(words.labels, [[1.0]], heed_meaning=1.0, offset=-3.0)
    bundle = Bundle(
        "x", lexicon, words, detector({"q_open": "戊"}), detector({"manager": "戊"}), {"customer": heard}, "e"
    )
    encoder = FakeEncoder({"高得吓人": 0}, width=1, version="e")
    found = hits(LinearTagger(Scorer(bundle, encoder), tagger.catalogue), (Role.CUSTOMER, "你们这价 高得吓人，甲"))
    assert found["rate_cut"].evidence == (EvidenceSpan(5, 9, 1.0),)
    assert found["rate_cut"].start == 5 / 4


def test_the_times_are_those_of_the_words_that_carried_it(eager: LinearTagger) -> None:
    text = "今天天气不错，对了，利率还能再降一点吧"
    conversation = meeting((Role.MANAGER, "您好"), (Role.CUSTOMER, text))
    (hit,) = (h for h in eager.tag(conversation) if h.label == "rate_cut")
    first, last = min(e.start for e in hit.evidence), max(e.end for e in hit.evidence)
    began = conversation.turns[1].start
    assert (hit.start, hit.end) == (began + first / 4, began + last / 4)


def test_words_with_spaces_around_keep_their_places(eager: LinearTagger) -> None:
    """A recogniser's words may begin with a space that the turn's text has not."""
    text = "LPR 利率再降一点吧"
    pieces = [" LPR", " 利率", "再降", "一点吧"]
    words = tuple(Word(p, float(i), i + 1.0, 0.9, p) for i, p in enumerate(pieces))
    spoken = Turn(0, "A", Role.CUSTOMER, 0.0, 4.0, text, text, words)
    (hit,) = (h for h in eager.tag(Conversation((spoken,), (), 4.0)) if h.label == "rate_cut")
    assert "利率" in text[hit.evidence[0].start : hit.evidence[0].end]
    assert hit.start == 1.0


def test_without_word_times_the_turns_times_are_given(tagger: LinearTagger) -> None:
    hit = hits(tagger, (Role.CUSTOMER, RATE), timed=False)["rate_cut"]
    assert (hit.start, hit.end) == (0.0, len(RATE) / 4)


def test_a_short_turn_is_quoted_whole(tagger: LinearTagger) -> None:
    assert hits(tagger, (Role.CUSTOMER, RATE))["rate_cut"].quote == RATE


@pytest.mark.parametrize("comma", ["，", ""])
def test_a_long_turn_is_quoted_around_its_evidence(eager: LinearTagger, comma: str) -> None:
    filler = comma.join(["鑫淼垚"] * 30)
    text = f"{filler}{comma}利率还能再降一点吧{comma}{filler}"
    hit = hits(eager, (Role.CUSTOMER, text))["rate_cut"]
    assert "利率" in hit.quote
    assert len(hit.quote) <= 140


_WORDS = [
    "利率",
    "再降一点",
    "，",
    "多久能批下来",
    "今天",
    "百分之三点五",
    "提前还款",
    "。",
    "嗯",
    "我们不需要",
    " ",
    "LPR",
    "3%",
]


@given(
    said=st.lists(
        st.tuples(st.sampled_from(list(Role)), st.lists(st.sampled_from(_WORDS), max_size=30).map("".join)), max_size=5
    ),
    timed=st.booleans(),
)
def test_whatever_is_said_hits_keep_their_promises(
    eager: LinearTagger, catalogue: Catalogue, said: list[tuple[Role, str]], timed: bool
) -> None:
    conversation = meeting(*said, timed=timed)
    found = eager.tag(conversation)
    assert [h.start for h in found] == sorted(h.start for h in found)
    for hit in found:
        spoken = conversation.turns[hit.turn]
        assert catalogue.label(hit.label).speaker == spoken.role.value
        assert hit.threshold <= hit.score <= 1
        assert hit.quote
        assert hit.quote in spoken.text
        assert len(hit.quote) <= 140
        assert spoken.start <= hit.start <= hit.end <= spoken.end
        for span in hit.evidence:
            assert 0 <= span.start < span.end <= len(spoken.text)
        assert all(a.end < b.start for a, b in pairwise(hit.evidence))


def test_the_role_scorer_tells_managers_from_customers(tagger: LinearTagger) -> None:
    manager, customer = tagger.manager_log_odds([CLOSE, RATE])
    assert manager > 0 > customer


def test_the_description_names_model_encoder_and_thresholds(tagger: LinearTagger, joined: LinearTagger) -> None:
    other = replace(joined, catalogue=joined.catalogue.with_thresholds({"rate_cut": 0.123}))
    assert joined.scorer.bundle.version in joined.description
    assert "fake-encoder" in joined.description
    assert len({tagger.description, joined.description, other.description}) == 3


def test_a_score_does_not_depend_on_the_company_it_is_asked_in(tagger: LinearTagger, joined: LinearTagger) -> None:
    crowd = [Utterance("利率" * n, "customer", "合同" * n) for n in range(300)]
    for each in (tagger, joined):
        alone = each.score([Utterance(RATE, "customer")])[0]
        assert each.score([*crowd, Utterance(RATE, "customer"), *crowd])[300] == alone
