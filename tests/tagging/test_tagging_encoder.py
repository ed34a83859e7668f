"""The encoder: which tokens it is given, whose characters they are, and what it makes of them."""

from __future__ import annotations

import shutil
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tiny_encoder import PIECES, tokenizer, write_encoder

from signals.api import load_encoder
from signals.domain.errors import Cancelled, ModelError
from signals.domain.tags import Utterance
from signals.resources import models_dir
from signals.tagging.encoder import BEGIN, END, OWN_TOKENS, PREVIOUS_TOKENS, UNKNOWN, Tokens, UtteranceEncoder, tokenise
from signals.tagging.text import narrow

READER = tokenizer()
_TEXT = st.text(st.sampled_from("提前还款利率吗，３3％ \u3000\n𠮷éＡ") | st.characters(), max_size=30)
_ROLE = st.sampled_from(["customer", "manager"])


def ids(*pieces: str) -> list[int]:
    return [PIECES.index(p) for p in pieces]


@pytest.fixture
def encoder(tmp_path: Path) -> UtteranceEncoder:
    return UtteranceEncoder(write_encoder(tmp_path / "encoder.onnx"), threads=2)


def test_the_turn_before_comes_first_and_each_side_has_its_own_kinds() -> None:
    found = tokenise(READER, Utterance("提前还款吗", "customer", "利率"))
    assert found.ids == [BEGIN, *ids("利率"), END, *ids("提前还款", "吗"), END]
    assert found.kinds == [1, 1, 1, 2, 2, 2]
    assert found.own == 3
    assert found.spans == [(0, 4), (4, 5)]
    assert tokenise(READER, Utterance("提前还款吗", "manager", "利率")).kinds == [0, 0, 0, 3, 3, 3]


@pytest.mark.parametrize("previous", ["", " ", "\u3000\n"])
def test_where_nothing_was_said_before_the_utterance_follows_the_beginning(previous: str) -> None:
    found = tokenise(READER, Utterance("利率", "customer", previous))
    assert (found.ids, found.kinds, found.own) == ([BEGIN, *ids("利率"), END], [1, 2, 2], 1)


def test_of_a_long_turn_before_the_end_is_kept_and_of_a_long_utterance_the_beginning() -> None:
    found = tokenise(READER, Utterance("利吗" * 100, "customer", "提" * 100 + "吗" * (PREVIOUS_TOKENS - 1)))
    assert found.ids[: found.own] == [BEGIN, *ids("提"), *ids("吗") * (PREVIOUS_TOKENS - 1), END]
    assert found.ids[found.own :] == [*ids("利", "吗") * (OWN_TOKENS // 2), END]
    assert found.spans == [(i, i + 1) for i in range(OWN_TOKENS)]


def test_a_token_points_to_the_characters_as_they_were_written() -> None:
    text = "提 前\u3000还款，３ 吗"
    found = tokenise(READER, Utterance(text, "customer"))
    assert [text[start:end] for start, end in found.spans] == ["提 前\u3000还款", "，", "３", "吗"]


@given(text=_TEXT, previous=_TEXT, role=_ROLE)
@example(text="利率\ud800吗", previous="\udfff", role="customer")
def test_the_tokens_of_any_text_cover_all_of_it_in_order(text: str, previous: str, role: str) -> None:
    found = tokenise(READER, Utterance(text, role, previous))
    assert len(found.ids) == len(found.kinds) == found.own + len(found.spans) + 1
    assert found.ids[0] == BEGIN
    assert found.ids[-1] == END
    assert all(0 <= a < b <= len(text) for a, b in found.spans)
    assert all(a[1] <= b[0] for a, b in pairwise(found.spans))
    assert "".join(narrow(text[a:b])[0] for a, b in found.spans) == narrow(text)[0]
    for token, (start, end) in zip(found.ids[found.own : -1], found.spans, strict=True):
        assert token == UNKNOWN or PIECES[token] == narrow(text[start:end])[0]


def test_vectors_are_means_over_the_utterances_own_tokens_by_hand(encoder: UtteranceEncoder) -> None:
    """A token's numbers are its piece's id and its kind; the end token is 2."""
    said = Utterance("利率吗", "customer", "提前还款"), Utterance("", "manager", "利率")
    expected = [[(PIECES.index("利率") + PIECES.index("吗") + 2) / 3, 2], [2, 3]]
    assert encoder.vectors(said) == pytest.approx(np.array(expected))


def test_states_are_those_of_the_own_tokens_and_the_end(encoder: UtteranceEncoder) -> None:
    ((states, tokens),) = encoder.states([Utterance("利率吗", "customer", "提前还款")])
    assert states.tolist() == [[PIECES.index("利率"), 2], [PIECES.index("吗"), 2], [END, 2]]
    assert tokens.spans == [(0, 2), (2, 3)]


@given(asked=st.lists(st.builds(Utterance, text=_TEXT, role=_ROLE, previous=_TEXT), max_size=6))
def test_an_utterance_has_its_own_vector_whatever_else_is_asked_for(
    tmp_path_factory: pytest.TempPathFactory, asked: list[Utterance]
) -> None:
    encoder = UtteranceEncoder(write_encoder(tmp_path_factory.mktemp("tiny") / "encoder.onnx"), threads=2)
    together = encoder.vectors(asked)
    assert together.shape == (len(asked), 2)
    for utterance, vector in zip(asked, together, strict=True):
        assert (encoder.vectors([utterance])[0] == vector).all()


def test_progress_is_told_after_each_utterance(encoder: UtteranceEncoder) -> None:
    told: list[float] = []
    encoder.vectors([Utterance("利率", "customer")] * 4, told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


class Slow(UtteranceEncoder):
    """Takes a millisecond for an utterance and counts them."""

    runs = 0

    def _run(self, tokens: Tokens) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        self.runs += 1
        time.sleep(0.001)
        return super()._run(tokens)


def test_after_cancelling_the_utterances_that_are_left_are_not_run(tmp_path: Path) -> None:
    """Also where the error is kept, and with it everything that was under way."""
    encoder = Slow(write_encoder(tmp_path / "encoder.onnx"), threads=1)

    def cancel(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled) as kept:
        encoder.vectors([Utterance("利率", "customer")] * 500, cancel)
    runs = encoder.runs
    assert runs < 500
    time.sleep(0.05)
    assert encoder.runs == runs
    assert kept.value.__traceback__ is not None


def fault(path: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        UtteranceEncoder(path).vectors([Utterance("利率", "customer")])
    assert "--plain" in caught.value.remedy
    assert path.name in caught.value.message
    return caught.value


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    assert fault(tmp_path / "encoder.onnx").code == "no_encoder"


@pytest.mark.parametrize("content", [b"", b"no model", bytes(1000)])
def test_a_file_that_is_no_model_is_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "encoder.onnx").write_bytes(content)
    assert fault(tmp_path / "encoder.onnx").code == "damaged"


def test_a_folder_in_its_place_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").mkdir()
    assert fault(tmp_path / "encoder.onnx").code == "damaged"


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"version": "tiny"},
        {"tokenizer": tokenizer().to_str()},
        {"version": "tiny", "tokenizer": ""},
        {"version": "tiny", "tokenizer": "{}"},
        {"version": "tiny", "tokenizer": tokenizer().to_str()[:-9]},
    ],
)
def test_a_model_without_version_or_tokenizer_is_an_error_with_a_remedy(
    tmp_path: Path, metadata: dict[str, str]
) -> None:
    assert fault(write_encoder(tmp_path / "encoder.onnx", metadata)).code == "damaged"


def test_another_model_in_its_place_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    shutil.copy(models_dir() / "campplus.onnx", tmp_path / "encoder.onnx")
    assert fault(tmp_path / "encoder.onnx").code == "damaged"


@given(data=st.data())
def test_a_file_that_was_cut_off_is_an_error_wherever_it_ends(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = write_encoder(tmp_path_factory.mktemp("cut") / "encoder.onnx")
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert fault(path).code == "damaged"


SAID = [
    Utterance("你们贷款多长时间可以批下来？", "customer", "额度一千万，您看可以吗？"),
    Utterance("嗯", "customer"),
    Utterance("那我们下周把合同签了吧", "manager", "可以"),
    Utterance("提前还款" * 200, "customer", "利率" * 200),
]


@pytest.mark.real
def test_the_shipped_encoder_gives_384_finite_numbers_for_any_utterance() -> None:
    vectors = load_encoder().vectors([*SAID, Utterance("\ud800 𠮷 ①", "manager")])
    assert vectors.shape == (5, 384)
    assert np.isfinite(vectors).all()
    assert len(np.unique(vectors.round(3), axis=0)) == 5, "what is said differently has other numbers"


@pytest.mark.real
def test_the_shipped_encoder_gives_an_utterance_the_same_vector_alone_and_among_others() -> None:
    encoder = load_encoder()
    together = encoder.vectors(SAID)
    for utterance, vector in zip(SAID, together, strict=True):
        assert (encoder.vectors([utterance])[0] == vector).all()


@pytest.mark.real
def test_the_shipped_encoder_heeds_who_speaks_and_what_was_said_before() -> None:
    asked = [Utterance("可以", "customer", "额度一千万"), Utterance("可以", "customer"), Utterance("可以", "manager")]
    assert len(np.unique(load_encoder().vectors(asked).round(3), axis=0)) == 3


@pytest.mark.real
def test_a_damaged_copy_of_the_shipped_encoder_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    content = (models_dir() / "encoder.onnx").read_bytes()
    (tmp_path / "encoder.onnx").write_bytes(content[: len(content) // 2])
    assert fault(tmp_path / "encoder.onnx").code == "damaged"
