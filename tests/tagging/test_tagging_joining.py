"""How much words and meaning are heeded, and on whose rows that is learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tiny_models import detector

from signals.tagging.joining import join
from signals.tagging.linear import sigmoid
from signals.tagging.training import Trained, choose_thresholds

ROWS, WIDTH = 400, 4
UNMET = np.arange(ROWS) >= ROWS // 2
"""The second half are the validation writers' rows."""
Numbers = NDArray[np.float64]


def noise(seed: int, *shape: int) -> Numbers:
    return np.random.default_rng(seed).normal(size=shape)


def truth(count: int = 40) -> NDArray[np.bool_]:
    """One label on `count` rows of the met writers and on as many of the unmet, spread evenly, shape (rows, 1)."""
    each = np.zeros(ROWS // 2, bool)
    each[np.linspace(0, ROWS // 2 - 1, count).astype(int)] = True
    return np.tile(each, 2)[:, None]


def trained(margins: Numbers, true: NDArray[np.bool_]) -> Trained:
    model = detector({f"label{k}": "甲" for k in range(true.shape[1])})
    return Trained(model, true, margins)


def telling(true: NDArray[np.bool_], seed: int, *, width: int = 1, clear: float = 3.0) -> Numbers:
    """Numbers of which the first column tells the truth, `clear` standard deviations apart."""
    numbers = noise(seed, len(true), width)
    numbers[:, 0] += clear * (true[:, 0] - 0.5)
    return numbers


def as_vectors(numbers: Numbers) -> NDArray[np.float32]:
    """Of the size that the encoder's are."""
    return (20 * numbers).astype(np.float32)


def part_of_words(words: Trained, vectors: NDArray[np.float32]) -> float:
    """Share of the spread of the log odds over the unmet rows that comes from the words, 0..1."""
    model = join(words, vectors, UNMET).model
    said = np.std(words.margins[UNMET] * model.heed_words)
    meant = np.std(model.margins(vectors[UNMET]) * model.heed_meaning)
    return float(said / (said + meant))


def test_where_the_meaning_tells_the_truth_and_the_words_do_not_the_meaning_is_heeded() -> None:
    true = truth()
    assert part_of_words(trained(noise(1, ROWS, 1), true), as_vectors(telling(true, 2, width=WIDTH))) < 0.15


def test_where_the_words_tell_the_truth_and_the_meaning_does_not_the_words_are_heeded() -> None:
    true = truth()
    assert part_of_words(trained(telling(true, 1), true), as_vectors(noise(2, ROWS, WIDTH))) > 0.85


def test_where_both_tell_something_both_are_heeded_and_together_they_tell_more() -> None:
    true = truth()
    words, vectors = trained(telling(true, 1, clear=2), true), as_vectors(telling(true, 2, width=WIDTH, clear=2))
    model = join(words, vectors, UNMET).model
    assert model.heed_words[0] > 0
    assert model.heed_meaning[0] > 0

    def apart(scores: Numbers) -> float:
        """Distance between rows with and without the label in standard deviations of the latter."""
        yes, no = scores[true[UNMET]], scores[~true[UNMET]]
        return float((yes.mean() - no.mean()) / no.std())

    said, meant = words.margins[UNMET], model.margins(vectors[UNMET])
    together = said * model.heed_words + meant * model.heed_meaning
    assert apart(together) > max(apart(said), apart(meant)) + 0.3


def test_the_joined_probabilities_are_calibrated_on_the_unmet_writers() -> None:
    """A logistic regression with an offset of its own says on average what is true, and the odds of a fifth are there."""
    true = truth()
    words, vectors = trained(telling(true, 1), true), as_vectors(telling(true, 2, width=WIDTH))
    found = join(words, vectors, UNMET).model.probabilities(words.margins[UNMET], vectors[UNMET])
    assert found.mean() == pytest.approx(0.2, abs=0.001)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), words=st.sampled_from([-2, 0, 2]), meaning=st.sampled_from([-2, 0, 2]))
def test_neither_side_is_ever_heeded_below_0(seed: int, words: int, meaning: int) -> None:
    """Also where the words, or on the unmet writers the vectors, say the contrary of what is true."""
    true = truth()
    vectors = telling(true, seed, width=WIDTH)
    vectors[UNMET] = telling(true[UNMET], seed + 1, width=WIDTH, clear=meaning)
    model = join(trained(telling(true, seed + 2, clear=words), true), as_vectors(vectors), UNMET).model
    assert model.heed_words[0] >= 0
    assert model.heed_meaning[0] >= 0
    assert words >= 0 or model.heed_words[0] == 0
    assert meaning >= 0 or model.heed_meaning[0] == 0


def test_where_both_say_the_contrary_the_label_is_as_likely_as_it_is_often() -> None:
    true = truth()
    vectors = telling(true, 1, width=WIDTH)
    vectors[UNMET] *= -1
    words = trained(telling(true, 2, clear=-3) - 4, true)
    model = join(words, as_vectors(vectors), UNMET).model
    assert model.heed_words[0] == model.heed_meaning[0] == 0
    assert sigmoid(model.offset.astype(np.float64)) == pytest.approx(0.2, abs=0.001)


def test_thresholds_are_chosen_on_the_unmet_writers_by_the_joined_probabilities() -> None:
    true = truth()
    words, vectors = trained(telling(true, 1), true), as_vectors(telling(true, 2, width=WIDTH, clear=2))
    joined = join(words, vectors, UNMET)
    expected = choose_thresholds(true[UNMET], joined.model.probabilities(words.margins[UNMET], vectors[UNMET]))
    assert (joined.thresholds == expected).all()


def test_what_the_words_say_of_the_writers_that_the_encoder_met_changes_nothing() -> None:
    true = truth()
    margins, vectors = telling(true, 1), as_vectors(telling(true, 2, width=WIDTH))
    other = np.where(UNMET[:, None], margins, 9 - margins)
    one, two = join(trained(margins, true), vectors, UNMET), join(trained(other, true), vectors, UNMET)
    assert one.thresholds == two.thresholds
    for name in ("weights", "bias", "heed_words", "heed_meaning", "offset"):
        assert (getattr(one.model, name) == getattr(two.model, name)).all()


def test_the_weights_on_the_vectors_are_learnt_from_the_writers_that_the_encoder_met_alone() -> None:
    true = truth()
    words, vectors = trained(telling(true, 1), true), as_vectors(telling(true, 2, width=WIDTH))
    changed = replace(words, truth=np.where(UNMET[:, None], ~true, true))
    others = np.where(UNMET[:, None], -vectors, vectors)
    assert (join(words, vectors, UNMET).model.weights == join(changed, others, UNMET).model.weights).all()


@pytest.mark.parametrize(("carrying", "heeded"), [(9, False), (10, True), (190, True), (191, False)])
def test_with_fewer_than_ten_rows_for_or_against_a_label_the_words_decide_alone(carrying: int, heeded: bool) -> None:
    true = truth(carrying)
    words, vectors = trained(noise(1, ROWS, 1), true), as_vectors(telling(true, 2, width=WIDTH))
    model = join(words, vectors, UNMET).model
    assert bool(model.heed_meaning[0] > 0) == heeded
    if not heeded:
        alone = sigmoid(words.margins * words.model.slope + words.model.offset)
        assert (model.probabilities(words.margins, vectors) == alone).all()


def test_each_label_is_joined_for_itself() -> None:
    """The words tell the first, the meaning the second, and the third has nobody to be learnt on."""
    true = np.hstack([truth(40), truth(50), truth(0)])
    margins = np.hstack([telling(true[:, :1], 1), noise(2, ROWS, 1), noise(3, ROWS, 1)])
    model = join(trained(margins, true), as_vectors(telling(true[:, 1:2], 4, width=WIDTH)), UNMET).model
    said = np.std(margins[UNMET] * model.heed_words, axis=0)
    assert said[0] > 1 > said[1]
    assert model.heed_words[2] == 12
    assert model.heed_meaning[2] == 0
