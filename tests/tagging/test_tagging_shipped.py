"""The model and the corpus that ship."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import skops.io

from signals.api import load_tagger
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.errors import ModelError
from signals.domain.tags import EvidenceSpan, Utterance
from signals.domain.transcript import Word
from signals.resources import corpus_dir, models_dir
from signals.tagging.build import _version
from signals.tagging.corpus import load_corpus
from signals.tagging.evaluation import evaluate
from signals.tagging.store import load
from signals.tagging.tagger import LinearTagger, _quote


@pytest.fixture(scope="module")
def tagger() -> LinearTagger:
    return load_tagger()


def _turn(index: int, role: Role, text: str) -> Turn:
    words = tuple(Word(c, index * 10 + i * 0.2, index * 10 + i * 0.2 + 0.2, 0.9, c) for i, c in enumerate(text))
    return Turn(index, role.value, role, words[0].start, words[-1].end, text, text, words)


def _talk(*said: tuple[Role, str]) -> Conversation:
    return Conversation(tuple(_turn(i, r, t) for i, (r, t) in enumerate(said)), (), 100.0)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("你们多长时间可以拿到银监会的批文？", "regulatory_approval"),
        ("你们贷款多长时间可以批下来？", "approval_time"),
        ("你们的利率可以降下来吗？", "rate_cut"),
        ("可以提前还贷吗？", "early_repayment"),
    ],
)
def test_the_decks_own_examples_are_found(tagger: LinearTagger, text: str, label: str) -> None:
    assert label in [s.label for s in tagger.score([Utterance(text, "customer")])[0]]


def test_who_speaks_decides_which_labels_are_possible(tagger: LinearTagger) -> None:
    said = "你们的利率可以降下来吗？我们下周签合同行吗？"
    for role in ("customer", "manager"):
        found = tagger.score([Utterance(said, role)])[0]
        assert found
        assert all(tagger.catalogue.label(s.label).speaker == role for s in found)


def test_scores_come_highest_first_and_only_over_their_thresholds(tagger: LinearTagger) -> None:
    found = tagger.score([Utterance("提前还的话手续费怎么收，利率还能不能再降一点", "customer")])[0]
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert all(s.score >= tagger.threshold(s.label, "customer") for s in found)


def test_the_same_utterance_scores_the_same_alone_and_among_others(tagger: LinearTagger) -> None:
    asked, other = Utterance("钱哪天能到账", "customer"), Utterance("您好", "manager")
    assert tagger.score([asked]) == tagger.score([other, asked, other])[1:2]


def test_hits_quote_verbatim_point_into_the_turn_and_lie_within_its_time(tagger: LinearTagger) -> None:
    talk = _talk((Role.MANAGER, "额度一千万，您看可以吗？"), (Role.CUSTOMER, "材料给齐了你们贷款多长时间可以批下来？"))
    hits = [h for h in tagger.tag(talk) if h.turn == 1]
    assert "approval_time" in [h.label for h in hits]
    for hit in hits:
        turn = talk.turns[hit.turn]
        assert hit.quote in turn.text
        assert turn.start <= hit.start <= hit.end <= turn.end
        assert all(0 <= e.start < e.end <= len(turn.text) for e in hit.evidence)


def test_a_long_turn_is_quoted_by_the_clauses_around_its_evidence() -> None:
    text = "我们厂今年订单还可以，" * 8 + "那你们贷款多长时间可以批下来？"
    at = text.index("批下来")
    quote = _quote(text, (EvidenceSpan(at, at + 3, 1.0),))
    assert quote in text
    assert len(quote) < len(text)
    assert "批下来" in quote


def test_unknown_speakers_and_empty_meetings_carry_no_hits(tagger: LinearTagger) -> None:
    assert tagger.tag(_talk((Role.UNKNOWN, "你们的利率可以降下来吗？"))) == ()
    assert tagger.tag(Conversation((), (), 0.0)) == ()


def test_managers_and_customers_sound_different(tagger: LinearTagger) -> None:
    bank, client = tagger.manager_log_odds(["我们行给您设计的方案是随借随还", "你们那个利息我们厂里吃不消"])
    assert bank > 0 > client


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04broken"])
def test_a_damaged_model_is_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.skops").write_bytes(content)
    with pytest.raises(ModelError):
        load(tmp_path / "t.skops")


def test_a_missing_model_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        load(tmp_path / "nowhere.skops")
    assert error.value.remedy


class Harmful:
    """A type that skops would have to import to load."""


def test_a_model_file_with_a_foreign_type_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.skops").write_bytes(skops.io.dumps({"format": 1, "version": Harmful()}))
    with pytest.raises(ModelError):
        load(tmp_path / "t.skops")


def test_the_model_file_holds_arrays_and_text_and_no_pickle() -> None:
    with zipfile.ZipFile(models_dir() / "tagger.skops") as archive:
        names = archive.namelist()
        assert {Path(n).suffix for n in names} <= {".npy", ".json"}
        for name in names:
            if name.endswith(".npy"):
                np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
        json.loads(archive.read("schema.json"))


def test_every_row_of_the_corpus_carries_labels_that_its_speaker_can_have(tagger: LinearTagger) -> None:
    corpus = load_corpus(corpus_dir())
    for row in corpus.rows:
        assert all(tagger.catalogue.label(x).speaker == row.role for x in row.labels), row.id
    assert [i for i, n in Counter(r.id for r in corpus.rows).items() if n > 1] == []


def test_the_corpus_is_as_large_as_its_datasheet_says() -> None:
    rows = load_corpus(corpus_dir()).rows
    assert len({(r.role, r.text) for r in rows}) >= 2000
    carried = Counter(x for r in rows for x in r.labels)
    assert min(carried.values()) >= 40


@pytest.mark.real
def test_the_model_scores_on_unseen_writers_at_least_what_was_promised(tagger: LinearTagger) -> None:
    scores = evaluate(tagger, load_corpus(corpus_dir()).part("test"))
    assert scores.signal_macro_f1 >= 0.70
    assert scores.manager_macro_f1 >= 0.60
    assert scores.calibration_error <= 0.05


def test_the_shipped_model_was_learnt_from_the_corpus_as_it_is(tagger: LinearTagger) -> None:
    corpus, bundle = load_corpus(corpus_dir()), tagger.scorer.bundle
    rows = (*corpus.part("train"), *corpus.part("validation"))
    assert bundle.version == _version(rows, bundle.lexicon), "run `signals train` and commit the model"


@pytest.mark.real
def test_the_shipped_encoder_belongs_to_the_shipped_model_and_both_roles_heed_it(tagger: LinearTagger) -> None:
    assert tagger.scorer.encoder is not None
    meaning = tagger.scorer.bundle.meaning
    assert set(meaning) == {"customer", "manager"}
    for model in meaning.values():
        assert model.weights.shape == (384, len(model.labels))
        assert np.mean(model.heed_meaning > 0) > 0.5
        assert (model.heed_words >= 0).all()
        assert (model.heed_meaning >= 0).all()


@pytest.mark.real
def test_the_words_alone_need_no_encoder_and_find_the_decks_plain_examples() -> None:
    plain = load_tagger(plain=True)
    assert plain.scorer.encoder is None
    assert "rate_cut" in [s.label for s in plain.score([Utterance("你们的利率可以降下来吗？", "customer")])[0]]
