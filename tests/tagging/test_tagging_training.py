"""Learning: the same rows give the same bytes, and nobody judges a writer who was learnt from."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError, OutputError
from signals.tagging import store
from signals.tagging.build import Training, train_all, write
from signals.tagging.corpus import Corpus
from signals.tagging.training import PRECISION, choose_threshold, folds

_TRAIN = """
import sys
from pathlib import Path
from signals.domain.catalogue import load_catalogue
from signals.resources import catalog_dir
from signals.tagging import store
from signals.tagging.build import train_all
from tiny_corpus import tiny_corpus
store.save(train_all(tiny_corpus(), load_catalogue(catalog_dir())).bundle, Path(sys.argv[1]))
"""


def test_another_process_with_another_hash_seed_learns_the_same_bytes(training: Training, tmp_path: Path) -> None:
    store.save(training.bundle, tmp_path / "here.skops")
    subprocess.run(
        [sys.executable, "-c", _TRAIN, str(tmp_path / "there.skops")],
        env=os.environ | {"PYTHONHASHSEED": "4242", "PYTHONPATH": str(Path(__file__).parents[1])},
        check=True,
        timeout=120,
    )
    assert (tmp_path / "there.skops").read_bytes() == (tmp_path / "here.skops").read_bytes()


def test_other_rows_give_another_version(training: Training, small: Corpus, catalogue: Catalogue) -> None:
    dropped = next(r for r in small.rows if r.writer == "c01")
    fewer = small.model_copy(update={"rows": tuple(r for r in small.rows if r is not dropped)})
    assert train_all(fewer, catalogue).bundle.version != training.bundle.version


def test_the_test_writers_are_not_learnt_from(training: Training, small: Corpus, catalogue: Catalogue) -> None:
    without = small.model_copy(update={"rows": small.part("train")})
    assert train_all(without, catalogue).bundle.version == training.bundle.version


@given(writers=st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=60).filter(lambda w: len(set(w)) > 1))
def test_no_writer_is_on_both_sides_of_a_fold_and_each_row_is_unseen_once(writers: list[str]) -> None:
    unseen_rows: list[int] = []
    for seen, unseen in folds(writers):
        assert not {writers[i] for i in seen} & {writers[i] for i in unseen}
        unseen_rows.extend(unseen.tolist())
    assert sorted(unseen_rows) == list(range(len(writers)))


def f1_and_precision(truth: list[bool], scores: list[float], threshold: float) -> tuple[float, float]:
    hits = [s >= threshold for s in scores]
    right = sum(h and t for h, t in zip(hits, truth, strict=True))
    return 2 * right / (sum(hits) + sum(truth)) if right else 0.0, right / sum(hits) if any(hits) else 0.0


@given(rows=st.lists(st.tuples(st.booleans(), st.integers(6, 94)), min_size=1, max_size=30))
def test_a_threshold_has_the_best_f1_at_the_wanted_precision(rows: list[tuple[bool, int]]) -> None:
    truth, scores = [t for t, _ in rows], [s / 100 for _, s in rows]
    threshold = choose_threshold(np.array(truth), np.array(scores))
    every = [f1_and_precision(truth, scores, s) for s in scores]
    precise = [f1 for f1, precision in every if precision >= PRECISION and f1 > 0]
    f1, precision = f1_and_precision(truth, scores, threshold)
    assert f1 == pytest.approx(max(precise) if precise else max(f for f, _ in every))
    assert precision >= PRECISION or not precise


def test_a_threshold_by_hand() -> None:
    """At 0.5 three of four are right and none is missed: F1 6/7. At 0.8 precision is 1, but F1 is 4/5."""
    truth = np.array([True, True, False, True, False])
    assert choose_threshold(truth, np.array([0.9, 0.8, 0.6, 0.5, 0.1])) == 0.5


def test_a_threshold_stays_away_from_never_and_always() -> None:
    assert choose_threshold(np.array([True]), np.array([0.001])) == 0.05
    assert choose_threshold(np.array([True]), np.array([0.999])) == 0.95


def test_a_hopeless_label_gets_a_threshold_all_the_same() -> None:
    assert 0.05 <= choose_threshold(np.array([False, False]), np.array([0.3, 0.2])) <= 0.95


def test_every_label_of_the_catalogue_gets_a_threshold(training: Training, catalogue: Catalogue) -> None:
    assert set(training.thresholds) == {*catalogue.ids("customer"), *catalogue.ids("manager")}
    assert all(0.05 <= t <= 0.95 for t in training.thresholds.values())


def test_a_label_without_rows_is_never_found(training: Training) -> None:
    column = training.customer.model.labels.index("regulatory_approval")
    assert training.customer.out_of_fold[:, column].max() < 0.05


@pytest.mark.parametrize(("role", "named"), [("customer", "客户标签"), ("manager", "客户经理标签")])
def test_too_few_writers_are_an_error(small: Corpus, catalogue: Catalogue, role: str, named: str) -> None:
    kept = {"c01", "m01", "m02"} if role == "customer" else {"c01", "c02", "m01"}
    few = small.model_copy(update={"rows": tuple(r for r in small.rows if r.writer in kept)})
    with pytest.raises(CorpusError, match=f"{named}的作者不足两位"):
        train_all(few, catalogue)


def test_a_corpus_without_speech_is_an_error(small: Corpus, catalogue: Catalogue) -> None:
    typed = tuple(r.model_copy(update={"kind": "typed"}) for r in small.rows)
    with pytest.raises(CorpusError, match="口语的作者不足两位"):
        train_all(small.model_copy(update={"rows": typed}), catalogue)


@pytest.mark.parametrize("wrong", ["rate_kut", "q_open", "nod"])
def test_a_label_that_the_speaker_cannot_carry_is_an_error(small: Corpus, catalogue: Catalogue, wrong: str) -> None:
    spoilt = (small.rows[0].model_copy(update={"labels": (wrong,)}), *small.rows[1:])
    with pytest.raises(CorpusError, match=f"{small.rows[0].id}.*{wrong}"):
        train_all(small.model_copy(update={"rows": spoilt}), catalogue)


def test_training_writes_model_card_and_thresholds(
    training: Training, small: Corpus, catalogue: Catalogue, tmp_path: Path
) -> None:
    write(training, small, catalogue, tmp_path, tmp_path / "thresholds.yaml")
    assert store.load(tmp_path / "tagger.skops").version == training.bundle.version
    assert training.bundle.version in (tmp_path / "tagger.md").read_text(encoding="utf-8")
    assert "rate_cut: " in (tmp_path / "thresholds.yaml").read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tagger.md", "tagger.skops", "thresholds.yaml"]
    before = {p: hashlib.sha256(p.read_bytes()).digest() for p in tmp_path.iterdir()}
    write(training, small, catalogue, tmp_path, tmp_path / "thresholds.yaml")
    assert {p: hashlib.sha256(p.read_bytes()).digest() for p in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_an_output_error(
    training: Training, small: Corpus, catalogue: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(OutputError):
        write(training, small, catalogue, tmp_path / "missing", tmp_path / "thresholds.yaml")
    with pytest.raises(OutputError):
        write(training, small, catalogue, tmp_path, tmp_path / "missing" / "thresholds.yaml")


def test_learning_brings_out_what_was_said(training: Training) -> None:
    """Out of fold, so on writers that the model did not meet."""
    labels, truth = training.customer.model.labels, training.customer.truth
    for label, other in itertools.permutations(("rate_cut", "approval_time", "early_repayment"), 2):
        column = labels.index(label)
        scores = training.customer.out_of_fold[:, column]
        assert scores[truth[:, column]].mean() > scores[truth[:, labels.index(other)]].mean() + 0.5
