"""Words and meaning together: probabilities, and what each character adds to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import detector, meaning, unheeded

from signals.domain.errors import ModelError
from signals.domain.tags import Utterance
from signals.tagging.features import Featurizer
from signals.tagging.lexicon import Lexicon
from signals.tagging.linear import LinearModel, sigmoid
from signals.tagging.meaning import MeaningModel
from signals.tagging.scoring import Scorer
from signals.tagging.store import Bundle

CUSTOMER, MANAGER = detector({"rate_cut": "甲", "interest": "乙"}), detector({"q_open": "戊"})
PRICE, HURRY = 0, 1
"""Topics of the encoder."""
TOPICS = {"便宜": PRICE, "太贵": PRICE, "赶快": HURRY}


def bundled(
    lexicon: Lexicon, customer: LinearModel = CUSTOMER, meant: Mapping[str, MeaningModel] | None = None
) -> Bundle:
    roles = detector({"manager": "戊"})
    found = {"customer": unheeded(customer), "manager": unheeded(MANAGER)} if meant is None else meant
    return Bundle("x", lexicon, customer, MANAGER, roles, found, "fake-encoder")


@pytest.fixture(scope="module")
def bundle(lexicon: Lexicon) -> Bundle:
    """The encoder's topic of price speaks for rate_cut, that of hurry against it; the words are not heeded."""
    weights = [[0.2, 0.0], [-0.2, 0.0], [0.0, 0.0], [0.0, 0.0]]
    customer = meaning(CUSTOMER.labels, weights, bias=-1.0, heed_meaning=1.0, offset=-2.0)
    return bundled(lexicon, meant={"customer": customer, "manager": unheeded(MANAGER)})


def said(*texts: str) -> list[Utterance]:
    return [Utterance(text, "customer") for text in texts]


def test_without_an_encoder_the_words_decide_alone(bundle: Bundle) -> None:
    asked = said("甲", "乙", "便宜")
    found = Scorer(bundle).probabilities("customer", asked)
    assert (found == CUSTOMER.probabilities(Featurizer(bundle.lexicon), asked)).all()
    assert found.argmax(axis=1)[:2].tolist() == [0, 1]


def test_the_encoders_vectors_decide_by_hand(bundle: Bundle) -> None:
    """Two of two characters and the end token: 200 / 3 in the topic's place, times 0.2, less 1 and 2."""
    found = Scorer(bundle, FakeEncoder(TOPICS)).probabilities("customer", said("便宜", "赶快", "今天"))
    assert found[:, 0] == pytest.approx(sigmoid(np.array([40 / 3 - 3, -40 / 3 - 3, -3.0])), rel=1e-5)
    assert found[:, 1] == pytest.approx(sigmoid(np.full(3, -3.0)))


def test_words_and_meaning_add_up(lexicon: Lexicon) -> None:
    """A margin of 0.5 for 甲 heeded twice, 100 · 2 / 4 in the topic's place weighed by 0.1 and heeded by 0.5."""
    joined = meaning(["rate_cut"], [[0.1], [0], [0], [0]], heed_words=2.0, heed_meaning=0.5, offset=-3.0)
    both = Scorer(bundled(lexicon, detector({"rate_cut": "甲"}), {"customer": joined}), FakeEncoder(TOPICS))
    assert both.probabilities("customer", said("便宜甲")) == pytest.approx(sigmoid(np.array([[1.0 + 2.5 - 3.0]])))


def test_vectors_that_were_kept_are_taken_as_they_are(bundle: Bundle) -> None:
    encoder = FakeEncoder(TOPICS)
    scorer, asked = Scorer(bundle, encoder), said("便宜", "甲")
    expected, kept = scorer.probabilities("customer", asked), encoder.vectors(asked)
    encoder.asked.clear()
    assert (scorer.probabilities("customer", asked, vectors=kept) == expected).all()
    assert encoder.asked == []


def test_the_progress_of_the_encoder_is_passed_on(bundle: Bundle) -> None:
    told: list[float] = []
    Scorer(bundle, FakeEncoder()).probabilities("customer", said("甲", "乙"), progress=told.append)
    assert told == [0.5, 1.0]


def test_each_role_has_its_own_models(bundle: Bundle) -> None:
    scorer = Scorer(bundle, FakeEncoder(TOPICS))
    assert scorer.words("customer").labels == ("rate_cut", "interest")
    assert scorer.probabilities("manager", [Utterance("戊", "manager")]).shape == (1, 1)


def test_nothing_to_score_is_no_fault(bundle: Bundle) -> None:
    for scorer in (Scorer(bundle), Scorer(bundle, FakeEncoder())):
        assert scorer.probabilities("customer", []).shape == (0, 2)


@pytest.mark.parametrize("version", ["another", ""])
def test_an_encoder_of_another_version_is_refused_with_a_remedy(bundle: Bundle, version: str) -> None:
    with pytest.raises(ModelError) as caught:
        Scorer(bundle, FakeEncoder(version=version))
    assert caught.value.code == "other_encoder"
    assert "signals train" in caught.value.remedy


def test_models_that_were_learnt_without_an_encoder_refuse_one(bundle: Bundle) -> None:
    with pytest.raises(ModelError):
        Scorer(replace(bundle, meaning={}, encoder=""), FakeEncoder())


def test_a_role_that_no_meaning_was_learnt_for_is_scored_by_its_words(lexicon: Lexicon) -> None:
    """As when all validation writers are of the other role."""
    bundle = bundled(lexicon, meant={"customer": unheeded(CUSTOMER)})
    asked = Utterance("戊", "manager")
    with_encoder, without = Scorer(bundle, FakeEncoder(TOPICS)), Scorer(bundle)
    assert (with_encoder.probabilities("manager", [asked]) == without.probabilities("manager", [asked])).all()
    assert (with_encoder.carried(asked, "q_open") == without.carried(asked, "q_open")).all()


def test_words_alone_carry_what_their_features_weigh_by_hand(lexicon: Lexicon) -> None:
    """Slope 12 times the share of each of two features of the same weight: 1 / √2 for the one that speaks for it."""
    words = detector({"rate_cut": "甲", "interest": "乙"})
    carried = Scorer(bundled(lexicon, words)).carried(Utterance("啊，甲乙", "customer"), "rate_cut")
    assert carried == pytest.approx(np.array([0, 0, 12 / 2**0.5, 0]), rel=1e-6)


def test_a_number_shares_what_it_adds_among_its_characters(lexicon: Lexicon) -> None:
    words = detector({"rate_cut": "率"})
    carried = Scorer(bundled(lexicon, words)).carried(Utterance("给3.5%吧", "customer"), "rate_cut")
    assert carried == pytest.approx(np.array([0, 3, 3, 3, 3, 0]), rel=1e-6)


def test_meaning_is_carried_by_the_characters_of_the_tokens_by_hand(bundle: Bundle) -> None:
    """Six tokens with the end: each character of the topic adds 100 / 6 · 0.2, for and against."""
    carried = Scorer(bundle, FakeEncoder(TOPICS)).carried(Utterance("便宜，赶快", "customer"), "rate_cut")
    assert carried == pytest.approx(np.array([1, 1, 0, -1, -1]) * 100 / 6 * 0.2)


_SAID = st.lists(st.sampled_from(["甲", "乙", "便宜", "赶快", "，", " ", "3.5%", "百分之三", "今天"]), max_size=12)


@given(text=_SAID.map("".join), heeds=st.tuples(st.floats(0, 3), st.floats(0, 3)), weight=st.floats(-1, 1))
def test_what_the_characters_carry_sums_to_the_log_odds_without_biases_and_offset(
    lexicon: Lexicon, text: str, heeds: tuple[float, float], weight: float
) -> None:
    """Where every feature has its place in the text, and the end token says nothing."""
    words = detector({"rate_cut": "甲", "interest": "率"})
    weights = [[weight, -weight], [0.02, 0.01], [0.0, 0.0], [0.0, 0.0]]
    joined = meaning(words.labels, weights, bias=0.3, heed_words=heeds[0], heed_meaning=heeds[1], offset=-1.0)
    encoder = FakeEncoder(TOPICS)
    scorer, asked = Scorer(bundled(lexicon, words, {"customer": joined}), encoder), Utterance(text, "customer")
    margins = words.margins(scorer.featurizer, [asked])[0] - words.bias
    meant = joined.margins(encoder.vectors([asked]))[0] - joined.bias
    for k, label in enumerate(words.labels):
        carried = scorer.carried(asked, label)
        assert carried.shape == (len(text),)
        assert carried.sum() == pytest.approx(heeds[0] * margins[k] + heeds[1] * meant[k], rel=1e-3, abs=1e-4)
        alone = Scorer(scorer.bundle).carried(asked, label)
        assert alone.sum() == pytest.approx(12 * margins[k], rel=1e-3, abs=1e-4)
